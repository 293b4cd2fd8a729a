"""Tables as CSV: RFC 4180, dates in ISO 8601, an empty cell where there is no value."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl

from charcot.datasets import Dataset
from charcot.exchange.datasets_flat import flatten
from charcot.exchange.dictionary import Variable

BYTE_ORDER_MARK = "\ufeff"
"""Stands first in exported files, so that Excel and SPSS read them as UTF-8; not in tables of an archive."""

_FORMULA = r"^[=+\-@\t\r]"
_QUOTED = r'^$|^[\s\x1c-\x1f]|[\s\x1c-\x1f]$|[,"\r\n]'
"""What a text is quoted for: that it is empty, begins or ends with space, or holds what parts cells."""
_STORED = {
    pl.Date: "text 2014-03-14",
    pl.Datetime: "text 2014-03-14T09:30:00",
    pl.Boolean: "0 = no, 1 = yes",
    pl.List: "text, numbers separated by spaces",
}


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. None is an empty cell and an empty text is `""`, so that both can be told apart."""
    return "".join(",".join(_cell(value) for value in row) + "\r\n" for row in rows)


def dataset_table(dataset: Dataset) -> str:
    """A dataset as CSV, with the names of its columns in the first line."""
    flat = flatten(dataset)
    floats = [series for series in flat if series.dtype.is_float()]
    flat = flat.with_columns(
        pl.Series(s.name, [None if v is None else _cell(v) for v in s], pl.String) for s in floats
    )
    cells = [_cells(name, kind) for name, kind in flat.schema.items()]
    lines = flat.select(pl.concat_str(cells, separator=",").str.join("\r\n")).item() if flat.height else ""
    return csv_text([flat.columns]) + (f"{lines}\r\n" if flat.height else "")


def dataset_tables(datasets: Mapping[str, Dataset]) -> dict[str, str]:
    """Each dataset as CSV text, under its path in the archive."""
    return {f"datasets/{name}.csv": dataset_table(dataset) for name, dataset in datasets.items()}


def write_csv(dataset: Dataset, file: Path) -> tuple[Variable, ...]:
    """Writes a dataset as CSV."""
    file.write_bytes((BYTE_ORDER_MARK + dataset_table(dataset)).encode())
    return tuple(
        Variable(column, column.name, _STORED.get(dataset.frame.schema[column.name].base_type(), "as it is"))
        for column in dataset.columns
    )


def formula_columns(dataset: Dataset) -> tuple[str, ...]:
    """The text columns in which a value begins as a formula would in a spreadsheet program."""
    return tuple(
        series.name
        for series in dataset.frame
        if series.dtype == pl.String and series.str.contains(_FORMULA).any()
    )


def _cells(name: str, kind: pl.DataType) -> pl.Expr:
    """The cells of a column, as `_cell` writes each."""
    column = pl.col(name)
    if kind == pl.String:
        quoted = pl.concat_str([pl.lit('"'), column.str.replace_all('"', '""', literal=True), pl.lit('"')])
        column = pl.when(column.str.contains(_QUOTED)).then(quoted).otherwise(column)
    elif isinstance(kind, pl.Datetime):
        whole, part = column.dt.strftime("%Y-%m-%dT%H:%M:%S"), column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
        column = pl.when(column.dt.microsecond() == 0).then(whole).otherwise(part)
    return column.cast(pl.String).fill_null("")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if not isinstance(value, str):
        return repr(value)
    quoted = not value or value != value.strip() or any(character in value for character in ',"\r\n')
    return '"' + value.replace('"', '""') + '"' if quoted else value
