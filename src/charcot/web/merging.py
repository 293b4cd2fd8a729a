"""Two people on one form: theirs and yours side by side, each field decided, nothing lost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from charcot.ledger import Value
from charcot.participants import FormVersion
from charcot.web.sheet_page import say_absence, say_value
from charcot.wiring.entering import FormPlace, Sheet, TypedField, judge_sheet

THEIRS, YOURS = "theirs", "yours"


@dataclass(frozen=True)
class MergeRow:
    """One field in which the two differ, or one of them from what both began with."""

    name: str
    label: str
    before: str
    theirs: str
    yours: str
    pick: str
    """`theirs` or `yours` where only one of them changed it; empty where somebody has to decide."""
    undecided: bool = False


@dataclass(frozen=True)
class Merge:
    """All that differs, and who saved the other version when."""

    rows: Sequence[MergeRow]
    newest: int
    person: str
    recorded_at: str


def lay_out_merge(place: FormPlace, sheet: Sheet, undecided: frozenset[str] = frozenset()) -> Merge:
    """The sheet against the newest version, with the version that the sheet was begun from between them."""
    current = place.current
    base = _begun_from(place, sheet)
    begun = place.sheet(base) if base is not None else Sheet()
    saved = place.sheet(current) if current is not None else Sheet()
    judged = judge_sheet(place, replace(sheet, based_on=saved.based_on))
    rows = []
    for item in place.form.items:
        yours = sheet.fields.get(item.id)
        if yours is None or not place.is_typed(item):
            continue
        before, theirs = begun.fields.get(item.id, TypedField()), saved.fields.get(item.id, TypedField())
        mine = _as_stored(yours, judged.given.get(item.id))
        if _said(mine) == _said(theirs):
            continue
        pick = THEIRS if _said(mine) == _said(before) else YOURS if _said(theirs) == _said(before) else ""
        was, saved_text, typed_text = (_words(place, item.id, one) for one in (before, theirs, yours))
        rows.append(MergeRow(item.id, item.label, was, saved_text, typed_text, pick, item.id in undecided))
    entry = current.entry if current is not None else None
    return Merge(
        rows,
        place.newest,
        entry.actor.person if entry is not None else "",
        entry.recorded_at if entry is not None else "",
    )


def merged_sheet(place: FormPlace, sheet: Sheet, sent: QueryDict) -> tuple[Sheet, frozenset[str]]:
    """The sheet with each field decided, written from the newest version; and the fields nobody decided about."""
    merge = lay_out_merge(place, sheet)
    saved = place.sheet(place.current)
    fields = {name: saved.fields.get(name, typed) for name, typed in sheet.fields.items()}
    undecided = set()
    for row in merge.rows:
        match sent.get(f"pick.{row.name}", row.pick):
            case "yours":
                fields[row.name] = sheet.fields[row.name]
            case "theirs":
                pass
            case _:
                undecided.add(row.name)
    if undecided:
        return sheet, frozenset(undecided)
    at = sheet.at if place.moment_item is None and sent.get("pick.at") == YOURS else saved.at
    return replace(sheet, fields=fields, at=at, based_on=place.newest), frozenset()


def _begun_from(place: FormPlace, sheet: Sheet) -> FormVersion | None:
    return next((version for version in place.versions if version.version == sheet.based_on), None)


def _as_stored(typed: TypedField, value: Value | None) -> TypedField:
    """What was typed as it would be stored, so that 70,5 and 70.5 do not count as different."""
    if value is None or value.text is None:
        return typed
    return replace(typed, text=value.text, unit="")


def _said(typed: TypedField) -> tuple[str, str, str]:
    return typed.text.strip(), typed.absent, typed.why.strip()


def _words(place: FormPlace, name: str, typed: TypedField) -> str:
    item = place.form.item(name)
    if typed.absent:
        return f"{say_absence(typed.absent)}: {typed.why}"
    if not typed.text.strip() or item is None:
        return ""
    return say_value(place, item, Value(text=typed.text)) + (f" {typed.unit}" if typed.unit else "")
