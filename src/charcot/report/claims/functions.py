"""The functions that a query can use: of the values of a column, of the rows of a table, of lists, of numbers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from charcot.statistics import describe, estimate_odds_ratio, estimate_proportion

Reads = Literal["column", "rows", "lists", "numbers"]


@dataclass(frozen=True)
class QueryFunction:
    """A function: how it is written, what it is called in a sentence, and of how many arguments.

    `statistic` computes a number from the known values of a column; `compute` one from numbers. Both give None where
    there is none.
    """

    form: str
    words: str
    reads: Reads
    arguments: int = 1
    statistic: Callable[[Sequence[float]], float | None] | None = None
    compute: Callable[..., float | None] | None = None


def compute_highest_score(n: float, mean: float, sd: float) -> float | None:
    """The highest whole number that can be among `n` numbers with this mean and SD (divisor n - 1).

    A number d above the mean needs at least d^2 + d^2 / (n - 1) of the sum of squares (n - 1) SD^2.
    Source: Samuelson 1968, How deviant can you be?, JASA 63:1522-1525.

    >>> compute_highest_score(5, 18, 4.243)
    25
    """
    if n < 2:
        return None
    return math.floor(mean + sd * (n - 1) / math.sqrt(n) + 1e-9)


def compute_nearest_sd(n: float, mean: float, sd: float) -> float | None:
    """The SD nearest to `sd` that `n` whole numbers with this mean can have (divisor n - 1).

    Their sum is whole, and the sum of their squares is a whole number of the same parity: a necessary condition, which
    lets an SD or two too many pass where n is below five. Source: the GRIMMER test, Anaya 2016, PeerJ Preprints
    4:e2400v1; parity: Allard 2018.

    >>> round(compute_nearest_sd(5, 18, 4.25), 6)
    4.242641
    """
    if n < 2:
        return None
    total = round(n * mean)
    squares = sd * sd * (n - 1) + total * total / n
    parity = total % 2
    lower = 2 * math.floor((squares - parity) / 2) + parity
    found = [
        math.sqrt((whole - total * total / n) / (n - 1))
        for whole in (lower, lower + 2)
        if whole * n >= total * total
    ]
    return min(found, key=lambda possible: abs(possible - sd), default=None)


def _describe(name: str) -> Callable[[Sequence[float]], float | None]:
    def statistic(values: Sequence[float]) -> float | None:
        found = float(getattr(describe(values), name))
        return None if math.isnan(found) else found

    return statistic


def _fisher(a: float, b: float, c: float, d: float) -> float | None:
    return estimate_odds_ratio([[a, b], [c, d]]).p_value


def _bound(name: str) -> Callable[[float, float], float | None]:
    def compute(events: float, total: float) -> float | None:
        return float(getattr(estimate_proportion(round(events), round(total)), name))

    return compute


def _rounded(value: float) -> float | None:
    return math.floor(value + 0.5)


def _root(value: float) -> float | None:
    return math.sqrt(value) if value >= 0 else None


_SD, _SE = "standard deviation (SD)", "standard error of the mean (SE)"
_STATISTICS = {
    "mean": ("mean", "mean"),
    "sd": (_SD, "sd"),
    "se": (_SE, "se"),
    "median": ("median", "median"),
    "min": ("lowest value", "minimum"),
    "max": ("highest value", "maximum"),
}

FUNCTIONS: dict[str, QueryFunction] = {
    **{
        name: QueryFunction(f"{name}(table.column) or {name}(table.column, condition)", words, "column", statistic=_describe(field))
        for name, (words, field) in _STATISTICS.items()
    },
    "total": QueryFunction("total(table.column)", "sum", "column", statistic=lambda values: math.fsum(values)),
    "n": QueryFunction("n(table.column)", "number of values", "column"),
    "different": QueryFunction("different(table.column)", "number of different values", "column"),
    "only": QueryFunction("only(table.column, condition)", "value", "column"),
    "count": QueryFunction("count(table) or count(table, condition)", "number of records", "rows"),
    "share": QueryFunction("share(table, condition)", "share of records", "rows"),
    "lacking": QueryFunction(
        "lacking(fact.list, table.column)", "number of those wanted that are not found", "lists", 2
    ),
    "abs": QueryFunction("abs(value)", "size", "numbers", 1, compute=abs),
    "rounded": QueryFunction("rounded(value)", "whole number nearest to", "numbers", 1, compute=_rounded),
    "sqrt": QueryFunction("sqrt(value)", "square root", "numbers", 1, compute=_root),
    "fisher_p": QueryFunction(
        "fisher_p(a, b, c, d)", "Fisher's exact two-sided p", "numbers", 4, compute=_fisher
    ),
    "exact_lower": QueryFunction(
        "exact_lower(events, total)", "lower exact 95 % bound", "numbers", 2, compute=_bound("lower")
    ),
    "exact_upper": QueryFunction(
        "exact_upper(events, total)", "upper exact 95 % bound", "numbers", 2, compute=_bound("upper")
    ),
    "highest_score": QueryFunction(
        "highest_score(n, mean, sd)", "highest score possible", "numbers", 3, compute=compute_highest_score
    ),
    "nearest_sd": QueryFunction(
        "nearest_sd(n, mean, sd)", "nearest SD that whole numbers can have", "numbers", 3, compute=compute_nearest_sd
    ),
}  # fmt: skip
"""Every function under its name."""
