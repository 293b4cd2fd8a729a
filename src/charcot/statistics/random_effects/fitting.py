"""The search for the covariance of random effects: damped Newton steps on the profiled deviance, boundary included."""

from dataclasses import dataclass

import numpy as np

from charcot.statistics.random_effects.compression import Compressed, FloatArray
from charcot.statistics.random_effects.deviance import Deviance, Places, chain, compute_deviance

STEPS = 200
_DONE = 1e-9
"""Half the squared Newton decrement, in units of deviance, below which only rounding is left to gain."""
_ZERO = 1e-5
"""A diagonal entry this small (standard deviation relative to the residual's, columns scaled) is the boundary."""
_MANY = 2000
"""From this many subjects on one start is enough: several optima are a trouble of few subjects."""


@dataclass(frozen=True, eq=False)
class Fit:
    """The best factor found, the deviance there, whether the search converged, how many steps it took, and the rank."""

    factor: FloatArray
    deviance: Deviance
    converged: bool
    steps: int
    rank: int


def list_places(q: int, correlated: bool) -> Places:
    """The entries of the lower triangular factor that are free, column by column as in lme4.

    >>> list_places(2, True), list_places(2, False)
    (((0, 0), (1, 0), (1, 1)), ((0, 0), (1, 1)))
    """
    return tuple(
        (row, column) for column in range(q) for row in range(column, q) if correlated or row == column
    )


def fit_factor(data: Compressed, places: Places, reml: bool) -> Fit:
    """Find the factor with the least deviance, from two starts where subjects are few.

    LinAlgError where no residual is left. At a singular end the deviance is looked at across the boundary, and the search
    goes on where it still falls.
    """
    found: Fit | None = None
    for scale in (1.0,) if data.m > _MANY else (1.0, 0.1):
        fit = _settle(data, _descend(data, scale * np.eye(data.q), places, reml), places, reml)
        if found is None or (fit.converged, -fit.deviance.value) > (
            found.converged,
            -found.deviance.value + 1e-9,
        ):
            found = fit
    assert found is not None
    return found


def _descend(data: Compressed, factor: FloatArray, places: Places, reml: bool) -> Fit:
    rows, columns = (list(part) for part in zip(*places, strict=True))
    here = compute_deviance(data, factor, reml)
    gradient, hessian = chain(here.gradient, here.hessian, factor, places)
    for step in range(STEPS):
        values, vectors = np.linalg.eigh(hessian)
        values = np.maximum(np.abs(values), 1e-9 * max(1.0, float(np.abs(values).max())))
        move = -vectors @ ((vectors.T @ gradient) / values)
        decrement = float(-gradient @ move) / 2
        if decrement < 1e-24:
            return Fit(factor, here, True, step, 0)
        length = min(1.0, 10 * max(1.0, float(np.abs(factor).max())) / float(np.abs(move).max()))
        while True:
            trial = factor.copy()
            trial[rows, columns] += length * move
            there = compute_deviance(data, trial, reml)
            new_gradient, new_hessian = chain(there.gradient, there.hessian, trial, places)
            if (
                decrement < _DONE
            ):  # differences of deviances are rounding here: the gradient must fall instead
                if np.abs(new_gradient / values**0.5).sum() >= np.abs(gradient / values**0.5).sum():
                    return Fit(factor, here, True, step, 0)
                break
            if there.value <= here.value - 1e-4 * length * decrement:
                break
            length /= 2
            if length < 1e-10:
                return Fit(factor, here, decrement < 1e-6, step, 0)
        factor, here, gradient, hessian = trial, there, new_gradient, new_hessian
    return Fit(factor, here, False, STEPS, 0)


def _settle(data: Compressed, fit: Fit, places: Places, reml: bool) -> Fit:
    """Put what is at the boundary exactly there, and leave it again where the deviance falls across it."""
    steps = fit.steps
    for _ in range(4):
        factor = fit.factor.copy()
        for row, column in places:
            if row == column and abs(factor[row, row]) < _ZERO:
                factor[row, row] = 0.0
        factor *= np.where(np.diag(factor) < 0, -1.0, 1.0)  # the sign of a column is free
        here = compute_deviance(data, factor, reml)
        if here.value > fit.deviance.value + 1e-7:
            factor, here = fit.factor, fit.deviance
        values, vectors = np.linalg.eigh(factor @ factor.T)
        flat = vectors[:, values <= _ZERO**2 * max(1.0, float(values[-1]))]
        rank = data.q - flat.shape[1]
        diagonal = all(row == column for row, column in places)
        down = _find_descent(here.gradient, flat, diagonal)
        if down is None or not fit.converged:
            return Fit(factor, here, fit.converged, steps, rank)
        fit = _descend(data, _factorise(factor @ factor.T + 1e-3 * np.outer(down, down)), places, reml)
        steps += fit.steps
    return Fit(fit.factor, fit.deviance, False, steps, data.q)


def _find_descent(gradient: FloatArray, flat: FloatArray, diagonal: bool) -> FloatArray | None:
    """A direction without variance in which some variance would lower the deviance."""
    if flat.shape[1] == 0:
        return None
    if diagonal:
        slopes = np.where((flat**2).sum(axis=1) > 0.5, np.diag(gradient), np.inf)
        place = int(np.argmin(slopes))
        return np.eye(gradient.shape[0])[place] if slopes[place] < -1e-6 else None
    values, vectors = np.linalg.eigh(flat.T @ gradient @ flat)
    best: FloatArray = flat @ vectors[:, 0]
    return best if values[0] < -1e-6 else None


def _factorise(psi: FloatArray) -> FloatArray:
    """The lower triangular factor of a matrix that may be singular."""
    values, vectors = np.linalg.eigh(psi)
    upper = np.asarray(np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T, mode="r"))
    return np.asarray(upper.T * np.where(np.diag(upper) < 0, -1.0, 1.0), dtype=np.float64)
