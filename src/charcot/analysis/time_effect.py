"""The effect of time: repeated-measures ANOVA of those measured at every visit, beside the means of all measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.anova_methods import ANOVA_NUMBERS
from charcot.analysis.plan import Measure, ReportPlan, population, status_of, visits_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol


@dataclass(frozen=True)
class TimePoint:
    """One visit: mean and n of the complete, mean and n of all measured."""

    label: str
    complete: Result
    complete_n: Result
    measured: Result
    measured_n: Result


@dataclass(frozen=True)
class TimeEffect:
    """One analysis of variance: its numbers by name; the dead among those dropped; means by visit."""

    measure: Measure
    visits: tuple[str, ...]
    numbers: Mapping[str, Result]
    dropped_dead: Result
    points: tuple[TimePoint, ...]


def derive_time_effect(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan, measure: Measure
) -> TimeEffect | None:
    """The analysis of one measure over the visits within the horizon; None before every visit has been held by two."""
    treated = population(protocol, plan.treated)
    derive = partial(
        derive_result, datasets, status=status_of(protocol, measure.planned), planned=measure.planned
    )
    visits = [encounter for encounter, _ in visits_of(protocol, measure.part, plan.horizon_months)]
    known = f"{measure.column} IS NOT NULL"
    names = ", ".join(f"'{encounter.id}'" for encounter in visits)
    everybody = Selection(PEOPLE, "", treated)
    rows = Selection(measure.dataset, both(f"encounter IN ({names})", known) if names else known, treated)
    found = select_rows(rows, datasets)
    of_each = found.group_by("participant").agg(pl.col("encounter").n_unique())
    complete = of_each.filter(pl.col("encounter") == len(visits))["participant"].sort().to_list()
    if len(visits) < 2 or len(complete) < 2:
        return None
    stem = f"anova.{measure.id}"
    numbers = {
        name: derive(
            f"{stem}.{name}",
            f"{measure.short} over time: {label}",
            rows,
            f"anova_{name}",
            column=measure.column,
            among=everybody,
        )
        for name, label in ANOVA_NUMBERS.items()
    }
    people = ", ".join("'" + person.replace("'", "''") + "'" for person in complete)
    points = []
    for encounter in visits:
        here = both(equals("encounter", encounter.id), known)
        kept = Selection(measure.dataset, both(here, f"participant IN ({people})"), treated)
        seen = Selection(measure.dataset, here, treated)
        at = f"{measure.short}, {encounter.label.lower()}"
        mean = partial(derive, method="mean", column=measure.column, unit=measure.unit)
        count = partial(derive, method="count_participants", among=everybody)
        points.append(
            TimePoint(
                encounter.label,
                mean(f"{stem}.{encounter.id}.complete", f"{at}: mean of the complete", rows=kept),
                count(f"{stem}.{encounter.id}.complete_n", f"{at}: complete", rows=kept),
                mean(f"{stem}.{encounter.id}.measured", f"{at}: mean of all measured", rows=seen),
                count(f"{stem}.{encounter.id}.measured_n", f"{at}: measured", rows=seen),
            )
        )
    dead = derive(
        f"{stem}.dropped_dead",
        f"{measure.short} over time: dropped, and died within the time",
        Selection(
            "survival",
            f"died AND months <= {plan.horizon_months:g} AND participant NOT IN ({people})",
            treated,
        ),
        "count_participants",
        among=everybody,
    )
    return TimeEffect(measure, tuple(encounter.label for encounter in visits), numbers, dead, tuple(points))
