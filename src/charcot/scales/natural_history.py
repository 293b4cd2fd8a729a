"""What ALSFRS-R and survival do in PRO-ACT: a joint model of both, integrated exactly, also from one's own first score."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from charcot.scales.alsfrs_r import FloatArray, as_total

SOURCE = "van Eijk et al., Clin Epidemiol 2018;10:333, from PRO-ACT"
MEAN = np.array([38.0, -1.06])
COVARIANCE = np.array([[26.10, 1.22], [1.22, 1.28]])
RESIDUAL = 3.08
SHAPE, LEVEL, ASSOCIATION = 1.44, -2.28, -0.12
"""Score of a person: b0 + b1 t; hazard: SHAPE t^(SHAPE - 1) exp(LEVEL + ASSOCIATION score); t in months."""

ALSFRS_R_SLOPE = -1.02
"""Mean change of ALSFRS-R in PRO-ACT [points/month], SD 2.3. Source: Atassi 2014."""
VITAL_CAPACITY_SLOPE = -2.24
"""Mean change of vital capacity in PRO-ACT [% of predicted/month], SD 6.9. Source: Atassi 2014."""

_SLOPES, _INTERCEPTS, _REACH = 600, 32, 8.0
"""Points on the axes of slope and of what the intercept adds, from minus to plus so many standard deviations.

Late deaths cut the slopes off sharply, so they need many points; over intercepts the integrand is smooth.
"""


@dataclass(frozen=True, eq=False)
class ExpectedCourse:
    """By row (people or first scores) and column (months): what PRO-ACT lets expect.

    `survival` is the probability to be alive, `score` the mean score as if nobody died, `score_alive` that of those
    alive then. The scores are means of a line and are not cut off at 0.
    """

    survival: FloatArray
    score: FloatArray
    score_alive: FloatArray


def compute_expected_course(months: ArrayLike, first_score: ArrayLike | None = None) -> ExpectedCourse:
    """Compute survival and ALSFRS-R to be expected `months` after a first visit.

    `months` [>= 0] of m; `first_score` [points, 0-48] of n gives n rows, each given that score, which regresses to the mean;
    without it there is one row, for a participant of PRO-ACT about whom nothing is known. NaN where a score is missing.
    The integral over intercept and slope is by Gauss-Legendre, that over time by Gauss-Jacobi quadrature. ValueError for
    negative months or scores outside 0 to 48. Source: van Eijk 2018.
    """
    when = np.atleast_1d(np.asarray(months, dtype=np.float64))
    if when.ndim != 1 or (when < 0).any():
        raise ValueError("give one row of months, all at least 0")
    if first_score is None:
        return ExpectedCourse(*(part[None, :] for part in _integrate(when, MEAN, COVARIANCE)))
    scores = np.atleast_1d(as_total(first_score))
    gain = COVARIANCE[:, 0] / (COVARIANCE[0, 0] + RESIDUAL)
    covariance = COVARIANCE - np.outer(gain, COVARIANCE[0])
    distinct, place = np.unique(scores, return_inverse=True)
    missing = np.full((3, when.size), np.nan)
    rows = [
        missing if np.isnan(score) else _integrate(when, MEAN + gain * (score - MEAN[0]), covariance)
        for score in distinct
    ]
    return ExpectedCourse(*np.array(rows).reshape(-1, 3, when.size)[place].swapaxes(0, 1))


def _integrate(when: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    """Survival, mean score, and mean score of those alive, at each month: an array of 3 by months."""
    (slopes, slope_weights), (rests, rest_weights) = _normal_points(_SLOPES), _normal_points(_INTERCEPTS)
    times, time_weights = _time_points()
    spread = np.sqrt(covariance[1, 1])
    slope = mean[1] + spread * slopes
    known = covariance[0, 1] / spread
    rest = np.sqrt(covariance[0, 0] - known**2)
    intercept = mean[0] + known * slopes[:, None] + rest * rests[None, :]
    weight = slope_weights[:, None] * rest_weights[None, :]
    found = np.empty((3, when.size))
    for column, month in enumerate(when):
        # the integral of SHAPE s^(SHAPE - 1) exp(ASSOCIATION slope s) from 0 to the month, for each slope
        inner = np.exp(ASSOCIATION * month * slope[:, None] * times) @ time_weights * SHAPE * month**SHAPE
        alive = weight * np.exp(-np.exp(LEVEL + ASSOCIATION * intercept) * inner[:, None])
        score = intercept + slope[:, None] * month
        found[0, column] = alive.sum()
        found[1, column] = mean[0] + mean[1] * month
        found[2, column] = (alive * score).sum() / alive.sum()
    return found


@lru_cache(maxsize=2)
def _normal_points(count: int) -> tuple[FloatArray, FloatArray]:
    """Points and weights of a standard normal."""
    from scipy.special import roots_legendre  # slow to import, so only here

    points, weights = roots_legendre(count)
    weights = weights * np.exp(-((_REACH * points) ** 2) / 2)
    return _REACH * points, weights / weights.sum()


@lru_cache(maxsize=1)
def _time_points() -> tuple[FloatArray, FloatArray]:
    """Points and weights of x^(SHAPE - 1) from 0 to 1."""
    from scipy.special import roots_jacobi

    times, weights = roots_jacobi(24, 0.0, SHAPE - 1)
    return (times + 1) / 2, weights / 2**SHAPE
