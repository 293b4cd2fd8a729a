"""Newton's method with step halving on the Newton decrement: finds the maximum, or says that it did not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charcot.statistics.mixed.likelihood import Derivatives, Likelihood, Point
from charcot.statistics.mixed.structures.structure import Array

TIGHT = 1e-17
"""A Newton decrement at which nothing is left to gain: half of it is the drop in -2 log likelihood."""
LOOSE = 1e-9
"""A decrement that counts as converged if rounding lets it fall no further."""


@dataclass(frozen=True)
class Optimum:
    """Where the search ended; `status` is "" if at a maximum, else what went wrong, in words."""

    point: Point
    derivatives: Derivatives
    steps: int
    decrement: float
    status: str


def _solve(derivatives: Derivatives) -> tuple[Array, bool]:
    """The Newton step, and whether the Hessian was positive definite (else the expected one serves)."""
    for matrix, exact in ((derivatives.hessian, True), (derivatives.fisher, False)):
        scale = np.sqrt(np.abs(np.diag(matrix)))
        scale[scale == 0] = 1.0
        scaled = matrix / np.outer(scale, scale)
        if not exact:
            scaled = scaled + 1e-8 * np.eye(scale.size)
        try:
            np.linalg.cholesky(scaled)
        except np.linalg.LinAlgError:
            continue
        return -np.linalg.solve(scaled, derivatives.gradient / scale) / scale, exact
    return -derivatives.gradient / max(float(np.abs(derivatives.gradient).max()), 1.0), False


def maximise(likelihood: Likelihood, start: Array, most: int = 100) -> Optimum | None:
    """Search from a start; None if the likelihood is not defined there.

    Each step is halved until -2 log likelihood falls by a tenth of what its slope promises.
    """
    point = likelihood.evaluate(start)
    if point is None:
        return None
    last = np.inf
    for steps in range(most):
        derivatives = likelihood.derive(point)
        step, exact = _solve(derivatives)
        decrement = float(-derivatives.gradient @ step)
        stalled = decrement < LOOSE and decrement > 0.1 * last
        if exact and (decrement < TIGHT or stalled):
            return Optimum(point, derivatives, steps, decrement, "")
        last = decrement if exact else np.inf
        noise = 1e-13 * max(abs(point.value), 1.0)
        share, moved = 1.0, None
        while share > 1e-10:
            moved = likelihood.evaluate(point.theta + share * step)
            if moved is not None and moved.value <= point.value - 0.1 * share * decrement + noise:
                break
            share, moved = share / 2, None
        if moved is None:
            if exact and decrement < LOOSE:
                return Optimum(point, derivatives, steps, decrement, "")
            status = _explain(likelihood, point, "no step along the slope improves the likelihood")
            return Optimum(point, derivatives, steps, decrement, status)
        point = moved
    status = _explain(likelihood, point, f"{most} steps were not enough")
    return Optimum(point, likelihood.derive(point), most, decrement, status)


def _explain(likelihood: Likelihood, point: Point, otherwise: str) -> str:
    """Why a search ended without a maximum."""
    sigma = likelihood.covariances(point.theta)
    variances = np.diagonal(sigma, axis1=1, axis2=2)
    sd = np.sqrt(variances)
    least = np.linalg.eigvalsh(sigma / (sd[:, :, None] * sd[:, None, :])).min()
    seen = variances[likelihood.patterns.seen]
    if least < 1e-5 or seen.min() < 1e-8 * seen.max():
        return (
            "the likelihood has no maximum, it rises towards a singular covariance (too few values, or visits that "
            "the covariates explain completely)"
        )
    return otherwise


def maximise_from(likelihood: Likelihood, starts: Sequence[Array]) -> tuple[Optimum | None, tuple[str, ...]]:
    """Try starts in turn until one leads to a maximum; what became of each of the others is told."""
    tried: list[str] = []
    for number, start in enumerate(starts, 1):
        found = maximise(likelihood, start)
        if found is not None and not found.status and well_defined(found):
            return found, tuple(tried)
        if found is None:
            why = "the likelihood is not defined there"
        else:
            why = found.status or "the covariance parameters cannot be told apart there"
        tried.append(f"start {number}: {why}")
    reasons = Counter(text.partition(": ")[2] for text in tried)
    return None, tuple(f"from {count} starts: {reason}" for reason, count in reasons.items())


def well_defined(found: Optimum) -> bool:
    """Whether the Hessian, brought to unit diagonal, is far enough from singular to be inverted."""
    hessian = found.derivatives.hessian
    scale = np.sqrt(np.diag(hessian))
    return bool(np.linalg.cond(hessian / np.outer(scale, scale)) < 1e12)
