"""A participant's visits and forms: each value with its unit, its origin, what failed, and how it came to be."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.clinical_time import ClinicalTime
from charcot.datasets import Snapshot
from charcot.ledger import Entry
from charcot.participants import Attachment, Dossier, FormKey, FormVersion
from charcot.protocol import Form, Item
from charcot.refusal import Refusal
from charcot.web.event_help import course_beneath
from charcot.web.filling import FILLS
from charcot.web.frame import ALONE, address, may_of, moment_of, show, view_of
from charcot.web.lock_notes import note_of, offer_of
from charcot.web.matrix import say_status
from charcot.web.next_steps import fill_address, offered_forms, verb_for
from charcot.web.query_lines import AskedLine, TypedWords, lines_of
from charcot.web.signatures import signature_lines
from charcot.web.signed_in import signed_in_of
from charcot.web.verification_marks import VerificationMark, marks_of, say_verification
from charcot.web.visibility import Discretion, ShownValue, discretion_of, failed_checks
from charcot.wiring.looking import TrialView


@dataclass(frozen=True)
class FormLine:
    """One form at one encounter: filled, missing, or said to be missed."""

    form: str
    title: str
    encounter: str
    instance: int
    state: str
    at: ClinicalTime | None = None
    version: int = 0
    failed: int = 0
    missed: Entry | None = None
    locked: bool = False


@dataclass(frozen=True)
class EncounterLine:
    """One encounter with its forms."""

    encounter: str
    label: str
    status: str
    words: str
    at: ClinicalTime | None
    forms: tuple[FormLine, ...]


@dataclass(frozen=True)
class ValueStep:
    """One value as one version of the form had it."""

    version: FormVersion
    value: ShownValue


@dataclass(frozen=True)
class ValueLine:
    """One question of a form with its value, what failed on it, and every value that it ever had."""

    item: Item
    value: ShownValue
    checks: Sequence[dict[str, Any]]
    steps: tuple[ValueStep, ...]
    missing: bool
    typed: str = ""
    """What was typed, where that was written otherwise than it is kept."""
    queries: tuple[AskedLine, ...] = ()
    mark: VerificationMark | None = None
    can_ask: bool = False


def seen_forms(dossier: Dossier) -> list[FormVersion]:
    """The newest version of every form of a participant, by clinical time."""
    newest = [versions[-1] for versions in dossier.casebook.forms.values()]
    return sorted(newest, key=lambda v: (v.clinical_time.earliest, v.entry.sequence))


def encounters_of(snapshot: Snapshot, dossier: Dossier) -> list[EncounterLine]:
    """The encounters of a participant with their forms; forms that stand by themselves come last."""
    titles = {form.form: form.title for form in snapshot.forms}
    protocol = dossier.study.protocol
    visits = {visit.encounter.id: visit for visit in snapshot.visits[dossier.participant]}
    found = []
    for encounter in protocol.encounters:
        lines = _filled(dossier, encounter.id, titles)
        visit = visits.get(encounter.id)
        if visit is not None and (lines or visit.status in ("missed", "due", "overdue")):
            lines += [
                _unfilled(dossier, form, encounter.id, titles, visit.missed)
                for form in (*visit.missing, *visit.missed)
            ]
        if visit is None and not lines:
            continue
        status = visit.status if visit is not None else "complete"
        at = visit.actual if visit is not None else None
        found.append(
            EncounterLine(encounter.id, encounter.label, status, say_status(status), at, tuple(lines))
        )
    alone = _filled(dossier, "", titles)
    if alone:
        found.append(EncounterLine("", _("At no visit"), "complete", "", None, tuple(alone)))
    return found


def _filled(dossier: Dossier, encounter: str, titles: dict[str, str]) -> list[FormLine]:
    return [
        FormLine(
            v.key.form, titles.get(v.key.form, v.key.form), v.key.encounter or ALONE, v.key.instance,
            "filled", v.clinical_time, v.version, len(v.failed_checks),
        )
        for v in seen_forms(dossier)
        if v.key.encounter == encounter
    ]  # fmt: skip


def _unfilled(
    dossier: Dossier, form: str, encounter: str, titles: dict[str, str], missed: tuple[str, ...]
) -> FormLine:
    told = None
    if form in missed:
        told = next(
            (m.entry for m in dossier.casebook.missed if m.encounter == encounter and m.form in ("", form)),
            None,
        )
    state = "missed" if form in missed else "missing"
    locked = dossier.locks.of(FormKey(form, encounter)) is not None
    return FormLine(form, titles.get(form, form), encounter, 1, state, missed=told, locked=locked)


@require_safe
def visit(request: HttpRequest, participant: str, encounter: str) -> HttpResponse:
    """One visit of one participant: its window, when it took place, its forms."""
    view, dossier, crumbs = _opened(request, participant)
    alone = view.alone(participant)
    line = next((line for line in encounters_of(alone, dossier) if line.encounter == encounter), None)
    where = dossier.study.protocol.encounters_by_id.get(encounter)
    asked = request.GET.get("no", "")
    instance = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    lock = dossier.locks.of_visit(encounter, instance)
    may = may_of(request, lock)
    if line is None and where is not None and "record" in may_of(request):
        line = EncounterLine(encounter, where.label, "", "", None, ())
    if line is None:
        raise Http404
    offered = offered_forms(dossier, encounter, may, instance)
    listed = {(form.form, form.instance) for form in line.forms}
    planned = next((v for v in alone.visits[participant] if v.encounter.id == encounter), None)
    context = {
        "dossier": dossier,
        "line": line,
        "planned": planned,
        "instance": instance,
        "may": may,
        "may_fill": bool(may & {*FILLS}),
        "lock": note_of(request, lock, participant),
        "can_lock": offer_of(request, dossier, encounter=encounter, instance=instance),
        "offered": [form for form in offered if not form.filled and (form.form, form.instance) not in listed],
    }
    return show(request, view, "web/visit.html", context, here="participants", crumbs=crumbs)


@require_safe
def form(request: HttpRequest, participant: str, form: str, encounter: str, instance: int) -> HttpResponse:
    """One form with every value; an earlier version where the address asks for it."""
    return show_form(request, participant, form, encounter, instance)


def show_form(
    request: HttpRequest,
    participant: str,
    form: str,
    encounter: str,
    instance: int,
    typed: TypedWords | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The page of a form; what was sent on it and refused stands on it again."""
    view, dossier, crumbs = _opened(request, participant)
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    versions = dossier.casebook.history(key)
    definition = next((found for found in view.nobody.forms if found.form == form), None)
    if not versions and definition is not None and any(query.key == key for query in dossier.queries):
        return _show_unfilled(request, view, dossier, crumbs, definition, key, typed, refusal)
    if not versions or definition is None:
        raise Http404
    asked = request.GET.get("version", "")
    version = next((v for v in versions if str(v.version) == asked), versions[-1])
    discretion = discretion_of(request, view)
    checks = failed_checks(discretion, form, version.failed_checks)
    asked_about = {item for check in checks for item in check["items"]}
    known = {item.id for item in definition.items}
    protocol = dossier.study.protocol
    where = protocol.encounters_by_id.get(key.encounter)
    as_of = view.head.sequence if moment_of(request) else None
    if where is not None:
        crumbs.append((where.label, address("visit", participant, key.encounter, as_of=as_of)))
    lock = dossier.locks.of(key)
    may = may_of(request, lock)
    asked_here = lines_of(view, discretion, (q for q in dossier.queries if q.key == key), may)
    marks = marks_of(discretion, dossier, version) if version is versions[-1] else {}
    context = {
        **course_beneath(dossier, definition, key, discretion),
        "dossier": dossier,
        "form": definition,
        "key": key,
        "encounter": encounter,
        "where": where,
        "version": version,
        "newest": version is versions[-1],
        "versions": versions,
        "in_error": dossier.casebook.in_error.get(key),
        "may": may,
        "lock": note_of(request, lock, participant),
        "can_lock": offer_of(request, dossier, key),
        "can_sign": "sign" in may and key in dossier.casebook.forms,
        "signatures": signature_lines(view.nobody, discretion, dossier, key),
        "files": files_of(dossier, key),
        "queries": asked_here,
        "about_form": [query for query in asked_here if query.query.item not in known],
        "verifying": say_verification(dossier, version, marks, may, signed_in_of(request)),
        "typed": typed or TypedWords(),
        "refusal": refusal,
        "token": secrets.token_hex(16),
        "lines": [
            replace(
                _line(view.nobody, discretion, participant, definition, item, version, versions, checks),
                queries=tuple(query for query in asked_here if query.query.item == item.id),
                mark=marks.get(item.id),
                can_ask="query" in may and not discretion.hides({"form": form, "item": item.id}),
            )
            for item in definition.items
        ],
        "other_checks": [
            check for check in checks if not asked_about & known or not set(check["items"]) & known
        ],
    }
    status = 200 if refusal is None else 422
    return show(
        request, view, "web/form.html", context, here="participants", crumbs=crumbs, status=status
    )  # fmt: skip


