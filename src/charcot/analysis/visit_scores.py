"""Scores by visit: ALSFRS-R with its subscores and FVC, described at each visit, and their change from the first."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of, visits_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

PLANNED = "function_by_visit"
PLANNED_CHANGE = "change_from_baseline"
STATISTICS = ("mean", "sd", "se", "median", "minimum", "maximum")
FOREVER = float("inf")


@dataclass(frozen=True)
class Score:
    """A score that is followed: its id, dataset and column, the part its form plays, name, unit and decimals."""

    id: str
    dataset: str
    column: str
    part: str
    label: str
    unit: str
    places: int = 1


SCORES = (
    Score("total", "function", "total", "function", "ALSFRS-R total", "points of 48"),
    Score("bulbar", "function", "bulbar", "function", "Bulbar subscore", "points of 12"),
    Score("fine_motor", "function", "fine_motor", "function", "Fine motor subscore", "points of 12"),
    Score("gross_motor", "function", "gross_motor", "function", "Gross motor subscore", "points of 12"),
    Score("respiratory", "function", "respiratory", "function", "Respiratory subscore", "points of 12"),
    Score("fvc_litres", "lung_function", "fvc_litres", "lung_function", "FVC", "L", 2),
    Score("fvc_percent", "lung_function", "fvc_percent", "lung_function", "FVC", "% of predicted"),
)


@dataclass(frozen=True)
class VisitScores:
    """One visit: n and statistics by name; the change from the first visit, and how many pairs it rests on."""

    label: str
    n: Result
    statistics: Mapping[str, Result]
    change: Result | None
    pairs: Result | None


@dataclass(frozen=True)
class ScoreCourse:
    """A score over all visits at which it was measured."""

    score: Score
    visits: tuple[VisitScores, ...]


def derive_visit_scores(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> tuple[ScoreCourse, ...]:
    """Every score that the protocol measures, at the visits which anybody has come to; change within the horizon."""
    treated = population(protocol, plan.treated)
    everybody = Selection(PEOPLE, "", treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    changed = partial(
        derive_result, datasets, status=status_of(protocol, PLANNED_CHANGE), planned=PLANNED_CHANGE
    )
    courses = []
    for score in SCORES:
        known, found = f"{score.column} IS NOT NULL", []
        planned = visits_of(protocol, score.part, FOREVER)
        for place, (encounter, month) in enumerate(planned):
            here = Selection(score.dataset, both(equals("encounter", encounter.id), known), treated)
            if select_rows(here, datasets).is_empty():
                continue
            stem, at = f"scores.{score.id}.{encounter.id}", f"{score.label}, {encounter.label.lower()}"
            change = pairs = None
            if place and month <= plan.horizon_months:
                first = Selection(score.dataset, both(equals("encounter", planned[0][0].id), known), treated)
                since = f"{at}: change from {planned[0][0].label.lower()}"
                change = changed(
                    f"{stem}.change",
                    since,
                    here,
                    "mean_change",
                    column=score.column,
                    among=first,
                    unit=score.unit,
                )
                pairs = changed(
                    f"{stem}.pairs", f"{since}, pairs", here, "count_pairs", column=score.column, among=first
                )
            statistics = {
                name: derive(
                    f"{stem}.{name}", f"{at}: {name}", here, name, column=score.column, unit=score.unit
                )
                for name in STATISTICS
            }
            n = derive(f"{stem}.n", f"{at}: measured", here, "count_participants", among=everybody)
            found.append(VisitScores(encounter.label, n, statistics, change, pairs))
        if found:
            courses.append(ScoreCourse(score, tuple(found)))
    return tuple(courses)
