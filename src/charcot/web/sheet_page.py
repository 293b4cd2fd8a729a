"""A form laid out to be filled: each question as a row with its field, its unit, its help and what is said beside it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from charcot.laboratory import find_conversions
from charcot.ledger import Absence, Value
from charcot.participants import FormVersion
from charcot.protocol import Item
from charcot.protocol.rules.functions import ALSFRS_R_ITEMS, FUNCTIONS
from charcot.visits import FailedCheck
from charcot.wiring.entering import SOURCES, FormPlace, JudgedSheet, Sheet, TypedField

MOST_BESIDE = 6
"""Answers that are shown side by side; more go into a list to choose from."""
EARLIER = 4
"""Earlier visits whose answers stand beside a score."""
_LONG = (
    "remark",
    "details",
    "verbatim",
    "note",
    "address",
    "description",
    "findings",
    "comment",
    "narrative",
)


@dataclass(frozen=True)
class Answer:
    """One answer that can be chosen; `was` where it was given at the visit before."""

    code: str
    label: str
    chosen: bool
    was: bool = False


@dataclass(frozen=True)
class SheetRow:
    """One question as a row."""

    item: Item
    widget: str
    typed: TypedField
    answers: Sequence[Answer] = ()
    units: Sequence[str] = ()
    text: str = ""
    """What is computed or known, in words."""
    hint: str = ""
    problem: str = ""
    questions: Sequence[FailedCheck] = ()
    applies: bool = True
    required: bool = False
    earlier: Sequence[tuple[str, str]] = ()
    change: str = ""

    @property
    def shape(self) -> str:
        """What a date or number looks like, for the field."""
        match self.item.type:
            case "date":
                return _("year-month-day")
            case "datetime":
                return _("year-month-day hour:minute")
            case "time":
                return _("hour:minute")
            case _:
                return ""

    @property
    def described(self) -> str:
        """The ids of what describes the field."""
        return f"say-{self.item.id}" + (f" help-{self.item.id}" if self.item.help else "")


@dataclass(frozen=True)
class ShownChange:
    """One change of a correction, before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class SheetPage:
    """The whole form as it is shown."""

    rows: Sequence[SheetRow]
    changes: Sequence[ShownChange]
    digest: str
    """Stands for the changes that were shown, so that none is saved unseen."""
    others: Sequence[FailedCheck] = ()
    """Questions that are about no field shown."""
    problems: Mapping[str, str] = field(default_factory=dict)
    sources: Sequence[tuple[str, str]] = ()
    now: str = ""
    """The moment at the site, for what fills in today or now when one asks for it."""


def lay_out_sheet(
    place: FormPlace, sheet: Sheet, judged: JudgedSheet, problems: Mapping[str, str] | None = None
) -> SheetPage:
    """The form with what was typed. `problems` are said beside their fields; none on a form that was just opened."""
    before = earlier_versions(place)
    said = problems or {}
    rows = [_row(place, sheet, judged, item, before, said) for item in place.form.items]
    asked = {check.check for row in rows for check in row.questions}
    names = {item.id for item in place.form.items if place.may_see(item)}
    others = [c for c in judged.checks if c.severity != "error" and c.check not in asked]
    return SheetPage(
        rows,
        shown_changes(place, judged),
        digest_of(judged),
        others,
        {name: text for name, text in said.items() if name not in names},
        [(source, say_source(source)) for source in SOURCES],
        f"{place.now:%Y-%m-%dT%H:%M}",
    )


def _row(
    place: FormPlace,
    sheet: Sheet,
    judged: JudgedSheet,
    item: Item,
    before: Sequence[tuple[str, FormVersion]],
    problems: Mapping[str, str],
) -> SheetRow:
    typed = sheet.fields.get(item.id, TypedField())
    widget = _widget(place, item)
    codes = place.dossier.study.protocol.codes_of(item)
    last = before[0][1].text(item.id) if before and widget == "score" else None
    chosen = [code.strip() for code in typed.text.split(",")]
    text = ""
    if widget in ("computed", "known"):
        text = say_value(place, item, judged.form.values.get(item.id))
    return SheetRow(
        item=item,
        widget=widget,
        typed=typed,
        answers=[Answer(c.code, c.label, c.code in chosen, c.code == last) for c in codes],
        units=[c.unit for c in find_conversions(item)] if widget == "number" else (),
        text=text,
        hint=say_range(item),
        problem=problems.get(item.id, ""),
        questions=[c for c in judged.checks if c.items[:1] == (item.id,) and c.severity != "error"],
        applies=item.id not in judged.form.hidden or not typed.is_empty,
        required=item.id in judged.form.required,
        earlier=[(label, version.text(item.id) or "–") for label, version in before[:EARLIER]]
        if widget == "score"
        else (),
        change=say_improvement(last, typed.text) if widget == "score" else "",
    )


