"""The backup file: one .zip with the ledger row by row, protocol, attachments and reports, made while others work."""

import hashlib
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from typing import IO

from charcot.exchange.manifest import (
    MANIFEST,
    FileSum,
    broken_file,
    copy_summed,
    read_manifest,
    require_inside,
    sum_file,
    write_manifest,
)
from charcot.ledger import Receipt, Row, UnreadableReceipt, check_chain, parse_receipt
from charcot.refusal import BrokenRecord, OutOfOrder

LEDGER, RECEIPT, README = "ledger.jsonl", "receipt.txt", "README.txt"
COPIED = ("protocol", "attachments", "reports", "claims.yaml")
"""The parts of a trial's folder that a backup holds, where they are there."""
NOT_COPIED = (
    "Not in the backup: local/, with the keys of persons, accounts, sessions and drafts. "
    "Without the keys the names in a restored trial cannot be read: keep a copy of local/keys apart."
)
_README = f"""\
A backup of a clinical trial kept by Charcot, format 1. Restore it with Charcot; do not unpack it into a trial.

ledger.jsonl   every entry of the record, one a line, with every column of the database
receipt.txt    up to which entry: keep it elsewhere too, it proves that nothing was cut off
manifest.csv   SHA-256, size and path of every file
protocol/      the working copy of the protocol
attachments/   files that belong to entries
reports/       reports that were written
claims.yaml    what a publication claims, where the trial has one

{NOT_COPIED}
"""


@dataclass(frozen=True)
class BackupWritten:
    """What a backup holds, and what it does not."""

    path: Path
    receipt: Receipt
    files: int
    not_copied: str = NOT_COPIED


@dataclass(frozen=True)
class Backup:
    """A backup that verifies: chain, receipt, and every file."""

    path: Path
    receipt: Receipt
    files: tuple[FileSum, ...]
    """Those of the trial's folder: protocol, attachments, reports."""

    def rows(self) -> Iterator[Row]:
        """The entries, exactly as they were held."""
        with zipfile.ZipFile(self.path) as archive, archive.open(LEDGER) as lines:
            yield from _read_rows(lines)


def write_backup(target: Path, *, folder: Path, rows: Iterable[Row], receipt: Receipt) -> BackupWritten:
    """Writes a trial's backup; the same trial gives the same bytes.

    `receipt` is of the ledger's head at the start and `rows` end there; what others enter meanwhile is left
    for the next backup. Files are copied after the rows, as an entry's attachments are written before it.
    Raises OutOfOrder where `target` exists, BrokenRecord where the ledger does not verify.
    """
    if target.exists():
        raise OutOfOrder(
            f"{target} exists already.",
            rule="Backup: a backup is never written over",
            next_step="Choose another name.",
        )
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                sums = [_write_rows(archive, rows, receipt)]
                sums.append(_add(archive, README, BytesIO(_README.encode())))
                sums.append(_add(archive, RECEIPT, BytesIO(f"{receipt}\n".encode())))
                for path, source in _files_of(folder):
                    with source:
                        sums.append(_add(archive, path, source))
                _add(archive, MANIFEST, BytesIO(write_manifest(sums)))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return BackupWritten(target, receipt, len(sums))


def read_backup(path: Path, against: Receipt | None = None) -> Backup:
    """A backup, after every file, the chain and the receipt in it (and the one given) were found to hold.

    Raises BrokenRecord, naming the file or the first entry that does not fit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _verify(path, archive, against)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError):
        raise broken_file(path.name, "is not a backup, or is damaged") from None


def write_files(backup: Backup, folder: Path) -> None:
    """Writes the files of a backup into a trial's new folder, and reads them again to be sure."""
    with zipfile.ZipFile(backup.path) as archive:
        for listed in backup.files:
            file = folder / listed.path
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with archive.open(listed.path) as source, file.open("xb") as target:
                copy_summed(source, target, listed.path)
                target.flush()
                os.fsync(target.fileno())
            with file.open("rb") as written:
                if sum_file(written, listed.path) != listed:
                    raise broken_file(listed.path, "was not written as it is in the backup")


