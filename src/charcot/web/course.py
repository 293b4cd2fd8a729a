"""Function and lung function of one participant over time, as small curves; a value that is missing breaks the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl
from django.utils.translation import gettext as _

from charcot.clinical_time import DAYS_PER_MONTH
from charcot.datasets import Dataset, Snapshot
from charcot.datasets.function import derive_function, derive_lung_function
from charcot.participants import Dossier
from charcot.web.frame import ALONE, address
from charcot.web.timescale import AxisTick, MonthScale, place_text
from charcot.web.visibility import Discretion

WIDTH, HEIGHT = 300, 150
LEFT, RIGHT, TOP, BOTTOM = 30.0, 262.0, 14.0, 122.0


@dataclass(frozen=True)
class DrawnMeasurement:
    """One measurement: its place, what it says, and the form it is from; `y` is empty where there is no value."""

    x: str
    y: str
    text: str
    words: str
    href: str


@dataclass(frozen=True)
class Course:
    """One curve with its axes."""

    title: str
    unit: str
    width: int
    height: int
    lines: Sequence[str]
    points: Sequence[DrawnMeasurement]
    last: DrawnMeasurement | None
    heights: Sequence[AxisTick]
    ticks: Sequence[AxisTick]
    infused: str
    break_at: str
    words: str


def draw_function(
    snapshot: Snapshot, discretion: Discretion, dossier: Dossier, as_of: int | None
) -> list[Course]:
    """The total of the ALSFRS-R and its four subscores; nothing where the form is not shown or not filled."""
    if not discretion.shows(snapshot.form_playing("function")):
        return []
    dataset = derive_function(_alone(snapshot, dossier))
    form = snapshot.form_playing("function")
    name = form.form if form is not None else ""
    return [
        course
        for column, title, top in (
            ("total", _("ALSFRS-R total"), 48),
            ("bulbar", _("Bulbar"), 12),
            ("fine_motor", _("Fine motor"), 12),
            ("gross_motor", _("Gross motor"), 12),
            ("respiratory", _("Respiratory"), 12),
        )
        if (
            course := _draw(
                dossier, dataset, name, column, title, _("of %(top)s points") % {"top": top}, top, as_of
            )
        )
    ]


def draw_lung_function(
    snapshot: Snapshot, discretion: Discretion, dossier: Dossier, as_of: int | None
) -> list[Course]:
    """Forced vital capacity in per cent of predicted, and in litres."""
    if not discretion.shows(snapshot.form_playing("lung_function")):
        return []
    dataset = derive_lung_function(_alone(snapshot, dossier))
    form = snapshot.form_playing("lung_function")
    name = form.form if form is not None else ""
    tops = [_top(dataset, "fvc_percent", 120), _top(dataset, "fvc_litres", 5)]
    return [
        course
        for column, title, unit, top in (
            ("fvc_percent", _("FVC"), _("% of predicted"), tops[0]),
            ("fvc_litres", _("FVC"), _("litres"), tops[1]),
        )
        if (course := _draw(dossier, dataset, name, column, title, unit, top, as_of))
    ]


def _alone(snapshot: Snapshot, dossier: Dossier) -> Snapshot:
    """The snapshot with this participant only."""
    return Snapshot(snapshot.charter, (dossier,), snapshot.trial_entries, snapshot.head, snapshot.now)


def _top(dataset: Dataset, column: str, least: int) -> int:
    highest = dataset.frame[column].cast(pl.Float64).max()
    return max(least, int(highest) + 1 if isinstance(highest, float) else least)


def _draw(
    dossier: Dossier,
    dataset: Dataset,
    form: str,
    column: str,
    title: str,
    unit: str,
    top: int,
    as_of: int | None,
) -> Course | None:
    frame = dataset.frame.filter(pl.col("day").is_not_null()).sort("day")
    if frame.is_empty():
        return None
    days: list[int] = frame["day"].to_list()
    scale = MonthScale(
        LEFT, RIGHT, min(-1.0, min(days) / DAYS_PER_MONTH), max(13.0, max(days) / DAYS_PER_MONTH)
    )
    points = []
    for row in frame.iter_rows(named=True):
        value = row[column]
        y = "" if value is None else place_text(BOTTOM - (BOTTOM - TOP) * float(value) / top)
        text = _("n/a") if value is None else f"{value:g}"
        words = _("%(title)s %(value)s %(unit)s, %(months)s months from the infusion") % {
            "title": title, "value": text, "unit": unit, "months": f"{row['day'] / DAYS_PER_MONTH:.1f}",
        }  # fmt: skip
        href = address(
            "form", dossier.participant, form, row["encounter"] or ALONE, row["instance"], as_of=as_of
        )
        points.append(DrawnMeasurement(place_text(scale.place(row["day"])), y, text, words, href))
    runs = [list(run) for known, run in groupby(points, key=lambda point: bool(point.y)) if known]
    lines = [" ".join(f"{point.x},{point.y}" for point in run) for run in runs]
    known = [point for point in points if point.y]
    heights = [AxisTick(place_text(BOTTOM - (BOTTOM - TOP) * h / top), f"{h:g}") for h in (0, top / 2, top)]
    ticks = [AxisTick(place_text(scale.place(m * DAYS_PER_MONTH)), str(m)) for m in (0, 6, 12)]
    if scale.is_broken:
        years = round(max(days) / DAYS_PER_MONTH / 12)
        ticks.append(
            AxisTick(place_text(scale.place(years * 12 * DAYS_PER_MONTH)), _("%(n)s y") % {"n": years})
        )
    summary = "; ".join(point.words for point in points)
    return Course(
        title, unit, WIDTH, HEIGHT, lines, points, known[-1] if known else None,
        heights, ticks, place_text(scale.place(0)), scale.break_at, summary,
    )  # fmt: skip
