"""One participant's course as one picture: visits, infusions, procedures, events and how it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from charcot.analysis import ReportPlan
from charcot.clinical_time import ClinicalTime
from charcot.datasets import Snapshot
from charcot.participants import Dossier, FormVersion
from charcot.report.format import raise_powers
from charcot.web.frame import ALONE, address
from charcot.web.matrix import say_status
from charcot.web.safety import SeenEvent, events_of
from charcot.web.timescale import AxisTick, MonthScale, place_text
from charcot.web.visibility import Discretion

LEFT, RIGHT, WIDTH = 96.0, 944.0, 960
ROW, TOP = 26.0, 14.0
LETTER = 6.6
"""Width of a letter of a label, about."""


@dataclass(frozen=True)
class TimeMark:
    """One mark: its sign, its place, what it says, and where it leads."""

    sign: str
    x: str
    y: str
    words: str
    href: str
    label: str = ""
    anchor: str = "start"
    label_x: str = ""
    until: str = ""


@dataclass(frozen=True)
class TimeLane:
    """One kind of thing, with its name at the left."""

    name: str
    y: str
    marks: Sequence[TimeMark]


@dataclass(frozen=True)
class Timeline:
    """The whole picture, in units of its own width and height."""

    width: int
    height: str
    axis: str
    ticks: Sequence[AxisTick]
    break_at: str
    lanes: Sequence[TimeLane]
    origin: str
    follow_from: str
    follow_to: str
    follow_y: str
    ended: str
    words: str


def draw_timeline(
    snapshot: Snapshot, discretion: Discretion, dossier: Dossier, as_of: int | None
) -> Timeline | None:
    """The picture; None before anything happened. Day 0 is the infusion, or the consent where there was none."""
    standing = dossier.standing
    origin = standing.infused_at or standing.consented_at
    if origin is None:
        return None
    events = events_of(snapshot, discretion, dossier.participant)
    procedures = dossier.casebook.instances(ReportPlan().procedure_form)
    days = [_days(origin, v[-1].clinical_time) for v in dossier.casebook.forms.values()] or [0]
    end = standing.died_at or standing.follow_up_ended_at
    last = max([*days, *([_days(origin, end)] if end else [])])
    scale = MonthScale(LEFT, RIGHT, min(-0.5, min(days) / 30.4375 - 0.3), max(last / 30.4375 + 0.5, 3.0))
    lanes, y = [], TOP
    for name, marks in (
        (_("Visits"), _visits(snapshot, dossier, scale, origin, as_of)),
        (_("Infusion"), _infusions(discretion, dossier, scale, origin, as_of)),
        (_("Events"), _events(dossier, events, scale, origin, as_of)),
        (_("Procedures"), _procedures(snapshot, discretion, dossier, procedures, scale, origin, as_of)),
    ):
        rows = _stack(marks)
        if not rows:
            continue
        lanes.append(
            TimeLane(
                name, place_text(y + ROW / 2), [_lowered(mark, y + ROW * (row + 0.5)) for mark, row in rows]
            )
        )
        y += ROW * (max(row for _mark, row in rows) + 1) + 6
    follow_y = y + ROW / 2
    first, final = scale.place(min(days)), scale.place(last)
    words = _("followed to the last record")
    if standing.died_at is not None:
        words = _("died %(when)s") % {"when": say_day(standing.died_at)}
    elif end is not None:
        words = _("follow-up ended %(when)s") % {"when": say_day(end)}
    return Timeline(
        WIDTH, place_text(y + ROW + 30), place_text(y + ROW + 8), scale.ticks(), scale.break_at, lanes,
        place_text(scale.place(0)), place_text(first), place_text(final), place_text(follow_y),
        "died" if standing.died_at else "ended" if end else "followed", words,
    )  # fmt: skip


def say_day(time: ClinicalTime) -> str:
    """A clinical time as precise as it is known, without markup."""
    return date_format(time.day, "j M Y") if time.is_complete else time.text


def form_address(participant: str, version: FormVersion, as_of: int | None) -> str:
    """The address of the form that a mark stands for."""
    key = version.key
    return address("form", participant, key.form, key.encounter or ALONE, key.instance, as_of=as_of)


def _days(origin: ClinicalTime, time: ClinicalTime) -> int:
    return (time.day - origin.day).days


def _visits(
    snapshot: Snapshot, dossier: Dossier, scale: MonthScale, origin: ClinicalTime, as_of: int | None
) -> Iterable[TimeMark]:
    for visit in snapshot.visits[dossier.participant]:
        at = visit.actual
        if at is None and (visit.target is None or visit.status not in ("missed", "overdue", "due")):
            continue
        day = _days(origin, at) if at is not None else (visit.target.date() - origin.day).days  # type: ignore[union-attr]  # a target, or the line above went on
        words = f"{visit.encounter.label}: {say_status(visit.status)}" + (
            f", {say_day(at)}" if at is not None else ""
        )
        href = address("visit", dossier.participant, visit.encounter.id, as_of=as_of)
        yield TimeMark(visit.status, place_text(scale.place(day)), "", words, href)


def _infusions(
    discretion: Discretion, dossier: Dossier, scale: MonthScale, origin: ClinicalTime, as_of: int | None
) -> Iterable[TimeMark]:
    for version in dossier.standing.infusions:
        shown = discretion.sight(version.key.form, "given_dose") == "shown"
        dose = version.text("given_dose") if shown else None
        when = say_day(version.clinical_time)
        label = _("%(dose)s cells, %(when)s") % {"dose": _say_cells(dose), "when": when} if dose else when
        yield _labelled(
            "infusion",
            scale,
            _days(origin, version.clinical_time),
            label,
            _("Infusion: ") + label,
            form_address(dossier.participant, version, as_of),
        )


def _say_cells(dose: str) -> str:
    """A number of cells as it is spoken of: 1.36 × 10⁸; as it was written where it is none."""
    try:
        digits, exponent = f"{float(dose):.2e}".split("e")
    except ValueError:
        return dose
    return f"{digits} × {raise_powers(f'10^{int(exponent)}')}"


def _events(
    dossier: Dossier,
    events: Sequence[SeenEvent],
    scale: MonthScale,
    origin: ClinicalTime,
    as_of: int | None,
) -> Iterable[TimeMark]:
    for line in events:
        sign = "serious" if line.is_serious else "event"
        term, when = line.values["term"].text, say_day(line.version.clinical_time)
        grade = line.values["grade"].text
        words = ", ".join(
            part for part in (term, when, grade, _("serious") if line.is_serious else "") if part
        )
        yield _labelled(
            sign,
            scale,
            _days(origin, line.version.clinical_time),
            term,
            words,
            form_address(dossier.participant, line.version, as_of),
        )


def _procedures(
    snapshot: Snapshot,
    discretion: Discretion,
    dossier: Dossier,
    procedures: Sequence[FormVersion],
    scale: MonthScale,
    origin: ClinicalTime,
    as_of: int | None,
) -> Iterable[TimeMark]:
    plan = ReportPlan()
    form = next((form for form in snapshot.forms if form.form == plan.procedure_form), None)
    item = form.item(plan.procedure_item) if form is not None else None
    if form is None or item is None:
        return
    for version in procedures:
        name = discretion.show(snapshot, form, item, version.values.get(item.id)).text
        words = f"{name}, {say_day(version.clinical_time)}"
        yield _labelled(
            "procedure",
            scale,
            _days(origin, version.clinical_time),
            name,
            words,
            form_address(dossier.participant, version, as_of),
        )


def _labelled(sign: str, scale: MonthScale, day: int, label: str, words: str, href: str) -> TimeMark:
    """A mark with its label at the side where there is room."""
    x = scale.place(day)
    short = label if len(label) <= 34 else label[:32] + "…"
    after = x + 12 + len(short) * LETTER < RIGHT + 12
    return TimeMark(
        sign,
        place_text(x),
        "",
        words,
        href,
        short,
        "start" if after else "end",
        place_text(x + 10 if after else x - 10),
    )


def _stack(marks: Iterable[TimeMark]) -> list[tuple[TimeMark, int]]:
    """Each mark with a row in which it does not cover another."""
    ends: list[float] = []
    placed = []
    for mark in sorted(marks, key=lambda mark: _span(mark)[0]):
        start, end = _span(mark)
        row = next((row for row, taken in enumerate(ends) if start > taken + 4), len(ends))
        ends[row:] = [end, *ends[row + 1 :]]
        placed.append((mark, row))
    return placed


def _span(mark: TimeMark) -> tuple[float, float]:
    x = float(mark.x)
    length = 10 + len(mark.label) * LETTER if mark.label else 7
    return (x - length, x + 7) if mark.anchor == "end" else (x - 7, x + length)


def _lowered(mark: TimeMark, y: float) -> TimeMark:
    return TimeMark(
        mark.sign, mark.x, place_text(y), mark.words, mark.href, mark.label, mark.anchor, mark.label_x
    )
