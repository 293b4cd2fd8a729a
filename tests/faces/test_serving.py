"""A site for many: several processes, behind a proxy, with a sign of life and logs that tell nothing of the trial."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections

from charcot.conduct import delegate, screen
from charcot.ledger import Actor, Kind
from charcot.refusal import BadValue, NotAllowed
from charcot.wiring.accounts import make_account
from charcot.wiring.folder import open_folder
from charcot.wiring.health import examine
from charcot.wiring.looking import verify_folder
from charcot.wiring.proxy import behind_proxy, trusted_proxies
from charcot.wiring.served import choose, open_site
from charcot.wiring.serving import require_protected
from faces.crowd import Typist, all_at_once
from faces.practice import BEGAN, PASSWORD, Practice, agree
from running import Demo

LONGEST = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=LONGEST) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


@contextmanager
def served(path: Path, workers: int, log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A site in processes of its own; gives its address and the process that keeps the others."""
    port = free_port()
    command = [sys.executable, "-c", "from charcot.cli.commands import main; main()", "serve", str(path)]
    with log.open("wb") as err:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--workers", str(workers)], stdout=subprocess.DEVNULL, stderr=err,
            env={k: v for k, v in os.environ.items() if k != "CHARCOT_DATABASE_URL"},
        )  # fmt: skip
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + LONGEST
    try:
        while not answers(address):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
        yield address, process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(LONGEST) == (0 if workers > 1 else -signal.SIGTERM)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(LONGEST)


def answers(address: str) -> bool:
    try:
        ask(f"{address}/health")
    except OSError:
        return False
    return True


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(child) for child in listed.split()]


