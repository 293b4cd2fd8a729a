"""Serving a trial's site: on this computer alone, and only a demonstration, as nobody signs in yet."""

import contextlib
import threading
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any

from waitress.server import create_server
from whitenoise import WhiteNoise

from charcot.conduct import read_charter
from charcot.refusal import NotAllowed, Refusal
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import TrialViews
from charcot.wiring.settings import configure_django

VIEWS = "charcot.views"
"""The key under which a request's environment carries the views of the trial that is served."""


class PortTaken(Refusal):
    """Something else uses the port."""


Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def serve(folder: TrialFolder, port: int, ready: Callable[[str], None]) -> None:
    """Serves until stopped, on the loopback address, which `ready` is told once the port is taken.

    Raises NotAllowed for any trial but a demonstration, and PortTaken.
    """
    views = TrialViews(folder)
    application = site(folder, views)
    try:
        server = create_server(application, host="127.0.0.1", port=port, threads=8, ident=None)
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


def _warm(views: TrialViews) -> None:
    """Makes the report before somebody waits for it. A fault shows where the page is asked for."""
    with contextlib.suppress(Exception):
        _ = views.at().report_html


def site(folder: TrialFolder, views: TrialViews | None = None) -> Application:
    """The site of one trial as a WSGI application, with its style and fonts."""
    purpose = read_charter(folder.ledger).purpose
    if purpose != "demo":
        raise NotAllowed(
            f"This trial is a {purpose} trial, and its site has no sign-in yet.",
            rule="Site: without sign-in only a demonstration is shown, and only on this computer",
            next_step="Use the commands report, history, export and archive instead.",
            facts={"purpose": purpose},
        )
    configure_django()
    from django.core.wsgi import get_wsgi_application  # Django's settings come first

    django, kept = get_wsgi_application(), views or TrialViews(folder)

    def with_trial(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[VIEWS] = kept
        return django(environ, start_response)

    return WhiteNoise(with_trial, root=str(files("charcot.web") / "static"), prefix="static/")
