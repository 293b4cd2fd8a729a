"""One group against an expectation: the one-sample log-rank test, and the number of survivors that was to be expected."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.statistics.distributions import compute_chi_squared_tail
from charcot.statistics.intervals import Interval, estimate_rate


@dataclass(frozen=True)
class OneSampleLogRank:
    """Events observed and expected, their ratio with its exact Poisson interval, and the two-sided test of ratio 1."""

    observed: int
    expected: float
    ratio: Interval
    chi_squared: float
    p: float


def one_sample_log_rank(
    events: ArrayLike, cumulative_hazard: ArrayLike, entry_hazard: ArrayLike = 0.0, *, level: float = 0.95
) -> OneSampleLogRank:
    """Hold observed events against those expected of each person.

    `events` is 1 or 0 for each person; `cumulative_hazard` what the reference has accumulated, -ln S, when the person's follow-up
    ends, `entry_hazard` when it begins: who enters late, at two years of disease say, is expected to have what comes after. Chi-squared
    is (O - E)^2 / E with one degree of freedom. People with a missing value are left out. ValueError for hazards that fall or are
    below 0, or nothing expected at all. Source: Breslow 1975; Berry 1983; R's survdiff with an offset of S(exit) / S(entry).

    >>> one_sample_log_rank([1, 0, 1], [0.9, 0.7, 1.4], [0.4, 0.2, 0.5]).expected
    1.9
    """
    happened, late, early = np.broadcast_arrays(
        np.asarray(events, dtype=np.float64),
        np.asarray(cumulative_hazard, dtype=np.float64),
        np.asarray(entry_hazard, dtype=np.float64),
    )
    known = ~(np.isnan(happened) | np.isnan(late) | np.isnan(early))
    happened, late, early = happened[known], late[known], early[known]
    if ((happened != 0) & (happened != 1)).any():
        raise ValueError("events are 1 (or true) and 0 (or false)")
    if (early < 0).any() or (late < early).any():
        raise ValueError("a cumulative hazard is at least 0 and does not fall")
    observed, expected = int(happened.sum()), float((late - early).sum())
    if not expected > 0:
        raise ValueError("no event is expected: nobody was followed")
    found = estimate_rate(observed, expected, level=level)
    chi_squared = (observed - expected) ** 2 / expected
    return OneSampleLogRank(observed, expected, found, chi_squared, compute_chi_squared_tail(chi_squared, 1))


def compute_survivors(chances: ArrayLike) -> NDArray[np.float64]:
    """Compute how probably 0, 1, ... n people survive, who have these chances to, each their own.

    The Poisson-binomial distribution, exactly; an array of n + 1. ValueError for chances outside 0 to 1.

    >>> compute_survivors([0.5, 0.5, 1.0]).tolist()
    [0.0, 0.25, 0.5, 0.25]
    """
    each = np.asarray(chances, dtype=np.float64)
    if each.ndim != 1 or not ((each >= 0) & (each <= 1)).all():
        raise ValueError("give one chance from 0 to 1 for each person")
    found = np.zeros(each.size + 1)
    found[0] = 1.0
    for n, chance in enumerate(each, start=1):
        found[1 : n + 1] = found[1 : n + 1] * (1 - chance) + found[:n] * chance
        found[0] *= 1 - chance
    return found
