"""The beta-binomial boundary: stop when the risk is probably too high, given what was seen and a prior."""

import numpy as np

from charcot.statistics.boundaries.boundary import StoppingBoundary


def compute_exceedance(events: int, people: int, p0: float, *, a: float, b: float) -> float:
    """Compute the posterior probability that the risk exceeds `p0`, after a Beta(`a`, `b`) prior.

    ValueError for counts that are none, a `p0` outside 0 to 1, or a prior that is not above 0.

    >>> round(compute_exceedance(2, 17, 0.10, a=1, b=9), 10)
    0.5105052357
    """
    require_prior(p0, a, b)
    if not 0 <= events <= people:
        raise ValueError(f"{events} people with an event of {people}: give counts with 0 <= events <= people")
    from scipy.special import betaincc  # slow to import, so only here

    return float(betaincc(a + events, b + people - events, p0))


def beta_binomial_boundary(planned: int, p0: float, tau: float, *, a: float, b: float) -> StoppingBoundary:
    """Find the boundary that stops when P(risk > `p0` | data) > `tau`, after a Beta(`a`, `b`) prior.

    Each number of participants from 1 to `planned` has the fewest events for which that holds. ValueError as in
    `compute_exceedance`, and for `tau` outside 0 to 1. Source: Thall & Simon, Biometrics 1994;50:337.

    >>> beta_binomial_boundary(17, 0.10, 0.90, a=1, b=9).steps
    ((2, 2), (3, 9), (4, 16), (5, 17))
    """
    require_prior(p0, a, b)
    if planned < 1 or planned != int(planned) or not 0 < tau < 1:
        raise ValueError(f"plan at least 1 participant with tau between 0 and 1, not {planned} and {tau}")
    from scipy.special import betaincc

    n, k = np.meshgrid(np.arange(1, planned + 1), np.arange(1, planned + 1), indexing="ij")
    stops = (betaincc(a + k, b + np.maximum(n - k, 0), p0) > tau) & (k <= n)
    first = np.where(stops.any(axis=1), stops.argmax(axis=1) + 1, n[:, 0] + 1)
    return StoppingBoundary("beta-binomial", tuple(int(k) for k in first), tau)


def require_prior(p0: float, a: float, b: float) -> None:
    """Raise ValueError unless p0 lies between 0 and 1 and the numbers of the prior above 0."""
    if not 0 < p0 < 1:
        raise ValueError(f"p0 lies between 0 and 1, not {p0}")
    if not (a > 0 and b > 0):
        raise ValueError(f"a beta prior has two numbers above 0, not {a} and {b}")
