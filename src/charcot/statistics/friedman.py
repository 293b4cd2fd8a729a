"""Friedman's rank test of repeated measurements, with Kendall's coefficient of concordance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from charcot.statistics.distributions import compute_chi_squared_tail


@dataclass(frozen=True)
class FriedmanTest:
    """Friedman's chi-squared, corrected for ties, with its df and p; Kendall's W from 0 (no agreement) to 1.

    `n` subjects have every one of `k` levels; `dropped` holds the row numbers (from 0) of the `n_dropped` who have
    not. `mean_ranks` has one for each level.
    """

    chi_squared: float
    df: int
    p: float
    kendall_w: float
    mean_ranks: tuple[float, ...]
    n: int
    k: int
    n_dropped: int
    dropped: tuple[int, ...]

    @property
    def methods_sentence(self) -> str:
        """What was done, for a paper."""
        return (
            f"Values at {self.k} levels were compared by Friedman's rank test, corrected for ties, in the {self.n} of "
            f"{self.n + self.n_dropped} participants who have a value at each; agreement is Kendall's W. Participants with "
            f"a missing value are left out: the result describes only those measured every time."
        )


def friedman(values: ArrayLike) -> FriedmanTest:
    """Compare repeated measurements by Friedman's test: within each subject only the order of the values counts.

    `values` is subjects x levels [any unit], NaN or None missing; a subject who misses any level is dropped and
    listed. ValueError for another shape, fewer than two levels or two complete subjects, an infinite value, or if
    all values of every subject are equal. The p value is that of the chi-squared approximation. Source: Hollander &
    Wolfe 1973, page 139; ties and W as Kendall & Gibbons 1990; as R's friedman.test.

    >>> rounding = [[5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40],
    ...             [5.90, 5.85, 5.70], [5.45, 5.55, 5.60], [5.40, 5.40, 5.35], [5.45, 5.50, 5.35]]
    >>> found = friedman(rounding)  # the first eight runners to first base of Hollander & Wolfe
    >>> print(f"chi-squared({found.df}) = {found.chi_squared:.4f}, p = {found.p:.4f}, W = {found.kendall_w:.4f}")
    chi-squared(2) = 0.8387, p = 0.6575, W = 0.0524
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"the values must form a table of subjects by levels, not the shape {array.shape}")
    if (k := array.shape[1]) < 2:
        raise ValueError(f"repeated measures need at least two levels, not {k}")
    if np.isinf(array).any():
        raise ValueError("a value is infinite")
    missing = np.isnan(array).any(axis=1)
    complete = array[~missing]
    if (n := complete.shape[0]) < 2:
        raise ValueError(f"{n} of {array.shape[0]} subjects have a value at every level: two are needed")
    below = (complete[:, :, None] > complete[:, None, :]).sum(axis=2)
    tied = (complete[:, :, None] == complete[:, None, :]).sum(axis=2)  # itself included
    ranks = below + (tied + 1) / 2
    ties = float((tied**2 - 1).sum())  # the sum of t^3 - t over runs of t equal values
    room = n * k * (k**2 - 1) - ties
    if room <= 0:
        raise ValueError("every subject has the same value at all levels: there is no order to compare")
    squares = float(((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2).sum())
    chi_squared = 12 * (k - 1) * squares / room
    return FriedmanTest(
        chi_squared,
        k - 1,
        compute_chi_squared_tail(chi_squared, k - 1),
        chi_squared / (n * (k - 1)),
        tuple(float(rank) for rank in ranks.mean(axis=0)),
        n,
        k,
        int(missing.sum()),
        tuple(int(row) for row in np.flatnonzero(missing)),
    )
