"""A dataset: a tidy polars table that knows what its columns mean and which entries each row came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

ENTRIES = "entries"
"""The column that lists, for each row, the sequence numbers of the entries it came from."""


@dataclass(frozen=True)
class Column:
    """What a column holds: label, unit, codes with their meaning, and where it is from."""

    name: str
    label: str
    type: pl.DataType | type[pl.DataType]
    unit: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class Dataset:
    """One table. `frame` has exactly `columns`, then `origin` (text) and `entries` (list of int)."""

    name: str
    label: str
    one_row_per: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.frame.height

    def column(self, name: str) -> Column:
        """The description of a column; KeyError where there is none."""
        return self._columns_by_name[name]

    @cached_property
    def _columns_by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


ORIGIN_COLUMN = Column("origin", "Where the values of this row came from", pl.String)
ENTRIES_COLUMN = Column(ENTRIES, "Entries of the ledger that this row came from", pl.List(pl.Int64))


def with_sources(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Every column of a dataset: its own, `origin` and `entries`."""
    return (*columns, ORIGIN_COLUMN, ENTRIES_COLUMN)


def make_dataset(
    name: str, label: str, one_row_per: str, columns: tuple[Column, ...], rows: list[dict[str, object]]
) -> Dataset:
    """A dataset from rows that hold a value for each column, `origin` and `entries`."""
    names = (*(column.name for column in columns), ORIGIN_COLUMN.name)
    found = {name: [row.get(name) for row in rows] for name in names}
    entries = [each if isinstance(each := row.get(ENTRIES), list | tuple) else () for row in rows]
    return join_columns(name, label, one_row_per, columns, found, entries)


def lay_rows(
    name: str, label: str, one_row_per: str, columns: tuple[Column, ...], rows: Sequence[tuple[Any, ...]]
) -> Dataset:
    """A dataset from rows that hold a value for each column, in order, then `origin` and `entries`: for very many rows."""
    names = (*(column.name for column in columns), ORIGIN_COLUMN.name)
    *found, entries = zip(*rows, strict=True) if rows else [()] * (len(names) + 1)
    return join_columns(name, label, one_row_per, columns, dict(zip(names, found, strict=True)), entries)


def join_columns(
    name: str,
    label: str,
    one_row_per: str,
    columns: tuple[Column, ...],
    found: Mapping[str, Sequence[Any]],
    entries: Sequence[Sequence[int]],
) -> Dataset:
    """A dataset from the values of each column and of `origin`, and the entries behind each row."""
    every = with_sources(columns)
    schema = {column.name: column.type for column in every[:-1]}
    frame = pl.DataFrame({name: found[name] for name in schema}, schema=schema, strict=True)
    return Dataset(name, label, one_row_per, every, frame.with_columns(list_entries(entries)))


def list_entries(lists: Sequence[Sequence[int]]) -> pl.Series:
    """The column of entries, made from one flat list: polars is slow with many small ones."""
    flat = pl.DataFrame(
        {
            "row": np.repeat(np.arange(len(lists)), [len(found) for found in lists]),
            ENTRIES: [entry for found in lists for entry in found],
        },
        schema={"row": pl.Int64, ENTRIES: pl.Int64},
    )
    grouped = flat.group_by("row", maintain_order=True).agg(ENTRIES)
    every = pl.DataFrame({"row": range(len(lists))}, schema={"row": pl.Int64})
    return every.join(grouped, on="row", how="left", maintain_order="left")[ENTRIES].fill_null([])
