"""The data dictionary: what every variable of an export means, and how it stands in its file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from charcot.datasets import Column

_HEADER = (
    "dataset",
    "one row per",
    "variable",
    "label",
    "type",
    "unit",
    "codes",
    "source",
    "name in the file",
    "stored as",
)


@dataclass(frozen=True)
class Variable:
    """A column of a dataset as it stands in a file: its name there, and how its values are written."""

    column: Column
    name: str
    stored: str


def label_of(column: Column, limit: int) -> str:
    """The label with its unit, such as `Weight [kg]`; a long label gives way to the unit. `limit` counts characters."""
    unit = f" [{column.unit}]" if column.unit else ""
    return shorten(column.label, max(limit - len(unit), 1)) + unit[:limit]


def label_in_bytes(column: Column, limit: int) -> str:
    """The same, where `limit` counts bytes of UTF-8."""
    characters = limit
    while len(label_of(column, characters).encode()) > limit:
        characters -= 1
    return label_of(column, characters)


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` characters, with an ellipsis where it was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def list_codes(codes: Mapping[str, str]) -> str:
    """Codes with their meaning, such as `M = Male; F = Female`."""
    return "; ".join(f"{code} = {meaning}" for code, meaning in codes.items())


def describe_type(column: Column) -> str:
    """The type of a column in plain words."""
    kind = column.type if isinstance(column.type, pl.DataType) else column.type()
    if isinstance(kind, pl.List):
        return "list"
    if kind == pl.Boolean:
        return "no or yes"
    if kind.is_integer():
        return "whole number"
    if kind.is_float():
        return "number"
    return {pl.Date: "date", pl.Datetime: "date and time"}.get(kind.base_type(), "text")


def dictionary_rows(
    described: Iterable[tuple[str, str, tuple[Variable, ...]]],
) -> list[tuple[str | None, ...]]:
    """The rows of the dictionary, with their header, for datasets by name, with what a row is, and their variables."""
    rows: list[tuple[str | None, ...]] = [_HEADER]
    for name, one_row_per, variables in described:
        for variable in variables:
            column = variable.column
            rows.append(
                (
                    name,
                    one_row_per,
                    column.name,
                    column.label,
                    describe_type(column),
                    column.unit,
                    list_codes(column.codes) or None,
                    column.source or None,
                    variable.name,
                    variable.stored,
                )
            )
    return rows
