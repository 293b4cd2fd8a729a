"""Variance components with their intervals, and the best linear unbiased predictions of each subject."""

from typing import TYPE_CHECKING

import numpy as np

from charcot.statistics.distributions import compute_normal_quantile
from charcot.statistics.random_effects.compression import Compressed, FloatArray
from charcot.statistics.random_effects.deviance import Places, make_directions
from charcot.statistics.random_effects.fitting import Fit
from charcot.statistics.random_effects.inference import compute_curvature

if TYPE_CHECKING:
    import polars as pl

RESIDUAL = "residual"


def estimate_components(
    data: Compressed, fit: Fit, places: Places, effects: tuple[str, ...], level: float
) -> "pl.DataFrame":
    """One row a variance or covariance: effect, with, covariance, and SD or correlation with its interval.

    Intervals are Wald's on the scale of log SD and of Fisher's z, from the curvature of the (restricted) likelihood,
    as those of R's nlme; none where the estimate lies at the boundary.
    """
    import polars as pl

    q = data.q
    psi = fit.factor @ fit.factor.T / np.outer(data.z_scale, data.z_scale)
    sigma2 = fit.deviance.sigma2
    correlated = any(row != column for row, column in places)
    pairs = [(row, row) for row in range(q)]
    pairs += [(row, column) for row in range(q) for column in range(row + 1, q) if correlated]
    bounds = _estimate_bounds(data, fit, places, psi, pairs, level) if fit.rank == q else {}
    rows = []
    for row, column in pairs:
        covariance = sigma2 * psi[row, column]
        size = np.sqrt(psi[row, row] * psi[column, column])
        if row == column:
            shown: float | None = float(np.sqrt(covariance))
        else:
            shown = float(psi[row, column] / size) if size > 0 else None
        other = effects[column] if row != column else None
        rows.append((effects[row], other, float(covariance), shown, *bounds.get((row, column), (None, None))))
    rows.append((RESIDUAL, None, sigma2, float(np.sqrt(sigma2)), *bounds.get(None, (None, None))))
    schema = {"effect": pl.String, "with": pl.String} | dict.fromkeys(
        ("covariance", "sd_or_correlation", "lower", "upper"), pl.Float64
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


def _estimate_bounds(
    data: Compressed,
    fit: Fit,
    places: Places,
    psi: FloatArray,
    pairs: list[tuple[int, int]],
    level: float,
) -> dict[tuple[int, int] | None, tuple[float, float]]:
    """The interval of each SD and correlation; None is the residual. Empty where the likelihood has no peak."""
    curvature = compute_curvature(data, fit, places)
    if np.linalg.eigvalsh(curvature)[0] <= 0:
        return {}
    spread = 2 * np.linalg.inv(curvature)
    k, sigma = len(places), float(np.sqrt(fit.deviance.sigma2))
    steps = make_directions(fit.factor, places) / np.outer(data.z_scale, data.z_scale)
    reach = compute_normal_quantile((1 + level) / 2)
    found: dict[tuple[int, int] | None, tuple[float, float]] = {}

    def width(slope: FloatArray) -> float:
        return reach * float(np.sqrt(slope @ spread @ slope))

    for row, column in pairs:
        slope = np.zeros(k + 1)
        own, other = (steps[:, place, place] / psi[place, place] / 2 for place in (row, column))
        if row == column:
            slope[:k], slope[k] = own, 1.0
            middle = sigma * float(np.sqrt(psi[row, row]))
            found[row, row] = (middle * np.exp(-width(slope)), middle * np.exp(width(slope)))
        else:
            correlation = psi[row, column] / np.sqrt(psi[row, row] * psi[column, column])
            change = steps[:, row, column] / np.sqrt(psi[row, row] * psi[column, column])
            slope[:k] = (change - correlation * (own + other)) / (1 - correlation**2)
            middle = float(np.arctanh(correlation))
            found[row, column] = (
                float(np.tanh(middle - width(slope))),
                float(np.tanh(middle + width(slope))),
            )
    slope = np.zeros(k + 1)
    slope[k] = 1.0
    found[None] = (sigma * np.exp(-width(slope)), sigma * np.exp(width(slope)))
    return found


def predict_effects(data: Compressed, fit: Fit) -> tuple[FloatArray, FloatArray]:
    """The predicted random effects, m x q, and their conditional covariances, m x q x q, in the units of the data.

    Source: Henderson 1975; the covariances are those given the data and the other parameters, as lme4's condVar.
    """
    here, q = fit.deviance, data.q
    psi = fit.factor @ fit.factor.T
    spread = data.r @ fit.factor
    inverse = np.linalg.inv(np.eye(q) + spread @ spread.transpose(0, 2, 1))
    left = data.u @ np.append(-here.fixed, 1.0)
    half = (inverse @ data.r).transpose(0, 2, 1)
    effects = np.einsum("ab,mbc,mc->ma", psi, half[data.pattern], left, optimize=True) / data.z_scale
    apart = here.sigma2 * (psi - psi @ here.t @ psi) / np.outer(data.z_scale, data.z_scale)
    return effects, apart[data.pattern]
