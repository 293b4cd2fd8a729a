"""A dataset: a tidy polars table that knows what its columns mean and which entries each row came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


ORIGIN_COLUMN = Column("origin", "Where the values of this row came from", pl.String)
ENTRIES_COLUMN = Column(ENTRIES, "Entries of the ledger that this row came from", pl.List(pl.Int64))


def with_sources(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Every column of a dataset: its own, `origin` and `entries`."""
    return (*columns, ORIGIN_COLUMN, ENTRIES_COLUMN)


def make_dataset(
    name: str, label: str, one_row_per: str, columns: tuple[Column, ...], rows: list[dict[str, object]]
) -> Dataset:
    """A dataset from rows that hold a value for each column, `origin` and `entries`."""
    every = with_sources(columns)
    schema = {column.name: column.type for column in every[:-1]}
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in schema}, schema=schema, strict=True
    )
    return Dataset(name, label, one_row_per, every, frame.with_columns(list_entries(rows)))


def list_entries(rows: list[dict[str, object]]) -> pl.Series:
    """The column of entries, made from one flat list: polars is slow with many small ones."""
    lists = [list(found) if isinstance(found := row.get(ENTRIES), list | tuple) else [] for row in rows]
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
