"""Tables as data: rows in a tree, cells made of words and numbers, notes; every number holds its result."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from charcot.analysis import Result
from charcot.report.format import NONE, WHOLE, Format, format_value


@dataclass(frozen=True)
class Number:
    """A result as it is shown in one place."""

    result: Result
    format: Format = WHOLE

    @property
    def text(self) -> str:
        """The number in words and digits."""
        return format_value(self.result.value, self.format)


@dataclass(frozen=True)
class Verbatim:
    """Text to be read character by character: a receipt, a condition, a command."""

    text: str


Piece = str | Number | Verbatim
Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class TableCell:
    """What stands in one place of a table."""

    pieces: Pieces = ()

    @property
    def text(self) -> str:
        """The cell as plain text."""
        return text_of(self.pieces)


EMPTY = TableCell()


@dataclass(frozen=True)
class TableColumn:
    """A column: its head, its unit or explanation in a second line, and how its cells stand."""

    head: str
    under: str = ""
    kind: Literal["number", "text"] = "number"
    note: str = ""


@dataclass(frozen=True)
class TableRow:
    """A row with one cell a column; `children` stand indented below it."""

    label: str
    cells: tuple[TableCell, ...] = ()
    children: tuple["TableRow", ...] = ()
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table. `caption` says what, who, n; `notes` stand below it, after those of columns and rows."""

    id: str
    title: str
    stub: str
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    caption: Pieces = ()
    notes: tuple[str, ...] = ()


def text_of(pieces: Pieces) -> str:
    """Words and numbers as plain text."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)


def numbers_in(pieces: Pieces) -> Iterator[Number]:
    """The numbers among the pieces."""
    return (piece for piece in pieces if isinstance(piece, Number))


def walk_rows(rows: tuple[TableRow, ...], level: int = 0) -> Iterator[tuple[int, TableRow]]:
    """Every row with its depth, parents before children."""
    for row in rows:
        yield level, row
        yield from walk_rows(row.children, level + 1)


def numbers_of(table: Table) -> Iterator[Number]:
    """Every number of a table, caption first."""
    yield from numbers_in(table.caption)
    for _, row in walk_rows(table.rows):
        for cell in row.cells:
            yield from numbers_in(cell.pieces)


def letter_notes(table: Table) -> dict[str, str]:
    """The letter of each footnote, in the order in which columns and rows call for them."""
    texts = [column.note for column in table.columns] + [row.note for _, row in walk_rows(table.rows)]
    found = dict.fromkeys(text for text in texts if text)
    return {text: chr(ord("a") + index) for index, text in enumerate(found)}


def number(result: Result, places: int = 0, *, trim: bool = False) -> TableCell:
    """A cell that holds one number."""
    return TableCell((Number(result, Format(places, trim=trim)),))


def interval(result: Result, form: Format) -> TableCell:
    """A cell with both bounds of an interval; a dash where it has none."""
    low, high = (Number(result, replace(form, part=part)) for part in ("lower", "upper"))
    return TableCell((NONE,)) if low.text == high.text == NONE else TableCell((low, " to ", high))
