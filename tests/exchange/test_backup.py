"""Backups: made while others write, the same bytes for the same trial, restored only where everything verifies."""

import io
import json
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from charcot.exchange.backup import BackupWritten, read_backup, write_backup
from charcot.exchange.manifest import sum_file, write_manifest
from charcot.ledger import Draft, Receipt, check_chain
from charcot.refusal import BrokenRecord, OutOfOrder
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import TrialFolder, create_folder, open_folder, restore_folder

FILES = {"study.yaml": "title: ü\r\n", "forms/visit.yaml": "a: 1"}
KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@pytest.fixture
def place_ledgers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on, folders are made and opened with their ledger in an empty database of a kind."""

    def place(kind: str) -> None:
        monkeypatch.delenv("CHARCOT_DATABASE_URL", raising=False)
        if kind == "postgresql":
            monkeypatch.setenv("CHARCOT_DATABASE_URL", request.getfixturevalue("make_postgresql")())

    return place


def fill(trial: TrialFolder, draft: Callable[..., Draft], count: int = 40) -> None:
    for number in range(count):
        entry = draft(f"participant/{number % 3}", note='ä\n\u2028"', n=str(number))
        trial.ledger.append([entry], seen=number, watching=(), clock=real_clock)
    (trial.path / "attachments" / "p01").mkdir()
    (trial.path / "attachments" / "p01" / "scan.bin").write_bytes(bytes(range(256)) * 5000)
    (trial.path / "attachments" / ".half-written").write_bytes(b"x")
    (trial.path / "reports" / "report.html").write_text("<html>ü</html>")
    trial.vault.key_of("participant/0", create=True)


def back_up(trial: TrialFolder, target: Path) -> BackupWritten:
    head = trial.ledger.head()
    receipt = Receipt("demo", head.sequence, head.hash)
    return write_backup(
        target, folder=trial.path, rows=trial.ledger.rows(until=head.sequence), receipt=receipt
    )


@pytest.fixture
def trial(place_ledgers, tmp_path: Path, draft) -> TrialFolder:
    place_ledgers("sqlite")
    made = create_folder(tmp_path / "trial", FILES)
    fill(made, draft)
    return made


@pytest.mark.parametrize("into", KINDS)
@pytest.mark.parametrize("out_of", KINDS)
def test_a_backup_is_restored_exactly(place_ledgers, tmp_path: Path, draft, out_of: str, into: str) -> None:
    place_ledgers(out_of)
    trial = create_folder(tmp_path / "trial", FILES)
    fill(trial, draft)
    rows = list(trial.ledger.rows())
    written = back_up(trial, tmp_path / "backup.zip")
    assert "local/" in written.not_copied
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600

    place_ledgers(into)
    restored = restore_folder(written.path, tmp_path / "restored", against=written.receipt)
    assert list(restored.ledger.rows()) == rows
    assert list(open_folder(restored.path).ledger.rows()) == rows
    assert restored.protocol_files() == FILES
    for name in ("attachments/p01/scan.bin", "reports/report.html"):
        assert (restored.path / name).read_bytes() == (trial.path / name).read_bytes()
    assert not (restored.path / "attachments" / ".half-written").exists()
    assert restored.vault.key_of("participant/0", create=False) is None
    restored.ledger.append([draft()], seen=40, watching=(), clock=real_clock)
    assert check_chain(restored.ledger.rows())[1] is None


def test_the_same_trial_gives_the_same_bytes(trial: TrialFolder, tmp_path: Path) -> None:
    first, second = back_up(trial, tmp_path / "1.zip"), back_up(trial, tmp_path / "2.zip")
    assert first.path.read_bytes() == second.path.read_bytes()
    with zipfile.ZipFile(first.path) as archive:
        assert not [name for name in archive.namelist() if name.startswith("local")]
        assert archive.testzip() is None


def test_nothing_is_written_over(trial: TrialFolder, tmp_path: Path) -> None:
    written = back_up(trial, tmp_path / "backup.zip")
    with pytest.raises(OutOfOrder):
        back_up(trial, tmp_path / "backup.zip")
    for path in (trial.path, tmp_path):
        before = sorted(path.iterdir())
        with pytest.raises(Exception, match="exists already"):
            restore_folder(written.path, path)
        assert sorted(path.iterdir()) == before
    with pytest.raises(OutOfOrder, match="There is a trial already"):
        trial.ledger.restore(read_backup(written.path).rows(), written.receipt)


@pytest.mark.postgresql
def test_a_database_with_a_trial_is_not_restored_into(place_ledgers, tmp_path: Path, draft) -> None:
    place_ledgers("postgresql")
    trial = create_folder(tmp_path / "trial", FILES)
    fill(trial, draft)
    written = back_up(trial, tmp_path / "backup.zip")
    with pytest.raises(Exception, match="holds a trial already"):
        restore_folder(written.path, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    assert trial.ledger.head().sequence == 40


WRITER = """
import sys
from pathlib import Path
from charcot.ledger import Actor, Draft, Kind
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import open_folder
trial = open_folder(Path(sys.argv[1]))
number = 0
while not (trial.path / "stop").exists():
    number += 1
    name = f"{sys.argv[2]}-{number}.txt"
    (trial.path / "attachments" / name).write_text(name)
    act = Draft(Kind.FORM_RECORDED, sys.argv[2], "record", Actor("n", "coordinator"), {"attachment": name})
    trial.ledger.append([act], seen=0, watching=(), clock=real_clock)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_backups_of_a_running_trial_hold(place_ledgers, tmp_path: Path, draft, kind: str) -> None:
    place_ledgers(kind)
    trial = create_folder(tmp_path / "trial", FILES)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(trial.path), f"w{n}"]) for n in range(3)]
    try:
        written = []
        for number in range(4):
            while trial.ledger.head().sequence < 60 * (number + 1):
                assert all(writer.poll() is None for writer in writers)
            written.append(back_up(trial, tmp_path / f"{number}.zip"))
    finally:
        (trial.path / "stop").touch()
        assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    rows = list(trial.ledger.rows())
    for backup in written:
        place_ledgers(kind)
        restored = restore_folder(
            backup.path, tmp_path / f"{backup.path.stem} restored", against=backup.receipt
        )
        held = list(restored.ledger.rows())
        assert held == rows[: backup.receipt.sequence]
        assert len(held) >= 60
        for entry in restored.ledger.entries():
            assert (restored.path / "attachments" / entry.data["attachment"]).is_file()


