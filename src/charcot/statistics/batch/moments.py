"""Many data sets of one design, brought down to sums: one sum of z z' (z = [x | y]) for each pattern of missing visits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class BatchMoments:
    """The sums of a stack of data sets.

    `patterns` (K, V) says which visits each pattern has; `n` (D, K) counts the subjects of data set d with pattern k.
    `sums` (D, K, T, U) are, for each pair of visits a >= b (T of them, as np.tril_indices lists them), the sums over
    these subjects of z_a z_b' + z_b z_a' (of z_a z_a' where a is b), its lower half (U of P * (P + 1) / 2 for P =
    parameters + 1); the last row is the outcome's. What concerns a visit that the pattern lacks is 0.
    """

    patterns: NDArray[np.bool_]
    n: Floats
    sums: Floats

    def subset(self, which: Places) -> "BatchMoments":
        """The sums of some of the data sets."""
        if len(which) == len(self.n):
            return self
        return BatchMoments(self.patterns, self.n[which], self.sums[which])


@dataclass(frozen=True)
class DesignProducts:
    """A design (N, V, p) with what it alone gives.

    `kind_of` (N): subjects with the same rows at all visits are of one kind; `products` (G, T * X): the sums of x x'
    as in `BatchMoments`, for one subject of each kind.
    """

    design: Floats
    kind_of: Places
    products: Floats


def derive_products(design: Floats) -> DesignProducts:
    """The products of a design (N, V, p)."""
    subjects, visits, width = design.shape
    rows, kind_of = np.unique(design.reshape(subjects, -1), axis=0, return_inverse=True)
    kinds = rows.reshape(-1, visits, width)
    first, second = np.tril_indices(visits)
    upper, lower = np.tril_indices(width)
    one, other = kinds[:, first], kinds[:, second]
    products = one[:, :, upper] * other[:, :, lower] + one[:, :, lower] * other[:, :, upper]
    products[:, first == second] /= 2
    return DesignProducts(design, kind_of.reshape(-1), products.reshape(len(kinds), -1))


def list_patterns(observed: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Places]:
    """The patterns (K, V) among the visits observed (D, N, V), the most frequent first, and which each subject has.

    A subject without any visit has -1.
    """
    visits = observed.shape[-1]
    codes = observed @ (1 << np.arange(visits))
    counts = np.bincount(codes.reshape(-1), minlength=1 << visits) if visits <= 16 else None
    if counts is None:
        found, place, count = np.unique(codes, return_inverse=True, return_counts=True)
    else:
        found, place, count = np.arange(1 << visits), codes, counts
    used = np.flatnonzero((count > 0) & (found > 0))
    order = used[np.argsort(-count[used], kind="stable")]
    rank = np.full(len(found), -1)
    rank[order] = np.arange(len(order))
    return (found[order, None] >> np.arange(visits)) & 1 == 1, rank[place.reshape(codes.shape)]


def compute_moments(products: DesignProducts, outcomes: Floats) -> BatchMoments:
    """The sums of outcomes (D, N, V), NaN where missing."""
    data_sets, subjects, visits = outcomes.shape
    width = products.design.shape[2]
    patterns, pattern_of = list_patterns(~np.isnan(outcomes))
    values = np.nan_to_num(outcomes)
    first, second = np.tril_indices(visits)
    same = first == second
    pairs, halves = len(first), width * (width + 1) // 2
    flat = products.design.reshape(subjects, visits * width)
    n = np.zeros((data_sets, len(patterns)))
    sums = np.empty((data_sets, len(patterns), pairs, halves + width + 1))
    rest = _count(pattern_of >= 0, products)
    for k in reversed(range(len(patterns))):
        member = pattern_of == k
        counts = _count(member, products) if k else rest
        rest = rest - counts  # the most frequent pattern is what the others leave
        y = (values * member[:, :, None]).transpose(0, 2, 1)
        xy = np.matmul(y, flat).reshape(data_sets, visits, visits, width)  # outcome's visit, design's visit
        yy = np.matmul(y, values)
        n[:, k] = member.sum(axis=1)
        sums[:, k, :, :halves] = (counts @ products.products).reshape(data_sets, pairs, halves)
        sums[:, k, :, halves:-1] = xy[:, first, second] + xy[:, second, first] * ~same[:, None]
        sums[:, k, :, -1] = yy[:, first, second] * np.where(same, 1.0, 2.0)
        sums[:, k, ~(patterns[k][first] & patterns[k][second])] = 0.0
    return BatchMoments(patterns, n, sums)


def _count(member: NDArray[np.bool_], products: DesignProducts) -> Floats:
    """How many subjects of each kind are members, by data set."""
    kinds = np.zeros((member.shape[1], len(products.products)))
    kinds[np.arange(member.shape[1]), products.kind_of] = 1.0
    return np.asarray(member.astype(np.float64) @ kinds, dtype=np.float64)


def square_places(size: int) -> Places:
    """Where each element of a symmetric matrix stands in its packed lower half."""
    row, column = np.indices((size, size))
    low, high = np.minimum(row, column), np.maximum(row, column)
    return np.asarray(high * (high + 1) // 2 + low)
