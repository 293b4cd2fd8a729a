"""Stages over time: how many are at each King's and MiToS stage at each visit, and how many had died."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of, visits_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.analysis.visit_scores import FOREVER
from charcot.protocol import Protocol

PLANNED = "stages"
STAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "kings": ("King's stage", ("1", "2", "3", "4A", "4B")),
    "mitos": ("MiToS stage", ("0", "1", "2", "3", "4")),
}


@dataclass(frozen=True)
class StageVisit:
    """One visit: participants at each stage, staged in all, and dead by then (stage 5 of both)."""

    label: str
    at_stage: Mapping[str, Result]
    staged: Result
    died: Result


@dataclass(frozen=True)
class StageCourse:
    """A staging system over the visits."""

    id: str
    label: str
    stages: tuple[str, ...]
    visits: tuple[StageVisit, ...]


def derive_stage_courses(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> tuple[StageCourse, ...]:
    """Both systems at the visits which anybody has come to."""
    treated = population(protocol, plan.treated)
    everybody = Selection(PEOPLE, "", treated)
    derive = partial(
        derive_result,
        datasets,
        method="count_participants",
        among=everybody,
        status=status_of(protocol, PLANNED),
        planned=PLANNED,
    )
    courses = []
    for id, (label, stages) in STAGES.items():
        visits = []
        for encounter, month in visits_of(protocol, "function", FOREVER):
            here = both(equals("encounter", encounter.id), f"{id} IS NOT NULL")
            stem, at = f"stages.{id}.{encounter.id}", f"{label}, {encounter.label.lower()}"
            if select_rows(Selection("function", here, treated), datasets).is_empty():
                continue
            counts = {
                stage: derive(
                    f"{stem}.{stage.lower()}",
                    f"{at}: {stage}",
                    Selection("function", both(here, f"CAST({id} AS VARCHAR) = '{stage}'"), treated),
                )
                for stage in stages
            }
            visits.append(
                StageVisit(
                    encounter.label,
                    counts,
                    derive(f"{stem}.n", f"{at}: staged", Selection("function", here, treated)),
                    derive(
                        f"{stem}.died",
                        f"{at}: died by then",
                        Selection("survival", f"died AND months < {month:g}", treated),
                    ),
                )
            )
        if visits:
            courses.append(StageCourse(id, label, stages, tuple(visits)))
    return tuple(courses)
