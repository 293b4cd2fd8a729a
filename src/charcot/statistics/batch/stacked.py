"""MMRM with an unstructured covariance for a stack of data sets at once, in NumPy: objective, derivatives, Newton steps."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.batch.moments import BatchMoments, Floats, Places, square_places

CONVERGED, NOT_CONVERGED, NOT_IDENTIFIED = 0, 1, 2
"""How a fit ended."""
CLOSE = 1e-10
"""A squared Newton decrement below which the step from there is the last: what it leaves is its square."""
SURE = 1e-6
"""A squared decrement below which a step is taken without comparing objectives, whose difference is then rounding."""
MOST_STEPS, MOST_HALVINGS = 60, 40
SMALL = 1e-12
"""A pivot or a variance below this share of what it came from is nothing: parameters cannot be told apart."""
NARROW, SHRUNK = 1e-3, (0.05, 0.3, 0.7, 1.0)
"""A start with a pivot below this share has its covariances shrunk, by more and more."""


@dataclass(frozen=True)
class Fits:
    """Fits of D data sets; numbers are NaN where `status` is not CONVERGED.

    `beta` (D, p), `covariance` (D, p, p) of beta, `visit_covariance` (D, V, V), `deviance` (D) without its constant,
    `information` (D, T, T): second derivatives of the deviance in vech of the visit covariance; `slopes`
    (D, T, p, p): minus the derivatives of the precision of beta in it.
    """

    status: NDArray[np.int8]
    steps: NDArray[np.int16]
    beta: Floats
    covariance: Floats
    visit_covariance: Floats
    deviance: Floats
    information: Floats
    slopes: Floats


@dataclass(frozen=True)
class StackPoint:
    """Everything about a stack at given visit covariances."""

    deviance: Floats
    beta: Floats
    covariance: Floats
    gradient: Floats
    hessian: Floats
    fisher: Floats
    slopes: Floats

    def subset(self, which: NDArray[np.bool_]) -> "StackPoint":
        return StackPoint(*(getattr(self, field.name)[which] for field in fields(self)))


def empty_fits(data_sets: int, visits: int, width: int) -> Fits:
    """Fits that have not been made yet."""
    t = visits * (visits + 1) // 2
    return Fits(
        np.full(data_sets, NOT_IDENTIFIED, dtype=np.int8),
        np.zeros(data_sets, dtype=np.int16),
        np.full((data_sets, width), np.nan),
        np.full((data_sets, width, width), np.nan),
        np.full((data_sets, visits, visits), np.nan),
        np.full(data_sets, np.nan),
        np.full((data_sets, t, t), np.nan),
        np.full((data_sets, t, width, width), np.nan),
    )


def fit_stack(moments: BatchMoments, *, reml: bool) -> Fits:
    """Fits every data set of a stack by Newton's method with halved steps."""
    at, sigma = start_at(moments)
    out = empty_fits(len(moments.n), moments.patterns.shape[1], width_of(moments))
    active = moments.subset(at)
    out.status[at] = NOT_CONVERGED
    last = np.zeros(len(at), dtype=bool)
    for step in range(MOST_STEPS):
        point = evaluate_stack(active, sigma, reml)
        keep_point(out, at[last], sigma[last], point.subset(last), step)
        go = np.flatnonzero(~last)
        if not len(go):
            break
        at, sigma, point, active = at[go], sigma[go], point.subset(~last), active.subset(go)
        direction, decrement = _direction(point)
        moved, accepted = _move(active, sigma, point.deviance, direction, decrement, reml)
        went = np.flatnonzero(accepted)
        at, sigma, active = at[went], moved[went], active.subset(went)
        last = decrement[went] < CLOSE
    return out


def start_at(moments: BatchMoments) -> tuple[Places, Floats]:
    """The data sets that can be fitted, and a covariance of their ordinary residuals by pairs of visits."""
    visits = moments.patterns.shape[1]
    first, second = np.tril_indices(visits)
    same = first == second
    width = width_of(moments)
    seen = moments.sums.sum(axis=1)
    whole = unpack(seen[:, same].sum(axis=1), width + 1)
    present = (moments.patterns[:, first] & moments.patterns[:, second]).astype(np.float64)
    pairs = moments.n @ present
    precision = whole[:, :width, :width]
    enough = (moments.n.sum(axis=1) >= len(first)) & (pairs[:, same].sum(axis=1) > width)
    at = np.flatnonzero((pairs > 0).all(axis=1) & enough & (_least_pivot(precision) > SMALL))
    beta = np.linalg.solve(precision[at], whole[at, :width, width:])[..., 0]
    raw = np.matmul(seen[at], _residual_weight(np.asarray(beta, dtype=np.float64))[:, :, None])[
        ..., 0
    ] / np.maximum(pairs[at], 1.0)
    raw[:, ~same] /= 2
    fine = (raw[:, same] > SMALL * whole[at, width, width][:, None]).all(axis=1)
    at, raw = at[fine], raw[fine]
    for shrunk in SHRUNK:
        narrow = np.flatnonzero(_least_pivot(unpack(raw, visits)) <= NARROW)
        raw[narrow[:, None], np.flatnonzero(~same)] *= 1 - shrunk
    return at, unpack(raw, visits)


