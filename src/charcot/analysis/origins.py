"""Where the values behind a result are from: published, synthetic, entered, imported; found value by value."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from charcot.analysis.result import Result, count_parents, selection_behind
from charcot.analysis.selection import (
    Datasets,
    Places,
    Selection,
    columns_used,
    find_once,
    find_places,
    join_by_row,
)
from charcot.ledger import Entry, Kind, Origin


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


Bits = NDArray[np.uint8]
"""Origins as bits, each by its place in `_ORIGINS`."""
_ORIGINS = tuple(str(origin) for origin in Origin)


@dataclass(frozen=True)
class _Book:
    """The origins of all values by entry, and of each item by the entries that have it; `derived` apart."""

    of_entries: Bits
    of_items: Mapping[str, tuple[Places, Bits]]


def _open_book(entries: Mapping[int, Entry]) -> _Book:
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for sequence, entry in entries.items():
        if entry.kind is Kind.FORM_RECORDED:
            values = entry.data["values"]
            origins = tuple([value["origin"] for value in values.values()])
            alike.setdefault((tuple(values), origins), []).append(sequence)
    of_entries = np.zeros(max(entries, default=0) + 1, dtype=np.uint8)
    of_items: dict[str, tuple[list[Places], list[Bits]]] = {}
    for (items, origins), sequences in alike.items():
        places = np.array(sequences, dtype=np.int64)
        of_entries[places] = _bits(origins) & ~_DERIVED
        for item, origin in zip(items, origins, strict=True):
            of_item = of_items.setdefault(item, ([], []))
            of_item[0].append(places)
            of_item[1].append(np.full(len(places), _bits((origin,)) & ~_DERIVED, dtype=np.uint8))
    return _Book(
        of_entries,
        {item: (np.concatenate(places), np.concatenate(bits)) for item, (places, bits) in of_items.items()},
    )


@lru_cache(maxsize=256)
def _bits(origins: tuple[str, ...]) -> int:
    return sum(1 << _ORIGINS.index(origin) for origin in set(origins))


_DERIVED = _bits(("derived",))
_PUBLISHED = _bits(("published",))


def _origins(
    result: Result, behind: Selection, datasets: Datasets, entries: Mapping[int, Entry]
) -> frozenset[str]:
    book = find_once(datasets, "book", lambda: _open_book(entries))
    read = {*columns_used(result.rows), *((result.column,) if result.column else ())}
    types = datasets[behind.dataset].frame.schema
    only_counted = all(types.get(column) == pl.Boolean for column in read)
    items = frozenset(read & book.of_items.keys())
    every = find_once(
        datasets,
        ("origins of rows", behind.dataset, items, only_counted),
        lambda: _origins_of_rows(behind.dataset, datasets, items, only_counted, book),
    )
    met = int(np.bitwise_or.reduce(every[find_places(behind, datasets)], initial=0))
    return frozenset(origin for bit, origin in enumerate(_ORIGINS) if met >> bit & 1)


def _origins_of_rows(
    dataset: str, datasets: Datasets, items: Set[str], only_counted: bool, book: _Book
) -> Bits:
    """The origins of each row of a dataset for the items that are read."""
    texts = datasets[dataset].frame["origin"]
    kinds = {text: _bits(tuple(str(text).split("+"))) for text in texts.unique().to_list()}
    stated = np.array([kinds[text] for text in texts.to_list()], dtype=np.uint8)
    derived = stated == _DERIVED
    found = np.where((stated & _PUBLISHED > 0) & only_counted, np.uint8(_PUBLISHED), stated)
    if derived.any():
        union = join_by_row(dataset, book.of_entries, datasets)
        found = np.where(derived & (union > 0), union, found)
    if items:
        own_of_entries = np.zeros(len(book.of_entries), dtype=np.uint8)
        for item in items:
            places, bits = book.of_items[item]
            own_of_entries[places] |= bits
        own = join_by_row(dataset, own_of_entries, datasets)
        found = np.where(own > 0, own, found)
    return np.asarray(found, dtype=np.uint8)
