"""The record: the audit trail with its filters, each entry in full, and whether the chain holds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.ledger import Entry, Kind, UnreadableReceipt, parse_receipt
from charcot.report.audit_trail import AuditLine, Change
from charcot.web.casebook import ALONE
from charcot.web.frame import address, leaf_of, moment_of, show, view_of, views_of
from charcot.web.visibility import Discretion
from charcot.wiring.looking import TrialView, verify_folder

ROWS = 100
FILTERS = ("participant", "form", "person", "kind", "since", "until")


@dataclass(frozen=True)
class TrailLine:
    """One entry in the list."""

    entry: Entry
    line: AuditLine
    what: str
    changes: tuple[Change, ...]


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, a hundred entries a page."""
    view = view_of(request)
    asked = {name: request.GET.get(name, "").strip() for name in FILTERS}
    discretion = Discretion(view)
    found = list(_matching(view, asked))
    found.reverse()
    leaf = leaf_of(request, found, ROWS)
    trail = view.trail
    context = {
        "leaf": leaf,
        "lines": [
            TrailLine(e, line, discretion.say(e, line), discretion.changes(line)) for e, line in leaf.rows
        ],
        "asked": asked,
        "filtered": any(asked.values()),
        "participants": sorted({line.participant for _e, line in trail if line.participant}),
        "people": sorted({line.person for _e, line in trail}),
        "forms": sorted(
            (discretion.title(form), form) for form in {line.form for _e, line in trail if line.form}
        ),
        "kinds": sorted({str(entry.kind) for entry, _line in trail}),
    }
    return show(request, view, "web/record.html", context, here="record")


def _matching(view: TrialView, asked: dict[str, str]) -> Iterator[tuple[Entry, AuditLine]]:
    for entry, line in view.trail:
        day = line.recorded_at[:10]
        if (
            asked["participant"] in ("", line.participant)
            and asked["form"] in ("", line.form)
            and asked["person"] in ("", line.person)
            and asked["kind"] in ("", str(entry.kind))
            and (not asked["since"] or day >= asked["since"])
            and (not asked["until"] or day <= asked["until"])
        ):
            yield entry, line


@require_safe
def entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """One entry: who, what, when and why, its text as it is hashed, and its place in the chain."""
    view = view_of(request)
    if not 1 <= sequence <= view.head.sequence:
        raise Http404
    found, line = view.trail[sequence - 1]
    discretion = Discretion(view)
    data, taken = discretion.redact(found)
    files = data.get("files", {}) if found.kind is Kind.PROTOCOL_ACTIVATED else {}
    as_of = view.head.sequence if moment_of(request) else None
    is_form = found.kind is Kind.FORM_RECORDED
    context = {
        "entry": found,
        "line": line,
        "what": discretion.say(found, line),
        "changes": discretion.changes(line),
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
        "text": found.text
        if not taken
        else json.dumps({**json.loads(found.text), "data": data}, ensure_ascii=False, sort_keys=True),
        "taken": taken,
        "before": sequence - 1 if sequence > 1 else None,
        "after": sequence + 1 if sequence < view.head.sequence else None,
        "same_act": [
            e.sequence
            for e, _l in view.trail[found.act - 1 : found.act + 40]
            if e.act == found.act and e.sequence != sequence
        ],
    }
    crumbs = [(_("Record"), address("record", as_of=as_of))]
    return show(request, view, "web/entry.html", context, here="record", crumbs=crumbs)


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
