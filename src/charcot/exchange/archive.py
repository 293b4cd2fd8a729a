"""The archive: the whole trial as a folder that anyone can read and verify in thirty years, without Charcot."""

import csv
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from operator import attrgetter
from pathlib import Path
from typing import IO

from charcot.exchange.manifest import (
    MANIFEST,
    FileSum,
    broken_file,
    copy_summed,
    require_inside,
    write_manifest,
)
from charcot.ledger import Receipt, Row
from charcot.refusal import OutOfOrder

TABLES = ("casebooks", "datasets", "oversight")
_README = """\
The whole record of the clinical trial {trial}, as it was at entry {sequence}.
Everything here can be read without the program that made it (Charcot): text, tables (CSV, UTF-8) and documents.

casebooks/      what was recorded, one table a form or participant
datasets/       the tables that the analysis was made from
oversight/      queries, source verification, signatures, locks, and forms entered in error
documents/      reports
protocol/       the protocol and its forms, rules and analysis plan (YAML)
attachments/    files that belong to entries
ledger/         the record itself; every table above was derived from it
  entries.jsonl   one entry a line: what happened, who entered it, when and why
  columns.csv     the columns that the database held beside each text, and the size of the text [bytes]
receipt.txt     how many entries there are, and the hash of the last
manifest.csv    SHA-256, size [bytes] and path of every file
verify.py       checks all this

TO VERIFY
  python verify.py
  python verify.py --against "charcot-receipt:..."
It needs Python 3.8 or later and nothing else, reads only, and says in words what holds and what does not. The
second form compares with a receipt that was kept elsewhere: on a signed report, in a letter, in another archive.

HOW THE ENTRIES ARE LINKED
Take the hash of the entry before, as 64 hexadecimal digits in ASCII (64 zeros before the first). Append the bytes
of the entry's line, without its line feed. The SHA-256 of that is the entry's hash, which columns.csv holds. So no
entry can be changed, removed or put in between without changing every hash after it, and the receipt.

WHAT IS NOT HERE
The keys by which names and contacts of persons are encrypted, and the accounts of the program's users.
"""


@dataclass(frozen=True)
class ArchiveWritten:
    """An archive, and what should be noted elsewhere so that nobody can change it unnoticed."""

    path: Path
    receipt: Receipt
    files: int
    manifest_sha256: str


def write_archive(
    target: Path,
    *,
    rows: Iterable[Row],
    receipt: Receipt,
    protocol_files: Mapping[str, str],
    tables: Mapping[str, str],
    documents: Mapping[str, bytes],
    attachments: Mapping[str, Path],
) -> ArchiveWritten:
    """Writes the archive as a new folder; the same trial gives the same bytes.

    `tables` are CSV texts by path (`casebooks/…`, `datasets/…`, `oversight/…`); `rows` end at the receipt. Nothing is verified
    here: a record that someone changed is archived as it is, so that `verify.py` finds the change.
    Raises OutOfOrder where `target` exists.
    """
    if target.exists():
        raise OutOfOrder(
            f"{target} exists already.",
            rule="Archive: an archive is never written over",
            next_step="Choose another name.",
        )
    for path in tables:
        if path.partition("/")[0] not in TABLES:
            raise broken_file(path, f"is a table that is neither in {' nor in '.join(TABLES)}")
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700)
    try:
        sums = _write_ledger(draft, rows)
        texts = {
            "README.txt": _README.format(trial=receipt.trial, sequence=receipt.sequence),
            "receipt.txt": f"{receipt}\n",
            **{f"protocol/{name}": text for name, text in protocol_files.items()},
            **tables,
        }
        contents = {path: text.encode() for path, text in texts.items()}
        contents["verify.py"] = files("charcot.exchange").joinpath("verify.py").read_bytes()
        contents.update({f"documents/{name}": content for name, content in documents.items()})
        sums.extend(_put(draft, path, io.BytesIO(content)) for path, content in contents.items())
        for name, source in attachments.items():
            with source.open("rb") as opened:
                sums.append(_put(draft, f"attachments/{name}", opened))
        manifest = write_manifest(sums)
        _put(draft, MANIFEST, io.BytesIO(manifest))
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft)
        raise
    return ArchiveWritten(target, receipt, len(sums), hashlib.sha256(manifest).hexdigest())


_COLUMNS = tuple(field.name for field in fields(Row) if field.name != "text")
_values = attrgetter(*_COLUMNS)


def _write_ledger(folder: Path, rows: Iterable[Row]) -> list[FileSum]:
    """Texts and columns in step, as they come."""
    (folder / "ledger").mkdir()
    paths = ("ledger/entries.jsonl", "ledger/columns.csv")
    with (folder / paths[0]).open("xb") as entries, (folder / paths[1]).open("xb") as columns:
        table = io.TextIOWrapper(columns, encoding="utf-8", newline="", write_through=True)
        # every field quoted: what someone put into a column, line ends too, is read again as it was
        writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow([*_COLUMNS, "bytes"])
        for row in rows:
            text = row.text.encode()
            writer.writerow([*_values(row), len(text)])
            entries.write(text + b"\n")
        table.flush()
    sums = []
    for path in paths:
        with (folder / path).open("r+b") as written:
            os.fsync(written.fileno())
            sums.append(copy_summed(written, None, path))
    return sums


def _put(folder: Path, path: str, source: IO[bytes]) -> FileSum:
    file = folder / require_inside(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as target:
        found = copy_summed(source, target, path)
        target.flush()
        os.fsync(target.fileno())
    return found
