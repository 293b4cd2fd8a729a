"""Estimates with their interval, and exact or score intervals for one proportion or one rate."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from charcot.statistics.distributions import (
    compute_beta_quantile,
    compute_chi_squared_quantile,
    compute_normal_quantile,
)

ProportionMethod = Literal["clopper-pearson", "wilson", "wilson-corrected"]


@dataclass(frozen=True)
class Interval:
    """An estimate with its two-sided interval; NaN where a value does not exist.

    `level` is the confidence level (0.95 for 95 %), `method` says how the interval was made.
    """

    estimate: float
    lower: float
    upper: float
    level: float
    method: str


def as_level(level: float) -> float:
    """Return the confidence level, or raise ValueError unless it lies between 0 and 1.

    >>> as_level(95)
    Traceback (most recent call last):
    ValueError: a confidence level lies between 0 and 1 (0.95 for 95 %), not 95
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1 (0.95 for 95 %), not {level}")
    return float(level)


def _count(value: float, name: str, least: int) -> int:
    if not (np.isfinite(value) and value == int(value) and value >= least):
        raise ValueError(f"{name} must be a whole number of at least {least}, not {value}")
    return int(value)


def _estimate_clopper_pearson(events: int, total: int, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    lower = compute_beta_quantile(tail, events, total - events + 1) if events > 0 else 0.0
    upper = compute_beta_quantile(1 - tail, events + 1, total - events) if events < total else 1.0
    return lower, upper


def _estimate_wilson(events: int, total: int, level: float) -> tuple[float, float]:
    z = compute_normal_quantile((1 + level) / 2)
    share = events / total
    centre = share + z**2 / (2 * total)
    half = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    scale = 1 + z**2 / total
    lower = float((centre - half) / scale) if events > 0 else 0.0
    upper = float((centre + half) / scale) if events < total else 1.0
    return lower, upper


def _estimate_wilson_corrected(events: int, total: int, level: float) -> tuple[float, float]:
    """As R's prop.test: the correction is 1/(2 n), or less where the share lies nearer to one half."""
    z = compute_normal_quantile((1 + level) / 2)
    share, step = events / total, min(0.5, abs(events - total / 2))

    def bound(sign: int) -> float:
        moved = share + sign * step / total
        half = z * np.sqrt(max(moved * (1 - moved), 0) / total + z**2 / (4 * total**2))
        return float((moved + z**2 / (2 * total) + sign * half) / (1 + z**2 / total))

    return max(0.0, bound(-1)) if events else 0.0, min(1.0, bound(1)) if events < total else 1.0


def estimate_proportion(
    events: int,
    total: int,
    *,
    level: float = 0.95,
    method: ProportionMethod = "clopper-pearson",
) -> Interval:
    """Estimate a proportion with an exact (Clopper-Pearson) or a score (Wilson) interval, the latter also corrected.

    `events` of `total` people, both whole numbers. ValueError for counts that are not whole or not
    0 <= events <= total, total >= 1; for a level outside (0, 1); for another method. Source:
    Clopper & Pearson 1934 (beta quantiles); Wilson 1927, without continuity correction;
    "wilson-corrected" has that of Yates, no larger than |events - total / 2|, as R's prop.test has it.

    >>> result = estimate_proportion(2, 17)
    >>> print(f"{result.estimate:.4f} ({result.lower:.8f}, {result.upper:.8f})")
    0.1176 (0.01457932, 0.36440916)
    """
    level = as_level(level)
    total = _count(total, "the total", 1)
    events = _count(events, "the number of events", 0)
    if events > total:
        raise ValueError(f"{events} events are more than the total of {total}")
    if method not in _METHODS:
        raise ValueError(f"intervals of a proportion are {', '.join(_METHODS)}, not {method!r}")
    lower, upper = _METHODS[method](events, total, level)
    return Interval(events / total, lower, upper, level, method)


_METHODS = {
    "clopper-pearson": _estimate_clopper_pearson,
    "wilson": _estimate_wilson,
    "wilson-corrected": _estimate_wilson_corrected,
}


def estimate_rate(events: int, exposure: float, *, level: float = 0.95) -> Interval:
    """Estimate a Poisson rate with its exact interval [events per unit of exposure].

    `events` is a whole number, `exposure` the time observed (person-years give a rate per person-year).
    ValueError for an exposure not above 0, or a count or level that is not one. Source: Garwood 1936
    (chi-squared quantiles).

    >>> result = estimate_rate(2, 1)
    >>> print(f"{result.estimate} ({result.lower:.6f}, {result.upper:.6f})")
    2.0 (0.242209, 7.224688)
    """
    level = as_level(level)
    events = _count(events, "the number of events", 0)
    if not (np.isfinite(exposure) and exposure > 0):
        raise ValueError(f"the exposure must be a finite number above 0, not {exposure}")
    tail = (1 - level) / 2
    lower = compute_chi_squared_quantile(tail, 2 * events) / 2 if events > 0 else 0.0
    upper = compute_chi_squared_quantile(1 - tail, 2 * events + 2) / 2
    return Interval(events / exposure, lower / exposure, upper / exposure, level, "exact Poisson")


def compute_poisson_tail(events: int, expected: float) -> float:
    """Compute the probability of at least so many events where a Poisson number of `expected` is expected.

    One-sided; 1 for no events. ValueError for a count that is none or an expectation not above 0.

    >>> print(f"{compute_poisson_tail(2, 2.9459 * 0.112):.3f}")
    0.044
    """
    events = _count(events, "the number of events", 0)
    if not (np.isfinite(expected) and expected > 0):
        raise ValueError(f"the expected number must be finite and above 0, not {expected}")
    from scipy.special import gammainc  # slow to import, so only here

    return float(gammainc(events, expected)) if events else 1.0
