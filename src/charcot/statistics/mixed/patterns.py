"""Subjects grouped by which visits they have; of each group no more rows are kept than its sums need."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.mixed.structures.structure import Array


@dataclass(frozen=True)
class Subjects:
    """Each subject's rows side by side: `z` is N x m x (p + 1), columns design then outcome, 0 where missing.

    `seen` (N x m) says which visits are there, `times` (N x m x k coordinates) when, for spatial structures; `group` (N) is the
    number of the covariance. Rows are already multiplied by the square root of their weight.
    """

    z: Array
    seen: NDArray[np.bool_]
    group: NDArray[np.intp]
    times: Array | None
    n_groups: int


@dataclass(frozen=True)
class Patterns:
    """P patterns of visits; `z` (R x m x q) holds rows whose products sum to those of the subjects.

    The rows of pattern p are `starts[p]` up to `starts[p + 1]`, and `of_row` (R) names the pattern of each.
    `seen` is P x m, `counts` the subjects of each pattern, `distances` (P x m x m) is for spatial structures.
    `of_subject` (N) names the pattern of each subject.
    """

    z: Array
    of_row: NDArray[np.intp]
    starts: NDArray[np.intp]
    seen: NDArray[np.bool_]
    counts: Array
    group: NDArray[np.intp]
    distances: Array | None
    n_groups: int
    of_subject: NDArray[np.intp]

    @property
    def m(self) -> int:
        """The number of visits."""
        return int(self.seen.shape[1])

    @property
    def both_seen(self) -> NDArray[np.bool_]:
        """Which pairs of visits a pattern has (P x m x m)."""
        return np.asarray(self.seen[:, :, None] & self.seen[:, None, :])


def _shrink(rows: Array) -> Array:
    """At most as many rows as columns, with the same cross products."""
    return np.asarray(np.linalg.qr(rows, mode="r")) if rows.shape[0] > 1.5 * rows.shape[1] else rows


def group_by_pattern(subjects: Subjects) -> Patterns:
    """Group subjects that share group, visits and (for spatial structures) times.

    >>> z = np.ones((3, 2, 1)); z[2, 1] = 0
    >>> seen = np.array([[True, True], [True, True], [True, False]])
    >>> group_by_pattern(Subjects(z, seen, np.zeros(3, dtype=int), None, 1)).counts.tolist()
    [1.0, 2.0]
    """
    _, m, q = subjects.z.shape
    keys = np.concatenate(
        [subjects.group[:, None], np.packbits(subjects.seen, axis=1)], axis=1, dtype=np.float64
    )
    if subjects.times is not None:
        since = subjects.times - subjects.times[:, :1]
        keys = np.concatenate(
            [keys, np.where(subjects.seen[:, :, None], since, 0.0).reshape(keys.shape[0], -1)], axis=1
        )
    if keys.shape[1] == 2:
        _, place, of_subject, counts = np.unique(
            keys[:, 0] * 256 + keys[:, 1], return_index=True, return_inverse=True, return_counts=True
        )
    else:
        _, place, of_subject, counts = np.unique(
            keys, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
    of_subject = of_subject.reshape(-1)
    order = np.argsort(of_subject, kind="stable")
    seen, z = subjects.seen[place], subjects.z[order]
    sizes = counts
    if (counts > 1.5 * q * seen.sum(axis=1)).any():
        blocks = []
        for pattern, rows in enumerate(np.split(z, np.cumsum(counts)[:-1])):
            visits = np.flatnonzero(seen[pattern])
            short = _shrink(rows[:, visits].reshape(rows.shape[0], -1))
            block = np.zeros((short.shape[0], m, q))
            block[:, visits] = short.reshape(short.shape[0], visits.size, q)
            blocks.append(block)
        z, sizes = np.concatenate(blocks), np.array([block.shape[0] for block in blocks])
    distances = None
    if subjects.times is not None:
        times = subjects.times[place]
        distances = np.sqrt(((times[:, :, None] - times[:, None, :]) ** 2).sum(axis=-1))
    return Patterns(
        z=np.ascontiguousarray(z),
        of_row=np.repeat(np.arange(sizes.size), sizes),
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp),
        seen=seen,
        counts=counts.astype(np.float64),
        group=subjects.group[place],
        distances=distances,
        n_groups=subjects.n_groups,
        of_subject=of_subject,
    )
