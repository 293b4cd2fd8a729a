"""What the site says where something does not exist, was refused or broke; nothing of the trial is logged."""

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from charcot.ledger import NoSuchMoment
from charcot.refusal import NotAllowed, Refusal
from charcot.web.frame import roles_of
from charcot.web.rail import rail
from charcot.web.signed_in import signed_in_of

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
        status = (
            404 if isinstance(exception, NoSuchMoment) else 403 if isinstance(exception, NotAllowed) else 400
        )
        return message(request, status, exception.what, rule=exception.rule, next_step=exception.next_step)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for a request that cannot be understood."""
    return message(request, 400, _("This request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what may not be seen."""
    return message(request, 403, _("This page may not be seen from here."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that leads nowhere."""
    hint = _("It may not have existed yet at the entry that is looked at.") if "as_of" in request.GET else ""
    return message(request, 404, _("There is no such page."), next_step=hint)


def broken(request: HttpRequest) -> HttpResponse:
    """The page for a fault of the program. The log says where it broke, and nothing that was in the way."""
    kind, _value, trace = sys.exc_info()
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    LOG.error("a page broke: %s at %s", kind.__name__ if kind else "?", where)
    return message(request, 500, _("Something went wrong here. Nothing was changed in the record."))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for something sent that did not come from a page of this site, or from one that is too old."""
    return message(
        request,
        403,
        _("This was not accepted: it did not come from a page that you opened here."),
        rule=_("Site: what changes the record is sent from a page of this site, opened since you signed in"),
        next_step=_("Open the page again and send it from there. Nothing was changed."),
    )


def message(
    request: HttpRequest, status: int, text: str, *, rule: str = "", next_step: str = ""
) -> HttpResponse:
    """A page that only says something, in the frame of the site but with nothing of the trial."""
    signed_in = signed_in_of(request)
    context = {
        "request": request,
        "text": text,
        "rule": rule,
        "next_step": next_step,
        "signed_in": signed_in,
        "person": getattr(request, "person", None),
        "roles": roles_of(request),
        "rail": rail("", request),
    }
    return render(request, "web/message.html", context, status=status)
