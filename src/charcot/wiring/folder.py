"""A trial as a folder on the disk: made, opened, and restored from a backup."""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from charcot.exchange.backup import read_backup, write_files
from charcot.ledger import Receipt
from charcot.refusal import Refusal, UnreadableProtocol
from charcot.store.databases import claim_database, close_ledger, open_ledger, require_claim, require_free
from charcot.store.ledger import DatabaseLedger
from charcot.store.vault import FolderVault
from charcot.wiring.settings import configure_django

DATABASE_URL = "CHARCOT_DATABASE_URL"
"""The environment variable that puts the ledger of a trial into PostgreSQL."""
SQLITE, POSTGRESQL = "trial.sqlite3", "PostgreSQL"
PARTS = ("protocol", "attachments", "reports", "local")

_MARKER = """\
This folder is a clinical trial kept by Charcot. Leave this file as it is.
identity: {identity}
ledger: {ledger}
"""
_LOCAL = """\
Never copy or send this directory together with the trial: it holds the keys of persons, accounts and drafts.
Whoever has it can read the names; if it is lost, they can no longer be read by anyone. Keep a copy of it apart.
"""


class NoTrial(Refusal):
    """The path holds no trial, or something that is not one."""


class WrongDatabase(Refusal):
    """The ledger of this trial is in another database."""


@dataclass(frozen=True)
class TrialFolder:
    """An opened trial: its folder, its ledger wherever that is kept, and the keys of its persons."""

    path: Path
    ledger: DatabaseLedger
    vault: FolderVault

    def protocol_files(self) -> dict[str, str]:
        """The working copy of the protocol: the text of each YAML file by its path within `protocol/`."""
        return read_protocol(self.path / "protocol")

    def secret_key(self) -> str:
        """The key by which a site that serves this trial signs its cookies; made at the first call."""
        file = self.path / "local" / "secret_key"
        if not file.exists():
            draft = file.with_name(f".secret_key.{secrets.token_hex(8)}")
            _write(draft, secrets.token_urlsafe(50))
            draft.replace(file)
        return file.read_text()

    def close(self) -> None:
        """Closes this thread's connection to the ledger; it reopens when it is used again."""
        close_ledger(self.ledger)


def create_folder(path: Path, protocol_files: Mapping[str, str]) -> TrialFolder:
    """Makes a new trial, with an empty ledger, in a folder that must not hold anything yet.

    With CHARCOT_DATABASE_URL set, the ledger is made in that PostgreSQL database, which must not hold a trial.
    """
    return _build_folder(path, lambda staged, ledger: write_protocol(staged / "protocol", protocol_files))


def restore_folder(backup: Path, path: Path, *, against: Receipt | None = None) -> TrialFolder:
    """Makes a trial's folder from a backup; never over a trial that is there. Accounts and keys are not restored.

    Chain, receipt and files are verified in the backup and again where they were written. Raises BrokenRecord.
    """
    verified = read_backup(backup, against)

    def fill(staged: Path, ledger: DatabaseLedger) -> None:
        write_files(verified, staged)
        ledger.restore(verified.rows(), verified.receipt)

    return _build_folder(path, fill)


def _build_folder(path: Path, fill: Callable[[Path, DatabaseLedger], None]) -> TrialFolder:
    """Makes a trial whose parts `fill` supplies. It appears under its name only once it is complete."""
    path = path.absolute()
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise NoTrial(
            f"{path} exists already and is not an empty folder.",
            rule="A trial is a folder of its own; nothing is ever written over",
            next_step="Choose another name.",
        )
    configure_django()
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    staged.mkdir(mode=0o700)
    try:
        for part in PARTS:
            (staged / part).mkdir(mode=0o700)
        _write(staged / "local" / "README.txt", _LOCAL)
        identity = secrets.token_hex(16)
        address = os.environ.get(DATABASE_URL)
        ledger = open_ledger(address or staged / SQLITE)
        if address:
            require_free(ledger)
        fill(staged, ledger)
        if address:
            claim_database(ledger, identity)
        close_ledger(ledger)
        _write(
            staged / "trial.txt", _MARKER.format(identity=identity, ledger=POSTGRESQL if address else SQLITE)
        )
        staged.rename(path)
    except BaseException:
        shutil.rmtree(staged)
        raise
    return open_folder(path)


def open_folder(path: Path) -> TrialFolder:
    """Opens the trial in a folder.

    Raises NoTrial, WrongDatabase, and what `open_ledger` raises, such as NewerDatabase.
    """
    path = path.absolute()
    identity, kept_in = _read_marker(path)
    address = os.environ.get(DATABASE_URL)
    if bool(address) != (kept_in == POSTGRESQL):
        raise WrongDatabase(
            f"This trial keeps its ledger in {kept_in}, but {DATABASE_URL} is {'set' if address else 'not set'}.",
            rule="A trial has one ledger; its trial.txt says where it is",
            next_step=f"{'Unset' if address else 'Set'} {DATABASE_URL}, then open the trial again.",
        )
    database = path / SQLITE
    if not address and not database.is_file():
        raise NoTrial(
            f"{database} is missing: the record of this trial is not in its folder.",
            rule="A trial is a folder with its ledger",
            next_step="Put the file back where it was, with trial.sqlite3-wal if there is one, or restore a backup.",
        )
    configure_django()
    ledger = open_ledger(address or database)
    if address:
        require_claim(ledger, identity)
    return TrialFolder(path, ledger, FolderVault(path / "local" / "keys"))


def read_protocol(directory: Traversable, within: str = "") -> dict[str, str]:
    """The text of each YAML file under a directory, exactly as it is, by its path within."""
    files: dict[str, str] = {}
    for found in sorted(directory.iterdir(), key=lambda found: found.name):
        name = within + found.name
        if found.is_dir():
            files.update(read_protocol(found, f"{name}/"))
        elif name.endswith(".yaml") and not found.name.startswith("."):
            try:
                files[name] = found.read_bytes().decode()
            except UnicodeDecodeError:
                raise UnreadableProtocol(
                    f"The protocol file {name} is not text in UTF-8.",
                    rule="Protocol: YAML in UTF-8",
                    next_step="Save the file again as UTF-8.",
                    facts={"file": name},
                ) from None
    return files


def write_protocol(directory: Path, files: Mapping[str, str]) -> None:
    """Writes protocol files exactly as given."""
    for name, text in files.items():
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or parts.suffix != ".yaml":
            raise UnreadableProtocol(
                f"{name!r} is not the name of a protocol file.",
                rule="Protocol: YAML files under protocol/",
                next_step="Name it like forms/visit.yaml.",
                facts={"file": name},
            )
        file = directory / parts
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def _read_marker(path: Path) -> tuple[str, str]:
    """The identity in a folder's trial.txt, and where the ledger is kept."""
    try:
        text = (path / "trial.txt").read_text()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        text = ""
    match = re.search(rf"^identity: ([0-9a-f]{{32}})\nledger: ({SQLITE}|{POSTGRESQL})$", text, re.MULTILINE)
    if match is None:
        raise NoTrial(
            f"{path} is not a trial's folder.",
            rule="A trial is a folder with a trial.txt that Charcot made",
            next_step="Give the folder of a trial, or make one: charcot new NAME.",
        )
    return match.group(1), match.group(2)


def _write(file: Path, text: str) -> None:
    """Writes a file that only its owner may read, and has it on the disk."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
