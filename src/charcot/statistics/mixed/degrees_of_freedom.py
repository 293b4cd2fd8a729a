"""Degrees of freedom of tests of coefficients: Satterthwaite, Kenward–Roger, between-within, residual.

In the scaled coordinates of a fit, with V = root root' the covariance of the coefficients, a contrast l is the
vector root' l, and the derivative of its variance in direction A of the covariance is (root' l)' Z_A (root' l),
Z_A being `basis`. Sources: Kenward & Roger 1997, Biometrics 53:983; Fai & Cornelius 1996, J Stat Comput Simul
54:363 for several degrees of freedom, as in SAS and R's lmerTest and mmrm; Schluchter & Elashoff 1990.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.mixed.fitting import Fitted
from charcot.statistics.mixed.model_frame import ModelFrame
from charcot.statistics.mixed.structures.structure import Array


@dataclass(frozen=True)
class Uncertainty:
    """What the covariance of the coefficients owes to that of the covariance parameters.

    `basis` is B x p x p, `spread` (B x B) the covariance of the directions of the covariance.
    """

    root: Array
    basis: Array
    spread: Array


def derive_uncertainty(fitted: Fitted) -> Uncertainty:
    """Take from a fit what Satterthwaite and Kenward–Roger need."""
    derivatives = fitted.optimum.derivatives
    jacobian = derivatives.jacobian
    spread = jacobian @ fitted.parameter_covariance @ jacobian.T
    return Uncertainty(fitted.root, derivatives.basis[:, :-1, :-1], spread)


def compute_satterthwaite(uncertainty: Uncertainty, contrasts: Array) -> Array:
    """Satterthwaite's degrees of freedom of each contrast (k x p)."""
    turned = contrasts @ uncertainty.root
    variances = (turned**2).sum(axis=1)
    size = uncertainty.basis.shape[0]
    moved = (uncertainty.basis.reshape(size, -1) @ _outer(turned).T).T  # k x B
    return np.asarray(2 * variances**2 / ((moved @ uncertainty.spread) * moved).sum(axis=1))


def _outer(rows: Array) -> Array:
    return (rows[:, :, None] * rows[:, None, :]).reshape(rows.shape[0], -1)


def combine_t(each: Array) -> float:
    """The denominator degrees of freedom of an F made of independent t (Fai & Cornelius; as R's mmrm).

    >>> combine_t(np.array([10.0, 10.0])), combine_t(np.array([1.5, 30.0]))
    (10.0, 2.0)
    """
    if (np.abs(np.diff(each)) < np.sqrt(np.finfo(float).eps)).all():
        return float(each.mean())
    if (each <= 2).any():
        return 2.0
    total = float((each / (each - 2)).sum())
    return 2 * total / (total - each.size)


def compute_kenward_roger(uncertainty: Uncertainty, contrasts: Array) -> tuple[float, float]:
    """Kenward–Roger's denominator degrees of freedom and scale of F for contrasts of full rank (k x p)."""
    turned = np.linalg.qr((contrasts @ uncertainty.root).T)[0]
    k = turned.shape[1]
    inner = turned.T @ uncertainty.basis @ turned  # B x k x k
    traces = np.trace(inner, axis1=1, axis2=2)
    a1 = float(traces @ uncertainty.spread @ traces)
    flat = inner.reshape(inner.shape[0], -1)
    a2 = float(((uncertainty.spread @ flat) * flat).sum())
    b = (a1 + 6 * a2) / (2 * k)
    g = ((k + 1) * a1 - (k + 4) * a2) / ((k + 2) * a2)
    denominator = 3 * k + 2 * (1 - g)
    c1, c2, c3 = g / denominator, (k - g) / denominator, (k + 2 - g) / denominator
    expectation = 1 / (1 - a2 / k)
    variance = 2 / k * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    rho = variance / (2 * expectation**2)
    df = 4 + (k + 2) / (k * rho - 1)
    return df, df / (expectation * (df - 2))


def adjust_covariance(fitted: Fitted, uncertainty: Uncertainty, bent: bool) -> Array:
    """Kenward–Roger's covariance of the coefficients (p x p).

    Without `bent` the second derivatives of the covariance are left out, which does not depend on how it is
    parametrised (SAS's DDFM=KR for linear structures, mmrm's Kenward-Roger-Linear); with it they are those in
    the parameters of R's mmrm (its default, Kenward-Roger).
    """
    point, likelihood = fitted.optimum.point, fitted.likelihood
    basis = uncertainty.basis
    moved = (uncertainty.spread @ basis.reshape(basis.shape[0], -1)).reshape(basis.shape)
    p = basis.shape[1]
    products = basis.transpose(1, 0, 2).reshape(p, -1) @ moved.reshape(-1, p)  # sum of Z_A Z_B spread_AB
    gap = likelihood.quadratic(point, uncertainty.spread) - products
    if bent:
        gap = gap - 0.25 * likelihood.bend(point, fitted.parameter_covariance)
    root = uncertainty.root
    return np.asarray(root @ (np.eye(p) + 2 * 0.5 * (gap + gap.T)) @ root.T)


def compute_between_within(frame: ModelFrame) -> Array:
    """The degrees of freedom of each coefficient (p): between subjects, or within, as R's mmrm counts them.

    The intercept counts as within. A contrast takes the least of the coefficients that it involves.
    """
    n, p = frame.x.shape
    first = np.zeros((frame.n_subjects, p))
    first[frame.subject.values] = frame.x
    within = (frame.x != first[frame.subject.values]).any(axis=0)
    intercept = np.array([name == "(Intercept)" for name in frame.names], dtype=bool)
    between = ~within & ~intercept
    df_between = frame.n_subjects - int(between.sum()) - int(intercept.sum())
    df_within = n - frame.n_subjects - int((within & ~intercept).sum())
    return np.where(between, float(df_between), float(df_within))


def involved(contrasts: Array) -> NDArray[np.bool_]:
    """The coefficients that any of the contrasts involves (p)."""
    return np.asarray((contrasts != 0).any(axis=0))
