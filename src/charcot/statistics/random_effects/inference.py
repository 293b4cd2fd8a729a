"""Tests of fixed effects in a mixed model: Satterthwaite's and Kenward and Roger's degrees of freedom."""

from dataclasses import dataclass

import numpy as np

from charcot.statistics.distributions import compute_f_tail
from charcot.statistics.random_effects.compression import Compressed, FloatArray
from charcot.statistics.random_effects.deviance import Places, chain, make_directions
from charcot.statistics.random_effects.fitting import Fit


@dataclass(frozen=True, eq=False)
class Precision:
    """What tests need, in coordinates in which the model's covariance of the p fixed effects is `sigma2` times I.

    `turn` leads back: coefficients of the design are `turn` times these. `covariance` is `turn` times `sigma2`
    times its transpose; `adjusted` is the one that tests use, the same but for Kenward and Roger. `slopes`, k x p x p,
    are the derivatives of the covariance by the k covariance parameters, `of_parameters`, k x k, is the
    covariance of their estimates.
    """

    sigma2: float
    turn: FloatArray
    covariance: FloatArray
    adjusted: FloatArray
    slopes: FloatArray
    of_parameters: FloatArray
    kenward_roger: bool


def make_satterthwaite(data: Compressed, fit: Fit, places: Places) -> Precision:
    """Derivatives by the entries of the factor and the log of the residual's standard deviation.

    Source: Kuznetsova et al. 2017 (J Stat Softw 82:13); directions without curvature (below 1e-8) are left out, as
    there, but the parameters are free of units here, so that a change of units changes nothing.
    """
    here, sigma2 = fit.deviance, fit.deviance.sigma2
    turn = _turn(data, fit)
    inverse = _invert_curvature(data, fit, places)
    steps = make_directions(fit.factor, places)
    p = data.p
    by_factor = sigma2 * np.einsum("kab,aibj->kij", steps, here.d[:, :p, :, :p])
    by_sigma = 2 * sigma2 * np.eye(p)
    covariance = sigma2 * turn @ turn.T
    slopes = np.concatenate([by_factor, by_sigma[None]])
    return Precision(sigma2, turn, covariance, covariance, slopes, 2 * inverse, False)


def _turn(data: Compressed, fit: Fit) -> FloatArray:
    inner = np.linalg.inv(fit.deviance.root).T
    return np.asarray(np.linalg.solve(data.x_root, inner), dtype=np.float64)


def compute_curvature(data: Compressed, fit: Fit, places: Places) -> FloatArray:
    """The Hessian of the deviance by the entries of the factor and the log of the residual's SD."""
    here = fit.deviance
    _, profiled = chain(here.gradient, here.hessian, fit.factor, places)
    p, k = data.p, len(places)
    squares = -np.tensordot(make_directions(fit.factor, places), here.d[:, p, :, p], axes=2) / here.sigma2
    found = np.empty((k + 1, k + 1))
    found[:k, :k] = profiled + np.outer(squares, squares) / here.degrees
    found[:k, k] = found[k, :k] = -2 * squares
    found[k, k] = 4 * here.degrees  # the first derivative by the log is 0
    return found


def _invert_curvature(data: Compressed, fit: Fit, places: Places) -> FloatArray:
    values, vectors = np.linalg.eigh(compute_curvature(data, fit, places))
    kept = values > 1e-8
    return np.asarray((vectors[:, kept] / values[kept]) @ vectors[:, kept].T, dtype=np.float64)


