"""Reference values of the forced vital capacity (FVC): predicted, lower limit, z score, per cent predicted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.scales.alsfrs_r import FloatArray

LIMIT_Z = 1.645
"""The lower limit of normal is this many standard scores below the predicted value (5th centile)."""


@dataclass(frozen=True)
class SpirometryEquation:
    """A reference equation: ages [years] and heights [cm] that it covers, both ends included."""

    id: str
    name: str
    source: str
    ages: tuple[float, float]
    heights: tuple[float, float] | None = None
    groups: tuple[str, ...] = ()
    note: str = ""


_EQUATIONS = (
    SpirometryEquation(
        "GLI_2012",
        "Global Lung Initiative 2012, by ancestry group",
        "Quanjer, Eur Respir J 2012;40:1324",
        ages=(3.0, 95.0),
        groups=("caucasian", "african_american", "north_east_asian", "south_east_asian", "other"),
    ),
    SpirometryEquation(
        "GLI_2022",
        "Global Lung Initiative 2022, race-neutral",
        "Bowerman, Am J Respir Crit Care Med 2023;207:768",
        ages=(3.0, 95.0),
    ),
    SpirometryEquation(
        "LOELOE_2025",
        "Iranian reference, Shahedieh PERSIAN cohort",
        "Loeloe, Front Med 2025;12:1480931, doi 10.3389/fmed.2025.1480931",
        ages=(38.0, 69.0),
        heights=(142.0, 189.0),
        note="A table by 0.1 year and 0.1 cm, without some cells at the edge. Near average height it lies some "
        "8-13 % below GLI_2012 caucasian. Its nearest neighbours hardly follow height elsewhere: a man of 145 cm "
        "is given more than one of 165 cm (about 25 % above GLI_2012 at 150 cm), a woman of 180 cm 22-30 % less "
        "than GLI_2012. Do not rest eligibility on it there. No L and S: the z score assumes symmetry.",
    ),
)


def equations() -> tuple[SpirometryEquation, ...]:
    """List the reference equations, with names, sources and what they cover."""
    return _EQUATIONS


def _find(equation: str) -> SpirometryEquation:
    for known in _EQUATIONS:
        if known.id == equation:
            return known
    raise ValueError(f"spirometry equations are {', '.join(e.id for e in _EQUATIONS)}, not {equation!r}")


def age_range(equation: str) -> tuple[float, float]:
    """Tell the youngest and the oldest age [years] that an equation covers; ValueError if it is unknown."""
    return _find(equation).ages


@cache
def _load(equation: str) -> Any:
    """Load the tables of an equation once; they are read-only."""
    import pyspiro  # type: ignore[import-untyped]  # it ships no types

    return {
        "GLI_2012": pyspiro.GLI_2012,
        "GLI_2022": pyspiro.BOWERMAN_2022,
        "LOELOE_2025": pyspiro.LOELOE_2025,
    }[equation]()


def _reference(known: SpirometryEquation, row: tuple[Any, ...]) -> tuple[float, float, float]:
    """(L, M, S) of one person (age, height, sex 0/1, group code), all within the equation's ranges."""
    age, height, sex, group = row
    table = _load(known.id)
    fvc = table.Parameters.FVC
    if known.id == "LOELOE_2025":
        limits = [table.lln(sex, age, height, fvc), table.uln(sex, age, height, fvc)]
        if not all(isinstance(limit, float) for limit in limits):  # pandas.NA: an empty cell of the table
            return np.nan, np.nan, np.nan
        predicted = sum(limits) / 2  # pyspiro mirrors the limits about the predicted value
        return 1.0, predicted, (1 - limits[0] / predicted) / LIMIT_Z
    who = (sex, age, height, group) if known.groups else (sex, age, height)
    spread = table.lms(*who, fvc, np.nan)
    return float(spread[0]), float(spread[1]), float(spread[2])


def _codes(values: ArrayLike, allowed: dict[str, int], name: str) -> FloatArray:
    """Turn words into codes, NaN where the word is missing (None, NaN or empty)."""
    words = np.asarray(values, dtype=np.object_)
    codes = np.full(words.shape, np.nan)
    for index, word in np.ndenumerate(words):
        if word is None or word == "" or word != word:  # only NaN differs from itself
            continue
        if word not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}, or missing")
        codes[index] = allowed[word]
    return codes


