"""The mean change of paired measurements, with its t interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from charcot.statistics.distributions import compute_t_quantile
from charcot.statistics.intervals import Interval, as_level


@dataclass(frozen=True)
class MeanChange:
    """The mean of after - before with its interval, in the unit of the values.

    `n` pairs are complete; `dropped` holds the row numbers (from 0) of the `n_dropped` that are not. One pair has
    no spread: `sd` and `se` are None, the bounds NaN, and `note` says so ("" otherwise).
    """

    n: int
    n_dropped: int
    dropped: tuple[int, ...]
    change: Interval
    sd: float | None
    se: float | None
    note: str


def estimate_mean_change(before: ArrayLike, after: ArrayLike, *, level: float = 0.95) -> MeanChange:
    """Estimate the mean change (after - before) of paired measurements with its t interval.

    `before` and `after` are arrays of one length [any one unit], a pair with NaN or None is left out and listed.
    ValueError for other shapes, an infinite value, no complete pair, or a level outside (0, 1). Source: Student
    1908: mean -+ t(n - 1) SD / sqrt n.

    >>> first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]  # Student's hours of sleep gained
    >>> second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    >>> change = estimate_mean_change(first, second).change
    >>> print(f"{change.estimate:.2f} ({change.lower:.2f} to {change.upper:.2f})")
    1.58 (0.70 to 2.46)
    """
    level = as_level(level)
    start, end = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if start.ndim != 1 or start.shape != end.shape:
        raise ValueError(f"before and after must be arrays of one length, not {start.shape} and {end.shape}")
    if np.isinf(start).any() or np.isinf(end).any():
        raise ValueError("a value is infinite")
    missing = np.isnan(start) | np.isnan(end)
    dropped = tuple(int(row) for row in np.flatnonzero(missing))
    changes = (end - start)[~missing]
    n = changes.size
    if n == 0:
        raise ValueError("nobody has both a value before and one after")
    mean = float(changes.mean())
    if n == 1:
        alone = Interval(mean, np.nan, np.nan, level, "paired t")
        return MeanChange(1, len(dropped), dropped, alone, None, None, "one pair has no spread: no interval")
    sd = float(changes.std(ddof=1))
    se = sd / float(np.sqrt(n))
    reach = compute_t_quantile((1 + level) / 2, n - 1) * se
    return MeanChange(
        n, len(dropped), dropped, Interval(mean, mean - reach, mean + reach, level, "paired t"), sd, se, ""
    )
