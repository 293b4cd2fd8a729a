"""Keys of persons as files in the trial's `local/keys`: one a person, never made again once destroyed."""

import hashlib
import os
import secrets
from pathlib import Path

from charcot.refusal import BrokenRecord

KEY_BYTES = 32


class FolderVault:
    """A vault in a directory. Files are named by the SHA-256 of the subject, so that they name no one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def key_of(self, subject: str, *, create: bool) -> bytes | None:
        """The person's key; None where there is none, or where it was destroyed."""
        key_file, marker = self._files(subject)
        if create and not marker.exists() and not key_file.exists():
            self._make_directory()
            self._put(key_file, secrets.token_bytes(KEY_BYTES))
        try:
            key = key_file.read_bytes()
        except FileNotFoundError:
            return None
        # looked for last, and made first by `destroy`: a key read while it is being destroyed is never used
        if marker.exists():
            key_file.unlink(missing_ok=True)
            return None
        if len(key) != KEY_BYTES:
            raise BrokenRecord(
                "The key of a person is damaged.",
                rule="Vault: a key has 32 bytes",
                next_step="Put the file back from a copy of the trial's local/keys.",
                facts={"file": key_file.name},
            )
        return key

    def destroy(self, subject: str) -> None:
        """Destroys the person's key for good. (Copies that a disk or a backup of `local/` kept are beyond reach.)"""
        key_file, marker = self._files(subject)
        self._make_directory()
        self._put(marker, b"destroyed\n")
        try:
            with key_file.open("r+b") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        key_file.unlink(missing_ok=True)
        self._sync()

    def _files(self, subject: str) -> tuple[Path, Path]:
        name = hashlib.sha256(subject.encode()).hexdigest()
        return self._path / f"{name}.key", self._path / f"{name}.destroyed"

    def _make_directory(self) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.chmod(0o700)

    def _put(self, file: Path, content: bytes) -> None:
        """Makes a file, complete or not at all; leaves one alone that is there."""
        draft = self._path / f".{file.name}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            try:
                os.link(draft, file)
            except FileExistsError:
                return
        finally:
            draft.unlink()
        self._sync()

    def _sync(self) -> None:
        """Makes sure that the names in the directory are on the disk, where the system can do that."""
        if not hasattr(os, "O_DIRECTORY"):
            return
        descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
