"""How much may be sent at once: what is too long is refused before it is read, with a page that says what fits."""

from collections.abc import Iterable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import MultiSocketServer
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

from charcot.wiring.attachments import MOST_BYTES, MOST_REQUEST
from charcot.wiring.proxy import Application

HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"))
TOO_LONG = "413 Content Too Large"
UNMEASURED = "411 Length Required"


def of_bearable_size(application: Application, most: int) -> Application:
    """The application, which is not bothered with requests of more than `most` bytes, or of a length that is not told.

    waitress measures what comes without a length itself; gunicorn has no limit, and would hand it on as if it were empty.
    """

    def measured(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > most:
            return _refuse(start_response, TOO_LONG, _say_too_long(most))
        if environ.get("HTTP_TRANSFER_ENCODING") and not environ.get("CONTENT_LENGTH"):
            return _refuse(start_response, UNMEASURED, _say_unmeasured())
        return application(environ, start_response)

    return measured


def answer_in_words(server: Any) -> None:
    """Lets a waitress server say with a page what it refuses because it is too long."""
    sockets: Any = server.map if isinstance(server, MultiSocketServer) else {0: server}
    for listening in sockets.values():
        listening.channel_class = _Channel


class _TooLong(RequestEntityTooLarge):
    """The page in place of the server's own words."""

    def to_response(  # type: ignore[override]  # the stubs say text, waitress makes bytes
        self, ident: str | None = None
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status, headers and page."""
        return TOO_LONG, list(HEADERS), _say_too_long(MOST_REQUEST)


class _RefusingTask(ErrorTask):
    """Answers what could not be taken."""

    def execute(self) -> None:
        """Answers, then closes the connection."""
        request: Any = self.request
        if isinstance(request.error, RequestEntityTooLarge):
            request.error = _TooLong(request.error.body)
        super().execute()


class _Channel(HTTPChannel):
    """A connection of one browser."""

    error_task_class = _RefusingTask


def _refuse(start_response: Any, status: str, page: bytes) -> Iterable[bytes]:
    start_response(status, [*HEADERS, ("Content-Length", str(len(page)))])
    return [page]


def _say_too_long(most: int) -> bytes:
    return _page(
        "This is more than can be sent at once.",
        f"A file may have {MOST_BYTES // 1_000_000} MB, and everything sent together {most // 1_000_000} MB. Nothing of it was kept, "
        "and nothing was entered.",
        "Go back, and attach the report instead of the raw data, a smaller picture, or the files one by one.",
    )


def _say_unmeasured() -> bytes:
    return _page(
        "It was not said how long this is.",
        "What is sent to this site tells its length before it begins. Nothing of it was kept, and nothing was entered.",
        "Send it with the header Content-Length, as browsers do.",
    )


def _page(title: str, what: str, next_step: str) -> bytes:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/static/charcot.css">
<link rel="stylesheet" href="/static/people.css">
</head>
<body class="door">
<main id="main">
<img src="/static/sign.svg" alt="" width="40" height="40">
<h1>{title}</h1>
<p>{what}</p>
<p>{next_step}</p>
</main>
</body>
</html>
""".encode()
