"""The proxy before a site: its word about where a request came from is taken, and nobody else's."""

import ipaddress
import os
from collections.abc import Callable, Iterable
from typing import Any

from charcot.refusal import BadValue

PROXY = "CHARCOT_TRUSTED_PROXY"
"""The environment variable with the addresses or networks of the proxies that speak HTTPS for the site, by commas."""

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def trusted_proxies() -> tuple[Network, ...]:
    """The networks whose word is taken. Raises BadValue."""
    given = [part.strip() for part in os.environ.get(PROXY, "").split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(part) for part in given)
    except ValueError as error:
        raise BadValue(
            f"{PROXY} is not understood: {error}.",
            rule="Site: a proxy is named by its address, or by the network that it is in",
            next_step=f"Set it to an address such as {PROXY}=127.0.0.1, or a network such as 172.16.0.0/12.",
        ) from None


def behind_proxy(application: Application, proxies: tuple[Network, ...]) -> Application:
    """The application as a trusted proxy describes its requests; what others claim about themselves is dropped."""

    def told(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        forwarded = environ.pop("HTTP_X_FORWARDED_FOR", "")
        scheme = environ.pop("HTTP_X_FORWARDED_PROTO", "")
        for name in ("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_FORWARDED"):
            environ.pop(name, None)
        if _is_in(environ.get("REMOTE_ADDR", ""), proxies):
            environ["wsgi.url_scheme"] = "https" if scheme.strip() == "https" else "http"
            client = _client(forwarded, proxies)
            if client is not None:
                environ["REMOTE_ADDR"] = client
        return application(environ, start_response)

    return told


def _client(forwarded: str, proxies: tuple[Network, ...]) -> str | None:
    """The nearest address that is not a trusted proxy's; whatever lies behind it may be made up."""
    for part in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_address(part):
            return None
        if not _is_in(part, proxies):
            return part
    return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, networks: tuple[Network, ...]) -> bool:
    return _is_address(text) and any(ipaddress.ip_address(text) in network for network in networks)
