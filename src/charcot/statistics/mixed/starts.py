"""Starting values: the residuals of ordinary least squares, pair of visits by pair, drawn in where needed."""

import numpy as np

from charcot.statistics.mixed.likelihood import Likelihood
from charcot.statistics.mixed.patterns import Patterns
from charcot.statistics.mixed.structures import SpatialExponential
from charcot.statistics.mixed.structures.structure import Array


def _pairwise(patterns: Patterns, number: int) -> Array:
    """Mean products of residuals over the subjects that have both visits; all in units of the overall variance."""
    mine = patterns.group == number
    rows = patterns.z[mine[patterns.of_row]][:, :, -1]
    both = (patterns.both_seen[mine] * patterns.counts[mine, None, None]).sum(axis=0)
    return np.asarray((rows.T @ rows) / np.maximum(both, 1.0))


def _draw_in(sigma: Array) -> Array:
    """A positive definite matrix near this one: correlations are shrunk no more than needed."""
    variances = np.maximum(np.diag(sigma), 0.02 * max(float(np.diag(sigma).max()), 1e-8))
    sd = np.sqrt(variances)
    correlation = sigma / np.outer(sd, sd)
    np.fill_diagonal(correlation, 1.0)
    for keep in (1.0, 0.9, 0.75, 0.5, 0.25, 0.1):
        drawn = keep * correlation + (1 - keep) * np.eye(sd.size)
        if np.linalg.eigvalsh(drawn)[0] > 0.02:
            return np.asarray(drawn * np.outer(sd, sd))
    return np.diag(variances)


def choose_starts(likelihood: Likelihood) -> list[Array]:
    """Several starts, the most promising first (each a vector of all groups' parameters)."""
    patterns, structure = likelihood.patterns, likelihood.structure
    groups = range(patterns.n_groups)
    raw = [_pairwise(patterns, number) for number in groups]
    if isinstance(structure, SpatialExponential):
        distances = patterns.distances
        assert distances is not None
        apart = distances[patterns.both_seen & (distances > 0)]
        typical = float(np.median(apart)) if apart.size else 1.0
        variances = [max(float(np.diag(sigma)[np.diag(sigma) > 0].mean()), 1e-6) for sigma in raw]
        return [
            np.concatenate([structure.start(variance, typical, rho) for variance in variances])
            for rho in (0.5, 0.2, 0.8, 0.05, 0.95)
        ]
    moments = [_draw_in(sigma) for sigma in raw]
    diagonals = [np.diag(np.diag(sigma)) for sigma in moments]
    level = [np.eye(patterns.m) * float(np.mean(np.diag(sigma))) for sigma in moments]
    halves = [0.5 * (one + other) for one, other in zip(moments, diagonals, strict=True)]
    shared = [0.6 * one + 0.4 * float(one[0, 0]) for one in level]
    return [
        np.concatenate([structure.start(sigma) for sigma in matrices])
        for matrices in (moments, halves, diagonals, shared, level)
    ]
