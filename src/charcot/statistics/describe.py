"""Descriptions of one variable: moments and quantiles of numbers, counts of categories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Description:
    """A numeric variable in ten numbers; `n` counts the values that are not missing."""

    n: int
    n_missing: int
    mean: float
    sd: float
    se: float
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each level occurs; `n` (the denominator) counts the values that are not missing."""

    levels: tuple[object, ...]
    counts: NDArray[np.int64]
    n: int
    n_missing: int

    @property
    def percents(self) -> NDArray[np.float64]:
        """100 x count / n for each level [%]; NaN when n is 0."""
        return 100.0 * self.counts / self.n if self.n else np.full(self.counts.shape, np.nan)


def describe(values: ArrayLike) -> Description:
    """Describe numbers: n, mean, SD (n - 1), SE (SD / sqrt n), median, quartiles, range.

    `values` is any array of numbers, NaN (or None) missing. With n = 1, SD and SE are NaN; with n = 0
    all but the counts. ValueError for an infinite value. Quartiles: type 7 of Hyndman & Fan 1996, as in
    R and NumPy by default.

    >>> result = describe([4, 8, 15, 16, 23, 42, None])
    >>> result.n, result.n_missing, result.mean, result.median, result.q1, result.q3
    (6, 1, 18.0, 15.5, 9.75, 21.25)
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    if np.isinf(array).any():
        raise ValueError("a value is infinite")
    known = array[~np.isnan(array)]
    n = known.size
    if n == 0:
        return Description(0, array.size, *[np.nan] * 8)
    sd = float(np.std(known, ddof=1)) if n > 1 else np.nan
    minimum, q1, median, q3, maximum = (
        float(quantile) for quantile in np.quantile(known, (0, 0.25, 0.5, 0.75, 1), method="linear")
    )
    return Description(
        n=n,
        n_missing=array.size - n,
        mean=float(np.mean(known)),
        sd=sd,
        se=sd / float(np.sqrt(n)),
        median=median,
        q1=q1,
        q3=q3,
        minimum=minimum,
        maximum=maximum,
    )


def count_by(values: Iterable[object], levels: Sequence[object] | None = None) -> Counts:
    """Count how often each level occurs.

    `values` are words, numbers or truths; None, NaN and the empty word are missing. With `levels`, the
    counts follow their order, zeros included, and another value raises ValueError; without, they are the
    values seen, sorted.

    >>> result = count_by(["limb", "bulbar", "limb", None], levels=("bulbar", "limb", "respiratory"))
    >>> result.counts.tolist(), result.n, result.n_missing
    ([1, 2, 0], 3, 1)
    """
    everything = list(values)
    known = [value for value in everything if not (value is None or value == "" or value != value)]
    seen = set(known)
    if levels is None:
        order = tuple(sorted(seen, key=lambda value: (isinstance(value, str), value)))  # numbers before words
    else:
        order = tuple(levels)
        if len(set(order)) < len(order):
            raise ValueError("a level is named twice")
        if seen - set(order):
            raise ValueError(f"a value is none of the levels {', '.join(map(str, order))}")
    counts = np.array([sum(value == level for value in known) for level in order], dtype=np.int64)
    return Counts(order, counts, len(known), len(everything) - len(known))
