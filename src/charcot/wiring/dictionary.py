"""The dictionary of event terms at a site: its own file in `local/`, which is never copied with the trial, or the shipped terms."""

import csv
import io
from functools import lru_cache
from pathlib import Path

from charcot.exchange.spreadsheet import looks_packed, read_sheets
from charcot.refusal import BadValue
from charcot.safety.terms import SHIPPED_TERMS, EventTerm, find_heads, parse_dictionary
from charcot.wiring.folder import TrialFolder

DICTIONARY = Path("local") / "event-terms.csv"


def terms_of(path: Path) -> tuple[EventTerm, ...]:
    """The terms that events are chosen from in the trial's folder at `path`."""
    file = path / DICTIONARY
    return _read(file, file.stat().st_mtime_ns) if file.is_file() else SHIPPED_TERMS


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int) -> tuple[EventTerm, ...]:
    return parse_dictionary(file.read_text("utf-8"))


def load_dictionary(folder: TrialFolder, source: Path) -> int:
    """Takes over a site's own dictionary, such as the official spreadsheet of CTCAE (.xlsx or CSV); gives the number of terms.

    Raises BadValue where it is neither, or has no column of terms; the dictionary of before then stays.
    """
    try:
        data = source.read_bytes()
    except OSError as error:
        raise BadValue(
            f"{source.name} cannot be read: {error.strerror}.",
            rule="Dictionary: a file of this computer",
            next_step="Give the path of the spreadsheet.",
        ) from error
    text = _csv_of(data, source.name) if looks_packed(data) else _decoded(data, source.name)
    terms = parse_dictionary(text)
    target = folder.path / DICTIONARY
    target.parent.mkdir(exist_ok=True)
    draft = target.with_suffix(".writing")
    draft.write_text(text, "utf-8", newline="")
    draft.replace(target)
    return len(terms)


def _csv_of(data: bytes, name: str) -> str:
    """The first sheet of a workbook that has a column of terms, as CSV; where none has, the first, whose heads are then told."""
    sheets = list(read_sheets(data, name))
    chosen = next((s for s in sheets if find_heads(s.rows) is not None), None)
    rows = chosen.rows if chosen is not None else [row for sheet in sheets[:1] for row in sheet.rows]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadValue(
            f"{name} is neither a spreadsheet (.xlsx) nor text in UTF-8.",
            rule="Dictionary: the official spreadsheet as .xlsx, or a CSV file in UTF-8",
            next_step="Save the spreadsheet as .xlsx or as CSV (UTF-8), and give that file.",
        ) from error
