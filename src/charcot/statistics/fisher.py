"""Fisher's exact test of a two-by-two table, with the conditional odds ratio."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from charcot.statistics.intervals import Interval, as_level


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

    from scipy.stats import fisher_exact  # slow to import, so only here
    from scipy.stats.contingency import odds_ratio

    fitted = odds_ratio(whole, kind="conditional")
    bounds = fitted.confidence_interval(confidence_level=level, alternative="two-sided")
    estimate = Interval(float(fitted.statistic), float(bounds.low), float(bounds.high), level, method)
    return FisherTest(float(fisher_exact(whole).pvalue), estimate)
