"""The course of ALSFRS-R and FVC against what each baseline let expect, visit by visit."""

from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import Measure, ReportPlan, population, status_of, visits_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals
from charcot.protocol import Protocol
from charcot.protocol.design import Population


@dataclass(frozen=True)
class ExpectedVisit:
    """One visit: who was seen and who had died, what was observed and expected of those seen, and the difference.

    `regressed` and `living` are None where PRO-ACT gives no spread of the measure.
    """

    encounter: str
    label: str
    month: float
    seen: Result
    died: Result
    observed: Result
    line: Result
    regressed: Result | None
    living: Result | None
    gap: Result


@dataclass(frozen=True)
class ExpectedFunction:
    """A measure over its visits."""

    measure: Measure
    visits: tuple[ExpectedVisit, ...]


def derive_expected_function_results(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> tuple[ExpectedFunction, ...]:
    """For the treated population; nothing where the plan expects no course."""
    if "expected_function" not in datasets:
        return ()
    treated = population(protocol, plan.treated)
    return tuple(
        ExpectedFunction(
            measure,
            tuple(
                _derive_visit(datasets, protocol, measure, treated, encounter.id, encounter.label, month)
                for encounter, month in visits_of(protocol, measure.part, plan.horizon_months)
                if month > 0
            ),
        )
        for measure in plan.expected_courses
    )


def _derive_visit(
    datasets: Datasets,
    protocol: Protocol,
    measure: Measure,
    treated: Population,
    encounter: str,
    label: str,
    month: float,
) -> ExpectedVisit:
    here = (equals("measure", measure.id), equals("encounter", encounter))
    everybody = Selection("expected_function", both(*here), treated)
    seen = Selection("expected_function", both(*here, "observed IS NOT NULL"), treated)
    derive = partial(
        derive_result, datasets, status=status_of(protocol, measure.planned), planned=measure.planned
    )
    stem, title = f"expected.{measure.id}.{encounter}", f"{measure.short}, {label}"

    def mean(column: str, words: str, method: str = "mean") -> Result:
        return derive(f"{stem}.{column}", f"{title}: {words}", seen, method, column=column, unit=measure.unit)

    scored = measure.dataset == "function"
    return ExpectedVisit(
        encounter,
        label,
        month,
        derive(f"{stem}.seen", f"{title}: measured", seen, "count_participants", among=everybody),
        derive(
            f"{stem}.died",
            f"{title}: died before",
            Selection("expected_function", both(*here, "died"), treated),
            "count_participants",
            among=everybody,
        ),
        mean("observed", "mean observed"),
        mean("line", "mean expected by the slope alone"),
        mean("regressed", "mean expected, with regression to the mean") if scored else None,
        mean("living", "mean expected of those alive") if scored else None,
        mean("gap", "observed minus expected", "mean_interval"),
    )