def _show_unfilled(
    request: HttpRequest,
    view: TrialView,
    dossier: Dossier,
    crumbs: list[tuple[str, str]],
    form: Form,
    key: FormKey,
    typed: TypedWords | None,
    refusal: Refusal | None,
) -> HttpResponse:
    """What was asked about a form that is not filled yet, and where it is filled."""
    may = may_of(request, dossier.locks.of(key))
    about = (query for query in dossier.queries if query.key == key)
    context = {
        "dossier": dossier,
        "form": form,
        "key": key,
        "encounter": key.encounter or ALONE,
        "where": dossier.study.protocol.encounters_by_id.get(key.encounter),
        "queries": lines_of(view, discretion_of(request, view), about, may),
        "fill": fill_address(dossier.participant, key) if verb_for(form) in may else "",
        "lock": note_of(request, dossier.locks.of(key), dossier.participant),
        "may": may,
        "typed": typed or TypedWords(),
        "refusal": refusal,
        "token": secrets.token_hex(16),
    }
    status = 200 if refusal is None else 422
    return show(
        request, view, "web/unfilled.html", context, here="participants", crumbs=crumbs, status=status
    )  # fmt: skip


def _line(
    snapshot: Snapshot,
    discretion: Discretion,
    participant: str,
    form: Form,
    item: Item,
    version: FormVersion,
    versions: tuple[FormVersion, ...],
    checks: Sequence[dict[str, Any]],
) -> ValueLine:
    steps: list[ValueStep] = []
    for earlier in versions:
        value = earlier.values.get(item.id)
        before = steps[-1].version.values.get(item.id) if steps else None
        if (not steps and value is not None) or (steps and value != before):
            shown = discretion.show(snapshot, form, item, value, participant)
            steps.append(ValueStep(earlier, shown))
    return ValueLine(
        item,
        discretion.show(snapshot, form, item, version.values.get(item.id), participant),
        [check for check in checks if check["items"][:1] == [item.id]],
        tuple(steps),
        item.id in version.missing,
        _as_typed(version, item),
    )


def _as_typed(version: FormVersion, item: Item) -> str:
    value = version.values.get(item.id)
    return f"{value.typed} {value.typed_unit or ''}".strip() if value is not None and value.typed else ""


def files_of(dossier: Dossier, key: FormKey) -> list[Attachment]:
    """The files that were attached to a form, withdrawn ones too."""
    return [attachment for attachment in dossier.attachments if attachment.key == key]


def _opened(request: HttpRequest, participant: str) -> tuple[TrialView, Dossier, list[tuple[str, str]]]:
    view = view_of(request)
    dossier = view.dossier(participant)
    if dossier is None:
        raise Http404
    as_of = view.head.sequence if moment_of(request) else None
    crumbs = [
        (_("Participants"), address("participants", as_of=as_of)),
        (participant, address("participant", participant, as_of=as_of)),
    ]
    return view, dossier, crumbs