def _widget(place: FormPlace, item: Item) -> str:
    if not place.may_see(item):
        return "concealed"
    if item.computed is not None:
        return "computed"
    if item.id in place.known:
        return "known"
    codes = place.dossier.study.protocol.codes_of(item)
    if item.type in ("choice", "yes_no"):
        if place.form.plays == "function" and item.id in ALSFRS_R_ITEMS:
            return "score"
        return "radio" if len(codes) <= MOST_BESIDE else "pick"
    if item.type == "choices":
        return "boxes"
    if item.type in ("integer", "decimal"):
        return "number"
    if item.type == "text":
        return "long" if item.id.endswith(_LONG) else "short"
    return "moment"


def earlier_versions(place: FormPlace) -> list[tuple[str, FormVersion]]:
    """The same form at other visits before this one, the last first, each under its visit's name."""
    protocol = place.dossier.study.protocol
    until = place.current.clinical_time.earliest if place.current else place.now
    found = [
        v
        for v in place.dossier.casebook.instances(place.key.form)
        if v.key != place.key and v.clinical_time.earliest <= until
    ]
    return [
        (
            where.label
            if (where := protocol.encounters_by_id.get(v.key.encounter))
            else v.clinical_time.text,
            v,
        )
        for v in reversed(found)
    ]


def say_improvement(last: str | None, now: str) -> str:
    """A word where a score is better than at the visit before; ALSFRS-R scores seldom rise."""
    if last is None or not last.isdigit() or not now.isdigit() or int(now) <= int(last):
        return ""
    return _("Better than last time (%(last)s). Right?") % {"last": last}


def say_stages(place: FormPlace, judged: JudgedSheet) -> str:
    """King's and MiToS stages as the answers give them; worked out for reading, not stored on the form."""
    if place.form.plays != "function":
        return ""
    texts = [value.text or "" if (value := judged.form.values.get(name)) else "" for name in ALSFRS_R_ITEMS]
    scores = [int(text) if text.isdigit() else None for text in texts]
    king, mitos = (FUNCTIONS[name].compute(*scores) for name in ("king_stage", "mitos_stage"))
    said = [_("King's stage %(stage)s") % {"stage": king}] if king is not None else []
    said += [_("MiToS %(stage)s") % {"stage": mitos}] if mitos is not None else []
    return ", ".join(said)


def say_range(item: Item) -> str:
    """Between which numbers a value can lie, in words."""
    if item.range is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": item.range[0], "high": item.range[1]}


def say_value(place: FormPlace, item: Item, value: Value | None) -> str:
    """A value in words, with the labels of its codes."""
    if value is None:
        return ""
    if value.absent is not None:
        return f"{say_absence(value.absent)}: {value.why}"
    if value.text is None:
        return _("(sealed)")
    labels = {code.code: code.label for code in place.dossier.study.protocol.codes_of(item)}
    return (
        ", ".join(labels.get(code.strip(), code.strip()) for code in value.text.split(","))
        if labels
        else value.text
    )


def shown_changes(place: FormPlace, judged: JudgedSheet) -> list[ShownChange]:
    """What a sheet changes on the saved form, the date included."""
    found = [
        ShownChange(c.item.label, say_value(place, c.item, c.before), say_value(place, c.item, c.after))
        for c in judged.changes
    ]
    current = place.current
    if current is not None and place.moment_item is None and judged.at != current.clinical_time.text:
        found.insert(0, ShownChange(_("Date"), current.clinical_time.text, judged.at))
    return found


def digest_of(judged: JudgedSheet) -> str:
    """A short text that differs where the changes differ."""
    said = [(c.item.id, _key(c.before), _key(c.after)) for c in judged.changes]
    return hashlib.sha256(repr((judged.at, said)).encode()).hexdigest()[:16]


def _key(value: Value | None) -> tuple[str | None, str | None, str | None] | None:
    return None if value is None else (value.text, value.absent, value.why)


def say_absence(absent: str) -> str:
    """Why there is no value, in words."""
    return {
        Absence.NOT_DONE: _("not done"),
        Absence.UNKNOWN: _("unknown"),
        Absence.NOT_APPLICABLE: _("not applicable"),
    }[Absence(absent)]


def say_source(source: str) -> str:
    """Where a form was written down first, in words."""
    return {
        "paper": _("Paper form"),
        "record": _("Hospital record"),
        "telephone": _("Telephone"),
        "interview": _("Told directly"),
        "video": _("Video call"),
    }.get(source, source)


def sentence(label: str, problem: str) -> str:
    """A problem as a sentence beside its field: those that begin in the middle get the question's name."""
    return f"{label} {problem}" if problem[:1].islower() else problem