def make_kenward_roger(data: Compressed, fit: Fit, places: Places) -> Precision:
    """The covariance of the random effects is linear in its parameters, so no second derivatives enter.

    Source: Kenward & Roger 1997 (Biometrics 53:983); as computed by pbkrtest (Halekoh & Højsgaard 2014, J Stat
    Softw 59:9) and SAS. REML only.
    """
    here, sigma2, p, q = fit.deviance, fit.deviance.sigma2, data.p, data.q
    turn = np.linalg.inv(here.root).T
    spread = data.r @ fit.factor
    inverse = np.linalg.inv(np.eye(q) + spread @ spread.transpose(0, 2, 1))
    half = (inverse @ data.r).transpose(0, 2, 1)
    count, pattern = data.count, data.folded_pattern
    units = np.zeros((len(places), q, q))
    for unit, (row, column) in zip(units, places, strict=True):
        unit[row, column] = unit[column, row] = 1.0

    u = data.folded[:, :, :p] @ turn
    once = inverse[pattern] @ u
    twice = inverse[pattern] @ once
    s = half[pattern] @ u
    rest = turn.T @ data.rest[:p, :p] @ turn
    moved = np.einsum("kab,sbi->ksai", units, s)
    on_sigma = half[pattern] @ once
    first = [-np.einsum("kab,aibj->kij", units, here.d[:, :p, :, :p])]
    first.append(-(rest + np.tensordot(once, once, axes=([0, 1], [0, 1])))[None])
    slopes = np.concatenate(first) / sigma2**2

    k = len(places) + 1
    second, traces = np.empty((k, k, p, p)), np.empty((k, k))
    by_sigma = half @ half.transpose(0, 2, 1)
    for i in range(k - 1):
        inside = here.t[pattern] @ moved[i]
        for j in range(i, k - 1):
            second[j, i] = np.tensordot(moved[j], inside, axes=([0, 1], [0, 1]))
            second[i, j] = second[j, i].T
            both = np.einsum("ab,gbc,cd,gda->g", units[i], here.t, units[j], here.t, optimize=True)
            traces[i, j] = traces[j, i] = count @ both
        second[i, -1] = np.tensordot(moved[i], on_sigma, axes=([0, 1], [0, 1]))
        second[-1, i] = second[i, -1].T
        traces[i, -1] = traces[-1, i] = count @ np.einsum("ab,gba->g", units[i], by_sigma)
    second[-1, -1] = rest + np.tensordot(once, twice, axes=([0, 1], [0, 1]))
    traces[-1, -1] = data.n - q * data.m + count @ (inverse**2).sum(axis=(1, 2))
    second, traces = second / sigma2**3, traces / sigma2**2

    double = sigma2**2 * np.einsum("kij,lji->kl", slopes, slopes)
    information = traces - 2 * sigma2 * np.einsum("klii->kl", second) + double
    values, vectors = np.linalg.eigh(information)
    kept = np.abs(values) > 1e-12 * np.abs(values).max()
    of_parameters = 2 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    between = second - sigma2 * np.einsum("kij,ljm->klim", slopes, slopes)
    widened = np.einsum("kl,klij->ij", of_parameters, between) * 2 * sigma2**2
    back = _turn(data, fit)
    covariance = sigma2 * back @ back.T
    adjusted = covariance + back @ (widened + widened.T) @ back.T / 2
    return Precision(sigma2, back, covariance, adjusted, -(sigma2**2) * slopes, of_parameters, True)


def compute_df(precision: Precision, weights: FloatArray) -> float:
    """The degrees of freedom of one contrast of p weights."""
    turned = weights @ precision.turn
    if precision.kenward_roger:
        return _scale_f(precision, turned[None])[0]
    variance = precision.sigma2 * float(turned @ turned)
    return _approximate(variance, _slopes_along(precision, turned), precision.of_parameters)


def _slopes_along(precision: Precision, turned: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("i,kij,j->k", turned, precision.slopes, turned), dtype=np.float64)


def _approximate(variance: float, slopes: FloatArray, of_parameters: FloatArray) -> float:
    return 2 * variance**2 / float(slopes @ of_parameters @ slopes)


def compute_f(
    precision: Precision, coefficients: FloatArray, weights: FloatArray
) -> tuple[float, int, float, float]:
    """F, its two degrees of freedom and p of the hypothesis that all k x p contrasts are 0; redundant rows are ignored.

    Source: Fai & Cornelius 1996 for Satterthwaite, as in lmerTest; Kenward & Roger 1997, equation 7 on.
    """
    values, vectors = np.linalg.eigh(weights @ precision.covariance @ weights.T)
    kept = values > np.sqrt(np.finfo(np.float64).eps) * values[-1]
    rows = vectors[:, kept].T @ weights
    rank = int(kept.sum())
    estimates = rows @ coefficients
    if precision.kenward_roger:
        denominator, scale = _scale_f(precision, rows @ precision.turn)
        wald = estimates @ np.linalg.solve(rows @ precision.adjusted @ rows.T, estimates)
        f = scale * float(wald) / rank
    else:
        f = float((estimates**2 / values[kept]).sum()) / rank
        each = [compute_df(precision, row) for row in rows]
        denominator = _combine(np.array(each))
    return f, rank, denominator, compute_f_tail(f, rank, denominator)


def _combine(each: FloatArray) -> float:
    """One number of degrees of freedom for the mean of squares of t variables that have these."""
    if np.ptp(each) < 1e-8:
        return float(each.mean())
    if each.min() <= 2:
        return 2.0
    expected = float((each / (each - 2)).sum())
    return 2 * expected / (expected - each.size)


def _scale_f(precision: Precision, turned: FloatArray) -> tuple[float, float]:
    """Kenward and Roger's degrees of freedom and the factor on F, for contrasts in turned coordinates."""
    q = turned.shape[0]
    theta = turned.T @ np.linalg.solve(turned @ turned.T, turned)  # a projection
    inside = np.einsum("ij,kjm->kim", theta, precision.slopes) / precision.sigma2
    traces = np.einsum("kii->k", inside)
    w = precision.of_parameters
    a1 = float(traces @ w @ traces)
    a2 = float((w * np.einsum("kij,lji->kl", inside, inside)).sum())
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    room = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / room, (q - g) / room, (q + 2 - g) / room
    top = 1 + c1 * b
    top = 0.0 if abs(top) < 1e-10 else top
    below, last = 1 - c2 * b, 1 - c3 * b
    lean = (1 - a2 / q) / below if abs(below) > 1e-14 or abs(1 - a2 / q) > 1e-14 else 1.0
    rho = lean**2 * top / last / q
    degrees = 4 + (q + 2) / (q * rho - 1)
    scale = 1.0 if abs(degrees - 2) < 0.01 else degrees * (1 - a2 / q) / (degrees - 2)
    return degrees, scale
