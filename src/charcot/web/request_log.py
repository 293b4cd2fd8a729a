"""One line a request for whoever keeps the site running: which page, how it ended, how long it took; nothing of the trial."""

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from charcot.web.signed_in import signed_in_of
from charcot.wiring.logs import REQUEST

LOG = logging.getLogger("charcot.requests")
HEADER = "X-Request-ID"


class RequestLog:
    """Middleware that gives each request a name, and writes one line when it is answered.

    The line has the name of the page, not its address: addresses carry participants' numbers. The person is the code
    under which they act, as in the record.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Goes on; the name is the proxy's where it gives one, and stands in the answer too."""
        given = request.headers.get(HEADER, "")
        name = given if re.fullmatch(r"[A-Za-z0-9_-]{8,64}", given) else secrets.token_hex(8)
        token = REQUEST.set(name)
        began = time.perf_counter()
        try:
            response = self._get_response(request)
            signed_in, found = signed_in_of(request), request.resolver_match
            LOG.info(
                "request",
                extra={
                    "method": request.method if request.method in METHODS else "other",
                    "page": found.url_name if found is not None else None,
                    "status": response.status_code,
                    "ms": round(1000 * (time.perf_counter() - began), 1),
                    "person": signed_in.person if signed_in is not None else None,
                },
            )
        finally:
            REQUEST.reset(token)
        response[HEADER] = name
        return response


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
