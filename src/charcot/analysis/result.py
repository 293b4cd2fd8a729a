"""Results: a number with the rows, the method and the version it came from; its parents are found on demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from charcot.analysis.methods import METHODS, Request, Value
from charcot.analysis.selection import (
    PEOPLE,
    Datasets,
    Selection,
    each_once,
    entries_at,
    examine,
    find_once,
    find_places,
    select_rows,
)

Status = Literal["prespecified", "post_hoc"]


@dataclass(frozen=True)
class Result:
    """One number, text or curve. `n` is what it describes or is a part of; `among` selects the denominator.

    `id` is stable and readable, such as `table1.age.mean`. `column` is what the method read ("" where it counted
    rows), `at` the time it was asked about. The entries behind it are not held here: see `parents_of`.
    """

    id: str
    label: str
    rows: Selection
    method: str
    value: Value
    n: int
    status: Status = "post_hoc"
    column: str = ""
    unit: str | None = None
    among: Selection | None = None
    at: float | None = None
    note: str | None = None
    planned: str | None = None
    """The id of the planned result of the protocol that this belongs to."""

    @property
    def dataset(self) -> str:
        """The dataset it was read from."""
        return self.rows.dataset

    @property
    def where(self) -> str:
        """The SQL condition on that dataset; "" for all rows."""
        return self.rows.where

    @property
    def version(self) -> str:
        """The version of its method."""
        return METHODS[self.method].version


def derive_result(
    datasets: Datasets,
    id: str,
    label: str,
    rows: Selection,
    method: str,
    *,
    column: str = "",
    among: Selection | None = None,
    at: float | None = None,
    unit: str | None = None,
    status: Status = "post_hoc",
    planned: str | None = None,
    note: str | None = None,
) -> Result:
    """The result of a method on a selection. KeyError for an unknown method or dataset."""
    value, n = METHODS[method].compute(_request(method, rows, among, column, at, datasets))
    return Result(id, label, rows, method, value, n, status, column, unit, among, at, note, planned)


def compute_again(result: Result, datasets: Datasets) -> Value:
    """The value that the result has on these datasets; equal to its own on those that it was derived from."""
    request = _request(result.method, result.rows, result.among, result.column, result.at, datasets)
    return METHODS[result.method].compute(request)[0]


def rows_behind(result: Result, datasets: Datasets) -> pl.DataFrame:
    """The rows that the result was computed from; for a zero, or where no row was found, those of its denominator."""
    return select_rows(selection_behind(result, datasets), datasets)


def selection_behind(result: Result, datasets: Datasets) -> Selection:
    """The selection of those rows."""
    if result.among is not None and not len(find_places(result.rows, datasets)):
        return result.among
    return result.rows


def parents_of(result: Result, datasets: Datasets) -> tuple[int, ...]:
    """The sequence numbers of every entry that the number can depend on.

    Those behind the rows, and behind rows that were looked at and do not count because of a value in them; behind the
    denominator; and behind the population they belong to.
    """
    return find_once(
        datasets,
        ("parents", result.rows, result.among),
        lambda: tuple(_find_parents(result, datasets).tolist()),
    )


def count_parents(result: Result, datasets: Datasets) -> int:
    """How many they are; quicker than naming them."""
    return find_once(
        datasets,
        ("number of parents", result.rows, result.among),
        lambda: len(_find_parents(result, datasets)),
    )


def _find_parents(result: Result, datasets: Datasets) -> NDArray[np.int64]:
    selections = [selection for selection in (result.rows, result.among) if selection is not None]
    populations = {selection.population for selection in selections if selection.population is not None}
    found = [_entries_of_rows(examine(selection), datasets) for selection in selections]
    found += [_entries_of_rows(Selection(PEOPLE, population.where), datasets) for population in populations]
    return each_once(np.concatenate(found))


def _entries_of_rows(selection: Selection, datasets: Datasets) -> NDArray[np.int64]:
    return find_once(
        datasets,
        ("entries", selection),
        lambda: entries_at(selection.dataset, find_places(selection, datasets), datasets),
    )


def index_results(results: Sequence[Result]) -> dict[str, Result]:
    """Each result under its id; ValueError where two different results share one."""
    found: dict[str, Result] = {}
    for result in results:
        if found.setdefault(result.id, result) is not result:
            raise ValueError(f"two results are called {result.id}")
    return found


def _request(
    method: str, rows: Selection, among: Selection | None, column: str, at: float | None, datasets: Datasets
) -> Request:
    reads = METHODS[method].reads
    columns = None if reads is None else frozenset({*reads, column})
    frame = select_rows(rows, datasets, columns)
    return Request(frame, frame if among is None else select_rows(among, datasets, columns), column, at)
