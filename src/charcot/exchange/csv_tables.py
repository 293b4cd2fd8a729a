"""Tables as CSV: RFC 4180, dates in ISO 8601, an empty cell where there is no value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from charcot.datasets import Column, Dataset
from charcot.exchange.datasets_flat import flatten
from charcot.exchange.dictionary import Variable

BYTE_ORDER_MARK = "\ufeff"
"""Stands first in exported files, so that Excel and SPSS read them as UTF-8; not in tables of an archive."""

_FORMULA = r"^[=+\-@\t\r]"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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


@dataclass(frozen=True)
class CsvTable:
    """A dataset as text that is ready to be written."""

    name: str
    label: str
    one_row_per: str
    columns: tuple[Column, ...]
    height: int
    lines: bytes
    """The rows without the line of names."""
    formulas: tuple[str, ...]
    """Columns of text in which a value begins as a formula would in a spreadsheet program."""

    @property
    def text(self) -> bytes:
        """The table with the names of its columns in the first line."""
        return csv_text([[column.name for column in self.columns]]).encode() + self.lines


def csv_table(dataset: Dataset) -> CsvTable:
    """A dataset as CSV."""
    flat = flatten(dataset)
    floats = [series for series in flat if series.dtype.is_float()]
    flat = flat.with_columns(
        pl.Series(s.name, [None if v is None else _cell(v) for v in s], pl.String) for s in floats
    )
    cells = [_cells(name, kind) for name, kind in flat.schema.items()]
    lines = flat.select(pl.concat_str(cells, separator=",").str.join("\r\n")).item() if flat.height else ""
    return CsvTable(
        dataset.name,
        dataset.label,
        dataset.one_row_per,
        dataset.columns,
        dataset.height,
        f"{lines}\r\n".encode() if flat.height else b"",
        formulas=tuple(
            series.name
            for series in dataset.frame
            if series.dtype == pl.String and series.str.contains(_FORMULA).any()
        ),
    )


def read_csv_table(table: CsvTable) -> Dataset:
    """The dataset that a table was made from: texts, whole numbers, numbers, dates, times and entries."""
    listed = {column.name for column in table.columns if column.type == pl.List(pl.Int64)}
    schema = {c.name: pl.String if c.name in listed else c.type for c in table.columns}
    frame = pl.read_csv(table.text, schema=schema) if table.height else pl.DataFrame(schema=schema)
    frame = frame.with_columns(
        pl.col(name).fill_null("").str.extract_all(r"[0-9]+").cast(pl.List(pl.Int64)) for name in listed
    )
    return Dataset(table.name, table.label, table.one_row_per, table.columns, frame)


def csv_lines(columns: Sequence[Column], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Rows by the names of columns, as `csv_table` writes them: quicker where there are few."""
    return csv_text([_plain(row.get(column.name)) for column in columns] for row in rows).encode()


def formulas_in(columns: Sequence[Column], rows: Iterable[Mapping[str, object]]) -> set[str]:
    """The columns of text in which a value begins as a formula would in a spreadsheet program."""
    texts = [column.name for column in columns if column.type == pl.String]
    return {name for row in rows for name in texts if str(row.get(name) or "").startswith(_FORMULA_STARTS)}


def dataset_tables(datasets: Mapping[str, Dataset]) -> dict[str, str]:
    """Each dataset as CSV text, under its path in the archive."""
    return {f"datasets/{name}.csv": csv_table(dataset).text.decode() for name, dataset in datasets.items()}


def write_csv(table: CsvTable, file: Path) -> tuple[Variable, ...]:
    """Writes a table."""
    file.write_bytes(BYTE_ORDER_MARK.encode() + table.text)
    return tuple(Variable(column, column.name, _stored(column)) for column in table.columns)


def _stored(column: Column) -> str:
    kind = column.type if isinstance(column.type, pl.DataType) else column.type()
    return _STORED.get(kind.base_type(), "as it is")


def _plain(value: object) -> object:
    """A value of a row, flat."""
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return int(value) if isinstance(value, bool) else value


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
