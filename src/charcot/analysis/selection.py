"""Selections: which rows of which dataset a number rests on, as SQL text that can be read and run again."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from charcot.datasets import ENTRIES, Dataset
from charcot.protocol.design import Population

Datasets = Mapping[str, Dataset]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
"""Where rows stand in the frame of their dataset, from 0 on, in its order."""
Found = TypeVar("Found")

PEOPLE = "participants"
"""The dataset that populations are conditions on."""


@dataclass(frozen=True)
class Selection:
    """Rows of `dataset` where the SQL condition `where` is TRUE ("" for all), of people in `population` (None: all)."""

    dataset: str
    where: str = ""
    population: Population | None = None


class RememberedDatasets(dict[str, Dataset]):
    """Datasets that remember what was selected from them; they must not be changed. A copy, `{**datasets}`, forgets."""

    def __init__(self, datasets: Datasets) -> None:
        super().__init__(datasets)
        self._found: dict[Hashable, Any] = {}

    def remember(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """What was found under this key, found now if it was not yet."""
        if key not in self._found:
            self._found[key] = find()
        found: Found = self._found[key]
        return found


def find_once(datasets: Datasets, key: Hashable, find: Callable[[], Found]) -> Found:
    """What `find` gives; found only once for a key where the datasets remember."""
    return datasets.remember(key, find) if isinstance(datasets, RememberedDatasets) else find()


def select_rows(
    selection: Selection, datasets: Datasets, columns: frozenset[str] | None = None
) -> pl.DataFrame:
    """The rows of a selection, in the order of the dataset; of `columns`, those that it has (at least one), or all."""
    return find_once(datasets, ("rows", selection, columns), lambda: _select(selection, datasets, columns))


def _select(selection: Selection, datasets: Datasets, columns: frozenset[str] | None) -> pl.DataFrame:
    frame, places = datasets[selection.dataset].frame, find_places(selection, datasets)
    if columns is not None:
        frame = frame.select([name for name in frame.columns if name in columns] or frame.columns[:1])
    return frame if len(places) == frame.height else frame[places]


def find_places(selection: Selection, datasets: Datasets) -> Places:
    """Where the rows of a selection stand in their dataset."""
    return find_once(datasets, ("places", selection), lambda: _find_places(selection, datasets))


def _find_places(selection: Selection, datasets: Datasets) -> Places:
    chosen = mark_rows(selection.dataset, selection.where, datasets)
    if selection.population is not None:
        chosen = chosen & mark_members(selection.dataset, selection.population, datasets)
    return np.flatnonzero(chosen)


def mark_rows(dataset: str, where: str, datasets: Datasets) -> Mask:
    """Which rows of a dataset a condition is TRUE of. Its parts that all have to hold are looked at one by one."""
    if not where:
        return np.ones(datasets[dataset].frame.height, dtype=np.bool_)
    return find_once(datasets, ("marked", dataset, where), lambda: _mark_rows(dataset, where, datasets))


def _mark_rows(dataset: str, where: str, datasets: Datasets) -> Mask:
    parts = split_condition(where)
    if len(parts) == 1:
        holds = datasets[dataset].frame.select(_condition(where).fill_null(False).alias("holds"))["holds"]
        return np.array(np.broadcast_to(holds.to_numpy(), datasets[dataset].frame.height), dtype=np.bool_)
    marks = [mark_rows(dataset, part, datasets) for part in parts]
    return np.asarray(np.logical_and.reduce(marks), dtype=np.bool_)


def mark_members(dataset: str, population: Population, datasets: Datasets) -> Mask:
    """Which rows of a dataset are of people in a population."""

    def find() -> Mask:
        members = select_members(population, datasets)["participant"]
        found = datasets[dataset].frame["participant"].is_in(members.to_list()).fill_null(False)
        return np.array(found.to_numpy(), dtype=np.bool_)

    return find_once(datasets, ("marked", dataset, population), find)


def mark_missing(dataset: str, column: str, datasets: Datasets) -> Mask:
    """Which rows of a dataset have no value in a column."""

    def find() -> Mask:
        return np.array(datasets[dataset].frame[column].is_null().to_numpy(), dtype=np.bool_)

    return find_once(datasets, ("missing", dataset, column), find)


KEYS = frozenset({"claim", "participant", "encounter", "instance", "form", "item", "origin", "panel", "test"})
"""Columns that say which row it is. No change of a value moves a row from one to another."""


@lru_cache(maxsize=4096)
def examine(selection: Selection) -> Selection:
    """The rows that had to be looked at to find those of a selection: all that any change of values could add to it.

    Of a condition `a AND b` only the parts stay that read nothing but keys.
    """
    if not selection.where:
        return selection
    kept = [part for part in split_condition(selection.where) if KEYS.issuperset(_columns(part))]
    return replace(selection, where=both(*kept) if kept else "")


@lru_cache(maxsize=4096)
def split_condition(where: str) -> tuple[str, ...]:
    """The parts of a condition that all have to hold, as SQL; none where there is no condition."""
    bracketed = _split_bracketed(where)
    if bracketed:
        return tuple(part for inner in bracketed for part in split_condition(inner))
    tree = parse_condition(where)
    if tree is None:
        return (where,) if where else ()
    parts = conjuncts(tree)
    return tuple(part.sql() for part in parts) if len(parts) > 1 else (where,)


def _split_bracketed(where: str) -> list[str]:
    """What stands in the brackets of `(a) AND (b)`, which is how `both` writes; nothing where it is written otherwise."""
    found: list[str] = []
    depth, begin, quoted = 0, 0, False
    for place, sign in enumerate(where):
        if sign == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif sign == "(":
            if depth == 0:
                if where[begin:place] != (" AND " if found else ""):
                    return []
                begin = place + 1
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                found.append(where[begin:place])
                begin = place + 1
    return found if depth == 0 and begin == len(where) else []


@lru_cache(maxsize=4096)
def parse_condition(where: str) -> exp.Expr | None:
    """The condition as a tree; None where there is none, or none that can be taken apart."""
    try:
        return parse_one(where) if where else None
    except SqlglotError:
        return None


def conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    """The parts of a parsed condition that all have to hold."""
    inner = condition.unnest()
    if isinstance(inner, exp.And):
        return [*conjuncts(inner.left), *conjuncts(inner.right)]
    return [inner]


def select_members(population: Population, datasets: Datasets) -> pl.DataFrame:
    """The rows of the participants dataset that make up a population."""
    return find_once(
        datasets, ("members", population), lambda: datasets[PEOPLE].frame.filter(_condition(population.where))
    )


def columns_used(selection: Selection) -> tuple[str, ...]:
    """The columns that the condition reads, in the order of their names."""
    return _columns(selection.where) if selection.where else ()


@lru_cache(maxsize=4096)
def _columns(where: str) -> tuple[str, ...]:
    return tuple(sorted(set(_condition(where).meta.root_names())))


@lru_cache(maxsize=4096)
def _condition(where: str) -> pl.Expr:
    return pl.sql_expr(where)


@dataclass(frozen=True)
class _Runs:
    """The entries behind all rows of a dataset, one after the other: those of row i are `flat[begins[i]:begins[i + 1]]`."""

    begins: Places
    flat: NDArray[np.int64]


def entries_at(dataset: str, places: Places, datasets: Datasets) -> NDArray[np.int64]:
    """The sequence numbers of all entries behind some rows, each once, in order."""
    runs = _runs(dataset, datasets)
    first, last = runs.begins[places], runs.begins[places + 1]
    lengths = last - first
    ahead = np.cumsum(lengths) - lengths
    return each_once(runs.flat[np.repeat(first - ahead, lengths) + np.arange(lengths.sum())])


def each_once(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of entries, each once, in order; there are never more than there are entries, so they are ticked off."""
    ticked = np.zeros(numbers.max(initial=0) + 1, dtype=np.bool_)
    ticked[numbers] = True
    return np.flatnonzero(ticked)


