"""Data cuts: every one with its statement and signature, and making one, signed with the password again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from charcot.conduct import cut
from charcot.conduct.cut import LONGEST_NAME, MEANING
from charcot.refusal import BadValue, Refusal
from charcot.team.charter import DataCut
from charcot.visits import normalise_number
from charcot.web.frame import address, moment_of, show, tell, view_of
from charcot.web.plain_words import require_words, typed_otherwise
from charcot.web.signed_in import actor_of, open_trial_of
from charcot.wiring.signing_in import check_signature

FIELDS = {"name": LONGEST_NAME, "statement": 2000, "at_entry": 12}
"""What is asked, and how much of each is kept."""


@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def cuts(request: HttpRequest) -> HttpResponse:
    """The cuts, and for who may cut a form to make one."""
    if request.method != "POST":
        return _show(request, {})
    given = {name: request.POST.get(name, "").strip() for name in FIELDS}
    labels = {"name": _("The name"), "statement": _("The statement"), "at_entry": _("The entry")}
    try:
        for name, most in FIELDS.items():
            require_words(given[name], name, labels[name], most)
        number = normalise_number(given["at_entry"])
        actor, at_entry = actor_of(request), _entry(number)
        signature = check_signature(
            request, request.POST.get("password", ""), request.POST.get("token", ""), MEANING
        )
        cut(
            replace(open_trial_of(request), typed=typed_otherwise(given, {"at_entry": number})),
            actor,
            name=given["name"],
            statement=given["statement"],
            at_entry=at_entry,
            signature=signature,
        )
    except Refusal as refusal:
        return _show(request, given, refusal)
    tell(request, _("The data cut %(name)s was made and signed.") % {"name": given["name"]})
    return HttpResponseRedirect(reverse("cuts"))


def _entry(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadValue(
            _("%(text)r is no number of an entry.") % {"text": text},
            rule=_("Data cuts: a cut is made at an entry of the record"),
            next_step=_("Write the number of an entry, or leave the field empty for the last."),
            facts={"fields": {"at_entry": _("a whole number")}},
        )
    return int(text)


def _show(request: HttpRequest, given: Mapping[str, str], refusal: Refusal | None = None) -> HttpResponse:
    view = view_of(request)
    context: dict[str, Any] = {
        "cuts": [(made, _signature_of(made)) for made in reversed(view.charter.cuts)],
        "given": given,
        "refusal": refusal,
        "meaning": MEANING,
        "longest": LONGEST_NAME,
    }
    as_of = view.head.sequence if moment_of(request) else None
    crumbs = [(_("Record"), address("record", as_of=as_of))]
    status = 200 if refusal is None else 400
    return show(request, view, "web/cuts.html", context, here="record", crumbs=crumbs, status=status)


def _signature_of(made: DataCut) -> dict[str, str]:
    """Who signed a cut, and how it was proven who it was."""
    said = made.entry.data["signature"]
    methods = {
        "password": _("with password"),
        "password+totp": _("with password and second factor"),
        "declared": _("declared at a terminal, without proof of who it was"),
    }
    return {
        "person": said["person"],
        "role": said["role"],
        "meaning": said["meaning"],
        "method": methods.get(said["method"], said["method"]),
    }
