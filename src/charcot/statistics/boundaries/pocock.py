"""The Pocock-type boundary: the same level at each look, as high as the exact overall level allows."""

import numpy as np

from charcot.statistics.boundaries.boundary import StoppingBoundary
from charcot.statistics.boundaries.characteristics import compute_stopping_probability

_TIE = 1e-12
"""Relative difference up to which two tails are the same attained p value."""


def pocock_boundary(planned: int, p0: float, alpha: float) -> StoppingBoundary:
    """Find the boundary that stops after n participants with k events when P(Bin(n, p0) >= k) <= c.

    `planned` participants, looked at one by one; c is the largest attained p value for which the trial stops with
    probability at most `alpha` when the true risk is `p0`. Where nothing may stop, no number of events does. ValueError for
    numbers outside 0 to 1 or fewer than one participant. Source: Ivanova, Qaqish, Schell, Biometrics 2005;61:540.

    >>> pocock_boundary(17, 0.03, 0.10).steps
    ((1, 2), (2, 13), (3, 17))
    """
    if planned < 1 or planned != int(planned):
        raise ValueError(f"plan a whole number of at least 1 participant, not {planned}")
    if not (0 < p0 < 1 and 0 < alpha < 1):
        raise ValueError(f"p0 and alpha lie between 0 and 1, not {p0} and {alpha}")
    tails = _tails(int(planned), p0)
    attained = np.unique(tails[(tails > 0) & (tails <= alpha * (1 + _TIE))])
    low, high = 0, attained.size
    while low < high:
        middle = (low + high) // 2
        found = _at_level(tails, float(attained[middle]))
        if compute_stopping_probability(found, p0) <= alpha * (1 + _TIE):
            low = middle + 1
        else:
            high = middle
    return _at_level(tails, float(attained[low - 1]) if low else 0.0)


def _tails(planned: int, p0: float) -> np.ndarray:
    """P(Bin(n, p0) >= k) in row n - 1 and column k - 1; 0 for k > n."""
    from scipy.special import betainc  # slow to import, so only here

    n, k = np.meshgrid(np.arange(1, planned + 1), np.arange(1, planned + 1), indexing="ij")
    return np.where(k <= n, betainc(k, np.maximum(n - k + 1, 1), p0), 0.0)


def _at_level(tails: np.ndarray, level: float) -> StoppingBoundary:
    counts = np.arange(1, tails.shape[0] + 1)
    allowed = (tails <= level * (1 + _TIE)) & (counts[None, :] <= counts[:, None])
    first = np.where(allowed.any(axis=1), allowed.argmax(axis=1) + 1, counts + 1)
    return StoppingBoundary("pocock", tuple(int(k) for k in first), level)
