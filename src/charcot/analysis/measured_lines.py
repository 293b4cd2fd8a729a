"""Columns of numbers described alike: how many are known, mean, spread, median and range, each a result of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.result import Result
from charcot.analysis.selection import Selection

STATISTICS = ("mean", "sd", "median", "minimum", "maximum")


@dataclass(frozen=True)
class MeasuredColumn:
    """A column, what it is called, its unit and decimals as shown, and what the stored value is multiplied by to be in that unit."""

    column: str
    label: str
    unit: str
    places: int
    scale: float = 1.0


@dataclass(frozen=True)
class MeasuredLine:
    """One column with the number of rows in which it is known, and its statistics by name."""

    measured: MeasuredColumn
    n: Result
    statistics: Mapping[str, Result]


def derive_lines(
    derive: partial[Result], among: Selection, columns: tuple[MeasuredColumn, ...], rows: str
) -> tuple[MeasuredLine, ...]:
    """A line for each column of a selection without a condition of its own; `rows` says what is counted."""
    dataset = among.dataset
    return tuple(
        MeasuredLine(
            one,
            derive(
                f"{dataset}.{one.column}.n",
                f"{one.label}: {rows} known",
                Selection(dataset, f"{one.column} IS NOT NULL", among.population),
                "count_rows",
                among=among,
            ),
            {
                name: derive(
                    f"{dataset}.{one.column}.{name}", f"{one.label}, {name}", among, name, column=one.column
                )
                for name in STATISTICS
            },
        )
        for one in columns
    )
