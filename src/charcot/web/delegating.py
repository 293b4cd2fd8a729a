"""Delegating a role and ending it, each signed with the password again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from charcot.conduct import delegate as enter_delegation
from charcot.conduct import end_delegation as enter_end
from charcot.conduct.delegate import DELEGATING
from charcot.refusal import BadValue, Refusal
from charcot.visits import normalise_moment
from charcot.web.frame import address, show, tell, view_of
from charcot.web.plain_words import require_words, typed_otherwise
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of, present_of
from charcot.wiring.signing_in import check_signature

FIELDS = ("person", "role", "site", "since", "until")
LONGEST_CODE, LONGEST_REASON = 150, 2000


@for_who_may("delegate")
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def delegate(request: HttpRequest) -> HttpResponse:
    """Gives somebody a role."""
    _charter, today = present_of(request)
    given = {name: request.POST.get(name, request.GET.get(name, "")).strip() for name in FIELDS}
    if request.method != "POST":
        return _show(request, "web/delegate.html", {"since": str(today), **_filled(given)})
    try:
        require_words(given["person"], "person", _("The person's code"), LONGEST_CODE)
        days = {name: normalise_moment(given[name]) for name in ("since", "until")}
        since, until = _day(days["since"], "since", _("from")), None
        if days["until"]:
            until = _day(days["until"], "until", _("to"))
        signature = check_signature(
            request, request.POST.get("password", ""), request.POST.get("token", ""), DELEGATING
        )
        enter_delegation(
            replace(open_trial_of(request), typed=typed_otherwise(given, days)),
            actor_of(request),
            person=given["person"],
            role=given["role"],
            since=since,
            until=until,
            site=given["site"] or None,
            signature=signature,
        )
    except Refusal as refusal:
        return _show(request, "web/delegate.html", given, refusal)
    tell(request, _("The role was delegated to %(person)s.") % {"person": given["person"]})
    return HttpResponseRedirect(reverse("people"))


@for_who_may("delegate")
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, sequence: int) -> HttpResponse:
    """Ends the delegation that an entry gave, for a reason."""
    charter, today = present_of(request)
    asked = request.POST.get("person", request.GET.get("person", ""))
    held = next((d for d in charter.delegations if d.entry == sequence and asked in ("", d.person)), None)
    if held is None:
        raise Http404
    role = charter.ruling_on(today).study.protocol.role(held.role)
    given = {"until": request.POST.get("until", str(today)).strip(), "reason": request.POST.get("reason", "")}
    context = {"held": held, "label": role.label if role else held.role, **given}
    if request.method != "POST":
        return _show(request, "web/end_delegation.html", context)
    try:
        reason = require_words(given["reason"], "reason", _("The reason"), LONGEST_REASON)
        day = normalise_moment(given["until"])
        until = _day(day, "until", _("last day"))
        signature = check_signature(
            request, request.POST.get("password", ""), request.POST.get("token", ""), DELEGATING
        )
        enter_end(
            replace(open_trial_of(request), typed=typed_otherwise(given, {"until": day})),
            actor_of(request),
            person=held.person,
            role=held.role,
            until=until,
            reason=reason,
            site=held.site,
            signature=signature,
        )
    except Refusal as refusal:
        return _show(request, "web/end_delegation.html", context, refusal)
    tell(request, _("The delegation was ended."))
    return HttpResponseRedirect(reverse("people"))


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in given.items() if text}


def _day(text: str, field: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue(
            _("%(text)r is no day.") % {"text": text[:80]}
            if text
            else _("A day is missing: %(name)s.") % {"name": name},
            rule=_("Roles: a delegation says from when to when it holds"),
            next_step=_("Write the day as in 2014-03-14."),
            facts={"fields": {field: _("a day such as 2014-03-14")}},
        ) from None


def _show(
    request: HttpRequest, template: str, given: Mapping[str, Any], refusal: Refusal | None = None
) -> HttpResponse:
    view = view_of(request)
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    context = {
        **given,
        "given": given,
        "refusal": refusal,
        "meaning": DELEGATING,
        "choices": protocol.roles,
        "sites": protocol.trial.design.sites,
        "codes": sorted({d.person for d in charter.delegations}),
    }
    crumbs = [(_("People"), address("people"))]
    response = show(request, view, template, context, here="people", crumbs=crumbs)
    response.status_code = 200 if refusal is None else 400
    return response
