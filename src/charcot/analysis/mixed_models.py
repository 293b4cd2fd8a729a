"""Mixed models of the course: mean slope, means by visit, and how the change differs by what happens to the dead."""

from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.plan import Measure, ReportPlan, population, status_of, visits_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol
from charcot.protocol.schedule import Encounter


@dataclass(frozen=True)
class SlopeModel:
    """One measure's slope: per month, over twelve months, its spread between participants, about their lines; words on the fit.

    `before` and `after` have no value where the record has too little before the infusion.
    """

    measure: Measure
    slope: Result
    over_year: Result
    people: Result
    slope_sd: Result
    residual_sd: Result
    values: Result
    note: Result
    before: Result
    after: Result


@dataclass(frozen=True)
class VisitMean:
    """The model's mean at one visit and the change to it, beside how many were measured."""

    label: str
    mean: Result
    change: Result
    measured: Result


@dataclass(frozen=True)
class VisitModel:
    """One measure's means by visit; words on the fit. `complete` is the change of those measured at every visit."""

    measure: Measure
    visits: tuple[VisitMean, ...]
    people: Result
    values: Result
    note: Result
    complete: Result
    complete_n: Result


@dataclass(frozen=True)
class MixedModels:
    """The models that a plan asks for."""

    slopes: tuple[SlopeModel, ...]
    visits: tuple[VisitModel, ...]


def derive_mixed_models(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> MixedModels:
    """Each model that has something to fit: values at two visits or more."""
    slopes = (_derive_slope(datasets, protocol, plan, measure) for measure in plan.mixed_slopes)
    visits = (_derive_visits(datasets, protocol, plan, measure, name) for measure, name in plan.mmrms)
    return MixedModels(
        tuple(found for found in slopes if found is not None),
        tuple(found for found in visits if found is not None),
    )


def _select(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan, measure: Measure
) -> tuple[Selection, list[tuple[Encounter, float]]]:
    """The rows with a value at a scheduled visit within the horizon, and those of these visits that have a value."""
    treated = population(protocol, plan.treated)
    visits = visits_of(protocol, measure.part, plan.horizon_months)
    names = ", ".join(f"'{encounter.id}'" for encounter, _ in visits) or "''"
    rows = Selection(
        measure.dataset, both(f"encounter IN ({names})", f"{measure.column} IS NOT NULL"), treated
    )
    held = set(select_rows(rows, datasets)["encounter"].to_list())
    return rows, [(encounter, month) for encounter, month in visits if encounter.id in held]


def _derive_slope(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan, measure: Measure
) -> SlopeModel | None:
    rows, held = _select(datasets, protocol, plan, measure)
    if len(held) < 2:
        return None
    derive = partial(
        derive_result,
        datasets,
        rows=rows,
        column=measure.column,
        among=Selection(PEOPLE, "", population(protocol, plan.treated)),
        status=status_of(protocol, measure.planned),
        planned=measure.planned,
    )
    stem, name, rate = f"mixed.{measure.id}", measure.short, f"{measure.unit}, per month"
    return SlopeModel(
        measure,
        derive(f"{stem}.slope", f"{name}: mean slope", method="mixed_slope", unit=rate),
        derive(f"{stem}.year", f"{name}: twelve months of the mean slope", method="mixed_slope", unit=measure.unit, at=12.0),
        derive(f"{stem}.people", f"{name}: participants in the model of slopes", method="mixed_people"),
        derive(f"{stem}.slope_sd", f"{name}: SD of slopes between participants", method="mixed_slope_sd", unit=rate),
        derive(f"{stem}.residual_sd", f"{name}: SD about a participant's line", method="mixed_residual_sd", unit=measure.unit),
        derive(f"{stem}.values", f"{name}: values in the model of slopes", method="count_values"),
        derive(f"{stem}.note", f"{name}: what is to be said of the slope's fit", method="mixed_slope_note"),
        derive(f"{stem}.before", f"{name}: mean slope before the infusion", method="mixed_slope_before", unit=rate),
        derive(f"{stem}.after", f"{name}: mean slope after the infusion", method="mixed_slope_after", unit=rate),
    )  # fmt: skip


def _derive_visits(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan, measure: Measure, structure: str
) -> VisitModel | None:
    rows, held = _select(datasets, protocol, plan, measure)
    if len(held) < 2:
        return None
    treated = population(protocol, plan.treated)
    everybody = Selection(PEOPLE, "", treated)
    derive = partial(
        derive_result,
        datasets,
        column=measure.column,
        status=status_of(protocol, measure.planned),
        planned=measure.planned,
    )
    model = partial(derive, rows=rows, among=everybody)
    stem, name = f"mmrm.{measure.id}", measure.short
    visits = []
    for encounter, month in held:
        at, label = f"{stem}.{encounter.id}", encounter.label.lower()
        here = Selection(
            measure.dataset, both(equals("encounter", encounter.id), f"{measure.column} IS NOT NULL"), treated
        )
        visits.append(
            VisitMean(
                encounter.label,
                model(f"{at}.mean", f"{name}, {label}: mean by the mixed model", method=f"mmrm_mean_{structure}", unit=measure.unit, at=month),
                model(f"{at}.change", f"{name}, {label}: change by the mixed model", method=f"mmrm_change_{structure}", unit=measure.unit, at=month),
                derive(f"{at}.measured", f"{name}, {label}: measured", rows=here, method="count_participants", among=everybody),
            )
        )  # fmt: skip
    complete = _find_complete(datasets, rows, len(held))
    first, last = (
        Selection(
            measure.dataset,
            both(
                equals("encounter", encounter.id),
                f"{measure.column} IS NOT NULL",
                f"participant IN ({complete})",
            ),
            treated,
        )
        for encounter, _ in (held[0], held[-1])
    )
    return VisitModel(
        measure,
        tuple(visits),
        model(f"{stem}.people", f"{name}: participants in the model of visits", method="count_participants"),
        model(f"{stem}.values", f"{name}: values in the model of visits", method="count_values"),
        model(f"{stem}.note", f"{name}: what was fitted", method=f"mmrm_note_{structure}"),
        derive(
            f"{stem}.complete",
            f"{name}: change of those measured at every visit",
            rows=last,
            among=first,
            method="mean_change",
            unit=measure.unit,
            note="The people are named in the condition; it is drawn from who was measured at every visit.",
        ),
        derive(
            f"{stem}.complete_n",
            f"{name}: measured at every visit",
            rows=last,
            among=first,
            method="count_pairs",
        ),
    )


def _find_complete(datasets: Datasets, rows: Selection, visits: int) -> str:
    """The people measured at every visit, as a list of SQL."""
    counts = select_rows(rows, datasets).group_by("participant").agg(pl.col("encounter").n_unique())
    people = counts.filter(pl.col("encounter") == visits)["participant"].sort().to_list()
    return ", ".join("'" + person.replace("'", "''") + "'" for person in people) or "''"
