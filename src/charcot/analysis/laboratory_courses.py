"""Laboratory values of each participant over time, as places within their normal ranges; those outside one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.laboratory_changes import PLANNED
from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals, select_rows
from charcot.clinical_time import DAYS_PER_MONTH
from charcot.protocol import Protocol

BEYOND = "(flag <> 'normal' OR grade > 0)"
"""Values that ask for a judgement: outside their range, or with a grade by CTCAE."""
LISTED = ("label", "encounter", "day", "value", "flag", "grade", "significant", "comment")
MOST_LISTED = 200
"""Values outside their range that are listed one by one; of more, the dataset holds them."""


@dataclass(frozen=True)
class PlacedValue:
    """One value at a month from the infusion. `place`: 0 at the lower end of its range, 1 at the upper; beyond, outside."""

    test: str
    month: float
    place: float
    flag: str
    words: str
    """The value with its unit, and its range, as they are said."""


@dataclass(frozen=True)
class LaboratoryCourse:
    """One participant: every value that has a range, how many, how many outside it, and the highest grade."""

    participant: str
    points: tuple[PlacedValue, ...]
    values: Result
    outside: Result
    worst: Result


@dataclass(frozen=True)
class LaboratoryCourses:
    """Everybody treated with such values, and each value outside its range; `left_out`: how many there was no room for."""

    people: tuple[LaboratoryCourse, ...]
    outside: tuple[tuple[str, Mapping[str, Result]], ...]
    left_out: int


def derive_laboratory_courses(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> LaboratoryCourses | None:
    """The treated population, in its order; None where nobody has such a value, or they are too many to draw."""
    treated = population(protocol, plan.treated)
    rows = select_rows(
        Selection("laboratory", "flag IS NOT NULL AND day IS NOT NULL", treated), datasets
    ).with_columns(_place().alias("place"))
    rows = rows.filter(pl.col("place").is_not_null())
    people = rows["participant"].unique(maintain_order=True).to_list()
    if not people or len(people) > plan.most_listed:
        return None
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)

    def course(who: str, own: pl.DataFrame) -> LaboratoryCourse:
        ranged = both(equals("participant", who), "flag IS NOT NULL")
        every, stem = Selection("laboratory", ranged, treated), f"laboratory.{who}"
        beyond = Selection("laboratory", both(ranged, BEYOND), treated)
        return LaboratoryCourse(
            who,
            tuple(_point(row) for row in own.iter_rows(named=True)),
            derive(f"{stem}.values", f"{who}: laboratory values with a range", every, "count_rows"),
            derive(f"{stem}.outside", f"{who}: values outside it", beyond, "count_rows", among=every),
            derive(f"{stem}.worst", f"{who}: highest grade", every, "maximum", column="grade"),
        )

    beyond = rows.filter((pl.col("flag") != "normal") | (pl.col("grade") > 0))
    listed = []
    keys = beyond.select("participant", "panel", "test", "encounter", "instance")
    for who, panel, test, encounter, instance in keys.head(MOST_LISTED).iter_rows():
        where = both(
            equals("participant", who), equals("panel", panel), equals("test", test),
            equals("encounter", encounter), f"instance = {instance}",
        )  # fmt: skip
        stem = f"laboratory.{who}.{test}.{encounter or 'alone'}.{instance}"
        one = Selection("laboratory", where, treated)
        listed.append(
            (
                who,
                {
                    column: derive(
                        f"{stem}.{column}", f"{who}, {test}: {column}", one, "recorded", column=column
                    )
                    for column in LISTED
                },
            )
        )
    by_person = {str(key[0]): own for key, own in rows.group_by("participant", maintain_order=True)}
    return LaboratoryCourses(
        tuple(course(who, own) for who, own in by_person.items()),
        tuple(listed),
        max(0, keys.height - MOST_LISTED),
    )


def _place() -> pl.Expr:
    """Where a value lies in its range; with one end only, as a share of that end. None where the range has no width."""
    value, low, high = pl.col("value"), pl.col("low"), pl.col("high")
    return (
        pl.when(low.is_not_null() & (high > low))
        .then((value - low) / (high - low))
        .when(low.is_null() & (high > 0))
        .then(value / high)
        .when(high.is_null() & (low > 0))
        .then(value / low - 1)
    )


def _point(row: Mapping[str, object]) -> PlacedValue:
    low, high, unit = row["low"], row["high"], row["unit"] or ""
    ends = f"{low:g} to {high:g}" if low is not None and high is not None else (
        f"at most {high:g}" if high is not None else f"at least {low:g}"
    )  # fmt: skip
    words = " ".join(f"{row['text']} {unit} ({ends})".split())
    return PlacedValue(
        str(row["label"]), float(str(row["day"])) / DAYS_PER_MONTH, float(str(row["place"])), str(row["flag"]), words
    )  # fmt: skip
