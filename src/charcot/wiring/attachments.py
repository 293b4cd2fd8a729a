"""Attached files: taken in piece by piece, known by what they contain, kept by their SHA-256 outside the web root."""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from charcot.conduct.attach import SEALED_NAME
from charcot.ledger import participant_subject, unseal
from charcot.participants import Attachment
from charcot.refusal import BadValue, BrokenRecord
from charcot.wiring.folder import TrialFolder

MOST_BYTES = 25_000_000
MOST_REQUEST = 32_000_000
"""A request longer than this [bytes] is refused by the server before anything of it is kept."""
TYPES = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "application/dicom": (".dcm", ".dicom"),
    "application/vnd.isac.fcs": (".fcs",),
    "text/csv": (".csv",),
    "text/plain": (".txt",),
}
"""What may be attached, each with the endings of its names. No archives: nothing is ever unpacked here."""
KINDS = "PDF, JPEG, PNG, DICOM, FCS, CSV or plain text"
_SIGNS = (
    (re.compile(rb"%PDF-\d"), "application/pdf"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb".{128}DICM", re.DOTALL), "application/dicom"),
    (re.compile(rb"FCS[23]\.[0-2]"), "application/vnd.isac.fcs"),
)
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
_PAGES = re.compile(rb"\s*(<!doctype|<html|<svg|<\?xml|<script|#!|MZ|\x7fELF)", re.IGNORECASE)


@dataclass(frozen=True)
class KeptFile:
    """A file that was taken in: how the record names it."""

    name: str
    media_type: str
    size: int
    sha256: str


def take_in(
    folder: TrialFolder,
    participant: str,
    name: str,
    pieces: Iterable[bytes],
    *,
    personal: bool = False,
    judge: Callable[[str, Path], None] | None = None,
) -> KeptFile:
    """Keeps a file under its hash, a personal one as ciphertext. Raises BadValue where it is too long or of a wrong kind.

    `judge` is given the kind and the file before it is kept, and raises what it refuses: nothing of that stays.
    """
    place = folder.path / "attachments"
    staged = place / f".incoming.{secrets.token_hex(8)}"
    try:
        digest, size = _stage(staged, pieces)
        media_type = _kind_of(staged, name, size)
        if judge is not None:
            judge(media_type, staged)
        if personal:
            digest, size = _seal(folder, participant, staged)
        target = _file(folder, digest)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        os.replace(staged, target)
    finally:
        staged.unlink(missing_ok=True)
    return KeptFile(PurePath(name.replace("\\", "/")).name.strip(), media_type, size, digest)


def read_attachment(folder: TrialFolder, attachment: Attachment) -> tuple[str, bytes]:
    """Name and content of an attached file, as it was uploaded. Raises BrokenRecord where it is not what was attached."""
    try:
        content = _file(folder, attachment.sha256).read_bytes()
    except FileNotFoundError:
        raise _lost(attachment, "is missing") from None
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise _lost(attachment, "is not the one that was attached")
    if attachment.sealed is None:
        return attachment.name or attachment.id, content
    subject = participant_subject(attachment.entry.participant or "")
    key = folder.vault.key_of(subject, create=False)
    name = unseal(attachment.sealed, key=key, subject=subject, item=SEALED_NAME) if key else None
    if key is None or name is None:
        raise _lost(attachment, "can no longer be read: the key of the person is gone")
    try:
        return name, AESGCM(key).decrypt(content[:12], content[12:], _about(subject))
    except InvalidTag:
        raise _lost(attachment, "cannot be opened with the person's key") from None


def _stage(staged: Path, pieces: Iterable[bytes]) -> tuple[str, int]:
    """Writes what comes in, and stops at once where it is too much."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        for piece in pieces:
            size += len(piece)
            if size > MOST_BYTES:
                raise BadValue(
                    f"The file is longer than {MOST_BYTES // 1_000_000} MB.",
                    rule=f"Attachments: at most {MOST_BYTES // 1_000_000} MB",
                    next_step="Attach the report instead of the raw data, or a smaller picture.",
                    facts={"field": "file"},
                )
            digest.update(piece)
            opened.write(piece)
        opened.flush()
        os.fsync(opened.fileno())
    return digest.hexdigest(), size


def _kind_of(staged: Path, name: str, size: int) -> str:
    """The media type by what the file contains; raises BadValue where it is none of those allowed, or misnamed."""
    with staged.open("rb") as opened:
        head = opened.read(4096)
        found = next((kind for sign, kind in _SIGNS if sign.match(head)), None)
        if found is None and not head.startswith(_ARCHIVES) and not _PAGES.match(head) and head:
            opened.seek(0)
            found = _text_kind(opened.read(), name)
    if size == 0:
        raise _wrong("The file is empty.")
    if found is None:
        raise _wrong("Files of this kind are not kept here.")
    if not name.lower().endswith(TYPES[found]):
        raise _wrong(f"The file contains {found}, but its name does not end in {' or '.join(TYPES[found])}.")
    return found


def _text_kind(content: bytes, name: str) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        return None
    return "text/csv" if name.lower().endswith(".csv") else "text/plain"


def _wrong(what: str) -> BadValue:
    return BadValue(
        what,
        rule=f"Attachments: {KINDS}, by what the file contains; no archives",
        next_step="Attach it as one of these. Unpack an archive first, and attach what is in it one by one.",
        facts={"field": "file"},
    )


def _seal(folder: TrialFolder, participant: str, staged: Path) -> tuple[str, int]:
    subject = participant_subject(participant)
    key = folder.vault.key_of(subject, create=True)
    if key is None:
        raise BadValue(
            "The identity of this participant was erased.",
            rule="Privacy: an erased identity is never entered again",
            next_step="Do not attach personal files.",
            facts={"field": "personal"},
        )
    nonce = os.urandom(12)
    content = nonce + AESGCM(key).encrypt(nonce, staged.read_bytes(), _about(subject))
    staged.write_bytes(content)
    return hashlib.sha256(content).hexdigest(), len(content)


def _about(subject: str) -> bytes:
    return f"{subject}:attached file".encode()


def _file(folder: TrialFolder, digest: str) -> Path:
    return folder.path / "attachments" / digest[:2] / digest


def _lost(attachment: Attachment, what: str) -> BrokenRecord:
    return BrokenRecord(
        f"The file {attachment.id} {what}.",
        rule="Attachments: the record holds the SHA-256 of each file",
        next_step="Restore the folder attachments/ from the last backup.",
        facts={"attachment": attachment.id, "sha256": attachment.sha256},
    )
