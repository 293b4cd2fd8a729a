"""Two moments side by side: what was entered between them, value by value, and which reported numbers moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.ledger import Entry
from charcot.refusal import Refusal
from charcot.report.audit_trail import list_history
from charcot.report.moment_changes import ChangedForm, ChangedParticipant
from charcot.web.frame import ALONE, address, leaf_of, moment_of, seen_by, show, view_of, views_of
from charcot.web.matrix import say_standing
from charcot.web.signed_in import may_see_everything
from charcot.web.visibility import Discretion, ShownValue, discretion_of
from charcot.wiring.comparing import MomentComparison, compare_moments, compare_numbers

PEOPLE = 50
"""Participants on one page of a comparison."""


@dataclass(frozen=True)
class ComparedValue:
    """A value before and after, as far as it may be seen."""

    label: str
    before: ShownValue
    after: ShownValue


@dataclass(frozen=True)
class SaidEntry:
    """An entry in words."""

    entry: Entry
    what: str
    reason: str | None


@dataclass(frozen=True)
class ComparedForm:
    """A form that changed: what it was, what it is, its values, and the entries that did it."""

    title: str
    where: str
    state: str
    at: str
    values: Sequence[ComparedValue]
    entries: Sequence[SaidEntry]


@dataclass(frozen=True)
class ComparedPerson:
    """A participant in the comparison."""

    participant: str
    before: str
    after: str
    forms: Sequence[ComparedForm]
    events: Sequence[tuple[str, Sequence[SaidEntry]]]


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The page: two moments to choose, and what changed between them."""
    view = view_of(request)
    one, other = (request.GET.get(name, "").strip() for name in ("from", "to"))
    context: dict[str, Any] = {"one": one, "other": other, "cuts": view.charter.cuts, "problem": None}
    crumbs = [(_("Record"), address("record"))]
    found = None
    if one or other:
        try:
            found = compare_moments(views_of(request), one, other or moment_of(request) or "")
        except Refusal as refusal:
            context["problem"] = refusal
    if found is not None:
        discretion = discretion_of(request, found.later)
        seen = seen_by(request, found.later)
        people = [each for each in found.participants if seen(each.first)]
        leaf = leaf_of(request, people, PEOPLE)
        context |= {
            "found": found,
            "leaf": leaf,
            "people": [_person(found, discretion, changed) for changed in leaf.rows],
            "trial": [_said(discretion, entry) for entry in found.trial],
            "forms": sum(len(changed.forms) for changed in people),
            "numbers": compare_numbers(found) if _may_compare_numbers(request, found) else None,
        }
    status = 400 if context["problem"] else 200
    response = show(request, view, "web/compare.html", context, here="record", crumbs=crumbs)
    response.status_code = status
    return response


def _may_compare_numbers(request: HttpRequest, found: MomentComparison) -> bool:
    return bool(request.GET.get("numbers")) and found.earlier.is_prepared and may_see_everything(request)


def _person(found: MomentComparison, discretion: Discretion, changed: ChangedParticipant) -> ComparedPerson:
    return ComparedPerson(
        changed.participant,
        say_standing(changed.before) if changed.before is not None else "",
        say_standing(changed.after),
        [_form(found, discretion, changed.participant, form) for form in changed.forms],
        [(say_group(name), [_said(discretion, e) for e in entries]) for name, entries in changed.events],
    )


def _form(
    found: MomentComparison, discretion: Discretion, participant: str, form: ChangedForm
) -> ComparedForm:
    snapshot = found.later.nobody
    known = next((each for each in snapshot.forms if each.form == form.key.form), None)
    encounter = snapshot.protocol.encounters_by_id.get(form.key.encounter)
    where = encounter.label if encounter else form.key.encounter
    if form.key.instance > 1:
        where = f"{where} {_('no.')} {form.key.instance}".strip()
    values = []
    for value in form.values if known is not None else ():
        item = known.item(value.item) if known is not None else None
        if known is None or item is None:
            continue
        values.append(
            ComparedValue(
                item.label,
                discretion.show(snapshot, known, item, value.before),
                discretion.show(snapshot, known, item, value.after),
            )
        )
    at = address(
        "form", participant, form.key.form, form.key.encounter or ALONE, form.key.instance,
        as_of=found.later.head.sequence,
    )  # fmt: skip
    return ComparedForm(
        discretion.title(form.key.form),
        where,
        _state(form),
        at if form.after is not None else "",
        values,
        [_said(discretion, entry) for entry in form.entries],
    )


def _state(form: ChangedForm) -> str:
    if form.after is None:
        return _("entered in error")
    if form.before is None:
        return _("new, version %(n)s") % {"n": form.after.version}
    return _("version %(one)s → %(other)s") % {"one": form.before.version, "other": form.after.version}


def _said(discretion: Discretion, entry: Entry) -> SaidEntry:
    said = discretion.say(entry, next(list_history([entry])))
    return SaidEntry(entry, said, discretion.reason(entry))


def say_group(name: str) -> str:
    """What a group of entries is about, in words."""
    return {
        "queries": _("Queries"),
        "verification": _("Source verification"),
        "signatures": _("Signatures"),
        "locks": _("Locks"),
        "files": _("Files"),
        "course": _("Course in the trial"),
    }[name]