def join_by_row(dataset: str, marks: NDArray[np.uint8], datasets: Datasets) -> NDArray[np.uint8]:
    """For each row the bits of all entries behind it joined; `marks` has those of an entry at its number, 0 beyond its end."""
    runs = _runs(dataset, datasets)
    of_flat = np.zeros(len(runs.flat) + 1, dtype=np.uint8)
    inside = runs.flat < len(marks)
    of_flat[:-1][inside] = marks[runs.flat[inside]]
    joined = np.bitwise_or.reduceat(of_flat, runs.begins[:-1]) if len(runs.begins) > 1 else of_flat[:0]
    return np.where(runs.begins[:-1] < runs.begins[1:], joined, np.uint8(0))


def _runs(dataset: str, datasets: Datasets) -> _Runs:
    def find() -> _Runs:
        lists = datasets[dataset].frame[ENTRIES]
        lengths = lists.list.len().fill_null(0).to_numpy()
        flat = lists.filter(lists.list.len() > 0).explode().to_numpy()
        return _Runs(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]), flat.astype(np.int64))

    return find_once(datasets, ("runs", dataset), find)


def equals(column: str, text: str) -> str:
    """The SQL condition that a text column has this value; quotes inside are doubled."""
    quoted = text.replace("'", "''")
    return f"{column} = '{quoted}'"


def both(*conditions: str) -> str:
    """The SQL condition that all non-empty conditions hold."""
    given = [condition for condition in conditions if condition]
    return given[0] if len(given) == 1 else " AND ".join(f"({condition})" for condition in given)