def _least_pivot(matrices: Floats) -> Floats:
    """The least share of its diagonal element that a pivot of Cholesky's method keeps; at most 0 if not positive definite."""
    least = np.ones(len(matrices))
    left = matrices.copy()
    diagonal = np.einsum("dii->di", matrices)
    for i in range(matrices.shape[1]):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(diagonal[:, i] > 0, left[:, i, i] / diagonal[:, i], 0.0)
            least = np.minimum(least, share)
            column = left[:, i + 1 :, i]
            safe = np.where(share > 0, left[:, i, i], np.inf)
            left[:, i + 1 :, i + 1 :] -= column[:, :, None] * column[:, None, :] / safe[:, None, None]
    return least


def evaluate_stack(moments: BatchMoments, sigma: Floats, reml: bool) -> StackPoint:
    """Minus twice the log-likelihood without its constant, with exact first and second derivatives in vech(sigma)."""
    data_sets, k = moments.n.shape
    visits, width = moments.patterns.shape[1], width_of(moments)
    first, second = np.tril_indices(visits)
    same = first == second
    pairs = len(first)
    sums = moments.sums.reshape(data_sets, k * pairs, -1)
    inverse, deviance = invert_patterns(moments, sigma)
    whole = unpack(np.matmul(inverse[:, :, first, second].reshape(data_sets, 1, -1), sums)[:, 0], width + 1)
    root_inverse, log_root = _root_inverse(whole[:, :width, :width])
    covariance = np.matmul(root_inverse.transpose(0, 2, 1), root_inverse)
    right = whole[:, :width, width]
    beta = np.matmul(covariance, right[:, :, None])[..., 0]
    deviance = deviance + whole[:, width, width] - np.einsum("di,di->d", beta, right)
    weight = _residual_weight(beta)
    if reml:
        deviance = deviance + 2 * log_root
        upper, lower = np.tril_indices(width)
        weight[:, : len(upper)] += covariance[:, upper, lower] * np.where(upper == lower, 1.0, 2.0)
    plain = np.matmul(sums, weight[:, :, None]).reshape(data_sets, k, pairs) * np.where(same, 1.0, 0.5)
    traces = np.matmul(np.matmul(inverse, unpack(plain, visits)), inverse)
    weighted = moments.n[:, :, None, None] * inverse
    gradient = (weighted - traces).sum(axis=1)[:, first, second] * np.where(same, 1.0, 2.0)

    one, other = (
        inverse[:, :, first],
        inverse[:, :, second],
    )  # W E W = one' other + other' one, by direction E
    turned = one[..., first] * other[..., second] + one[..., second] * other[..., first]
    turned[:, :, same] /= 2
    turned = turned.transpose(0, 2, 1, 3).reshape(data_sets, pairs, k * pairs)
    slopes = unpack(np.matmul(turned, sums), width + 1)
    e = np.concatenate([-beta, np.ones((data_sets, 1))], axis=1)
    pull = np.matmul(slopes[:, :, :width, :], e[:, None, :, None])[..., 0]
    scaled = np.matmul(pull, root_inverse.transpose(0, 2, 1))
    slopes = np.ascontiguousarray(slopes[:, :, :width, :width])
    hessian = _quadratic(inverse, 2 * traces - weighted) - 2 * np.matmul(scaled, scaled.transpose(0, 2, 1))
    if reml:
        half = np.matmul(root_inverse[:, None], slopes)
        inner = np.matmul(half, root_inverse.transpose(0, 2, 1)[:, None]).reshape(data_sets, pairs, -1)
        hessian -= np.matmul(inner, inner.transpose(0, 2, 1))
    return StackPoint(deviance, beta, covariance, gradient, hessian, _quadratic(inverse, weighted), slopes)


def invert_patterns(moments: BatchMoments, sigma: Floats) -> tuple[Floats, Floats]:
    """The inverse of each pattern's part of sigma, in place among zeros, and the sum of log determinants by subject."""
    data_sets, visits = sigma.shape[:2]
    inverse = np.zeros((data_sets, len(moments.patterns), visits, visits))
    logs = np.zeros(data_sets)
    for k, pattern in enumerate(moments.patterns):
        place = np.flatnonzero(pattern)
        part = sigma[:, place[:, None], place]
        inverse[:, k, place[:, None], place] = np.linalg.inv(part)
        logs += moments.n[:, k] * np.linalg.slogdet(part)[1]
    return inverse, logs


def _root_inverse(precision: Floats) -> tuple[Floats, Floats]:
    """The inverse of the lower Cholesky root of each matrix, and the logarithm of the root's determinant."""
    root = np.linalg.cholesky(precision)
    eye = np.broadcast_to(np.eye(precision.shape[-1]), precision.shape)
    return np.linalg.solve(root, eye), np.log(np.einsum("dii->di", root)).sum(axis=1)


