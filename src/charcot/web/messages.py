"""What the site says where something does not exist, was refused or broke; nothing of the trial is logged."""

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from charcot.ledger import NoSuchMoment
from charcot.refusal import Refusal
from charcot.web.frame import rail

LOG = logging.getLogger("charcot.web")


class RefusalsInWords:
    """Middleware that turns a Refusal into a page: what was refused, by which rule, and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a Refusal; anything else is a fault of the program."""
        if not isinstance(exception, Refusal):
            return None
        status = 404 if isinstance(exception, NoSuchMoment) else 400
        return _message(request, status, exception.what, rule=exception.rule, next_step=exception.next_step)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for a request that cannot be understood."""
    return _message(request, 400, _("This request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what may not be seen."""
    return _message(request, 403, _("This page may not be seen from here."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that leads nowhere."""
    hint = _("It may not have existed yet at the entry that is looked at.") if "as_of" in request.GET else ""
    return _message(request, 404, _("There is no such page."), next_step=hint)


def broken(request: HttpRequest) -> HttpResponse:
    """The page for a fault of the program. The log says where it broke, and nothing that was in the way."""
    kind, _value, trace = sys.exc_info()
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    LOG.error("a page broke: %s at %s", kind.__name__ if kind else "?", where)
    return _message(request, 500, _("Something went wrong here. Nothing was changed in the record."))


def _message(
    request: HttpRequest, status: int, text: str, *, rule: str = "", next_step: str = ""
) -> HttpResponse:
    context = {"text": text, "rule": rule, "next_step": next_step, "rail": rail("", claims=False)}
    return render(request, "web/message.html", context, status=status)
