"""Structures of a standard deviation, common or one a visit, and a patterned correlation of visits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from charcot.statistics.mixed.structures.structure import Array, Curve, Structure

Pattern = Callable[[Array, int], tuple[Array, Array, Array]]
"""From correlations (c) and m to the correlation matrix, its first (c) and second (c x c) derivatives."""


def _lags(m: int) -> Array:
    visits = np.arange(m, dtype=np.float64)
    return np.abs(visits[:, None] - visits[None, :])


def _autoregress(rho: Array, m: int) -> tuple[Array, Array, Array]:
    lags = _lags(m)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(lags >= 1, lags * rho[0] ** np.maximum(lags - 1, 0), 0.0)
        second = np.where(lags >= 2, lags * (lags - 1) * rho[0] ** np.maximum(lags - 2, 0), 0.0)
    return rho[0] ** lags, first[None], second[None, None]


def _exchange(rho: Array, m: int) -> tuple[Array, Array, Array]:
    off = 1.0 - np.eye(m)
    return np.eye(m) + rho[0] * off, off[None], np.zeros((1, 1, m, m))


def _band(rho: Array, m: int) -> tuple[Array, Array, Array]:
    lags = _lags(m).astype(int)
    first = (lags[None] == np.arange(1, m)[:, None, None]).astype(np.float64)
    return np.concatenate([[1.0], rho])[lags], first, np.zeros((m - 1, m - 1, m, m))


def _chain(rho: Array, m: int) -> tuple[Array, Array, Array]:
    """Each correlation is the product of those of neighbours between the two visits (ante-dependence)."""
    low = np.minimum(np.arange(m)[:, None], np.arange(m)[None, :])[..., None]
    high = np.maximum(np.arange(m)[:, None], np.arange(m)[None, :])[..., None]
    steps = np.arange(m - 1)
    inside = (steps >= low) & (steps < high)  # m x m x (m - 1)
    factors = np.where(inside, rho, 1.0)
    others = np.where(np.eye(m - 1, dtype=bool), 1.0, factors[:, :, None, :])  # factors without one step
    first = np.where(inside, others.prod(axis=-1), 0.0)
    both = np.where(np.eye(m - 1, dtype=bool)[:, None, :], 1.0, others[:, :, None, :, :])
    pairs = inside[..., :, None] & inside[..., None, :] & ~np.eye(m - 1, dtype=bool)
    second = np.where(pairs, both.prod(axis=-1), 0.0)
    return factors.prod(axis=-1), np.moveaxis(first, -1, 0), np.moveaxis(second, (-2, -1), (0, 1))


@dataclass(frozen=True)
class Correlated(Structure):
    """Sigma[i, j] = sd_i sd_j rho_ij; parameters are log sd (one, or one a visit), then the linked correlations.

    The links are those of R's mmrm, on which its Kenward-Roger depends: rho / sqrt(1 - rho^2), but for compound
    symmetry logit((rho + a) / (1 + a)) with a = 1 / (m - 1), so that every parameter gives a covariance matrix.
    """

    title: str
    pattern: Pattern
    many: bool
    heterogeneous: bool

    def _split(self, m: int) -> int:
        return m if self.heterogeneous else 1

    def _correlations(self, m: int) -> int:
        return (m - 1 if self.many else 1) if m > 1 else 0

    def count(self, m: int) -> int:
        return self._split(m) + self._correlations(m)

    def _unlink(self, angles: Array, m: int) -> tuple[Array, Array, Array]:
        """The correlations of parameters, with their first and second derivatives."""
        if self.pattern is _exchange:
            share = np.exp(-np.logaddexp(0, -angles))
            width = m / (m - 1) if m > 1 else 1.0
            turn = width * share * (1 - share)
            return width * share - (width - 1), turn, turn * (1 - 2 * share)
        square = 1 + angles**2
        return angles / np.sqrt(square), square**-1.5, -3 * angles * square**-2.5

    def _link(self, rho: Array, m: int) -> Array:
        if self.pattern is _exchange:
            share = np.clip((rho + 1 / (m - 1)) * (m - 1) / m, 0.02, 0.98)
            return np.asarray(np.log(share / (1 - share)))
        rho = np.clip(rho, -0.95, 0.95)
        return np.asarray(rho / np.sqrt(1 - rho**2))

    def build(self, theta: Array, m: int) -> Array:
        return self.derive(theta, m).sigma

    def derive(self, theta: Array, m: int) -> Curve:
        split = self._split(m)
        log_sd, angles = theta[:split], theta[split:]
        sd = np.exp(np.broadcast_to(log_sd, (m,)))
        scale = sd[:, None] * sd[None, :]
        rho, turn, twist = self._unlink(angles, m)
        if not angles.size:
            correlation, by_rho, by_rhos = np.ones((1, 1)), np.zeros((0, 1, 1)), np.zeros((0, 0, 1, 1))
        else:
            correlation, by_rho, by_rhos = self.pattern(rho, m)
        first = turn[:, None, None] * by_rho
        second = turn[:, None, None, None] * turn[None, :, None, None] * by_rhos
        own = np.arange(angles.size)
        second[own, own] += twist[:, None, None] * by_rho

        if self.heterogeneous:
            counts = np.eye(m)[:, :, None] + np.eye(m)[:, None, :]
        else:
            counts = np.full((1, m, m), 2.0)
        sigma, turned = scale * correlation, scale * first
        size = self.count(m)
        slopes = np.concatenate([counts * sigma, turned])
        curves = np.empty((size, size, m, m))
        curves[:split, :split] = counts[:, None] * counts[None] * sigma
        curves[:split, split:] = counts[:, None] * turned[None]
        curves[split:, :split] = curves[:split, split:].swapaxes(0, 1)
        curves[split:, split:] = scale * second
        return Curve(sigma, slopes, curves)

    def start(self, sigma: Array) -> Array:
        m = sigma.shape[0]
        log_variance = np.log(np.diag(sigma))
        correlation = sigma / np.sqrt(np.outer(np.diag(sigma), np.diag(sigma)))
        lags = _lags(m)
        split = log_variance / 2 if self.heterogeneous else np.array([np.log(np.mean(np.diag(sigma))) / 2])
        if m == 1:
            return split
        if self.pattern is _exchange:
            rho = np.array([np.mean(correlation[lags > 0])])
        elif self.pattern is _band:
            rho = np.array([np.mean(correlation[lags == lag]) for lag in range(1, m)])
        elif self.pattern is _chain:
            rho = np.diag(correlation, 1)
        else:
            rho = np.array([np.mean(np.diag(correlation, 1))])
        return np.concatenate([split, self._link(rho, m)])

    def bend(self, theta: Array, m: int, covariance: Array) -> Array:
        second = self.derive(theta, m).second
        assert second is not None
        return np.asarray(np.einsum("ab,abij->ij", covariance, second))


_FAMILIES: dict[str, tuple[str, Pattern, bool]] = {
    "toep": ("Toeplitz", _band, True),
    "ar1": ("first-order autoregressive", _autoregress, False),
    "cs": ("compound symmetry", _exchange, False),
    "ad": ("ante-dependence", _chain, True),
}

CORRELATED: dict[str, Correlated] = {
    name + ("h" if heterogeneous else ""): Correlated(
        ("heterogeneous " if heterogeneous else "") + title, pattern, many, heterogeneous
    )
    for name, (title, pattern, many) in _FAMILIES.items()
    for heterogeneous in (False, True)
}
