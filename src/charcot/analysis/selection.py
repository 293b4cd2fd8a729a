"""Selections: which rows of which dataset a number rests on, as SQL text that can be read and run again."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import polars as pl
from sqlglot import exp, parse_one

from charcot.datasets import ENTRIES, Dataset
from charcot.protocol.design import Population

Datasets = Mapping[str, Dataset]
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


def select_rows(selection: Selection, datasets: Datasets) -> pl.DataFrame:
    """The rows of a selection, in the order of the dataset."""
    return find_once(datasets, ("rows", selection), lambda: _select(selection, datasets))


def _select(selection: Selection, datasets: Datasets) -> pl.DataFrame:
    frame = datasets[selection.dataset].frame
    if selection.where:
        frame = frame.filter(_condition(selection.where))
    if selection.population is not None:
        members = select_members(selection.population, datasets)
        frame = frame.join(members.select("participant"), on="participant", how="semi", maintain_order="left")
    return frame


KEYS = frozenset({"claim", "participant", "encounter", "instance", "form", "item", "origin", "panel", "test"})
"""Columns that say which row it is. No change of a value moves a row from one to another."""


@lru_cache(maxsize=4096)
def examine(selection: Selection) -> Selection:
    """The rows that had to be looked at to find those of a selection: all that any change of values could add to it.

    Of a condition `a AND b` only the parts stay that read nothing but keys.
    """
    if not selection.where:
        return selection
    kept = [
        part.sql()
        for part in _conjuncts(parse_one(selection.where))
        if {column.name for column in part.find_all(exp.Column)} <= KEYS
    ]
    return replace(selection, where=both(*kept) if kept else "")


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    inner = condition.unnest()
    if isinstance(inner, exp.And):
        return [*_conjuncts(inner.left), *_conjuncts(inner.right)]
    return [inner]


def select_members(population: Population, datasets: Datasets) -> pl.DataFrame:
    """The rows of the participants dataset that make up a population."""
    return find_once(
        datasets, ("members", population), lambda: datasets[PEOPLE].frame.filter(_condition(population.where))
    )


def columns_used(selection: Selection) -> tuple[str, ...]:
    """The columns that the condition reads, in the order of their names."""
    return tuple(sorted(set(_condition(selection.where).meta.root_names()))) if selection.where else ()


@lru_cache(maxsize=4096)
def _condition(where: str) -> pl.Expr:
    return pl.sql_expr(where)


def entries_of(frame: pl.DataFrame) -> set[int]:
    """The sequence numbers of all entries behind some rows."""
    return set(frame[ENTRIES].explode().drop_nulls().unique().to_list())


def equals(column: str, text: str) -> str:
    """The SQL condition that a text column has this value; quotes inside are doubled."""
    quoted = text.replace("'", "''")
    return f"{column} = '{quoted}'"


def both(*conditions: str) -> str:
    """The SQL condition that all non-empty conditions hold."""
    given = [condition for condition in conditions if condition]
    return given[0] if len(given) == 1 else " AND ".join(f"({condition})" for condition in given)
