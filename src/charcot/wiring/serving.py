"""Serving a trial's site: its views, its database of accounts and drafts, and the server."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from importlib.resources import files
from typing import Any

from waitress.server import create_server
from whitenoise import WhiteNoise

from charcot.conduct import read_charter
from charcot.refusal import NotAllowed, Refusal
from charcot.wiring.attachments import MOST_REQUEST
from charcot.wiring.claims import CLAIMS, read_claims
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import TrialView, ledger_as_of
from charcot.wiring.reading import TrialReader
from charcot.wiring.served import DATABASE, SITE, VIEWS, has_accounts, open_site
from charcot.wiring.settings import configure_django


class PortTaken(Refusal):
    """Something else uses the port."""


Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class TrialViews:
    """The views of one trial that were looked at last, by the hash of the entry that each ends with.

    A view made before the day or the trial's claims file changed is not shown again.
    """

    def __init__(self, folder: TrialFolder, most: int = 6) -> None:
        self.folder = folder
        self._most = most
        self._kept: OrderedDict[tuple[str, str, str], TrialView] = OrderedDict()
        self._lock = threading.Lock()
        self._reader = TrialReader(folder.ledger)
        from charcot.wiring.summaries import SummaryKeeper  # Django's settings come first

        self._keeper = SummaryKeeper(folder.ledger, self._reader, folder.path / "local" / DATABASE)

    @property
    def has_claims(self) -> bool:
        """Whether the trial has a claims file."""
        return (self.folder.path / CLAIMS).is_file()

    def at(self, moment: str | None = None) -> TrialView:
        """The trial now, with today's date unless its clock is simulated; or as of an entry number or a time."""
        head = ledger_as_of(self.folder, moment).head()
        now = None if moment is not None or self._simulated else real_clock()
        day = "" if now is None else f"{now:%Y-%m-%d}"
        key = (head.hash, f"{day} {moment is None}", self._claims_stamp())
        with self._lock:
            if key not in self._kept:
                overview = self._keeper.overview if moment is None else None
                claims = partial(read_claims, self.folder.path)
                self._kept[key] = TrialView(self.folder.ledger, head, now, claims, self._reader, overview)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[key]

    def _claims_stamp(self) -> str:
        try:
            found = (self.folder.path / CLAIMS).stat()
        except OSError:
            return ""
        return f"{found.st_mtime_ns} {found.st_size}"

    @cached_property
    def _simulated(self) -> bool:
        return read_charter(self.folder.ledger, until=1).simulated_clock


def serve(folder: TrialFolder, port: int, ready: Callable[[str], None]) -> None:
    """Serves until stopped, on the loopback address, which `ready` is told once the port is taken.

    Raises NotAllowed where nobody has an account yet, unless it is a demonstration; and PortTaken.
    """
    require_accounts(folder)
    views = TrialViews(folder)
    application = site(folder, views)
    try:
        server = create_server(
            application,
            host="127.0.0.1",
            port=port,
            threads=8,
            ident=None,
            max_request_body_size=MOST_REQUEST,
        )
    except OSError as error:
        raise PortTaken(
            f"Port {port} on this computer cannot be used: {error.strerror}.",
            rule="Site: one server on one port",
            next_step="Stop what is served there, or choose another: --port 8001",
            facts={"port": port},
        ) from error
    threading.Thread(target=_warm, args=[views], daemon=True).start()
    ready(f"http://127.0.0.1:{port}")
    server.run()


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
        _ = views.at().report_html


def site(folder: TrialFolder, views: TrialViews | None = None) -> Application:
    """The site of one trial as a WSGI application, with its style and fonts."""
    configure_django()
    from django.core.wsgi import get_wsgi_application  # Django's settings come first

    given = environment(folder, views)
    django = get_wsgi_application()

    def with_trial(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.update(given)
        return django(environ, start_response)

    return WhiteNoise(with_trial, root=str(files("charcot.web") / "static"), prefix="static/")


def environment(folder: TrialFolder, views: TrialViews | None = None) -> dict[str, Any]:
    """What every request to the site of a trial carries in its environment: the trial's views, and its site."""
    return {VIEWS: views or TrialViews(folder), SITE: open_site(folder)}
