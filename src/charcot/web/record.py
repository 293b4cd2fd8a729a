"""The record: the audit trail with its filters, each entry in full, and whether the chain holds."""

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.ledger import Entry, Kind, UnreadableReceipt, parse_receipt
from charcot.report.as_typed import AsTyped
from charcot.report.audit_trail import AuditLine, Change
from charcot.web.frame import ALONE, address, moment_of, seen_by, seen_participants, show, view_of, views_of
from charcot.web.visibility import discretion_of
from charcot.wiring.looking import TrialView, verify_folder
from charcot.wiring.trail import TrailAsked
from charcot.wiring.trail_csv import write_trail_csv

ROWS = 100
FILTERS = ("participant", "form", "person", "kind", "role", "item", "text", "since", "until")
MOST_OFFERED = 300
"""How many numbers the field for a participant offers."""


@dataclass(frozen=True)
class TrailLine:
    """One entry in the list."""

    entry: Entry
    line: AuditLine
    what: str
    changes: tuple[Change, ...]
    typed: tuple[AsTyped, ...]
    """Beside its own words; what was typed on a form stands on the page of the entry."""


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, a hundred entries a page."""
    view = view_of(request)
    discretion = discretion_of(request, view)
    asked = _asked(request)
    as_of = view.head.sequence if moment_of(request) else None
    page = view.trail.page(
        asked,
        ROWS,
        before=_place_of(request, "before"),
        after=_place_of(request, "after"),
        say=discretion.say_with_reason,
        seen=seen_by(request, view),
    )
    context = {
        "lines": [
            TrailLine(
                e,
                replace(line, reason=discretion.reason(e)),
                discretion.say(e, line),
                discretion.changes(line),
                tuple(one for one in discretion.typed(e, line) if one.item is None),
            )
            for e, line in page.lines
        ],
        "page": page,
        "newest": page.lines[0][0].sequence if page.lines else None,
        "oldest": page.looked_to or (page.lines[-1][0].sequence if page.lines else None),
        "asked": asked,
        "filtered": asked != TrailAsked(),
        "participants": (seen_participants(request, view) if view.is_prepared else ())[:MOST_OFFERED],
        "people": _people(view),
        "forms": sorted((form.title, form.form) for form in (view.nobody.forms if view.is_prepared else ())),
        "kinds": sorted(Kind),
        "roles_known": [(role.id, role.label) for role in view.nobody.protocol.roles]
        if view.is_prepared
        else [],
        "items": _items(view, asked.form),
        "csv_address": address(
            "record_csv", as_of=as_of, **{k: v for k, v in request.GET.items() if k in FILTERS}
        ),
    }
    return show(request, view, "web/record.html", context, here="record")


def _asked(request: HttpRequest) -> TrailAsked:
    given = {name: request.GET.get(name, "").strip() for name in FILTERS[:-2]}
    if not given["form"]:
        given["item"] = ""
    return TrailAsked(**given, since=_day_of(request, "since"), until=_day_of(request, "until"))


def _items(view: TrialView, form: str) -> list[tuple[str, str]]:
    """The questions of a form, by which its entries can be chosen."""
    known = (
        next((each for each in view.nobody.forms if each.form == form), None) if view.is_prepared else None
    )
    return [(item.id, item.label) for item in known.items] if known is not None else []


@require_safe
def record_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The audit trail that the filter leaves, as CSV, in order."""
    view = view_of(request)
    discretion = discretion_of(request, view)
    trail = view.trail.all(_asked(request), say=discretion.say_with_reason, seen=seen_by(request, view))
    told = (
        (
            e,
            replace(line, reason=discretion.reason(e), typed=discretion.typed(e, line)),
            discretion.say(e, line),
            discretion.changes(line),
        )
        for e, line in trail
    )
    response = StreamingHttpResponse(write_trail_csv(told), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-trail-{view.head.sequence}.csv"'
    return response


def _day_of(request: HttpRequest, name: str) -> date | None:
    """A day in the address; None where it names none that there is."""
    try:
        return date.fromisoformat(request.GET.get(name, "").strip())
    except ValueError:
        return None


def _place_of(request: HttpRequest, name: str) -> int | None:
    """The number of an entry in the address."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _people(view: TrialView) -> list[str]:
    """Everybody who was ever delegated a role, and who opened the trial."""
    people = {delegation.person for delegation in view.charter.delegations}
    return sorted({view.charter.opened.actor.person, *people})


@require_safe
def entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """One entry: who, what, when and why, its text as it is hashed, and its place in the chain."""
    view = view_of(request)
    told = view.trail.line(sequence)
    if told is None or not seen_by(request, view)(told[0]):
        raise Http404
    found, line = told
    discretion = discretion_of(request, view)
    data, taken = discretion.redact(found)
    typed, untold = discretion.redact_typed(found)
    files = data.get("files", {}) if found.kind is Kind.PROTOCOL_ACTIVATED else {}
    as_of = view.head.sequence if moment_of(request) else None
    is_form = found.kind is Kind.FORM_RECORDED
    taken += untold + int(discretion.reason(found) != found.reason)
    context = {
        "entry": found,
        "line": replace(line, reason=discretion.reason(found)),
        "what": discretion.say(found, line),
        "changes": discretion.changes(line),
        "typed": discretion.typed(found, line),
        "first_version": is_form and data["version"] == 1,
        "form_title": discretion.title(line.form) if line.form else "",
        "form_address": address(
            "form",
            found.participant,
            data["form"],
            data["encounter"] or ALONE,
            data["instance"],
            version=data["version"],
            as_of=as_of,
        )
        if is_form and found.participant
        else "",
        "encounter": data.get("encounter", ""),
        "checks": data["checks"]["failed"] if is_form else [],
        "criteria": data.get("criteria", []),
        "files": files,
        "text": _text(found, data, typed, discretion.reason(found)) if taken else found.text,
        "taken": taken,
        "before": sequence - 1 if sequence > 1 else None,
        "after": sequence + 1 if sequence < view.head.sequence else None,
        "same_act": view.trail.same_act(found),
    }
    crumbs = [(_("Record"), address("record", as_of=as_of))]
    return show(request, view, "web/entry.html", context, here="record", crumbs=crumbs)


def _text(entry: Entry, data: dict[str, Any], typed: dict[str, str], reason: str | None) -> str:
    """The text of an entry with what may not be seen taken out."""
    shown = {**json.loads(entry.text), "data": data, **({"typed": typed} if typed else {})}
    if reason is not None:
        shown["reason"] = reason
    return json.dumps(shown, ensure_ascii=False, sort_keys=True)


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Recomputes the chain now, against a receipt where one was given."""
    view = view_of(request)
    text, problem, receipt = request.GET.get("receipt", "").strip(), "", None
    if text:
        try:
            receipt = parse_receipt(text)
        except UnreadableReceipt as refusal:
            problem = f"{refusal.what} {refusal.next_step}"
    found = verify_folder(views_of(request).folder, receipt)
    as_of = view.head.sequence if moment_of(request) else None
    context = {"found": found, "given": text, "problem": problem, "receipt": receipt}
    crumbs = [(_("Record"), address("record", as_of=as_of))]
    return show(request, view, "web/verify.html", context, here="record", crumbs=crumbs)
