"""Where the values behind a result are from: published, synthetic, entered, imported; found value by value."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from charcot.analysis.result import Result, parents_of, rows_behind
from charcot.analysis.selection import Datasets, columns_used
from charcot.datasets import ENTRIES
from charcot.ledger import Entry, Kind


@dataclass(frozen=True)
class Lineage:
    """How much stands behind a result: rows, entries, and where their values are from."""

    rows: int
    entries: int
    origins: frozenset[str]


def derive_lineage(result: Result, datasets: Datasets, entries: Mapping[int, Entry]) -> Lineage:
    """The lineage of a result; `entries` are those of the snapshot under their numbers."""
    frame = rows_behind(result, datasets)
    parents = parents_of(result, datasets)
    return Lineage(frame.height, len(parents), _origins(result, frame, entries))


def origins_behind(result: Result, datasets: Datasets, entries: Mapping[int, Entry]) -> frozenset[str]:
    """The origins of the values that the method and its condition read.

    A column that is an item of the form behind the row has that value's own origin; any other column has the
    origins of its row, and a derived row those of the forms behind it. A row that was only counted, by conditions
    on nothing but yes or no, is `published` once any of its values is: that it exists is published.
    """
    return _origins(result, rows_behind(result, datasets), entries)


def _origins(result: Result, frame: pl.DataFrame, entries: Mapping[int, Entry]) -> frozenset[str]:
    read = {*columns_used(result.rows), *((result.column,) if result.column else ())}
    types = frame.schema
    only_counted = all(types.get(column) == pl.Boolean for column in read)
    found: set[str] = set()
    for origin, sequences in frame.select("origin", ENTRIES).iter_rows():
        of_row, behind = set(str(origin).split("+")), list(sequences or ())
        forms = [e for n in behind if (e := entries.get(n)) is not None and e.kind is Kind.FORM_RECORDED]
        own = {
            str(values[column]["origin"])
            for values in (entry.data["values"] for entry in forms)
            for column in read
            if column in values
        }
        if own - {"derived"}:
            found |= own - {"derived"}
        elif of_row == {"derived"}:
            below = {str(v["origin"]) for entry in forms for v in entry.data["values"].values()}
            found |= below - {"derived"} or of_row
        elif only_counted and "published" in of_row:
            found.add("published")
        else:
            found |= of_row
    return frozenset(found)
