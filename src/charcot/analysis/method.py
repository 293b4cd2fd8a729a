"""What a method is, and what it is given: a function from selected rows to a value and the number it describes."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from charcot.statistics import Interval, SurvivalCurve

Value = int | float | str | None | Interval | SurvivalCurve


@dataclass(frozen=True)
class Request:
    """What a method is given: rows, the rows of the denominator, the column it reads, one further number."""

    rows: pl.DataFrame
    among: pl.DataFrame
    column: str
    at: float | None


@dataclass(frozen=True)
class Method:
    """A method: `compute` gives the value and n, the number of rows or people that it describes.

    `sentence` says it in the report's methods; "" where the name says all.
    """

    id: str
    name: str
    sentence: str
    version: str
    compute: Callable[[Request], tuple[Value, int]]
    reads: tuple[str, ...] | None = None
    """The columns that it reads beside the one it is asked about, where it is known to read no others."""
