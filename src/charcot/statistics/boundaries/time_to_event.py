"""Late events: people still inside their window count as far as they were followed."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.statistics.boundaries.beta_binomial import require_prior


def compute_tite_weights(followed: ArrayLike, had_event: ArrayLike, window: float) -> NDArray[np.float64]:
    """Compute the weight of each person: 1 after an event or a whole window, else the share of the window followed.

    `followed` and `window` in one unit of time, >= 0 and > 0. The weights grow evenly over the window. ValueError for other
    times, or arrays of unequal length. Source: Cheung & Chappell, Biometrics 2000;56:1177.

    >>> compute_tite_weights([36, 30, 90, 0], [True, False, False, False], window=60).tolist()
    [1.0, 0.5, 1.0, 0.0]
    """
    times, events = np.asarray(followed, dtype=np.float64), np.asarray(had_event, dtype=bool)
    if times.shape != events.shape or times.ndim != 1:
        raise ValueError(f"give one time and one event status for each, not {times.shape} and {events.shape}")
    if not (np.isfinite(window) and window > 0 and np.isfinite(times).all() and (times >= 0).all()):
        raise ValueError("times are finite and at least 0, the window is above 0")
    return np.where(events, 1.0, np.minimum(times / window, 1.0))


def compute_tite_exceedance(
    weights: ArrayLike, had_event: ArrayLike, p0: float, *, a: float, b: float
) -> float:
    """Compute the posterior probability that the risk within the window exceeds `p0`, after a Beta(`a`, `b`) prior.

    `weights` as from `compute_tite_weights`. The likelihood is the product of w·p for those with an event and 1 - w·p for the
    others. Exactly: 1 - w·p = (1 - w) + w·(1 - p), so the posterior is a mixture of beta distributions, weighted by how
    many of those still followed are counted as done. With weights of 1 it is `compute_exceedance`.

    >>> round(compute_tite_exceedance([1.0, 1.0], [True, False], 0.1, a=1, b=9), 6)
    0.697357
    """
    require_prior(p0, a, b)
    known, events = np.asarray(weights, dtype=np.float64), np.asarray(had_event, dtype=bool)
    if known.shape != events.shape or known.ndim != 1 or not ((known >= 0) & (known <= 1)).all():
        raise ValueError("give one weight from 0 to 1 and one event status for each person")
    from scipy.special import betaincc, betaln  # slow to import, so only here

    waiting = known[~events]
    done = int((waiting == 1).sum())
    shares = np.ones(1)
    for weight in waiting[(waiting > 0) & (waiting < 1)]:
        shares = np.append(shares * (1 - weight), 0.0) + np.insert(shares * weight, 0, 0.0)
    first, second = a + int(events.sum()), b + done + np.arange(shares.size)
    mass = betaln(first, second)
    mass = shares * np.exp(mass - mass.max())
    return float((mass * betaincc(first, second, p0)).sum() / mass.sum())
