"""Fisher's exact test of a two-by-two table, with the conditional odds ratio."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.statistics.intervals import Interval, as_level

MOST_COUNTED = 1000
"""People in a table up to whom the p value is a ratio of whole numbers."""


@dataclass(frozen=True)
class FisherTest:
    """The two-sided p value and the conditional maximum-likelihood odds ratio with its exact interval."""

    p_value: float
    odds_ratio: Interval


def estimate_odds_ratio(table: ArrayLike, *, level: float = 0.95) -> FisherTest:
    """Estimate the odds ratio of a two-by-two table, with Fisher's two-sided exact p value.

    `table` holds counts ((a, b), (c, d)): rows are groups, columns outcomes. An empty row or column gives
    p 1, estimate NaN and the interval 0 to infinity. ValueError for another shape, counts that are not
    whole numbers of at least 0, or a level outside (0, 1). Source: Fisher 1935 (p sums the tables no more
    probable than this one); Cornfield 1956 (noncentral hypergeometric). R's fisher.test solves the same
    equations to about four digits only (uniroot's default tolerance); here they are solved fully.

    >>> result = estimate_odds_ratio([[5, 12], [0, 12]])
    >>> print(f"{result.p_value:.4f}")
    0.0588
    """
    level = as_level(level)
    counts = np.asarray(table, dtype=np.float64)
    if counts.shape != (2, 2):
        raise ValueError(f"the table must have two rows and two columns, not the shape {counts.shape}")
    if not (np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))).all():
        raise ValueError("the table must hold whole numbers of at least 0")
    whole = counts.astype(np.int64)
    method = "conditional exact"
    if not (whole.sum(axis=0).all() and whole.sum(axis=1).all()):
        return FisherTest(1.0, Interval(np.nan, 0.0, np.inf, level, method))

    (a, b), (c, d) = whole.tolist()
    chances = _Chances(a + b, c + d, a + c)
    bounds = chances.bounds(a, (1 - level) / 2)
    return FisherTest(chances.p_value(a), Interval(chances.most_likely(a), *bounds, level, method))


class _Chances:
    """The chances of the first count of a table whose margins are given, for any log odds ratio."""

    def __init__(self, first: int, second: int, chosen: int) -> None:
        self._first, self._second, self._chosen = first, second, chosen
        self._counts = np.arange(max(0, chosen - second), min(first, chosen) + 1)
        self._log_ways = np.array(
            [_log_ways(first, count) + _log_ways(second, chosen - count) for count in self._counts.tolist()]
        )

    def p_value(self, count: int) -> float:
        """How probable the tables are, at an odds ratio of 1, that are no more probable than this one.

        Counted in whole numbers up to `MOST_COUNTED` people; in larger tables, those whose chances differ by less than one part
        in ten million count as equally probable, as in R.
        """
        if self._first + self._second <= MOST_COUNTED:
            ways = {
                n: math.comb(self._first, n) * math.comb(self._second, self._chosen - n)
                for n in self._counts.tolist()
            }
            return sum(each for each in ways.values() if each <= ways[count]) / sum(ways.values())
        chances = self._at(0.0)
        seen = chances[self._counts == count][0]
        return min(1.0, float(chances[chances <= seen * (1 + 1e-7)].sum()))

    def most_likely(self, count: int) -> float:
        """The odds ratio at which this count is the expected one: 0 and infinite where the count is at an end."""
        return self._solve(count, lambda chances: float(chances @ self._counts) - count)

    def bounds(self, count: int, tail: float) -> tuple[float, float]:
        """The odds ratios at which as much or more, and as little or less, has the chance `tail`."""
        low = self._solve(count, lambda p: float(p[self._counts >= count].sum()) - tail, highest=False)
        high = self._solve(count, lambda p: tail - float(p[self._counts <= count].sum()), lowest=False)
        return low, high

    def _at(self, log_odds: float) -> NDArray[np.float64]:
        logs = self._log_ways + log_odds * self._counts
        chances = np.exp(logs - logs.max())
        return np.asarray(chances / chances.sum())

    def _solve(
        self,
        count: int,
        rising: Callable[[NDArray[np.float64]], float],
        *,
        lowest: bool = True,
        highest: bool = True,
    ) -> float:
        """The odds ratio at which a function of the chances that rises with it is 0, by halving its logarithm."""
        if lowest and count == self._counts[0]:
            return 0.0
        if highest and count == self._counts[-1]:
            return math.inf
        low, high = -1.0, 1.0
        while rising(self._at(low)) > 0:
            low *= 2
        while rising(self._at(high)) < 0:
            high *= 2
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if rising(self._at(middle)) < 0 else (low, middle)
        return math.exp(middle)


def _log_ways(of: int, chosen: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)
