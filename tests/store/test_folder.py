"""A trial's folder: made whole or not at all, opened only with its own ledger; and the keys it keeps."""

import shutil
import stat
import threading
from pathlib import Path

import pytest

from charcot.ledger import check_chain
from charcot.refusal import BrokenRecord, UnreadableProtocol
from charcot.store.databases import UnusableDatabase
from charcot.store.vault import FolderVault
from charcot.wiring.folder import NoTrial, WrongDatabase, create_folder, open_folder

FILES = {"study.yaml": "title: ü\r\nx: 1\n", "forms/visit.yaml": "a: 1"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def placed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Puts the ledger of new folders into SQLite or PostgreSQL."""
    monkeypatch.delenv("CHARCOT_DATABASE_URL", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("CHARCOT_DATABASE_URL", request.getfixturevalue("make_postgresql")())
    return str(request.param)


@pytest.fixture
def on_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHARCOT_DATABASE_URL", raising=False)


def test_a_folder_is_made_and_opened(placed: str, tmp_path: Path, clock, draft) -> None:
    made = create_folder(tmp_path / "trial", FILES)
    made.ledger.append([draft("trial")], seen=0, watching=(), clock=clock)
    opened = open_folder(tmp_path / "trial")
    assert opened.protocol_files() == FILES
    assert opened.ledger.head() == made.ledger.head()
    assert opened.ledger.head().sequence == 1
    assert check_chain(opened.ledger.rows())[1] is None
    assert (opened.path / "trial.sqlite3").exists() == (placed == "sqlite")
    assert {path.name for path in opened.path.iterdir() if not path.name.startswith("trial.sqlite3")} == {
        "attachments",
        "local",
        "protocol",
        "reports",
        "trial.txt",
    }
    assert stat.S_IMODE((opened.path / "local").stat().st_mode) == 0o700
    assert "Never copy" in (opened.path / "local" / "README.txt").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["trial"]


def test_several_folders_are_open_at_once(on_sqlite: None, tmp_path: Path, clock, draft) -> None:
    folders = [create_folder(tmp_path / str(n), {}) for n in range(3)]
    for number, folder in enumerate(folders):
        folder.ledger.append([draft()] * (number + 1), seen=0, watching=(), clock=clock)
    assert [folder.ledger.head().sequence for folder in folders] == [1, 2, 3]
    assert [open_folder(folder.path).ledger.head().sequence for folder in folders] == [1, 2, 3]


def test_another_folder_at_the_same_place(on_sqlite: None, tmp_path: Path, clock, draft) -> None:
    create_folder(tmp_path / "a", {}).ledger.append([draft()], seen=0, watching=(), clock=clock)
    shutil.rmtree(tmp_path / "a")
    assert create_folder(tmp_path / "a", {}).ledger.head().sequence == 0
    (tmp_path / "a").rename(tmp_path / "b")
    assert open_folder(tmp_path / "b").ledger.head().sequence == 0


def test_nothing_is_written_over(on_sqlite: None, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    create_folder(tmp_path / "empty", {})
    for path in (tmp_path / "empty", tmp_path):
        with pytest.raises(NoTrial):
            create_folder(path, {})


@pytest.mark.parametrize("name", ["../x.yaml", "/x.yaml", "x.txt", "a/../../x.yaml"])
def test_a_protocol_file_stays_in_its_folder(on_sqlite: None, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableProtocol):
        create_folder(tmp_path / "trial", {name: ""})
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_trial_is_not_opened(on_sqlite: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(NoTrial):
            open_folder(path)
    trial = create_folder(tmp_path / "trial", {})
    trial.close()
    (trial.path / "trial.sqlite3").unlink()
    with pytest.raises(NoTrial, match="is missing"):
        open_folder(trial.path)
    assert not (trial.path / "trial.sqlite3").exists()


@pytest.mark.postgresql
def test_a_folder_opens_only_with_its_own_database(
    make_postgresql, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHARCOT_DATABASE_URL", raising=False)
    on_sqlite = create_folder(tmp_path / "on_sqlite", {})
    first, second = make_postgresql(), make_postgresql()
    monkeypatch.setenv("CHARCOT_DATABASE_URL", first)
    with pytest.raises(WrongDatabase):
        open_folder(on_sqlite.path)
    trial = create_folder(tmp_path / "trial", {})
    with pytest.raises(UnusableDatabase, match="holds a trial already"):
        create_folder(tmp_path / "other", {})
    assert not (tmp_path / "other").exists()
    monkeypatch.setenv("CHARCOT_DATABASE_URL", second)
    with pytest.raises(UnusableDatabase, match="another trial folder"):
        open_folder(trial.path)
    monkeypatch.delenv("CHARCOT_DATABASE_URL")
    with pytest.raises(WrongDatabase):
        open_folder(trial.path)


def test_the_secret_key_stays(on_sqlite: None, tmp_path: Path) -> None:
    trial = create_folder(tmp_path / "trial", {})
    assert len(trial.secret_key()) > 50
    assert trial.secret_key() == open_folder(trial.path).secret_key()
    assert stat.S_IMODE((trial.path / "local" / "secret_key").stat().st_mode) == 0o600


def test_a_key_is_made_once_and_never_again(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "keys")
    assert vault.key_of("participant/01", create=False) is None
    key = vault.key_of("participant/01", create=True)
    assert key is not None
    assert len(key) == 32
    assert FolderVault(tmp_path / "keys").key_of("participant/01", create=True) == key
    assert vault.key_of("participant/02", create=True) != key
    (held,) = [file for file in (tmp_path / "keys").iterdir() if file.read_bytes() == key]
    assert stat.S_IMODE(held.stat().st_mode) == 0o600
    assert stat.S_IMODE(held.parent.stat().st_mode) == 0o700

    vault.destroy("participant/01")
    vault.destroy("participant/01")
    vault.destroy("participant/03")
    for subject in ("participant/01", "participant/03"):
        assert vault.key_of(subject, create=True) is None
        assert FolderVault(tmp_path / "keys").key_of(subject, create=False) is None
    assert not held.exists()
    assert vault.key_of("participant/02", create=False) is not None


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path)
    vault.key_of("participant/01", create=True)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"short")
    with pytest.raises(BrokenRecord):
        vault.key_of("participant/01", create=True)


def test_many_ask_for_a_key_at_once_and_get_the_same(tmp_path: Path) -> None:
    keys: list[bytes | None] = []
    barrier = threading.Barrier(12)

    def ask() -> None:
        barrier.wait()
        keys.append(FolderVault(tmp_path / "keys").key_of("participant/01", create=True))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 12
    assert len(set(keys)) == 1
    assert len(list((tmp_path / "keys").iterdir())) == 1
