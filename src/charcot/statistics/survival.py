"""Kaplan-Meier survival curves with pointwise intervals, medians and numbers at risk."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.statistics.distributions import compute_normal_quantile
from charcot.statistics.intervals import Interval, as_level

FloatArray = NDArray[np.float64]
IntervalKind = Literal["log-log", "log"]

_HALF = np.sqrt(np.finfo(np.float64).eps)
"""How near a curve must come to a level to touch it, as in R's survfit."""


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A Kaplan-Meier curve; the arrays have one value for each distinct time [unit of the input].

    `at_risk` counts people just before that time, `survival` holds from that time on. A bound is NaN where
    it does not exist: at survival 0, and for log-log also at survival 1. `n` people entered, `n_missing`
    more were left out because their time or event is missing.

    >>> curve = kaplan_meier([6, 7, 9, 60, 60], [1, 1, 1, 0, 0])
    >>> print(curve.at([6, 12]).round(3), curve.at_risk_at([7, 60]), curve.median().estimate)
    [0.8 0.4] [4. 2.] 9.0
    """

    time: FloatArray
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    censored: NDArray[np.int64]
    survival: FloatArray
    lower: FloatArray
    upper: FloatArray
    level: float
    interval: str
    n: int
    n_missing: int

    def _step(self, values: FloatArray, start: float, times: ArrayLike) -> FloatArray:
        """Read a right-continuous step function that starts at `start`; NaN after the last time."""
        wanted = np.asarray(times, dtype=np.float64)
        read = np.concatenate(([start], values))[np.searchsorted(self.time, wanted, side="right")]
        followed = (wanted <= self.time[-1]) | (self.survival[-1] == 0)
        return np.where(followed & ~np.isnan(wanted), read, np.nan)

    def at(self, times: ArrayLike) -> FloatArray:
        """Read the survival at given times: NaN after the last follow-up, unless all had died."""
        return self._step(self.survival, 1.0, times)

    def bounds_at(self, times: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Read the lower and the upper bound at given times; NaN as in `at`, and where none exists."""
        start = 1.0 if self.interval == "log" else np.nan
        return self._step(self.lower, start, times), self._step(self.upper, start, times)

    def at_risk_at(self, times: ArrayLike) -> FloatArray:
        """Count the people still followed just before given times (NaN for a missing time)."""
        wanted = np.asarray(times, dtype=np.float64)
        left = np.append(self.at_risk, 0)[np.searchsorted(self.time, wanted, side="left")]
        return np.where(np.isnan(wanted), np.nan, left)

    def quantile(self, share: float) -> Interval:
        """Estimate the time by which this share (0 to 1) has had the event; NaN if not reached.

        The interval inverts the pointwise bounds (Brookmeyer & Crowley 1982). As in R and SAS, a curve that
        stays level exactly at 1 - share gives the middle of that stretch.
        """
        if not 0 < share < 1:
            raise ValueError(f"a share lies between 0 and 1, not {share}")
        level = 1 - share
        estimate, lower, upper = (
            _first_below(self.time, values, level) for values in (self.survival, self.lower, self.upper)
        )
        return Interval(estimate, lower, upper, self.level, f"Brookmeyer-Crowley, {self.interval}")

    def median(self) -> Interval:
        """Estimate the median survival time with its interval, as in `quantile`."""
        return self.quantile(0.5)


def _first_below(time: FloatArray, values: FloatArray, level: float) -> float:
    """The first time at which a step function is at or below a level, or the middle of a level stretch."""
    reached = values < level + _HALF  # never true of NaN
    when, what = time[reached], values[reached]
    if when.size == 0:
        return float("nan")
    below = when[what < what[0]]
    if abs(what[0] - level) < _HALF and below.size:
        return float((when[0] + below[0]) / 2)
    return float(when[0])


def _bounds(
    survival: FloatArray, error: FloatArray, level: float, interval: IntervalKind
) -> tuple[FloatArray, FloatArray]:
    """Pointwise bounds from the survival and the Greenwood standard error of its logarithm."""
    reach = compute_normal_quantile((1 + level) / 2) * error
    if interval == "log":
        inside = np.where(survival > 0, survival, np.nan)
        return inside * np.exp(-reach), np.minimum(1.0, inside * np.exp(reach))
    logarithm = np.log(np.where((survival > 0) & (survival < 1), survival, np.nan))
    return np.exp(logarithm * np.exp(-reach / logarithm)), np.exp(logarithm * np.exp(reach / logarithm))


def kaplan_meier(
    time: ArrayLike, event: ArrayLike, level: float = 0.95, interval: IntervalKind = "log-log"
) -> SurvivalCurve:
    """Estimate a survival curve from right-censored times.

    `time` [any unit, >= 0] and `event` (1 or true for the event, 0 or false for censored) are arrays of n;
    people with either missing are left out and counted. `interval` is "log-log" (default of SAS) or "log"
    (default of R). ValueError for another coding of events (such as R's 1/2), negative or infinite times,
    unequal lengths, or nobody left. Source: Kaplan & Meier 1958; Greenwood 1926; Kalbfleisch & Prentice
    1980 (log-log). There are no bounds before the first death, nor where nobody is left. Equal times are exactly
    equal times.

    >>> curve = kaplan_meier([1, 2, 3, 4], [1, 0, 1, 1])
    >>> curve.survival.round(3).tolist(), curve.at_risk.tolist()
    ([0.75, 0.75, 0.375, 0.0], [4, 3, 2, 1])
    """
    level = as_level(level)
    if interval not in ("log-log", "log"):
        raise ValueError(f"intervals of a survival curve are log-log and log, not {interval!r}")
    times, events = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=np.float64)
    if times.ndim != 1 or times.shape != events.shape:
        raise ValueError(f"time and event must be arrays of one length, not {times.shape} and {events.shape}")
    known = ~(np.isnan(times) | np.isnan(events))
    times, events = times[known], events[known]
    if times.size == 0:
        raise ValueError("nobody has both a time and an event status")
    if not np.isfinite(times).all() or (times < 0).any():
        raise ValueError("a time is negative or infinite")
    if not np.isin(events, (0.0, 1.0)).all():
        raise ValueError("an event must be 1 (or true) or 0 (or false)")

    when, place = np.unique(times, return_inverse=True)
    deaths = np.bincount(place, weights=events).astype(np.int64)
    censored = np.bincount(place, weights=1 - events).astype(np.int64)
    left = deaths + censored
    at_risk = times.size - np.cumsum(left) + left
    survival = np.cumprod(1 - deaths / at_risk)
    with np.errstate(all="ignore"):  # nobody left is no bound, not an error
        error = np.sqrt(np.cumsum(deaths / (at_risk * (at_risk - deaths))))
        lower, upper = _bounds(survival, error, level, interval)
    missing = int((~known).sum())
    return SurvivalCurve(
        when, at_risk, deaths, censored, survival, lower, upper, level, interval, times.size, missing
    )