def test_a_broken_ledger_is_not_backed_up(trial: TrialFolder, tmp_path: Path, tamper) -> None:
    tamper(trial.ledger, ("UPDATE store_ledgerentry SET text = 'x' WHERE sequence = 7", []))
    with pytest.raises(BrokenRecord, match="Entry 7"):
        back_up(trial, tmp_path / "backup.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["trial"]


def test_a_receipt_kept_elsewhere(trial: TrialFolder, tmp_path: Path) -> None:
    written = back_up(trial, tmp_path / "backup.zip")
    (earlier,) = trial.ledger.entries(after=19, until=20)
    assert read_backup(written.path, Receipt("demo", 20, earlier.hash)).receipt == written.receipt
    with pytest.raises(BrokenRecord, match="Entry 20"):
        read_backup(written.path, Receipt("demo", 20, "0" * 64))
    with pytest.raises(BrokenRecord, match="Entry 41"):
        restore_folder(written.path, tmp_path / "restored", against=Receipt("demo", 42, "0" * 64))
    assert not (tmp_path / "restored").exists()


def change(path: Path, changes: dict[str, bytes | None], *, sign: bool) -> Path:
    """A backup with members changed, added or taken out; `sign` makes a manifest that agrees."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | changes
    kept = {name: content for name, content in members.items() if content is not None}
    if sign:
        kept["manifest.csv"] = write_manifest(
            sum_file(io.BytesIO(content), name) for name, content in kept.items() if name != "manifest.csv"
        )
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    return changed


@pytest.mark.parametrize("sign", [False, True])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ledger.jsonl", "text"),
        ("ledger.jsonl", "cut"),
        ("ledger.jsonl", "more"),
        ("ledger.jsonl", "junk"),
        ("ledger.jsonl", None),
        ("receipt.txt", b"none"),
        ("receipt.txt", None),
        ("local/keys/x.key", b"x"),
        ("../out.txt", b"x"),
        ("/out.txt", b"x"),
        ("protocol/../../out.txt", b"x"),
        ("trial.sqlite3/x", b"x"),
    ],
)
def test_a_changed_backup_is_refused(
    trial: TrialFolder, tmp_path: Path, name: str, content, sign: bool
) -> None:
    written = back_up(trial, tmp_path / "backup.zip")
    if isinstance(content, str):
        with zipfile.ZipFile(written.path) as archive:
            lines = archive.read(name).splitlines(keepends=True)
        last = json.loads(lines[-1])
        content = {
            "text": b"".join(lines).replace(b'\\"31\\"', b'\\"13\\"'),
            "cut": b"".join(lines[:-1]),
            "more": b"".join([*lines, json.dumps(last).encode() + b"\n"]),
            "junk": b"".join([*lines[:5], b'{"sequence":"6"}\n', *lines[5:]]),
        }[content]
    changed = change(written.path, {name: content}, sign=sign)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BrokenRecord):
        restore_folder(changed, tmp_path / "restored")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("cut", [0, 10, 1000, -1, -30])
def test_a_damaged_backup_is_refused(trial: TrialFolder, tmp_path: Path, cut: int) -> None:
    written = back_up(trial, tmp_path / "backup.zip")
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(written.path.read_bytes()[:cut])
    with pytest.raises(BrokenRecord):
        read_backup(damaged)


def test_a_flipped_byte_is_refused_or_harmless(trial: TrialFolder, tmp_path: Path) -> None:
    whole = back_up(trial, tmp_path / "backup.zip").path.read_bytes()
    sound = read_backup(tmp_path / "backup.zip")
    rows = list(sound.rows())
    damaged = tmp_path / "damaged.zip"
    refused = 0
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        raw = bytearray(whole)
        raw[place] ^= 0x10
        damaged.write_bytes(raw)
        try:
            found = read_backup(damaged)
        except BrokenRecord:
            refused += 1
        else:
            assert (list(found.rows()), found.files) == (rows, sound.files)
    assert refused > 100
