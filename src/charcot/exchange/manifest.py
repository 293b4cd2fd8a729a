"""The manifest of a backup or an archive: each file with its SHA-256 and its size."""

import csv
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from charcot.refusal import BrokenRecord

MANIFEST = "manifest.csv"
CHUNK = 1 << 20


@dataclass(frozen=True)
class FileSum:
    """A file's SHA-256, its size [bytes] and its path in the backup or archive."""

    sha256: str
    size: int
    path: str


def write_manifest(sums: Iterable[FileSum]) -> bytes:
    """The manifest as CSV, in the order of paths."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["sha256", "bytes", "path"])
    for found in sorted(sums, key=lambda found: found.path):
        writer.writerow([found.sha256, found.size, found.path])
    return text.getvalue().encode()


def read_manifest(content: bytes) -> dict[str, FileSum]:
    """The files that a manifest lists, by their path; raises BrokenRecord."""
    try:
        lines = list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))
        sums = [FileSum(line["sha256"], int(line["bytes"]), require_inside(line["path"])) for line in lines]
    except (ValueError, KeyError, TypeError, csv.Error):
        raise broken_file(MANIFEST, "is not readable") from None
    listed = {found.path: found for found in sums}
    if len(listed) != len(sums):
        raise broken_file(MANIFEST, "lists a file twice")
    return listed


def copy_summed(source: IO[bytes], target: IO[bytes] | None, path: str) -> FileSum:
    """Copies a file from where it stands to its end, and tells its sum."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return FileSum(digest.hexdigest(), size, path)


def sum_file(source: IO[bytes], path: str) -> FileSum:
    """The sum of a file."""
    return copy_summed(source, None, path)


def require_inside(path: str) -> str:
    """Gives the path back if it stays inside the folder it is for, on every system; raises BrokenRecord."""
    parts = PurePosixPath(path).parts
    strange = any(character < " " or character in '\\:*?"<>|' for character in path)
    if (
        not parts
        or PurePosixPath(path).as_posix() != path
        or path.startswith("/")
        or ".." in parts
        or strange
    ):
        raise broken_file(
            path, "has a name that does not stay in its folder, or that some systems do not take"
        )
    return path


def broken_file(path: str, what: str) -> BrokenRecord:
    """The refusal that a file of a backup or an archive is not as it should be."""
    return BrokenRecord(
        f"The file {path!r} {what}.",
        rule="Exchange: every file of a backup or archive is listed in its manifest with its SHA-256",
        next_step="Use another copy. Keep this one as it is if you suspect that someone changed it.",
        facts={"file": path},
    )
