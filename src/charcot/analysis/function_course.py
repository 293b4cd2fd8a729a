"""The course of function: mean with its standard error at each visit, and who is no longer in the mean."""

from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import Measure, ReportPlan, population, status_of, visits_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol


@dataclass(frozen=True)
class CoursePoint:
    """One visit: its month, the mean and standard error of those measured, how many they are, deaths so far."""

    encounter: str
    label: str
    month: float
    mean: Result
    se: Result
    n: Result
    died: Result


@dataclass(frozen=True)
class Track:
    """The values of one participant by month, and whether they died before the last visit shown."""

    participant: str
    points: tuple[tuple[float, float], ...]
    died: bool


@dataclass(frozen=True)
class FunctionCourse:
    """A measure over time.

    `first_of_last` is the first visit's mean among those measured at the last visit that anybody has come to,
    `first_of_others` that of the others.
    """

    measure: Measure
    points: tuple[CoursePoint, ...]
    tracks: tuple[Track, ...]
    first_of_last: Result
    first_of_others: Result


def derive_function_course(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan, measure: Measure
) -> FunctionCourse:
    """The course of one measure over the scheduled visits within the plan's horizon."""
    treated = population(protocol, plan.treated)
    derive = partial(
        derive_result, datasets, status=status_of(protocol, measure.planned), planned=measure.planned
    )
    visits = visits_of(protocol, measure.part, plan.horizon_months)
    known = f"{measure.column} IS NOT NULL"
    points = []
    for encounter, month in visits:
        here = Selection(measure.dataset, both(equals("encounter", encounter.id), known), treated)
        stem, at = f"course.{measure.id}.{encounter.id}", f"{measure.short}, {encounter.label.lower()}"
        mean, se = (
            derive(f"{stem}.{name}", f"{at}: {label}", here, name, column=measure.column, unit=measure.unit)
            for name, label in (("mean", "mean"), ("se", "standard error"))
        )
        everybody = Selection(PEOPLE, "", treated)
        n = derive(f"{stem}.n", f"{at}: measured", here, "count_participants", among=everybody)
        dead = Selection("survival", f"died AND months < {month:g}", treated)
        died = derive(f"{stem}.died", f"{at}: died by then", dead, "count_participants", among=everybody)
        points.append(CoursePoint(encounter.id, encounter.label, month, mean, se, n, died))
    months = {encounter.id: month for encounter, month in visits}
    measured = [point.encounter for point in points if point.n.value]
    first, last = visits[0][0].id, (measured or [visits[0][0].id])[-1]
    stayed = select_rows(
        Selection(measure.dataset, both(equals("encounter", last), known), treated), datasets
    )
    names = ", ".join(f"'{person}'" for person in sorted(set(stayed["participant"].to_list()))) or "''"
    kept, gone = (
        derive(
            f"course.{measure.id}.{name}",
            f"{measure.short} at the first visit, {label}",
            Selection(
                measure.dataset,
                both(equals("encounter", first), known, f"participant {operator} ({names})"),
                treated,
            ),
            "mean",
            column=measure.column,
            unit=measure.unit,
            note="The people are named in the condition; it is drawn from who was measured at the last visit.",
        )
        for name, label, operator in (
            ("first_of_last", "of those measured at the last", "IN"),
            ("first_of_others", "of those not measured at the last", "NOT IN"),
        )
    )
    tracks = _tracks(datasets, Selection(measure.dataset, known, treated), measure.column, months)
    return FunctionCourse(measure, tuple(points), tracks, kept, gone)


def _tracks(datasets: Datasets, rows: Selection, column: str, months: dict[str, float]) -> tuple[Track, ...]:
    horizon = max(months.values(), default=0.0)
    deaths = datasets["survival"].frame
    dead = {
        row["participant"] for row in deaths.iter_rows(named=True) if row["died"] and row["months"] < horizon
    }
    found: dict[str, list[tuple[float, float]]] = {}
    for row in select_rows(rows, datasets).iter_rows(named=True):
        month = months.get(row["encounter"])
        if month is not None:
            found.setdefault(row["participant"], []).append((month, float(row[column])))
    return tuple(
        Track(person, tuple(sorted(points)), person in dead) for person, points in sorted(found.items())
    )
