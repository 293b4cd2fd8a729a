"""Where the values behind a result are from: published, synthetic, entered, imported; found value by value."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import polars as pl

from charcot.analysis.result import Result, parents_of, rows_behind
from charcot.analysis.selection import Datasets, columns_used, find_once
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
    origins = find_once(
        datasets,
        ("origins", result.rows, result.among, result.column),
        lambda: _origins(result, frame, find_once(datasets, "book", lambda: _open_book(entries))),
    )
    return Lineage(frame.height, len(parents_of(result, datasets)), origins)


def origins_behind(result: Result, datasets: Datasets, entries: Mapping[int, Entry]) -> frozenset[str]:
    """The origins of the values that the method and its condition read.

    A column that is an item of the form behind the row has that value's own origin; any other column has the
    origins of its row, and a derived row those of the forms behind it. A row that was only counted, by conditions
    on nothing but yes or no, is `published` once any of its values is: that it exists is published.
    """
    return derive_lineage(result, datasets, entries).origins


@dataclass(frozen=True)
class _Book:
    """The origin of each item by entry, all origins by entry, and every item that any form has."""

    of_items: Mapping[int, Mapping[str, str]]
    of_entries: Mapping[int, frozenset[str]]
    items: frozenset[str]


def _open_book(entries: Mapping[int, Entry]) -> _Book:
    of_items = {
        sequence: {item: str(value["origin"]) for item, value in entry.data["values"].items()}
        for sequence, entry in entries.items()
        if entry.kind is Kind.FORM_RECORDED
    }
    of_entries = {sequence: frozenset(found.values()) - {"derived"} for sequence, found in of_items.items()}
    return _Book(of_items, of_entries, frozenset(item for found in of_items.values() for item in found))


def _origins(result: Result, frame: pl.DataFrame, book: _Book) -> frozenset[str]:
    read = {*columns_used(result.rows), *((result.column,) if result.column else ())}
    types = frame.schema
    only_counted = all(types.get(column) == pl.Boolean for column in read)
    items = read & book.items
    found: set[str] = set()
    for (origin,), rows in frame.select("origin", ENTRIES).group_by("origin", maintain_order=True):
        of_row = set(str(origin).split("+"))
        if of_row == {"derived"} or items:
            for behind in rows[ENTRIES].to_list():
                found |= _origins_of_row(of_row, behind or (), items, book, only_counted)
        else:
            found |= _origins_of_row(of_row, (), items, book, only_counted)
    return frozenset(found)


def _origins_of_row(
    of_row: set[str], behind: Sequence[int], items: Set[str], book: _Book, only_counted: bool
) -> Set[str]:
    own = {
        values[item] for n in behind if (values := book.of_items.get(n)) for item in items if item in values
    } - {"derived"}
    if own:
        return own
    if of_row == {"derived"}:
        below: Set[str] = frozenset().union(*(book.of_entries.get(n, frozenset()) for n in behind))
        return below or of_row
    return {"published"} if only_counted and "published" in of_row else of_row
