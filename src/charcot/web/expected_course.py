"""Survival that one participant's baseline let expect, as a small picture: a line for each scenario, and how it was."""

from dataclasses import dataclass

import polars as pl
from django.utils.translation import gettext as _

from charcot.analysis.expected_frames import derive_expected_survival
from charcot.analysis.plan import plan_report
from charcot.datasets import Snapshot
from charcot.datasets.forms import derive_form_dataset
from charcot.datasets.survival import derive_survival
from charcot.participants import Dossier
from charcot.web.timescale import AxisTick, place_text
from charcot.web.visibility import Discretion

WIDTH, HEIGHT = 448, 150
LEFT, RIGHT, TOP, BOTTOM = 34.0, 280.0, 14.0, 122.0
APART = 15.0


@dataclass(frozen=True)
class ExpectedLine:
    """One scenario: its points, its name and where that stands, and the chance at the end in words."""

    points: str
    name: str
    words: str
    name_at: str


@dataclass(frozen=True)
class ExpectedPicture:
    """All scenarios, the axes, and where life ended or was last known."""

    width: int
    height: int
    lines: tuple[ExpectedLine, ...]
    heights: tuple[AxisTick, ...]
    ticks: tuple[AxisTick, ...]
    until: str
    until_words: str
    words: str


def draw_expected(snapshot: Snapshot, discretion: Discretion, dossier: Dossier) -> ExpectedPicture | None:
    """The picture; None before an infusion, and where plan or baseline give nothing to expect."""
    plan = plan_report(snapshot.protocol)
    form = snapshot.protocol.forms_by_id.get(plan.baseline_form)
    if form is None or plan.expected_survival is None or not discretion.shows(form):
        return None
    alone = Snapshot(snapshot.charter, (dossier,), snapshot.trial_entries, snapshot.head, snapshot.now)
    survival, baseline = derive_survival(alone), derive_form_dataset(alone, form)
    if survival.frame.is_empty() or baseline.frame.is_empty():
        return None
    found = derive_expected_survival({"survival": survival, f"form_{form.form}": baseline}, plan)
    dataset = found["expected_survival"]
    frame = dataset.frame.filter(pl.col("alive").is_not_null())
    if frame.is_empty():
        return None
    end = float(max(plan.survival_months))
    names = dataset.column("scenario").codes

    def x(month: float) -> str:
        return place_text(LEFT + (RIGHT - LEFT) * min(max(month, 0.0), end) / end)

    def y(share: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * share

    lines: list[ExpectedLine] = []
    above = float("-inf")
    courses = frame.partition_by("scenario", as_dict=True)
    for (scenario,), rows in sorted(courses.items(), key=lambda pair: -pair[1]["alive"][-1]):
        last = float(rows["alive"][-1])
        above = max(y(last), above + APART)
        points = " ".join(
            f"{x(m)},{place_text(y(a))}" for m, a in zip(rows["month"], rows["alive"], strict=True)
        )
        name = names.get(str(scenario), str(scenario))
        words = _("%(name)s: %(share)s %% at %(months)s months") % {
            "name": name, "share": f"{100 * last:.0f}", "months": f"{end:g}",
        }  # fmt: skip
        lines.append(ExpectedLine(points, name, words, place_text(above)))
    lift = max(0.0, above - HEIGHT + 4)
    lines = [ExpectedLine(o.points, o.name, o.words, place_text(float(o.name_at) - lift)) for o in lines]
    lived, died = float(survival.frame["months"][0]), bool(survival.frame["died"][0])
    said = _("died after %(months)s months") if died else _("alive after %(months)s months")
    return ExpectedPicture(
        WIDTH,
        HEIGHT,
        tuple(lines),
        tuple(AxisTick(place_text(y(share / 100)), f"{share}") for share in (0, 50, 100)),
        tuple(AxisTick(x(float(m)), str(m)) for m in plan.survival_months),
        x(lived),
        said % {"months": f"{lived:.0f}"},
        "; ".join(line.words for line in lines),
    )
