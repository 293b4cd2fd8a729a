"""Rows of many subjects folded into small stacked matrices, on which a mixed model depends no further than that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Compressed:
    """Data of n rows, m subjects, p fixed and q random columns, each subject rotated by an orthogonal matrix.

    After the rotation the random effects reach only the first q rows of a subject: `u` of each is m x q x (p + 1),
    fixed columns and then the outcome, and its random columns are `r[pattern]`, q x q. All further rows are
    without random effects; only their products `rest`, (p + 1) x (p + 1), are kept. Subjects with the same random
    columns share one of the g patterns, `count` says how many. `folded` is `u` with the subjects of large
    patterns replaced by fewer rows with the same products; `folded_pattern` belongs to it.

    The fixed columns are orthonormal (X = Q `x_root`), the outcome is what least squares leaves (`start` holds the
    coefficients), and random columns are divided by `z_scale`, their root mean square.
    """

    r: FloatArray
    count: FloatArray
    u: FloatArray
    pattern: NDArray[np.intp]
    folded: FloatArray
    folded_pattern: NDArray[np.intp]
    rest: FloatArray
    n: int
    x_root: FloatArray
    start: FloatArray
    z_scale: FloatArray

    @property
    def p(self) -> int:
        """The number of fixed columns."""
        return int(self.x_root.shape[0])

    @property
    def q(self) -> int:
        """The number of random columns."""
        return int(self.r.shape[1])

    @property
    def m(self) -> int:
        """The number of subjects."""
        return int(self.u.shape[0])


def compress(x: FloatArray, y: FloatArray, z: FloatArray, subject: NDArray[np.intp]) -> Compressed:
    """Fold rows: `x` n x p of full rank, `y` n, `z` n x q, `subject` codes from 0 to m - 1, each with a row.

    For each subject [z x y] = QR; log-likelihoods need R alone. This subtracts nothing large from anything
    large, so random effects that dwarf the residual lose no digits.

    >>> found = compress(np.ones((4, 1)), np.array([1.0, 2, 4, 5]), np.ones((4, 1)), np.array([0, 0, 1, 1]))
    >>> found.count, found.r.round(4).ravel().tolist(), found.rest.round(4).tolist()[1]
    (array([2.]), [-1.4142], [0.0, 1.0])
    """
    basis, x_root = np.linalg.qr(x)
    start = basis.T @ y
    left = y - basis @ start
    again = basis.T @ left  # a second pass removes the rounding of the first
    start, left = start + again, left - basis @ again
    z_scale = np.sqrt((z**2).mean(axis=0))
    z_scale[z_scale == 0] = 1.0
    q = z.shape[1]
    blocks = np.column_stack([z / z_scale, basis, left])
    order = np.argsort(subject, kind="stable")
    sizes = np.bincount(subject)
    ends = np.cumsum(sizes)
    heads = np.zeros((sizes.size, q, blocks.shape[1]))
    rest = np.zeros((x.shape[1] + 1,) * 2)
    for size in np.unique(sizes):
        who = np.flatnonzero(sizes == size)
        rows = order[(ends[who] - size)[:, None] + np.arange(size)]
        rotated = np.asarray(np.linalg.qr(blocks[rows], mode="r"))
        top = min(q, rotated.shape[1])
        heads[who, :top] = rotated[:, :top]
        below = rotated[:, q:, q:].reshape(-1, x.shape[1] + 1)
        rest += below.T @ below
    r, pattern, count = np.unique(np.triu(heads[:, :, :q]), axis=0, return_inverse=True, return_counts=True)
    pattern = pattern.reshape(-1)
    u = np.ascontiguousarray(heads[:, :, q:])
    folded, folded_pattern = _fold(u, pattern, count)
    return Compressed(
        r, count.astype(np.float64), u, pattern, folded, folded_pattern, rest, y.size, x_root, start, z_scale
    )


def _fold(
    u: FloatArray, pattern: NDArray[np.intp], count: NDArray[np.int64]
) -> tuple[FloatArray, NDArray[np.intp]]:
    """Replace the subjects of each pattern that has more of them than numbers by as many rows as numbers."""
    width = u.shape[1] * u.shape[2]
    large = np.flatnonzero(count > width)
    if large.size == 0:
        return u, pattern
    kept = ~np.isin(pattern, large)
    flat = u.reshape(u.shape[0], width)
    shorter = [np.linalg.qr(flat[pattern == one], mode="r") for one in large]
    folded = np.concatenate([flat[kept], *shorter]).reshape(-1, *u.shape[1:])
    return folded, np.concatenate([pattern[kept], np.repeat(large, width)])
