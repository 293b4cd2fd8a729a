"""Profiled deviance of a mixed model with its exact gradient and Hessian in the covariance of the random effects."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.random_effects.compression import Compressed, FloatArray

Places = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Deviance:
    """Minus twice the log-likelihood at one covariance of random effects relative to the residual's (psi = L L').

    Fixed effects and residual variance are at their best for it. `gradient` q x q and `hessian` q x q x q x q
    take the entries of psi as free numbers; they are meant to be contracted with symmetric matrices. Parts of both
    are kept for tests: `d` is q x (p + 1) x q x (p + 1), in the coordinates in which the precision of the fixed
    effects is the identity and the last column is the residual.
    """

    value: float
    gradient: FloatArray
    hessian: FloatArray
    sigma2: float
    fixed: FloatArray
    """The p coefficients of the orthonormal columns, beyond `start`."""
    root: FloatArray
    """The lower Cholesky root of the precision of the fixed effects, in units of the residual variance."""
    d: FloatArray
    square_hessian: FloatArray
    """The second derivative of the residual sum of squares alone, as `hessian`."""
    degrees: int
    t: FloatArray
    """g x q x q: R' K R of each pattern, K the inverse of I + R psi R'."""


def compute_deviance(data: Compressed, factor: FloatArray, reml: bool) -> Deviance:
    """Compute the deviance at the q x q lower triangular `factor` of the relative covariance.

    LinAlgError where the outcome is explained without any residual. Source: Bates et al. 2015 (J Stat Softw 67:1),
    equations 34 and 42, for the criterion; derivatives by the rules of matrix calculus, with dK = -K R dpsi R' K.
    """
    p, q = data.p, data.q
    spread = data.r @ factor
    middle = np.eye(q) + spread @ spread.transpose(0, 2, 1)
    inner = np.linalg.cholesky(middle)
    inverse = np.linalg.inv(middle)
    log_middle = 2 * float(data.count @ np.log(np.diagonal(inner, axis1=1, axis2=2)).sum(axis=1))
    half = inverse @ data.r
    t = data.r.transpose(0, 2, 1) @ half

    u, pattern = data.folded, data.folded_pattern
    weighted = inverse[pattern] @ u
    products = data.rest + np.tensordot(u, weighted, axes=([0, 1], [0, 1]))
    products = (products + products.T) / 2
    root: FloatArray = np.asarray(np.linalg.cholesky(products[:p, :p]), dtype=np.float64)
    fixed: FloatArray = np.asarray(np.linalg.solve(products[:p, :p], products[:p, p]), dtype=np.float64)
    squares = float(products[p, p] - products[:p, p] @ fixed)
    degrees = data.n - p if reml else data.n
    if not squares > 0:
        raise np.linalg.LinAlgError("no residual is left")

    turn = np.zeros((p + 1, p + 1))
    turn[:p, :p] = np.linalg.inv(root).T
    turn[:p, p], turn[p, p] = -fixed, 1.0
    s = half.transpose(0, 2, 1)[pattern] @ (u @ turn)
    d = np.tensordot(s, s, axes=([0], [0]))  # q, p+1, q, p+1
    s_fixed, s_left = s[:, :, :p], s[:, :, p]
    t_of = t[pattern]
    by_left = np.einsum("sbc,sad->abcd", t_of, s_left[:, :, None] * s_left[:, None, :], optimize=True)
    cross = d[:, :p, :, p]
    square_hessian = 2 * by_left - 2 * np.einsum("ajb,cjd->abcd", cross, cross)
    square_gradient = -d[:, p, :, p]
    gradient = np.einsum("g,gab->ab", data.count, t) + degrees * square_gradient / squares
    hessian = -np.einsum("g,gbc,gda->abcd", data.count, t, t, optimize=True)
    hessian += degrees * (
        square_hessian / squares - np.multiply.outer(square_gradient, square_gradient) / squares**2
    )
    value = log_middle + degrees * (1 + np.log(2 * np.pi * squares / degrees))
    if reml:
        by_fixed = np.einsum("sbc,sad->abcd", t_of, s_fixed @ s_fixed.transpose(0, 2, 1), optimize=True)
        inside = d[:, :p, :, :p]
        gradient -= np.einsum("ajbj->ab", inside)
        hessian += 2 * by_fixed - np.einsum("ajbk,ckdj->abcd", inside, inside, optimize=True)
        value += 2 * float(np.log(np.diag(root)).sum() + np.log(np.abs(np.diag(data.x_root))).sum())
    return Deviance(
        float(value), gradient, hessian, squares / degrees, fixed, root, d, square_hessian, degrees, t
    )


def make_directions(factor: FloatArray, places: Places) -> FloatArray:
    """The k x q x q derivatives of psi = L L' by the entries of L at `places`."""
    found = np.zeros((len(places), *factor.shape))
    for one, (row, column) in zip(found, places, strict=True):
        one[row, :] += factor[:, column]
        one[:, row] += factor[:, column]
    return found


def make_curvatures(q: int, places: Places) -> FloatArray:
    """The k x k x q x q second derivatives of psi = L L' by the entries of L at `places`."""
    found = np.zeros((len(places), len(places), q, q))
    for k, (row, column) in enumerate(places):
        for l_, (other, other_column) in enumerate(places):
            if column == other_column:
                found[k, l_, row, other] += 1
                found[k, l_, other, row] += 1
    return found


def chain(
    gradient: FloatArray, hessian: FloatArray, factor: FloatArray, places: Places
) -> tuple[FloatArray, FloatArray]:
    """Gradient (k) and Hessian (k x k) in the entries of L, from those in psi."""
    steps = make_directions(factor, places)
    first: NDArray[np.float64] = np.tensordot(steps, gradient, axes=2)
    bent = make_curvatures(factor.shape[0], places)
    second = np.einsum("kab,abcd,lcd->kl", steps, hessian, steps, optimize=True)
    second = second + np.tensordot(bent, gradient, axes=2)
    return first, (second + second.T) / 2
