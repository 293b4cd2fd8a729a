"""Serving a trial's site: its views, its database of accounts and drafts, and the server."""

import contextlib
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property
from importlib.resources import files
from typing import Any

from waitress.server import create_server
from whitenoise import WhiteNoise

from charcot.conduct import read_charter
from charcot.refusal import NotAllowed, Refusal
from charcot.wiring.attachments import MOST_REQUEST
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import TrialView, ledger_as_of
from charcot.wiring.proxy import PROXY, Application, behind_proxy, trusted_proxies
from charcot.wiring.reading import TrialReader
from charcot.wiring.request_size import answer_in_words, of_bearable_size
from charcot.wiring.served import DATABASE, SITE, VIEWS, has_accounts, open_site
from charcot.wiring.settings import configure_django


class PortTaken(Refusal):
    """Something else uses the port."""


HERE = "127.0.0.1"
THREADS = 8
"""Requests that one process works on at a time."""


class TrialViews:
    """The views of one trial that were looked at last, by the hash of the entry that each ends with.

    A view made before the day changed is not shown again.
    """

    def __init__(self, folder: TrialFolder, most: int = 6) -> None:
        self.folder = folder
        self._most = most
        self._kept: OrderedDict[tuple[str, str], TrialView] = OrderedDict()
        self._lock = threading.Lock()
        self._reader = TrialReader(folder.ledger)
        from charcot.wiring.summaries import SummaryKeeper  # Django's settings come first
        from charcot.wiring.traces import TraceKeeper

        self.traces = TraceKeeper(folder.ledger, folder.path / "local" / DATABASE)
        self._keeper = SummaryKeeper(folder.ledger, self._reader, folder.path / "local" / DATABASE)

    def at(self, moment: str | None = None) -> TrialView:
        """The trial now, with today's date unless its clock is simulated; or as of an entry number or a time."""
        head = ledger_as_of(self.folder, moment).head()
        now = None if moment is not None or self._simulated else real_clock()
        day = "" if now is None else f"{now:%Y-%m-%d}"
        key = (head.hash, f"{day} {moment is None}")
        with self._lock:
            if key not in self._kept:
                overview = self._keeper.overview if moment is None else None
                self._kept[key] = TrialView(self.folder.ledger, head, now, self._reader, overview)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[key]

    @cached_property
    def _simulated(self) -> bool:
        return read_charter(self.folder.ledger, until=1).simulated_clock


def serve(
    folder: TrialFolder, port: int, ready: Callable[[str], None], host: str = HERE, workers: int = 1
) -> None:
    """Serves until stopped; `ready` is told the address once the port is taken, or is about to be by several workers.

    Raises NotAllowed where nobody has an account yet, unless it is a demonstration, and where passwords would travel
    unprotected; and PortTaken.
    """
    require_accounts(folder)
    require_protected(folder, host)
    views = TrialViews(folder)
    where = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if workers > 1:
        if (view := views.at()).is_prepared:
            _ = view.overview  # the lines are made once, not by each worker
        from charcot.wiring.workers import become_workers  # needed by few

        _require_free(host, port)
        ready(where)
        become_workers(folder.path, host, port, workers, THREADS)
    try:
        server = create_server(
            site(folder, views),
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            asyncore_use_poll=True,  # select() fails once more than a thousand files are open
            max_request_body_size=MOST_REQUEST,
        )
    except OSError as error:
        raise _taken(port, error) from error
    answer_in_words(server)
    if open_site(folder).purpose == "demo":
        threading.Thread(target=_warm, args=[views], daemon=True).start()
    ready(where)
    server.run()


def _require_free(host: str, port: int) -> None:
    """Raises PortTaken where something else uses the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _taken(port, error) from error


def _taken(port: int, error: OSError) -> PortTaken:
    return PortTaken(
        f"Port {port} on this computer cannot be used: {error.strerror}.",
        rule="Site: one server on one port",
        next_step="Stop what is served there, or choose another: --port 8001",
        facts={"port": port},
    )


def require_protected(folder: TrialFolder, host: str) -> None:
    """Raises NotAllowed where the site could be reached from other computers without sign-in, or without HTTPS."""
    if host in ("127.0.0.1", "::1", "localhost"):
        return
    if open_site(folder).purpose == "demo" and wants_no_account(folder):
        raise NotAllowed(
            "A demonstration without accounts is shown on this computer alone.",
            rule="Site: nobody sees a trial from another computer without signing in",
            next_step="Leave out --host, or make accounts: charcot account add DIR CODE",
        )
    if not trusted_proxies():
        raise NotAllowed(
            f"On {host} other computers would reach the site without HTTPS, and passwords could be read on their way.",
            rule="Site: other computers reach it through a proxy that speaks HTTPS",
            next_step=f"Put a proxy before it (docs/deployment.md) and name its address in {PROXY}.",
        )


def wants_no_account(folder: TrialFolder) -> bool:
    """Whether nobody has an account."""
    return not has_accounts(open_site(folder))


def wants_account(folder: TrialFolder) -> bool:
    """Whether nobody could sign in yet; a demonstration is shown without."""
    opened = open_site(folder)
    return opened.purpose != "demo" and not has_accounts(opened)


def require_accounts(folder: TrialFolder) -> None:
    """Raises NotAllowed where nobody could sign in."""
    if wants_account(folder):
        raise NotAllowed(
            "Nobody can sign in yet: the site of this trial has no account.",
            rule="Site: only a demonstration is shown without sign-in, and only on this computer",
            next_step="Make the first account at a terminal: charcot account add DIR CODE",
        )


def _warm(views: TrialViews) -> None:
    """Makes the report before somebody waits for it. A fault shows where the page is asked for."""
    with contextlib.suppress(Exception):
        _ = views.at().report_page


def site(folder: TrialFolder, views: TrialViews | None = None) -> Application:
    """The site of one trial as a WSGI application, with its style and fonts."""
    configure_django()
    from django.core.wsgi import get_wsgi_application  # Django's settings come first

    given = environment(folder, views)
    django = get_wsgi_application()

    def with_trial(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.update(given)
        return django(environ, start_response)

    static: Application = WhiteNoise(with_trial, root=str(files("charcot.web") / "static"), prefix="static/")
    return behind_proxy(of_bearable_size(static, MOST_REQUEST), trusted_proxies())


def environment(folder: TrialFolder, views: TrialViews | None = None) -> dict[str, Any]:
    """What every request to the site of a trial carries in its environment: the trial's views, and its site."""
    return {VIEWS: views or TrialViews(folder), SITE: open_site(folder)}
