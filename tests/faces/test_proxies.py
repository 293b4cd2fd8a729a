"""The proxies of `deploy/`, as they are given there, before a real site: HTTPS, secure cookies, true addresses."""

import http.client
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from charcot.wiring.served import choose, open_site
from faces.practice import PASSWORD, Practice
from faces.test_serving import LONGEST, free_port, served
from faces.test_serving import ask as ask_plainly

NAME = "trial.example.org"
DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CADDY = shutil.which("caddy")
BESIDE = "127.0.0.2"
"""The address from which requests come here; the proxy itself stands at 127.0.0.1."""


def write_certificate(place: Path) -> tuple[Path, Path]:
    """A certificate for the name that signs itself, and its key."""
    key, called = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    form, coded = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    (place / "chain.pem").write_bytes(made.public_bytes(coded))
    (place / "key.pem").write_bytes(key.private_bytes(coded, form, plain))
    return place / "chain.pem", place / "key.pem"


def nginx(place: Path, site: str, secure: int, plain: int) -> list[str]:
    """How nginx is started with the part of its configuration that we give."""
    chain, key = write_certificate(place)
    ours = (DEPLOY / "nginx.conf").read_text()
    for given, here in (
        ("listen 443 ", f"listen 127.0.0.1:{secure} "), ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("/etc/ssl/trial/fullchain.pem", str(chain)), ("/etc/ssl/trial/privkey.pem", str(key)),
        ("127.0.0.1:8000", site),
    ):  # fmt: skip
        assert given in ours
        ours = ours.replace(given, here)
    places = "".join(
        f"{kind}_temp_path {place}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = place / "nginx.conf"
    whole.write_text(
        f"pid {place}/pid;\nevents {{}}\nhttp {{\naccess_log {place}/access;\n{places}{ours}}}\n"
    )
    return [str(NGINX), "-c", str(whole), "-p", str(place), "-e", str(place / "error"), "-g", "daemon off;"]


def caddy(place: Path, site: str, secure: int, plain: int) -> list[str]:
    """How Caddy is started with the configuration that we give, and with a certificate that it need not fetch."""
    chain, key = write_certificate(place)
    ours = (DEPLOY / "Caddyfile").read_text()
    assert ours.startswith(f"{NAME} {{\n")
    assert "127.0.0.1:8000" in ours
    ours = ours.replace(f"{NAME} {{\n", f"{NAME} {{\n\ttls {chain} {key}\n").replace("127.0.0.1:8000", site)
    at = f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tstorage file_system {place}\n}}\n"
    (place / "Caddyfile").write_text(at + ours)
    return [str(CADDY), "run", "--config", str(place / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(
    params=[
        pytest.param(nginx, marks=pytest.mark.skipif(NGINX is None, reason="no nginx was found on this machine")),
        pytest.param(caddy, marks=pytest.mark.skipif(CADDY is None, reason="no Caddy was found on this machine")),
    ]
)  # fmt: skip
def proxy(
    request: pytest.FixtureRequest, practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, int]]:
    """A site with two processes behind a proxy; gives the ports for HTTPS and HTTP."""
    choose(open_site(practice.folder))
    monkeypatch.setenv("CHARCOT_HOSTS", NAME)
    monkeypatch.setenv("CHARCOT_TRUSTED_PROXY", "127.0.0.1")
    monkeypatch.setenv("CHARCOT_HSTS_SECONDS", "31536000")
    secure, plain = free_port(), free_port()
    with served(practice.folder.path, 2, tmp_path / "log") as (address, _process):
        assert ask_plainly(f"{address}/health")[0] == 200, (
            "who looks after the container does not know the name"
        )
        command = request.param(tmp_path, address.removeprefix("http://"), secure, plain)
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(command, stdout=said, stderr=said, cwd=tmp_path)
        until = time.monotonic() + LONGEST
        while not _answers(secure):
            assert process.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < until
        yield secure, plain
        process.terminate()
        process.wait(LONGEST)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def ask(
    port: int, path: str, sent: dict[str, str] | None = None, *, tls: bool = True, **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    """One request from beside the proxy, for the name of the site."""
    if tls:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        inner = socket.create_connection(("127.0.0.1", port), LONGEST, (BESIDE, 0))
        connection = http.client.HTTPConnection(NAME)
        connection.sock = trusting.wrap_socket(inner, server_hostname=NAME)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, LONGEST, (BESIDE, 0))
    body = urlencode(sent) if sent is not None else None
    given = {"Host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body is not None:
        given["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("GET" if body is None else "POST", path, body, given)
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read().decode()
    connection.close()
    return found


def test_a_site_behind_the_proxy_signs_people_in_over_https_and_knows_where_they_are(
    practice: Practice, proxy: tuple[int, int]
) -> None:
    secure, plain = proxy
    status, headers, page = ask(secure, "/sign-in")
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    cookies = SimpleCookie("; ".join(headers.get_all("Set-Cookie", [])))
    assert cookies
    assert all(cookie["secure"] for cookie in cookies.values())
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    held = "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())
    sent = {"person": "coordinator-1", "password": PASSWORD, "csrfmiddlewaretoken": token}
    forged = "6.6.6.6"
    assert ask(secure, "/sign-in", sent, Cookie=held, Referer="https://evil.example/")[0] == 403
    status, headers, _page = ask(
        secure, "/sign-in", sent, Cookie=held, Referer=f"https://{NAME}/sign-in", X_Forwarded_For=forged
    )
    assert status == 302
    signed_in = SimpleCookie("; ".join(headers.get_all("Set-Cookie", [])))
    assert all(cookie["secure"] for cookie in signed_in.values())
    held = "; ".join(f"{name}={cookie.value}" for name, cookie in {**cookies, **signed_in}.items())
    status, _headers, page = ask(secure, "/account", Cookie=held)
    assert status == 200
    assert BESIDE in page
    assert forged not in page
    status, headers, _page = ask(plain, "/participants?q=S-01", tls=False)
    assert status in (301, 308)
    assert headers["Location"].startswith(f"https://{NAME}")
