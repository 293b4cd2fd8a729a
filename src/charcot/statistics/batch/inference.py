"""Standard errors and degrees of freedom of many fits at once: Satterthwaite, Kenward-Roger, residual."""

from collections.abc import Callable

import numpy as np

from charcot.statistics.batch.moments import BatchMoments, Floats, Places
from charcot.statistics.batch.stacked import Fits, invert_patterns, unpack, width_of

Inference = tuple[Floats, Floats, Floats]
"""Estimates, standard errors and degrees of freedom, each (D, C)."""


def estimate_contrasts(fits: Fits, contrasts: Floats, covariance: Floats | None = None) -> Inference:
    """Contrasts (C, p) of each fit, with Satterthwaite's degrees of freedom 2 v^2 / var(v).

    `covariance` (D, p, p) is used for the standard errors instead of the model's (Kenward and Roger adjust it). For
    one contrast, their degrees of freedom are Satterthwaite's. Source: Fai & Cornelius 1996; Kenward & Roger 1997.
    """
    estimate = fits.beta @ contrasts.T
    along = np.matmul(fits.covariance, contrasts.T)  # D, p, C
    variance = np.einsum("cp,dpc->dc", contrasts, along)
    slopes = np.matmul(fits.slopes, along[:, None])
    gradient = np.einsum("dpc,dtpc->dtc", along, slopes)
    spread = np.einsum("dtc,dtc->dc", gradient, _solve(fits.information, gradient))
    df = np.divide(variance**2, spread, out=np.full_like(variance, np.nan), where=spread > 0)
    if covariance is not None:
        variance = np.einsum("cp,dpq,cq->dc", contrasts, covariance, contrasts)
    return estimate, np.sqrt(variance), df


def adjust_covariance(fits: Fits, moments_of: Callable[[Places], BatchMoments]) -> Floats:
    """The covariance of beta adjusted for small samples by Kenward and Roger (1997); `moments_of` gives sums again.

    With an unstructured covariance their term in second derivatives is zero.
    """
    adjusted = np.full_like(fits.covariance, np.nan)
    for at in np.array_split(np.flatnonzero(np.isfinite(fits.deviance)), max(1, len(fits.beta) // 256)):
        if not len(at):
            continue
        moments, width = moments_of(at), fits.beta.shape[1]
        visits = fits.visit_covariance.shape[1]
        first, second = np.tril_indices(visits)
        place = unpack(np.arange(len(first)), visits).astype(np.intp)
        weight = 2 * np.linalg.inv(fits.information[at])
        inverse, _ = invert_patterns(moments, fits.visit_covariance[at])
        by_element = weight[:, place[:, :, None, None], place[None, None]]  # of E_i[a, b] E_j[c, e]
        inner = np.einsum("dabce,dkbc->dkae", by_element, inverse, optimize=True)
        inner = (inner + inner.transpose(0, 1, 3, 2)) / 2
        turned = np.matmul(np.matmul(inverse, inner), inverse)[:, :, first, second]
        sums = moments.sums.reshape(len(at), -1, moments.sums.shape[-1])
        second_order = unpack(np.matmul(turned.reshape(len(at), 1, -1), sums)[:, 0], width_of(moments) + 1)
        phi, slopes = fits.covariance[at], fits.slopes[at]
        weighted = np.matmul(weight, slopes.reshape(len(at), len(first), -1)).reshape(slopes.shape)
        product = np.matmul(np.matmul(slopes, phi[:, None]), weighted).sum(axis=1)
        middle = second_order[:, :width, :width] - (product + product.transpose(0, 2, 1)) / 2
        adjusted[at] = phi + 2 * np.matmul(np.matmul(phi, middle), phi)
    return adjusted


def _solve(matrices: Floats, right: Floats) -> Floats:
    """Solves each system; NaN where the matrix is not known."""
    found = np.full_like(right, np.nan)
    known = np.isfinite(matrices[:, 0, 0])
    found[known] = np.linalg.solve(matrices[known], right[known])
    return found
