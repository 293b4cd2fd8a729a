"""Sandwich covariances of the coefficients: empirical (CR0), jackknife (CR3), bias-reduced (CR2).

With x, r the design and residuals of a subject, whitened by the root of its covariance and the design turned so that
the model's covariance of coefficients is the identity, a subject adds x' A r: A is the identity for CR0, (I - x x')^-1
for CR3 and (I - x x')^-1/2 for CR2. Sources: Bell & McCaffrey 2002, Survey Methodology 28:169; Pustejovsky & Tipton
2018, J Bus Econ Stat 36:672, working covariance that of the model, no small-sample factor: as in R's mmrm.
"""

from dataclasses import dataclass

import numpy as np

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.fitting import Fitted
from charcot.statistics.mixed.structures.structure import Array

KINDS = ("empirical", "jackknife", "bias-reduced")


@dataclass(frozen=True)
class Sandwich:
    """The covariance of the coefficients (p x p), and what its degrees of freedom are made of.

    `x` and `adjusted` are N x m x p: x and A x of each subject, in the coordinates of `root`.
    """

    covariance: Array
    root: Array
    x: Array
    adjusted: Array


def whiten(fitted: Fitted) -> Array:
    """Each subject's rows divided by the Cholesky root of its covariance (N x m x (p + 1)), the last the residual.

    The design columns are in coordinates in which the model's covariance of coefficients is the identity.
    """
    likelihood, point, subjects = fitted.likelihood, fitted.optimum.point, fitted.subjects
    patterns = likelihood.patterns
    sigma = likelihood.covariances(point.theta)
    roots = np.where(patterns.both_seen, np.linalg.inv(np.linalg.cholesky(sigma)), 0.0)
    turn = np.zeros((subjects.z.shape[2],) * 2)
    turn[:-1, :-1] = point.root
    turn[:-1, -1] = -point.beta
    turn[-1, -1] = 1.0
    return np.asarray(roots[patterns.of_subject] @ (subjects.z @ turn))


def make_sandwich(fitted: Fitted, kind: str) -> Sandwich:
    """The sandwich covariance of a kind; CannotFit where a subject alone determines a coefficient (CR3)."""
    white = whiten(fitted)
    x, residual = white[:, :, :-1], white[:, :, -1:]
    adjusted = x
    if kind != "empirical":
        values, vectors = np.linalg.eigh(np.eye(x.shape[1]) - x @ x.swapaxes(1, 2))
        tiny = np.finfo(float).eps * x.shape[1] * np.abs(values).max(axis=1, keepdims=True)
        if kind == "jackknife":
            if (values <= 1e-10).any():
                subject = fitted.frame.subject.levels
                assert subject is not None
                first = subject[int(np.flatnonzero((values <= 1e-10).any(axis=1))[0])]
                raise CannotFit(
                    f"the jackknife covariance is not defined: without subject {first} a coefficient could not be "
                    "estimated; use vcov='bias-reduced', or leave out the term"
                )
            powers = 1 / values
        else:
            powers = np.where(values > tiny, 1 / np.sqrt(np.maximum(values, tiny)), 0.0)
        adjusted = (vectors * powers[:, None, :]) @ (vectors.swapaxes(1, 2) @ x)
    scores = (adjusted.swapaxes(1, 2) @ residual)[:, :, 0]
    return Sandwich(fitted.root @ (scores.T @ scores) @ fitted.root.T, fitted.root, x, adjusted)


def compute_sandwich_df(sandwich: Sandwich, contrast: Array) -> float:
    """Satterthwaite's degrees of freedom of one contrast (p) under the model: tr(G)^2 / sum of G^2."""
    direction = sandwich.root.T @ contrast
    parts = sandwich.adjusted @ direction  # N x m
    shares = np.einsum("nmp,nm->np", sandwich.x, parts)
    diagonal = (parts**2).sum(axis=1)
    lengths = (shares**2).sum(axis=1)
    trace = float((diagonal - lengths).sum())
    inner = shares.T @ shares
    square = float((diagonal**2 - 2 * diagonal * lengths).sum() + (inner**2).sum())
    return trace**2 / square


def require_kind(kind: str) -> None:
    """CannotFit for a covariance of coefficients that does not exist."""
    if kind != "asymptotic" and kind not in KINDS:
        raise CannotFit(f"there is no vcov {kind!r}; choose one of asymptotic, {', '.join(KINDS)}")