def _compute(
    formula: Callable[..., FloatArray],
    equation: str,
    measured: ArrayLike,
    age: ArrayLike,
    height: ArrayLike,
    sex: ArrayLike,
    group: ArrayLike | None,
) -> FloatArray:
    """Apply `formula(measured, L, M, S)` row by row where everything is known and within range."""
    known = _find(equation)
    if known.groups and group is None:
        raise ValueError(f"{equation} needs a group: {', '.join(known.groups)}")
    groups = {name: code for code, name in enumerate(known.groups, start=1)}
    columns = (
        np.asarray(measured, dtype=np.float64),
        np.asarray(age, dtype=np.float64),
        np.asarray(height, dtype=np.float64),
        _codes(sex, {"F": 0, "M": 1}, "sex"),
        _codes(group, groups, "group") if known.groups and group is not None else np.float64(0.0),
    )
    litres, years, tall, male, ancestry = np.broadcast_arrays(*columns)
    if (litres <= 0).any():
        raise ValueError("an FVC [litres] is not above 0")
    if ((tall < 50) | (tall > 250)).any():
        raise ValueError("a height lies outside 50 to 250 cm: is it in centimetres?")
    inside: NDArray[np.bool_] = (
        (years >= known.ages[0]) & (years <= known.ages[1]) & ~np.isnan(male + ancestry + tall)
    )
    if known.heights is not None:
        inside = inside & (tall >= known.heights[0]) & (tall <= known.heights[1])
    lms = np.full((3, *inside.shape), np.nan)
    seen: dict[tuple[Any, ...], tuple[float, float, float]] = {}
    for index in zip(*np.nonzero(np.atleast_1d(inside)), strict=True):
        at = index if inside.ndim else ()
        row = (float(years[at]), float(tall[at]), int(male[at]), int(ancestry[at]))
        if row not in seen:
            seen[row] = _reference(known, row)
        lms[(slice(None), *at)] = seen[row]
    return np.asarray(formula(litres, *lms), dtype=np.float64)


def compute_predicted(
    equation: str, age: ArrayLike, height: ArrayLike, sex: ArrayLike, group: ArrayLike | None = None
) -> FloatArray:
    """Compute the predicted FVC [litres] (the median M).

    Arrays (or single values) that broadcast: `age` [years], `height` [cm], `sex` "F" or "M", `group` one
    of the equation's groups (needed by GLI_2012 only, ignored by the others). NaN where one is missing or
    outside the ages (LOELOE_2025: or heights) that the equation covers. ValueError for another equation,
    sex or group, or a height outside 50-250 cm. LOELOE_2025 covers the Shahedieh PERSIAN cohort (Iran),
    38-69 years and 142-189 cm: read its note in `equations`. Tables: pyspiro. Source: Quanjer 2012
    (M = exp(a0 + a1 ln height + a2 ln age + group + spline)), Bowerman 2023, Loeloe 2025.
    """
    return _compute(lambda _, power, median, spread: median, equation, 1.0, age, height, sex, group)


def compute_lower_limit(
    equation: str, age: ArrayLike, height: ArrayLike, sex: ArrayLike, group: ArrayLike | None = None
) -> FloatArray:
    """Compute the lower limit of normal of the FVC [litres], M (1 - 1.645 L S)^(1/L).

    Arguments, missing values, errors and sources as in `compute_predicted`.
    """

    def limit(_: FloatArray, power: FloatArray, median: FloatArray, spread: FloatArray) -> FloatArray:
        return median * (1 - LIMIT_Z * power * spread) ** (1 / power)

    return _compute(limit, equation, 1.0, age, height, sex, group)


def compute_z_score(
    equation: str,
    fvc: ArrayLike,
    age: ArrayLike,
    height: ArrayLike,
    sex: ArrayLike,
    group: ArrayLike | None = None,
) -> FloatArray:
    """Compute the z score of a measured FVC [litres], ((FVC / M)^L - 1) / (L S).

    Other arguments, missing values, errors and sources as in `compute_predicted`; ValueError for an FVC
    not above 0. For LOELOE_2025, which gives no L and S, L is 1 and S follows from its lower limit.
    """

    def score(litres: FloatArray, power: FloatArray, median: FloatArray, spread: FloatArray) -> FloatArray:
        return ((litres / median) ** power - 1) / (power * spread)

    return _compute(score, equation, fvc, age, height, sex, group)


def compute_percent_predicted(
    equation: str,
    fvc: ArrayLike,
    age: ArrayLike,
    height: ArrayLike,
    sex: ArrayLike,
    group: ArrayLike | None = None,
) -> FloatArray:
    """Compute 100 x measured / predicted FVC [%], not rounded.

    Arguments, missing values, errors and sources as in `compute_z_score`.
    """
    return _compute(
        lambda litres, power, median, spread: 100 * litres / median, equation, fvc, age, height, sex, group
    )
