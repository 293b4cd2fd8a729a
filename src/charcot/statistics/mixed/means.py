"""Least-squares means over a reference grid, and their differences, as R's emmeans defines them."""

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.columns import Covariate, as_categories
from charcot.statistics.mixed.contrasts import Inference, Lines
from charcot.statistics.mixed.structures.structure import Array

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, repr=False)
class LeastSquaresMeans:
    """Means of the cells of some factors (`means`) and the differences of cells (`differences`), as polars frames.

    Factors outside are averaged with equal weights, numbers are at their mean (or at both values, if there are
    two). A difference is that of a later cell minus an earlier one, within each cell of the factors after "|". No
    adjustment is made for multiplicity.
    """

    specification: str
    means: "pl.DataFrame"
    differences: "pl.DataFrame"

    def __repr__(self) -> str:
        return f"Least-squares means of {self.specification}\n{self.means}\nDifferences\n{self.differences}"


def _split(specification: str) -> tuple[list[str], list[str]]:
    inner, _, given = specification.partition("|")
    parts = [
        [name.strip().strip("`") for name in part.replace(":", "*").split("*")] for part in (inner, given)
    ]
    shown, by = ([name for name in part if name] for part in parts)
    if not shown:
        raise CannotFit(
            f"{specification!r} names no factor: write, say, means('visit * arm') or means('arm | visit')"
        )
    return shown, by


def _grid(inference: Inference, named: list[str]) -> dict[str, tuple[Array, tuple[str, ...] | None]]:
    """Each covariate's values in the reference grid, and its levels if it has."""
    frame = inference.fitted.frame
    categorical = {
        factor.names[0] for factor in (frame.design.factors.values() if frame.design else ()) if factor.levels
    }
    grid: dict[str, tuple[Array, tuple[str, ...] | None]] = {}
    for name, column in frame.columns.items():
        if column.levels is not None or name in categorical:
            levels = as_categories(column).without_unused_levels().levels
            assert levels is not None
            grid[name] = np.arange(len(levels), dtype=np.float64), levels
            continue
        values = np.unique(column.values)
        if name in named and values.size > 2:
            raise CannotFit(
                f"{name!r} is a number with {values.size} values, not a factor: use C({name}) in the model"
            )
        grid[name] = (values if values.size <= 2 else np.array([column.values.mean()])), None
    return grid


def make_means(inference: Inference, specification: str, level: float) -> LeastSquaresMeans:
    """Least-squares means of "A * B", or of "A | B" with differences of A within each B."""
    import polars as pl

    frame = inference.fitted.frame
    if frame.design is None:
        raise CannotFit(
            "least-squares means need a formula: from arrays, use contrast() with rows of your design"
        )
    shown, by = _split(specification)
    named = [*by, *shown]
    if unknown := [name for name in named if name not in frame.columns]:
        raise CannotFit(
            f"{unknown[0]!r} is not a covariate of the model, which has {', '.join(map(repr, frame.columns))}"
        )
    grid = _grid(inference, named)
    others = [name for name in grid if name not in named]
    order = [*named, *others]
    places = np.array(list(product(*(range(grid[name][0].size) for name in order))))
    columns = {name: _pick(grid[name], places[:, place]) for place, name in enumerate(order)}
    x, _ = frame.design.encode(columns.__getitem__, places.shape[0])
    cells = [grid[name][0].size for name in named]
    rows = x.reshape(int(np.prod(cells)), -1, x.shape[1]).mean(axis=1)
    labels = [
        tuple(_show(grid[name], value) for name, value in zip(named, cell, strict=True))
        for cell in product(*(range(size) for size in cells))
    ]

    def tabulate(heads: dict[str, list[object]], lines: Lines) -> pl.DataFrame:
        found = {name: getattr(lines, name) for name in Lines.__dataclass_fields__}
        return pl.DataFrame(heads | found)

    cell_lines = inference.test_each(rows, level)
    heads: dict[str, list[object]] = {
        name: [label[place] for label in labels] for place, name in enumerate(named)
    }
    width = len(by)
    pairs = [
        (later, earlier)
        for earlier, later in combinations(range(len(labels)), 2)
        if labels[later][:width] == labels[earlier][:width]
    ]
    difference_heads: dict[str, list[object]] = {
        name: [labels[later][place] for later, _ in pairs] for place, name in enumerate(by)
    }
    difference_heads["contrast"] = [
        f"{' '.join(map(str, labels[later][width:]))} - {' '.join(map(str, labels[earlier][width:]))}"
        for later, earlier in pairs
    ]
    gaps = np.array([rows[later] - rows[earlier] for later, earlier in pairs]).reshape(-1, rows.shape[1])
    return LeastSquaresMeans(
        specification=specification,
        means=tabulate(heads, cell_lines),
        differences=tabulate(difference_heads, inference.test_each(gaps, level)),
    )


def _pick(values: tuple[Array, tuple[str, ...] | None], places: NDArray[np.intp]) -> Covariate:
    numbers, levels = values
    return Covariate(numbers[places] if levels is None else places, levels)


def _show(values: tuple[Array, tuple[str, ...] | None], place: int) -> object:
    numbers, levels = values
    return float(numbers[place]) if levels is None else levels[int(numbers[place])]