@pytest.fixture(scope="module")
def copied(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(demo.path, tmp_path_factory.mktemp("served") / "demo"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_several_processes_serve_one_site_and_a_killed_one_is_replaced(copied: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with served(copied, 2, log) as (address, process):
        assert [ask(address + path)[0] for path in ("/", "/participants", "/static/charcot.css")] == [200] * 3
        before = children_of(process)
        assert len(before) == 2
        for child in before:
            os.kill(child, signal.SIGKILL)
        until = time.monotonic() + LONGEST
        while len(set(children_of(process)) - set(before)) < 2:
            assert time.monotonic() < until
        assert ask(f"{address}/participants/S-01")[0] == 200
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["logger"] == "charcot.requests"]
    pages = {line.get("page") for line in requests}
    assert {"home", "participants", "participant", "health"} <= pages
    assert all({"time", "request", "method", "status", "ms"} <= set(line) for line in requests)
    assert "S-01" not in log.read_text()


def test_each_answer_carries_the_name_of_its_request(copied: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with served(copied, 2, log) as (address, _process):
        names = [ask(f"{address}/health")[1]["X-Request-ID"] for _ in range(2)]
        assert names[0] != names[1]
        given = {"X-Request-ID": "abcdef0123456789"}
        assert ask(f"{address}/record/1", **given)[1]["X-Request-ID"] == "abcdef0123456789"
        evil = ask(f"{address}/participants/S-02?q=S-03", **{"X-Request-ID": "S-04 <script>"})
        assert evil[1]["X-Request-ID"] != "S-04 <script>"
        ask(f"{address}/participants/S-05/nowhere")
    text = log.read_text()
    assert '"request": "abcdef0123456789"' in text
    assert not [number for number in ("S-02", "S-03", "S-04", "S-05") if number in text]


def test_health_says_what_is_broken_and_nothing_else(copied: Path, tmp_path: Path) -> None:
    folder = open_folder(Path(shutil.copytree(copied, tmp_path / "sick")))
    alias = open_site(folder).alias
    assert examine(folder, alias).is_well
    assert not examine(folder, alias, least_room=2**62).disk
    with connections[folder.ledger.alias].cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_no_update")
    found = examine(folder, alias)
    assert (found.ledger, found.triggers, found.is_well) == (True, False, False)


def test_a_trusted_proxy_is_believed_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(peer: str, proxies: str, **headers: str) -> tuple[str, str, list[str]]:
        monkeypatch.setenv("CHARCOT_TRUSTED_PROXY", proxies)
        found: dict[str, str] = {}

        def application(environ, start_response):
            found.update({k: v for k, v in environ.items() if isinstance(v, str)})
            return []

        environ = {
            "REMOTE_ADDR": peer,
            "wsgi.url_scheme": "http",
            **{f"HTTP_{k}": v for k, v in headers.items()},
        }
        behind_proxy(application, trusted_proxies())(environ, None)
        return found["REMOTE_ADDR"], found["wsgi.url_scheme"], [k for k in found if "FORWARDED" in k]

    told = {"X_FORWARDED_FOR": "6.6.6.6, 192.0.2.7", "X_FORWARDED_PROTO": "https", "X_FORWARDED_HOST": "x"}
    assert seen("127.0.0.1", "127.0.0.1", **told) == ("192.0.2.7", "https", [])
    assert seen("127.0.0.1", "", **told) == ("127.0.0.1", "http", [])
    assert seen("10.0.0.9", "127.0.0.1", **told) == ("10.0.0.9", "http", [])
    assert seen("172.18.0.3", "127.0.0.1, 172.16.0.0/12", **told)[0] == "192.0.2.7"
    chain = {"X_FORWARDED_FOR": "6.6.6.6, 192.0.2.7, 172.18.0.9", "X_FORWARDED_PROTO": "https"}
    assert seen("172.18.0.3", "172.16.0.0/12", **chain)[0] == "192.0.2.7"
    assert seen("127.0.0.1", "127.0.0.1", X_FORWARDED_FOR="<script>")[:2] == ("127.0.0.1", "http")
    with pytest.raises(BadValue, match="CHARCOT_TRUSTED_PROXY"):
        seen("127.0.0.1", "proxy.example")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_whatever_was_acknowledged_is_there_when_processes_are_killed(
    practice: Practice, tmp_path: Path
) -> None:
    people = [f"desk-{number}" for number in range(1, 51)]
    doctor = Actor("investigator-1", "investigator")
    choose(open_site(practice.folder))
    for person in people:
        delegate(practice.trial, doctor, person=person, role="coordinator", since=BEGAN.date())
        make_account(person, PASSWORD)
    day = f"{BEGAN + timedelta(days=3):%Y-%m-%d}"
    patients = [f"S-{number:02}" for number in range(3, 13)]
    for patient in patients:
        screen(practice.trial, Actor("coordinator-1", "coordinator"), participant=patient, at=day)
        agree(practice.trial, Actor("coordinator-1", "coordinator"), patient, day)
    event = {"term": "Headache", "category": "other", "onset": day, "outcome": "recovered", "grade": "1",
             "serious": "no", "relation_product": "unlikely", "relation_procedure": "unlikely"}  # fmt: skip
    saved = threading.Semaphore(0)
    with served(practice.folder.path, 2, tmp_path / "log") as (address, process):
        port = int(address.rpartition(":")[2])
        typists = [
            Typist(port, p, patients[n % 10], event, day, first=100 * n) for n, p in enumerate(people, 1)
        ]
        crowd = threading.Thread(
            target=all_at_once, args=[typists], kwargs={"most": 2, "told": saved.release}
        )
        crowd.start()
        for _ in range(3):  # a process dies in the middle of it, three times
            for _ in range(20):
                assert saved.acquire(timeout=LONGEST)
            os.kill(children_of(process)[0], signal.SIGKILL)
        crowd.join(3 * LONGEST)
        assert not crowd.is_alive()
        for typist in typists:  # each finds what they had typed and not saved
            assert f'value="Draft of {typist.person}"' in typist.reads(typist.first + 2)
    assert [error for typist in typists for error in typist.errors] == []
    terms = [
        entry.data["values"]["term"]["value"]
        for entry in practice.folder.ledger.entries(kinds=[Kind.FORM_RECORDED], form="adverse_event")
    ]
    acknowledged = [f"Headache {number}" for typist in typists for number in typist.saved]
    assert len(acknowledged) == 50 * 2
    assert sorted(terms) == sorted(acknowledged)  # each once
    assert verify_folder(practice.folder).fault is None


UPLOADS = (
    "/participants/S-01/forms/vital_signs/screening/1/attach",
    "/product/lots/L01/cytometry/new",
)
"""Where files are taken."""
GIGABYTE = 10**9


def stream(address: str, path: str, *, told: bool, at_once: bool) -> tuple[int, str]:
    """Sends a gigabyte as it is made, until the site answers: how much went out, and the answer.

    `told`: with its length. `at_once`: the site is expected to answer before anything is sent.
    """
    host, port = address.removeprefix("http://").split(":")
    piece, sent = b"%PDF-1.7 " * 7000, 0
    length = f"Content-Length: {GIGABYTE}" if told else "Transfer-Encoding: chunked"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=LONGEST) as connection:
        connection.sendall(head.encode())
        if at_once:
            select.select([connection], [], [], LONGEST)
        answer = b""
        try:
            while sent < GIGABYTE and not select.select([connection], [], [], 0)[0]:
                connection.sendall(piece if told else b"%x\r\n%s\r\n" % (len(piece), piece))
                sent += len(piece)
            while b"</html>" not in answer and (more := connection.recv(65_536)):
                answer += more
        except ConnectionResetError:
            assert not at_once  # it stopped reading while more was on its way
    return sent, answer.decode()


def peak_of(process: subprocess.Popen[bytes]) -> int:
    """The most memory that the processes of a site ever held [kB]."""
    found = 0
    for number in (process.pid, *children_of(process)):
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
        found += next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_gigabyte_is_refused_in_words_before_it_is_read_and_leaves_nothing_behind(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setenv("TMPDIR", str(aside))
    kept = sorted(copied.glob("attachments/**/*"))
    with served(copied, workers, tmp_path / "log") as (address, process):
        ask(f"{address}/participants/S-01")
        before = peak_of(process)
        for path in UPLOADS:
            sent, answer = stream(address, path, told=True, at_once=True)
            assert (sent, answer.splitlines()[0]) == (0, "HTTP/1.1 413 Content Too Large")
            assert "A file may have 25 MB, and everything sent together 32 MB." in answer
            sent, answer = stream(address, path, told=False, at_once=workers > 1)
            assert sent < 64_000_000
            if workers > 1:
                assert (sent, answer.splitlines()[0]) == (0, "HTTP/1.1 411 Length Required")
            assert "Nothing of it was kept, and nothing was entered." in answer or (
                workers == 1 and not answer
            )
        assert peak_of(process) - before < 48_000
        assert not [found for found in aside.rglob("*") if found.is_file() and found.stat().st_size > 10**6]
    assert sorted(copied.glob("attachments/**/*")) == kept


def test_other_computers_get_in_only_by_sign_in_and_https(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_folder(copied)
    require_protected(folder, "127.0.0.1")
    for proxy in ("", "127.0.0.1"):
        monkeypatch.setenv("CHARCOT_TRUSTED_PROXY", proxy)
        with pytest.raises(NotAllowed, match="shown on this computer alone"):
            require_protected(folder, "0.0.0.0")
