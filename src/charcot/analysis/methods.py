"""Methods by name: what each computes from selected rows, in one sentence for the report, with its version."""

from collections.abc import Callable
from dataclasses import fields

import polars as pl

from charcot.analysis.anova_methods import ANOVA_METHODS
from charcot.analysis.change_methods import CHANGE_METHODS
from charcot.analysis.expected_methods import EXPECTED_METHODS
from charcot.analysis.method import Method, Request, Value
from charcot.analysis.mixed_methods import MIXED_METHODS
from charcot.statistics import (
    Description,
    Interval,
    SurvivalCurve,
    describe,
    estimate_proportion,
    kaplan_meier,
)

__all__ = ["METHODS", "TOPICS", "Method", "Request", "Value"]


_WHO = ("participant",)


def _people(frame: pl.DataFrame) -> int:
    return frame["participant"].drop_nulls().n_unique()


def _statistic(name: str) -> Callable[[Request], tuple[Value, int]]:
    def compute(request: Request) -> tuple[Value, int]:
        found = describe(request.rows[request.column].cast(pl.Float64).to_numpy())
        value = getattr(found, name)
        return (None if value != value else float(value)), found.n

    return compute


def _count_rows(request: Request) -> tuple[Value, int]:
    return request.rows.height, request.among.height


def _count_people(request: Request) -> tuple[Value, int]:
    return _people(request.rows), _people(request.among)


def _share_of_people(request: Request) -> tuple[Value, int]:
    total = _people(request.among)
    return (estimate_proportion(_people(request.rows), total) if total else None), total


def _share_of_rows(request: Request) -> tuple[Value, int]:
    total = request.among.height
    return (estimate_proportion(request.rows.height, total) if total else None), total


def _sum(request: Request) -> tuple[Value, int]:
    return int(request.rows[request.column].sum()), request.among.height


def _recorded(request: Request) -> tuple[Value, int]:
    values = request.rows[request.column].drop_nulls().to_list()
    if len(values) > 1:
        raise ValueError(f"{len(values)} rows where one recorded value was meant")
    return (values[0] if values else None), len(values)


def _judged_claim(request: Request) -> tuple[Value, int]:
    value, _ = _recorded(request)
    return value, int(request.rows["read"].sum())


def _curve(request: Request) -> SurvivalCurve | None:
    rows = request.rows.drop_nulls([request.column, "died"])
    if rows.is_empty():
        return None
    return kaplan_meier(rows[request.column].to_numpy(), rows["died"].cast(pl.Float64).to_numpy())


def _survival_curve(request: Request) -> tuple[Value, int]:
    curve = _curve(request)
    return curve, 0 if curve is None else curve.n


def _survival_at(request: Request) -> tuple[Value, int]:
    curve, time = _curve(request), request.at or 0.0
    if curve is None:
        return None, 0
    estimate = float(curve.at([time])[0])
    lower, upper = (float(bound[0]) for bound in curve.bounds_at([time]))
    return Interval(estimate, lower, upper, curve.level, f"Greenwood, {curve.interval}"), curve.n


def _survival_median(request: Request) -> tuple[Value, int]:
    curve = _curve(request)
    return (None if curve is None else curve.median()), 0 if curve is None else curve.n


def _survival_half_width(request: Request) -> tuple[Value, int]:
    found, n = _survival_at(request)
    if not isinstance(found, Interval) or found.upper != found.upper:
        return None, n
    return (found.upper - found.lower) / 2, n


def _at_risk(request: Request) -> tuple[Value, int]:
    curve = _curve(request)
    return (0, 0) if curve is None else (int(curve.at_risk_at([request.at or 0.0])[0]), curve.n)


