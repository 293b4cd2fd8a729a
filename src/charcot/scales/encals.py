"""Survival in ALS predicted by the ENCALS model: linear predictor, curve, median, and all of it given survival so far."""

import numpy as np
from numpy.typing import ArrayLike

from charcot.scales.alsfrs_r import FloatArray

SOURCE = "Westeneng et al., Lancet Neurol 2018;17:423"
ENDPOINT = "death, tracheostomy, or non-invasive ventilation for more than 23 hours a day"
"""What the model predicts the time to, from the first symptom."""

_BASE = (-6.409, 2.643, -0.546, 0.585)
_FIRST, _LAST, _KNOTS = 0.081, 5.917, (3.108, 3.638)


def compute_linear_predictor(
    *,
    slope: ArrayLike,
    age_at_onset: ArrayLike,
    diagnostic_delay: ArrayLike,
    fvc: ArrayLike,
    bulbar: ArrayLike,
    definite: ArrayLike,
    ftd: ArrayLike = 0.0,
    c9orf72: ArrayLike = 0.0,
) -> FloatArray:
    """Compute the linear predictor; higher is worse. Arrays of one shape, NaN where a predictor is missing.

    `slope` is (48 - ALSFRS-R) / months since onset [points/month, >= 0], `age_at_onset` [years], `diagnostic_delay` [months],
    `fvc` [% of predicted] all above 0; bulbar onset, definite ALS (El Escorial), frontotemporal dementia and C9orf72 expansion are
    1 or 0. ValueError for anything outside. Source: Westeneng 2018.
    """
    s, a, d, v = (np.asarray(x, dtype=np.float64) for x in (slope, age_at_onset, diagnostic_delay, fvc))
    for name, values, least in (("age", a, 0), ("diagnostic delay", d, 0), ("FVC", v, 0)):
        if (values <= least).any():
            raise ValueError(f"the {name} must be above 0")
    if (s < 0).any():
        raise ValueError("the slope is the loss of points per month, at least 0")
    flags = [np.asarray(x, dtype=np.float64) for x in (bulbar, definite, ftd, c9orf72)]
    if any((~np.isnan(flag) & (flag != 0) & (flag != 1)).any() for flag in flags):
        raise ValueError("bulbar, definite, ftd and c9orf72 are 1 or 0")
    site, certain, dementia, gene = flags
    return (
        -1.83665700485301 * (s + 0.1) ** -0.5
        - 2.37341404599814 * ((d / 10) ** -0.5 + np.log(d / 10))
        - 0.266972062796289 * (a / 100) ** -2
        + 0.476853332498141 * ((v / 100) ** -1 + (v / 100) ** -0.5)
        + 0.268874087566745 * site
        + 0.232783007891563 * certain
        + 0.38831322640700 * dementia
        + 0.256078493763062 * gene
    )


def compute_survival(linear_predictor: ArrayLike, months: ArrayLike) -> FloatArray:
    """Compute the probability to be free of the endpoint `months` after onset; the arrays are broadcast.

    1 at month 0. The baseline is a restricted cubic spline in log time (Royston & Parmar, proportional odds). ValueError for
    months below 0.
    """
    when = np.asarray(months, dtype=np.float64)
    if (when < 0).any():
        raise ValueError("months since onset are at least 0")
    with np.errstate(divide="ignore"):
        x = np.log(when)
    return 1 / (1 + np.exp(_log_odds(x) + np.asarray(linear_predictor, dtype=np.float64)))


def _log_odds(x: FloatArray) -> FloatArray:
    """The log odds of having had the endpoint at log time x, for a linear predictor of 0."""

    def cube(knot: float) -> FloatArray:
        return np.asarray(np.maximum(x - knot, 0.0) ** 3)

    total = _BASE[0] + _BASE[1] * x
    for weight, knot in zip(_BASE[2:], _KNOTS, strict=True):
        share = (_LAST - knot) / (_LAST - _FIRST)
        total = total + weight * (cube(knot) - share * cube(_FIRST) - (1 - share) * cube(_LAST))
    return np.asarray(total)


def compute_conditional_survival(
    linear_predictor: ArrayLike, lived: ArrayLike, later: ArrayLike
) -> FloatArray:
    """Compute the probability to be free of the endpoint `later` months after having been so for `lived` months.

    S(lived + later) / S(lived); the arrays are broadcast.
    """
    before = np.asarray(lived, dtype=np.float64)
    return np.asarray(
        compute_survival(linear_predictor, before + np.asarray(later, dtype=np.float64))
        / compute_survival(linear_predictor, before)
    )


def compute_median_survival(linear_predictor: ArrayLike, lived: ArrayLike = 0.0) -> FloatArray:
    """Compute the months from onset until half have had the endpoint, of those without it at `lived` months.

    By bisection of log time to 1e-12; NaN for a missing predictor.
    """
    predictor, start = np.broadcast_arrays(
        np.asarray(linear_predictor, dtype=np.float64), np.asarray(lived, dtype=np.float64)
    )
    half = compute_survival(predictor, start) / 2
    goal = np.log((1 - half) / half) - predictor
    low, high = np.full(predictor.shape, -10.0), np.full(predictor.shape, 30.0)
    for _ in range(60):
        middle = (low + high) / 2
        over = _log_odds(middle) > goal
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return np.where(np.isnan(goal), np.nan, np.exp((low + high) / 2))