def _quadratic(inverse: Floats, other: Floats) -> Floats:
    """Sum over patterns of tr(E inverse F other) for all pairs of vech directions E, F."""
    data_sets, k, v, _ = inverse.shape
    first, second = np.tril_indices(v)
    flat = (data_sets, k, v * v)
    pairs = np.matmul(inverse.reshape(flat).transpose(0, 2, 1), other.reshape(flat))
    c, d, f, g = first[:, None], second[:, None], first[None, :], second[None, :]

    def at(p: Places, q: Places, r: Places, s: Places) -> Floats:
        return np.asarray(pairs[:, p * v + q, r * v + s])

    found = at(d, f, g, c) + at(d, g, f, c) + at(c, f, g, d) + at(c, g, f, d)
    half = np.where(first == second, 0.5, 1.0)
    found *= half[:, None] * half[None, :]
    return np.asarray((found + found.transpose(0, 2, 1)) / 2)


def _direction(point: StackPoint) -> tuple[Floats, Floats]:
    """The Newton direction and the squared decrement; where the Hessian is not positive, the expected one serves."""
    scale = np.sqrt(np.einsum("dii->di", point.fisher))
    hessian = point.hessian / (scale[:, :, None] * scale[:, None, :])
    wrong = np.linalg.eigvalsh(hessian)[:, 0] < 1e-8
    hessian[wrong] = point.fisher[wrong] / (scale[wrong, :, None] * scale[wrong, None, :])
    gradient = point.gradient / scale
    direction = -np.linalg.solve(hessian, gradient[:, :, None])[..., 0]
    decrement = -np.einsum("di,di->d", direction, gradient)
    decrement[wrong] = np.maximum(decrement[wrong], 1.0)
    return direction / scale, decrement


def _move(
    moments: BatchMoments, sigma: Floats, deviance: Floats, direction: Floats, decrement: Floats, reml: bool
) -> tuple[Floats, NDArray[np.bool_]]:
    """Takes each step, halved until the covariance is positive definite and the deviance falls."""
    step = unpack(direction, sigma.shape[1])
    moved, accepted = sigma.copy(), np.zeros(len(sigma), dtype=bool)
    length = 1.0
    for _ in range(MOST_HALVINGS):
        left = np.flatnonzero(~accepted)
        if not len(left):
            break
        trial = sigma[left] + length * step[left]
        positive = np.linalg.eigvalsh(trial)[:, 0] > 0
        good = positive & (decrement[left] < SURE)
        ask = np.flatnonzero(positive & ~good)
        if len(ask):
            asked = left[ask]
            found = _deviance(moments.subset(asked), trial[ask], reml)
            good[ask] = found <= deviance[asked] - 1e-4 * length * decrement[asked]
        moved[left[good]], accepted[left[good]] = trial[good], True
        length /= 2
    return moved, accepted


def _deviance(moments: BatchMoments, sigma: Floats, reml: bool) -> Floats:
    data_sets, visits, width = len(sigma), sigma.shape[1], width_of(moments)
    first, second = np.tril_indices(visits)
    inverse, deviance = invert_patterns(moments, sigma)
    flat = inverse[:, :, first, second].reshape(data_sets, 1, -1)
    whole = unpack(np.matmul(flat, moments.sums.reshape(data_sets, flat.shape[2], -1))[:, 0], width + 1)
    precision, right = whole[:, :width, :width], whole[:, :width, width:]
    beta = np.linalg.solve(precision, right)
    deviance = deviance + whole[:, width, width] - np.einsum("dij,dij->d", beta, right)
    if reml:
        deviance = deviance + np.linalg.slogdet(precision)[1]
    return np.asarray(deviance, dtype=np.float64)


def keep_point(out: Fits, at: Places, sigma: Floats, point: StackPoint, steps: int) -> None:
    """Writes fits at their maximum to their places `at`."""
    out.status[at], out.steps[at] = CONVERGED, steps
    out.beta[at], out.covariance[at] = point.beta, point.covariance
    out.visit_covariance[at], out.deviance[at] = sigma, point.deviance
    out.information[at], out.slopes[at] = point.hessian, point.slopes


def width_of(moments: BatchMoments) -> int:
    """How many parameters the design has."""
    return int((np.sqrt(8 * moments.sums.shape[-1] + 1) - 1) / 2 + 0.5) - 1


def _residual_weight(beta: Floats) -> Floats:
    """The lower half of e e', e = (-beta, 1), off the diagonal twice: times a packed sum, the residuals' product."""
    e = np.concatenate([-beta, np.ones((len(beta), 1))], axis=1)
    upper, lower = np.tril_indices(e.shape[1])
    return np.asarray(e[:, upper] * e[:, lower] * np.where(upper == lower, 1.0, 2.0))


def unpack(packed: NDArray[Any], size: int) -> NDArray[Any]:
    """Symmetric matrices from their lower halves, the last axis."""
    return np.asarray(packed[..., square_places(size)])
