"""Methods of mixed models: the mean slope with slopes of each participant about it, and means by visit."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import polars as pl

from charcot.analysis.method import Method, Request, Value
from charcot.statistics import (
    CannotFit,
    Interval,
    LinearMixedModel,
    MMRMResult,
    linear_mixed_model,
    mmrm,
)
from charcot.statistics.mixed.contrasts import LinearTest

LADDER = ("us", "toeph", "ar1h", "cs")
"""Covariances of visits, from the freest to the simplest; where one cannot be fitted, the next is tried."""
STRUCTURES = {
    "us": "unstructured",
    "toeph": "heterogeneous Toeplitz",
    "ar1h": "heterogeneous first-order autoregressive",
    "cs": "compound symmetry",
}

SLOPE_SENTENCE = (
    "The slope over the months since the infusion is estimated by a linear mixed model with a random intercept and a random "
    "slope of each participant (restricted maximum likelihood; standard errors and degrees of freedom after Kenward and "
    "Roger). Everybody with a value counts, for as long as measured; what is missing, also after a death, is taken to be missing "
    "at random: the line is that of a group in which nobody leaves."
)
BENT_SENTENCE = (
    "Where at least two participants have two values before the infusion, the line may bend there: slopes before and after are "
    "estimated together."
)
_MMRM = (
    "Means by visit and changes from the first visit are estimated by a mixed model for repeated measures with the visit as a "
    "factor and {} covariance of the visits{} (restricted maximum likelihood; standard errors and degrees of freedom after "
    "Kenward and Roger). Everybody with a value counts; values after a death or another end are taken to be missing at random: "
    "the means are those of a group in which nobody leaves."
)
BEFORE = 2
"""Values before the infusion, and people who have them, that a slope before needs."""

LEAST_DF = 1.0
"""Degrees of freedom that an estimate needs to be shown: with fewer, too few people stand behind it."""
FEW = "Fewer than one degree of freedom is left for {}: too few participants to say anything."

Points = tuple[tuple[str, float, float], ...]


@lru_cache(maxsize=64)
def _fit_slope(points: Points, bent: bool) -> LinearMixedModel | str:
    """The model of participant, month and value; why there is none, if it cannot be fitted."""
    people, months, values = zip(*points, strict=True) if points else ((), (), ())
    data = {"participant": list(people), "month": np.array(months), "value": np.array(values)}
    try:
        if bent:
            return linear_mixed_model(
                "value ~ month_before + month_after", data, subject="participant", random="1 + month",
                time="month", knot=0.0, df="kenward-roger",
            )  # fmt: skip
        return linear_mixed_model(
            "value ~ month", data, subject="participant", random="1 + month", df="kenward-roger"
        )
    except CannotFit as refusal:
        return str(refusal)


@lru_cache(maxsize=64)
def _fit_visits(points: tuple[tuple[str, str, float], ...], structure: str) -> MMRMResult | str:
    """The model of participant, visit and value; why there is none, if it cannot be fitted."""
    people, visits, values = zip(*points, strict=True) if points else ((), (), ())
    data = {"participant": list(people), "visit": list(visits), "value": np.array(values)}
    try:
        return mmrm(
            "value ~ 0 + visit", data, subject="participant", visit="visit", covariance=structure,
            fallback=LADDER[LADDER.index(structure) + 1 :], df="kenward-roger",
        )  # fmt: skip
    except CannotFit as refusal:
        return str(refusal)


def _slope_model(request: Request, bent: bool = False) -> LinearMixedModel | str:
    known = request.rows.drop_nulls(["participant", "month", request.column])
    if bent:
        before = known.filter(pl.col("month") < 0).group_by("participant").len()
        if (before["len"] >= BEFORE).sum() < BEFORE:
            return "fewer than two participants have two values before the infusion"
    frame = known.select("participant", "month", pl.col(request.column).cast(pl.Float64))
    return _fit_slope(tuple(frame.iter_rows()), bent)


def _visit_model(request: Request, structure: str) -> MMRMResult | str:
    known = request.rows.drop_nulls(["participant", "encounter", request.column])
    frame = known.unique(["participant", "encounter"], keep="last", maintain_order=True).select(
        "participant", "encounter", pl.col(request.column).cast(pl.Float64)
    )
    return _fit_visits(tuple(frame.iter_rows()), structure)


def _as_interval(test: object, factor: float, name: str) -> Interval | None:
    """The estimate with its interval; None with fewer than LEAST_DF, whose interval would say nothing."""
    assert isinstance(test, LinearTest)
    if not test.df >= LEAST_DF:
        return None
    return Interval(factor * test.estimate, factor * test.lower, factor * test.upper, 0.95, name)


def _slope(term: str, bent: bool = False) -> Callable[[Request], tuple[Value, int]]:
    """The slope per month; over as many months as the request asks about."""

    def compute(request: Request) -> tuple[Value, int]:
        model = _slope_model(request, bent)
        if isinstance(model, str):
            return None, 0
        found = model.contrast({term: 1.0})
        return _as_interval(found, request.at or 1.0, "Kenward-Roger"), model.n_subjects

    return compute


def _of_slope(pick: Callable[[LinearMixedModel], Value]) -> Callable[[Request], tuple[Value, int]]:
    def compute(request: Request) -> tuple[Value, int]:
        model = _slope_model(request)
        return (None, 0) if isinstance(model, str) else (pick(model), model.n_subjects)

    return compute


def _slope_spread(model: LinearMixedModel) -> float:
    return float(np.sqrt(model.random_covariance[1, 1]))


def _slope_note(request: Request) -> tuple[Value, int]:
    model = _slope_model(request)
    if isinstance(model, str):
        return f"The model cannot be fitted: {model}.", 0
    found = model.contrast({"month": 1.0})
    few = "" if isinstance(found, LinearTest) and found.df >= LEAST_DF else FEW.format("the slope")
    return " ".join(said for said in (model.note, few) if said) or None, model.n_subjects


def _visits(model: MMRMResult, request: Request) -> tuple[str, str]:
    """The first visit, and the one nearest to the month asked about."""
    months = (
        request.rows.filter(pl.col("encounter").is_in(model.visits))
        .group_by("encounter")
        .agg(pl.col("month").mean())
        .drop_nulls()
        .sort("month", "encounter")
    )
    asked = request.at or 0.0
    nearest = min(months.iter_rows(), key=lambda row: abs(row[1] - asked))
    return str(months["encounter"][0]), str(nearest[0])


def _mean_at(structure: str) -> Callable[[Request], tuple[Value, int]]:
    def compute(request: Request) -> tuple[Value, int]:
        model = _visit_model(request, structure)
        if isinstance(model, str):
            return None, 0
        _, visit = _visits(model, request)
        return _as_interval(model.contrast({f"visit{visit}": 1.0}), 1.0, "Kenward-Roger"), model.n_subjects

    return compute


def _change_to(structure: str) -> Callable[[Request], tuple[Value, int]]:
    def compute(request: Request) -> tuple[Value, int]:
        model = _visit_model(request, structure)
        if isinstance(model, str):
            return None, 0
        first, visit = _visits(model, request)
        if first == visit:
            return None, model.n_subjects
        weights = {f"visit{visit}": 1.0, f"visit{first}": -1.0}
        return _as_interval(model.contrast(weights), 1.0, "Kenward-Roger"), model.n_subjects

    return compute


def _visit_note(structure: str) -> Callable[[Request], tuple[Value, int]]:
    """Which covariance was fitted, and what was given up before."""

    def compute(request: Request) -> tuple[Value, int]:
        model = _visit_model(request, structure)
        if isinstance(model, str):
            return f"The model cannot be fitted: {model}.", 0
        words = f"Covariance of the visits: {STRUCTURES[model.covariance]}"
        if model.tried:
            words += f", after another could not be fitted ({'; '.join(model.tried)})"
        few = model.coefficients.filter(~(pl.col("df") >= LEAST_DF)).height
        return words + "." + (" " + FEW.format("some means") if few else ""), model.n_subjects

    return compute


def _count_values(request: Request) -> tuple[Value, int]:
    found = request.rows.drop_nulls(["participant", request.column])
    return found.height, found["participant"].n_unique()


def _say_visits(structure: str) -> str:
    article = "an" if STRUCTURES[structure][0] in "aeiou" else "a"
    simpler = LADDER[LADDER.index(structure) + 1 :]
    names = ", ".join(STRUCTURES[one] for one in simpler)
    return _MMRM.format(
        f"{article} {STRUCTURES[structure]}",
        f" (where it cannot be fitted, the first of these that can: {names})" if simpler else "",
    )


MIXED_METHODS = (
    Method("mixed_slope", "Mixed model: mean slope", SLOPE_SENTENCE, "1", _slope("month")),
    Method(
        "mixed_slope_sd",
        "Mixed model: standard deviation of the slopes between participants",
        SLOPE_SENTENCE,
        "1",
        _of_slope(_slope_spread),
    ),
    Method(
        "mixed_residual_sd",
        "Mixed model: standard deviation about a participant's own line",
        SLOPE_SENTENCE,
        "1",
        _of_slope(lambda model: float(np.sqrt(model.residual_variance))),
    ),
    Method("mixed_slope_note", "Mixed model: what is to be said of the fit", "", "1", _slope_note),
    Method(
        "mixed_slope_before",
        "Mixed model: mean slope before the infusion",
        BENT_SENTENCE,
        "1",
        _slope("month_before", True),
    ),
    Method(
        "mixed_slope_after",
        "Mixed model: mean slope after the infusion, beside that before",
        BENT_SENTENCE,
        "1",
        _slope("month_after", True),
    ),
    Method(
        "mixed_people",
        "Mixed model: participants",
        SLOPE_SENTENCE,
        "1",
        _of_slope(lambda model: model.n_subjects),
    ),
    Method("count_values", "Count of values", "", "1", _count_values),
    *(
        Method(
            f"mmrm_{name}_{structure}", f"{label} ({STRUCTURES[structure]})", sentence, "1", make(structure)
        )
        for structure in LADDER
        for name, label, sentence, make in (
            ("mean", "Mixed model for repeated measures: mean at a visit", _say_visits(structure), _mean_at),
            (
                "change",
                "Mixed model for repeated measures: change from the first visit",
                _say_visits(structure),
                _change_to,
            ),
            ("note", "Mixed model for repeated measures: what was fitted", "", _visit_note),
        )
    ),
)
