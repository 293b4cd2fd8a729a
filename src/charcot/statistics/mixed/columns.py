"""Columns of a frame (polars, pandas, or a mapping of arrays) as numbers, or as codes with sorted levels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.mixed.cannot_fit import CannotFit

LONG = 30_000
"""From this many rows on polars sorts out levels faster than a dictionary."""


@dataclass(frozen=True)
class Covariate:
    """Numbers with NaN for missing (`levels` None), or codes from 0 with -1 for missing."""

    values: NDArray[Any]
    levels: tuple[str, ...] | None

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which values are missing."""
        return np.isnan(self.values) if self.levels is None else self.values < 0

    def take(self, rows: NDArray[Any]) -> "Covariate":
        """The same column at some rows."""
        return Covariate(self.values[rows], self.levels)

    def without_unused_levels(self) -> "Covariate":
        """The same column with only those levels that occur."""
        if self.levels is None:
            return self
        used = np.unique(self.values[self.values >= 0])
        if used.size == len(self.levels):
            return self
        places = np.full(len(self.levels) + 1, -1)
        places[used] = np.arange(used.size)
        return Covariate(places[self.values], tuple(self.levels[code] for code in used))


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def as_categories(column: Covariate) -> Covariate:
    """A column of numbers as codes of its sorted values; one of codes as it is."""
    if column.levels is not None:
        return column
    known = ~np.isnan(column.values)
    levels, codes = np.unique(column.values[known], return_inverse=True)
    places = np.full(column.values.shape, -1)
    places[known] = codes.reshape(-1)
    return Covariate(places, tuple(_label(float(level)) for level in levels))


def column_of(values: Any) -> Covariate:
    """A column from any array or list: numbers stay numbers, texts and truth values become codes.

    >>> column_of(["b", None, "a"])
    Covariate(values=array([ 1, -1,  0]), levels=('a', 'b'))
    >>> column_of([1, None, 3]).values.tolist()
    [1.0, nan, 3.0]
    """
    if isinstance(values, list):
        listed = values
    else:
        array = np.asarray(values)
        if array.ndim != 1:
            raise CannotFit(f"a column must have one dimension, not the shape {array.shape}")
        if array.dtype.kind in "iuf":
            return Covariate(array.astype(np.float64), None)
        listed = array.tolist()
    known = [value for value in listed if value is not None and value == value]
    if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return Covariate(
            np.array([np.nan if value is None else value for value in listed], dtype=np.float64), None
        )
    distinct = set(known)
    levels = sorted(set(map(str, distinct)))
    order = {level: place for place, level in enumerate(levels)}
    places = {value: order[str(value)] for value in distinct}
    return Covariate(np.array([places.get(value, -1) for value in listed], dtype=np.intp), tuple(levels))


def _from_polars(series: Any) -> Covariate:
    import polars as pl

    kind = series.dtype
    if kind.is_numeric():
        return Covariate(series.cast(pl.Float64).fill_null(np.nan).to_numpy(), None)
    if isinstance(kind, pl.Enum):
        levels = kind.categories.to_list()
    elif len(series) < LONG:
        plain = kind in (pl.String, pl.Boolean)
        return column_of((series if plain else series.cast(pl.String)).to_list())
    else:
        series = series.cast(pl.String)
        levels = series.drop_nulls().unique().sort().to_list()
    codes = series.cast(pl.Enum(levels)).to_physical().cast(pl.Int64).fill_null(-1)
    return Covariate(codes.to_numpy().astype(np.intp), tuple(levels))


def _from_pandas(series: Any) -> Covariate:
    if hasattr(series, "cat"):
        codes = np.asarray(series.cat.codes, dtype=np.intp)
        return Covariate(codes, tuple(_label(level) for level in series.cat.categories))
    if series.dtype.kind in "iuf":
        return Covariate(series.to_numpy(dtype=np.float64, na_value=np.nan), None)
    return column_of(series.astype(object).where(series.notna(), None).to_numpy())


def take_column(data: Any, name: str) -> Covariate:
    """The column of this name; CannotFit names the columns there are if it is missing.

    The order of a polars Enum or a pandas Categorical is kept; other texts are sorted.
    """
    names = list(data.keys()) if isinstance(data, Mapping) else list(data.columns)
    if name not in names:
        raise CannotFit(f"the data have no column {name!r}; they have {', '.join(map(repr, names))}")
    series = data[name]
    module = type(series).__module__
    if module.startswith("polars"):
        return _from_polars(series)
    if module.startswith("pandas"):
        return _from_pandas(series)
    return column_of(series)
