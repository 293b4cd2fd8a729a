"""Spreadsheets (.xlsx) that a site brings along, read as rows of text; what could not be one, or unpacks to too much, is refused."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openpyxl import load_workbook

from charcot.refusal import BadValue

RULE = "Spreadsheets: .xlsx without a password, up to 10 MB, up to 60 MB when unpacked"
MOST_PACKED, MOST_UNPACKED, MOST_PARTS = 10_000_000, 60_000_000, 500
"""Limits [bytes, bytes, files in the archive]; the spreadsheet of CTCAE v5.0 is far below each."""
MOST_ROWS, MOST_COLUMNS = 100_000, 200
LAST_ROW = 1_048_576
"""The last row that the format has."""
_PACKED, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class SheetOfText:
    """One sheet: its name, and the rows that hold something as texts, with their numbers; an empty cell is an empty text."""

    name: str
    rows: list[list[str]]
    numbers: list[int]


def looks_packed(data: bytes) -> bool:
    """Whether a file can be a spreadsheet and no text: it begins like an archive, or like a file of older programs."""
    return data.startswith((_PACKED, _OLD))


def read_sheets(data: bytes, name: str) -> Iterator[SheetOfText]:
    """The sheets of a workbook, one after the other. Raises BadValue, in words, for what is not one; `name` is of the file."""
    _require_workbook(data, name)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            cells = sheet.iter_rows(values_only=True, max_row=LAST_ROW, max_col=MOST_COLUMNS)
            rows = {n: _texts(row) for n, row in enumerate(cells, 1) if any(cell is not None for cell in row)}
            if len(rows) > MOST_ROWS:
                raise _unfit(f"{name} has more than 100 000 rows.")
            yield SheetOfText(str(sheet.title), list(rows.values()), list(rows))
    except BadValue:
        raise
    except (
        Exception
    ) as error:  # openpyxl raises many kinds for a broken workbook: KeyError, ValueError, ParseError
        raise _unfit(f"{name} cannot be read as a spreadsheet: it is damaged or incomplete.") from error


def _require_workbook(data: bytes, name: str) -> None:
    """Looks at every part before any is parsed: how much there is, that it is whole, and that none declares entities."""
    if data.startswith(_OLD):
        raise _unfit(f"{name} is in the older format .xls, or is protected by a password.")
    if len(data) > MOST_PACKED:
        raise _unfit(f"{name} is larger than 10 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _unfit(f"{name} unpacks to more than a spreadsheet of terms can hold.")
            if "xl/workbook.xml" not in archive.namelist():
                raise _unfit(f"{name} is an archive, and not a spreadsheet.")
            for part in parts:  # never more than stated: reading stops there, and the checksum is then wrong
                if part.filename.endswith((".xml", ".rels")) and _has_entities(archive.read(part)):
                    raise _unfit(f"{name} declares entities, which no spreadsheet does.")
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
    ) as error:
        raise _unfit(
            f"{name} cannot be unpacked: it is damaged, incomplete or protected by a password."
        ) from error


def _has_entities(part: bytes) -> bool:
    return b"<!DOCTYPE" in part.replace(b"\0", b"")  # in UTF-16 every other byte is zero


def _texts(row: Sequence[object]) -> list[str]:
    """A row as texts, without the empty cells behind the last."""
    texts = [_text(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: object) -> str:
    """A cell as text: 10.0 as `10`, because a spreadsheet keeps every number with a fraction."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _unfit(what: str) -> BadValue:
    return BadValue(
        what,
        rule=RULE,
        next_step="Open it in a spreadsheet program, save it as .xlsx or as CSV (UTF-8), and give that file.",
    )