def _verify(path: Path, archive: zipfile.ZipFile, against: Receipt | None) -> Backup:
    listed = read_manifest(archive.read(MANIFEST))
    names = archive.namelist()
    if len(set(names)) != len(names):
        raise broken_file(path.name, "holds a file twice")
    if strangers := set(names) ^ {*listed, MANIFEST}:
        raise broken_file(min(strangers), "is in the backup or in its manifest, but not in both")
    for name, due in listed.items():
        if "/" in name and name.partition("/")[0] not in COPIED:
            raise broken_file(name, "does not belong in a backup")
        with archive.open(name) as source:
            if sum_file(source, name) != due:
                raise broken_file(name, "is not the one that was written")
    try:
        receipt = parse_receipt(archive.read(RECEIPT).decode())
    except (UnreadableReceipt, UnicodeDecodeError):
        raise broken_file(RECEIPT, "holds no receipt") from None
    with archive.open(LEDGER) as lines:
        _require_chain(_read_rows(lines), receipt, exactly=True)
    if against is not None:
        with archive.open(LEDGER) as lines:
            _require_chain(_read_rows(lines), against, exactly=False)
    return Backup(
        path, receipt, tuple(found for found in listed.values() if found.path.partition("/")[0] in COPIED)
    )


def _require_chain(rows: Iterable[Row], receipt: Receipt, *, exactly: bool) -> None:
    head, fault = check_chain(rows, receipt)
    sequence, what = (fault.sequence, fault.what) if fault else (receipt.sequence + 1, "no receipt counts it")
    if fault or (exactly and head.sequence != receipt.sequence):
        raise BrokenRecord(
            f"Entry {sequence} does not fit: {what}.",
            rule="Ledger: every entry is linked to the one before by its hash, and a receipt counts them",
            next_step="Nothing was written. Find out who changed it; `charcot archive` keeps the record as it is, as evidence.",
            facts={"sequence": sequence},
        )


_COLUMNS = tuple(field.name for field in fields(Row))
_values = attrgetter(*_COLUMNS)


def _write_rows(archive: zipfile.ZipFile, rows: Iterable[Row], receipt: Receipt) -> FileSum:
    """Writes rows as they come, and checks their chain as they pass."""
    digest, size = hashlib.sha256(), 0
    with archive.open(_info(LEDGER), "w", force_zip64=True) as lines:

        def passing() -> Iterator[Row]:
            nonlocal size
            for row in rows:
                line = (
                    json.dumps(
                        dict(zip(_COLUMNS, _values(row), strict=True)),
                        ensure_ascii=False,
                        separators=(",", ":"),
                    ).encode()
                    + b"\n"
                )
                digest.update(line)
                size += lines.write(line)
                yield row

        _require_chain(passing(), receipt, exactly=True)
    return FileSum(digest.hexdigest(), size, LEDGER)


def _read_rows(lines: IO[bytes]) -> Iterator[Row]:
    for line in lines:
        try:
            content = json.loads(line)
            row = Row(**content)
        except (ValueError, TypeError):
            raise broken_file(LEDGER, "has a line that is no entry") from None
        if not isinstance(row.sequence, int) or any(not isinstance(value, str) for value in _values(row)[1:]):
            raise broken_file(LEDGER, "has a line that is no entry")
        yield row


def _files_of(folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The files of the parts that are copied, opened; not hidden ones, which are being written, nor links."""
    for part in COPIED:
        for file in sorted((folder / part).rglob("*")) or [folder / part]:
            path = file.relative_to(folder)
            if file.is_symlink() or not file.is_file() or any(name.startswith(".") for name in path.parts):
                continue
            try:
                source = file.open("rb")
            except FileNotFoundError:
                continue  # taken away since the folder was listed
            yield require_inside(path.as_posix()), source


def _add(archive: zipfile.ZipFile, path: str, source: IO[bytes]) -> FileSum:
    with archive.open(_info(path), "w", force_zip64=True) as target:
        return copy_summed(source, target, path)


def _info(path: str) -> zipfile.ZipInfo:
    """A member with nothing in it that differs from one day or computer to the next."""
    info = zipfile.ZipInfo(path)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100600 << 16
    return info
