"""A dataset as flat columns of plain types, which every program reads: what CSV, SPSS and Stata files are made from."""

import polars as pl

from charcot.datasets import Dataset
from charcot.refusal import BadValue

EXACT = 2**53
"""Whole numbers up to this size are exact in the double precision of SPSS and Stata."""

NO_YES = {0: "no", 1: "yes"}


def flatten(dataset: Dataset) -> pl.DataFrame:
    """Its columns as text, Int64, Float64, Date or Datetime without zone.

    Lists become their members separated by spaces, booleans 0 and 1, NaN is missing; times with a zone become
    UTC. Raises BadValue on an infinite number.
    """
    return pl.DataFrame([_flat(dataset, series) for series in dataset.frame])


def require_exact(dataset: Dataset, frame: pl.DataFrame) -> None:
    """Raises BadValue where a whole number would be rounded in SPSS or Stata."""
    for series in frame:
        if series.dtype == pl.Int64 and any(abs(number) > EXACT for number in series.drop_nulls()):
            raise _unfit(
                dataset,
                series.name,
                "has a whole number that SPSS and Stata would round",
                "Export as csv or parquet, which keep it exactly.",
            )


def require_shorter(dataset: Dataset, name: str, width: int, limit: int) -> None:
    """Raises BadValue where a text of `width` bytes is longer than a program takes."""
    if width > limit:
        raise _unfit(
            dataset,
            name,
            f"has a text of {width} bytes, and SPSS takes {limit}",
            "Export as dta, csv or parquet, which take texts of any length.",
        )


def longest(series: pl.Series) -> int:
    """Bytes of the longest text of a column."""
    width = series.str.len_bytes().max()
    return width if isinstance(width, int) else 0


def _flat(dataset: Dataset, series: pl.Series) -> pl.Series:
    kind = series.dtype
    if isinstance(kind, pl.List):
        return series.cast(pl.List(pl.String)).list.join(" ")
    if kind == pl.Boolean or kind.is_integer():
        return series.cast(pl.Int64)
    if kind.is_float():
        return _finite(dataset, series.cast(pl.Float64).fill_nan(None))
    if isinstance(kind, pl.Datetime):
        zoned = series if kind.time_zone is None else series.dt.convert_time_zone("UTC")
        return zoned.dt.replace_time_zone(None).dt.cast_time_unit("us")
    return series if kind == pl.Date else series.cast(pl.String)


def _finite(dataset: Dataset, series: pl.Series) -> pl.Series:
    if series.is_infinite().any():
        raise _unfit(
            dataset, series.name, "has an infinite number", "Report this: a derivation divided by zero."
        )
    return series


def _unfit(dataset: Dataset, column: str, what: str, next_step: str) -> BadValue:
    return BadValue(
        f"The variable {column!r} of the dataset {dataset.name!r} {what}.",
        rule="Export: no value is altered on its way into a file",
        next_step=next_step,
        facts={"dataset": dataset.name, "variable": column},
    )