_QUARTILES = "quantiles by linear interpolation (type 7 of Hyndman and Fan)"
_STATISTICS = {
    "mean": ("Mean", "Means are arithmetic means of the values that are not missing."),
    "sd": ("Standard deviation", "Standard deviations (SD) describe the spread of people; divisor n − 1."),
    "se": (
        "Standard error of the mean",
        "Standard errors (SE) describe the uncertainty of a mean: SD divided by the square root of n.",
    ),
    "median": ("Median", "Medians are the middle values."),
    "q1": ("First quartile", f"Quartiles are {_QUARTILES}."),
    "q3": ("Third quartile", f"Quartiles are {_QUARTILES}."),
    "minimum": ("Smallest value", "Ranges run from the smallest to the largest value."),
    "maximum": ("Largest value", "Ranges run from the smallest to the largest value."),
}
assert set(_STATISTICS) <= {field.name for field in fields(Description)}

_COUNTS = (
    Method("count_rows", "Count of rows", "", "1", _count_rows, _WHO),
    Method(
        "count_participants",
        "Count of participants",
        "Each participant counts once, however many rows there are.",
        "1",
        _count_people,
        _WHO,
    ),
    Method(
        "share_of_participants",
        "Proportion of participants, exact interval",
        "Proportions of participants carry exact 95 % intervals (Clopper and Pearson).",
        "1",
        _share_of_people,
        _WHO,
    ),
    Method(
        "share_of_rows",
        "Proportion, exact interval",
        "",
        "1",
        _share_of_rows,
        _WHO,
    ),
    Method("sum", "Sum", "", "1", _sum, ()),
    Method("recorded", "Value as recorded", "", "1", _recorded, ()),
)

_BOUNDARIES = (
    Method(
        "boundary_by_design",
        "Exact characteristics of a stopping boundary",
        "What a boundary does at a true share of participants with an event is computed exactly, without simulation: "
        "recursion over the number of events among those not stopped, looked at after each participant (Schultz 1973); "
        "every participant counts whole.",
        "1",
        _recorded,
        (),
    ),
)

_SURVIVAL = (
    Method(
        "kaplan_meier",
        "Kaplan–Meier curve",
        "Survival from the infusion is estimated by the Kaplan–Meier method; pointwise 95 % intervals by "
        "Greenwood's formula on the log-log scale; people alive are censored at the last day known alive.",
        "1",
        _survival_curve,
    ),
    Method(
        "survival_at",
        "Kaplan–Meier survival at a time",
        "Survival at a time is read from the Kaplan–Meier curve, with its log-log interval.",
        "1",
        _survival_at,
    ),
    Method(
        "survival_half_width",
        "Half the width of the survival interval",
        "",
        "1",
        _survival_half_width,
    ),
    Method(
        "survival_median",
        "Median survival",
        "Median survival is where the curve first reaches one half; its interval inverts the pointwise bounds "
        "(Brookmeyer and Crowley).",
        "1",
        _survival_median,
    ),
    Method(
        "at_risk",
        "Number at risk",
        "Numbers at risk count those alive and still followed just before a time.",
        "1",
        _at_risk,
    ),
)

_PUBLICATION = (
    Method(
        "judged_claim",
        "Claim of the publication, held against what was published",
        "Claims of the publication were recomputed from published values, other claims and cited facts alone.",
        "1",
        _judged_claim,
    ),
)

TOPICS: tuple[tuple[str, tuple[Method, ...]], ...] = (
    (
        "Summaries",
        (
            *(Method(id, name, text, "1", _statistic(id), ()) for id, (name, text) in _STATISTICS.items()),
            *_COUNTS,
        ),
    ),
    ("Stopping boundaries", _BOUNDARIES),
    ("Survival", _SURVIVAL),
    ("Change within participants", CHANGE_METHODS),
    ("Analysis of variance", ANOVA_METHODS),
    ("Slopes and mixed models", MIXED_METHODS),
    ("Expected against observed", EXPECTED_METHODS),
    ("The publication", _PUBLICATION),
)
"""The methods by what they are about, in the order in which a report describes them."""

METHODS: dict[str, Method] = {method.id: method for _, methods in TOPICS for method in methods}
"""Every method under its id."""
