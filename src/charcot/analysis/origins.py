"""Where the values behind a result are from: published, synthetic, entered, imported; found value by value."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from charcot.analysis.result import Result, count_parents, selection_behind
from charcot.analysis.selection import (
    Datasets,
    Places,
    Selection,
    columns_used,
    entries_of_row,
    find_once,
    find_places,
)
from charcot.ledger import Entry, Kind


@dataclass(frozen=True)
class Lineage:
    """How much stands behind a result: rows, entries, and where their values are from."""

    rows: int
    entries: int
    origins: frozenset[str]


def derive_lineage(result: Result, datasets: Datasets, entries: Mapping[int, Entry]) -> Lineage:
    """The lineage of a result; `entries` are those of the snapshot under their numbers."""
    behind = selection_behind(result, datasets)
    origins = find_once(
        datasets,
        ("origins", result.rows, result.among, result.column),
        lambda: _origins(result, behind, datasets, entries),
    )
    return Lineage(len(find_places(behind, datasets)), count_parents(result, datasets), origins)


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


def _origins(
    result: Result, behind: Selection, datasets: Datasets, entries: Mapping[int, Entry]
) -> frozenset[str]:
    book = find_once(datasets, "book", lambda: _open_book(entries))
    read = {*columns_used(result.rows), *((result.column,) if result.column else ())}
    types = datasets[behind.dataset].frame.schema
    only_counted = all(types.get(column) == pl.Boolean for column in read)
    items = frozenset(read & book.items)
    every = find_once(
        datasets,
        ("origins of rows", behind.dataset, items, only_counted),
        lambda: _OriginsOfRows(behind.dataset, datasets, items, only_counted, book),
    )
    return every.at(find_places(behind, datasets))


class _OriginsOfRows:
    """The origins of each row of a dataset, as far as they were asked for, for the items that are read."""

    def __init__(
        self, dataset: str, datasets: Datasets, items: Set[str], only_counted: bool, book: _Book
    ) -> None:
        self._dataset, self._datasets = dataset, datasets
        self._items, self._only_counted, self._book = items, only_counted, book
        self._rows = find_once(datasets, ("origin", dataset), lambda: _read_origins(dataset, datasets, book))
        self._kinds = {frozenset({kind}): place for place, kind in enumerate(self._rows.kinds)}
        self._kind_at = self._rows.kind_at.copy()

    def at(self, places: Places) -> frozenset[str]:
        """The origins of the rows that stand at these places."""
        for place in places[self._kind_at[places] < 0].tolist():
            self._kind_at[place] = self._kinds.setdefault(self._find(place), len(self._kinds))
        kinds = list(self._kinds)
        met = np.bincount(self._kind_at[places], minlength=len(kinds))
        return frozenset().union(*(kinds[kind] for kind in np.flatnonzero(met).tolist()))

    def _find(self, place: int) -> frozenset[str]:
        of_row, book = frozenset(self._rows.texts[place].split("+")), self._book
        derived = of_row == {"derived"}
        behind = entries_of_row(self._dataset, place, self._datasets) if derived or self._items else ()
        own = frozenset(
            values[item]
            for number in behind
            if (values := book.of_items.get(number))
            for item in self._items
            if item in values
        ) - {"derived"}
        if own:
            return own
        if derived:
            return frozenset().union(*(book.of_entries.get(n, frozenset()) for n in behind)) or of_row
        return frozenset({"published"}) if self._only_counted and "published" in of_row else of_row


@dataclass(frozen=True)
class _RowOrigins:
    """The stated origin of each row, and which of `kinds` it is whatever is read of it; -1 where that matters."""

    texts: list[str]
    kinds: list[str]
    kind_at: NDArray[np.int64]


def _read_origins(dataset: str, datasets: Datasets, book: _Book) -> _RowOrigins:
    """A row of one origin, behind which stands nothing of another, has that one for every item."""
    texts = [str(text) for text in datasets[dataset].frame["origin"].to_list()]
    kinds: dict[str, int] = {}
    kind_at = np.full(len(texts), -1, dtype=np.int64)
    for place, text in enumerate(texts):
        if text == "derived" or "+" in text:
            continue
        behind = entries_of_row(dataset, place, datasets)
        if all(book.of_entries.get(number, frozenset()) <= {text} for number in behind):
            kind_at[place] = kinds.setdefault(text, len(kinds))
    return _RowOrigins(texts, [*kinds], kind_at)
