"""The dictionary of event terms at a site: its own file in `local/`, which is never copied with the trial, or the shipped terms."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePath

from charcot.exchange.spreadsheet import MOST_PACKED, SheetOfText, looks_packed, read_sheets
from charcot.refusal import BadValue
from charcot.safety.terms import (
    SHIPPED_TERMS,
    EventTerm,
    LeftOut,
    ReadTable,
    find_heads,
    parse_dictionary,
    parse_table,
    split_table,
)
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import TrialFolder
from charcot.wiring.whole_files import write_whole

DICTIONARY = Path("local") / "event-terms.csv"
ABOUT = DICTIONARY.with_suffix(".json")
"""Where the dictionary in use came from."""
OFFERED = Path("local") / "event-terms-offered"
"""Files that were read and wait for a person to say that they are the ones; the newest few."""
MOST_OFFERED = 8
MOST_BYTES = MOST_PACKED
MOST_TOLD = 200
"""Rows left out that are told one by one."""
ENDINGS = (".xlsx", ".csv", ".txt")
_RULE = "Dictionary: the official spreadsheet as .xlsx, or a CSV file in UTF-8, up to 10 MB"
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class DictionaryFile:
    """What is known of a dictionary: `digest` is the SHA-256 of the file as it was given; `by` empty at the terminal."""

    name: str
    digest: str
    terms: int
    version: str
    left_out: tuple[LeftOut, ...] = ()
    """The first `MOST_TOLD` rows that give no term, and in `more_left_out` how many there are beyond."""
    more_left_out: int = 0
    by: str = ""
    loaded_at: datetime | None = None


def terms_of(path: Path) -> tuple[EventTerm, ...]:
    """The terms that events are chosen from in the trial's folder at `path`."""
    file = path / DICTIONARY
    return _read(file, file.stat().st_mtime_ns) if file.is_file() else SHIPPED_TERMS


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int) -> tuple[EventTerm, ...]:
    return parse_dictionary(file.read_text("utf-8"))


def dictionary_in_use(folder: TrialFolder) -> DictionaryFile | None:
    """Where the site's own dictionary came from; None where the shipped terms are used."""
    if not (folder.path / DICTIONARY).is_file():
        return None
    if not (folder.path / ABOUT).is_file():
        return DictionaryFile("", "", len(terms_of(folder.path)), "")
    return _parse_about((folder.path / ABOUT).read_text("utf-8"))


def load_dictionary(folder: TrialFolder, source: Path) -> DictionaryFile:
    """Takes over a site's own dictionary, such as the official spreadsheet of CTCAE (.xlsx or CSV).

    Raises BadValue where it is neither, or has no column of terms; the dictionary of before then stays.
    """
    try:
        with source.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadValue(
            f"{source.name} cannot be read: {error.strerror}.",
            rule="Dictionary: a file of this computer",
            next_step="Give the path of the spreadsheet.",
        ) from error
    text, about = _examine(data, source.name)
    return _put(folder, text, about)


def offer_dictionary(folder: TrialFolder, name: str, pieces: Iterable[bytes]) -> DictionaryFile:
    """Reads a file that was sent, and keeps it aside until `take_dictionary`. Raises what `load_dictionary` raises."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > MOST_BYTES:
            break
    text, about = _examine(bytes(data), PurePath(name.replace("\\", "/")).name.strip() or "The file")
    place = folder.path / OFFERED
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(place / f"{about.digest}.csv", text.encode())
    write_whole(place / f"{about.digest}.json", _write_about(about))
    for old in sorted(place.glob("*.csv"), key=lambda file: file.stat().st_mtime_ns)[:-MOST_OFFERED]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)
    return about


def take_dictionary(folder: TrialFolder, digest: str, by: str) -> DictionaryFile:
    """Takes over a dictionary that was offered. Raises BadValue where it is no longer kept; that of before then stays."""
    known = re.fullmatch(r"[0-9a-f]{64}", digest) is not None
    file = folder.path / OFFERED / f"{digest}.csv" if known else None
    if file is None or not file.is_file() or not file.with_suffix(".json").is_file():
        raise BadValue(
            "This file was not read here, or others were since.",
            rule="Dictionary: what was read of a file is looked at before it is used",
            next_step="Choose the file again.",
        )
    about = _parse_about(file.with_suffix(".json").read_text("utf-8"))
    return _put(folder, file.read_text("utf-8"), replace(about, by=by))


def _put(folder: TrialFolder, text: str, about: DictionaryFile) -> DictionaryFile:
    loaded = replace(about, loaded_at=real_clock())
    write_whole(folder.path / DICTIONARY, text.encode())
    write_whole(folder.path / ABOUT, _write_about(loaded))
    return loaded


def _examine(data: bytes, name: str) -> tuple[str, DictionaryFile]:
    """The dictionary as CSV, and what it holds."""
    if looks_packed(data):
        sheet = _sheet_of_terms(data, name)
        text, table = _csv_of(sheet), parse_table(sheet.rows, sheet.numbers, f"{sheet.name} {name}")
    else:
        text = _decoded(data, name)
        table = parse_table(split_table(text), named=name)
    return text, _describe(name, data, table)


def _describe(name: str, data: bytes, table: ReadTable) -> DictionaryFile:
    left_out = table.left_out
    return DictionaryFile(
        name,
        hashlib.sha256(data).hexdigest(),
        len(table.terms),
        table.version,
        left_out[:MOST_TOLD],
        len(left_out[MOST_TOLD:]),
    )


def _sheet_of_terms(data: bytes, name: str) -> SheetOfText:
    """The first sheet of a workbook that has a column of terms; where none has, the first, whose heads are then told."""
    sheets = list(read_sheets(data, name))
    chosen = next((s for s in sheets if find_heads(s.rows) is not None), None)
    return chosen or next(iter(sheets), SheetOfText("", [], []))


def _csv_of(sheet: SheetOfText) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(sheet.rows)
    return written.getvalue()


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MOST_BYTES:
        raise _unfit(f"{name} is larger than 10 MB.", "Give the file with the terms alone.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_table(name) from error
    if _CONTROLS.search(text):
        raise _no_table(name)
    return text


def _no_table(name: str) -> BadValue:
    return _unfit(
        f"{name} is neither a spreadsheet (.xlsx) nor text in UTF-8.",
        "Save the spreadsheet as .xlsx or as CSV (UTF-8), and give that file.",
    )


def _unfit(what: str, next_step: str) -> BadValue:
    return BadValue(what, rule=_RULE, next_step=next_step)


def _write_about(about: DictionaryFile) -> bytes:
    loaded_at = None if about.loaded_at is None else about.loaded_at.isoformat()
    return json.dumps(asdict(about) | {"loaded_at": loaded_at}).encode()


def _parse_about(text: str) -> DictionaryFile:
    told = json.loads(text)
    told["left_out"] = tuple(LeftOut(**each) for each in told["left_out"])
    told["loaded_at"] = datetime.fromisoformat(told["loaded_at"]) if told["loaded_at"] else None
    return DictionaryFile(**told)
