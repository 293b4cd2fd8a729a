"""The archive is faithful, and its verify.py, alone with Python, finds what check_chain finds."""

import ast
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from charcot.exchange.archive import ArchiveWritten, write_archive
from charcot.ledger import GENESIS, Ledger, Receipt, check_chain, hash_entry
from charcot.refusal import BrokenRecord, OutOfOrder

LENGTH = 30
WHERE = " WHERE sequence = 12"


def receipt_of(ledger: Ledger) -> Receipt:
    head = ledger.head()
    return Receipt("demo-trial", head.sequence, head.hash)


def archive(ledger: Ledger, target: Path, receipt: Receipt | None = None) -> ArchiveWritten:
    attachment = target.with_name("scan.bin")
    attachment.write_bytes(bytes(range(256)))
    return write_archive(
        target,
        rows=ledger.rows(),
        receipt=receipt or receipt_of(ledger),
        protocol_files={"study.yaml": "title: ü\n", "forms/visit.yaml": "a: 1\r\n"},
        tables={"casebooks/visit.csv": "a,b\n1,2\n", "datasets/alsfrs.csv": "a\nü\n"},
        documents={"report.html": b"<html></html>"},
        attachments={"p01/scan.bin": attachment},
    )


def verify(folder: Path, *arguments: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-I", folder / "verify.py", *arguments],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


@pytest.fixture
def ledger(database_kind: str, make_ledger: Callable[[str], Ledger], clock, draft) -> Ledger:
    made = make_ledger(database_kind)
    for number in range(LENGTH):
        drafts = [
            draft(f"participant/{number % 4}", value="12.5", note='ä "quoted"\n\u2028\ufffd', n=str(number))
        ]
        made.append(drafts, seen=number, watching=(), clock=clock)
    return made


def test_a_whole_archive_holds(ledger: Ledger, tmp_path: Path) -> None:
    before = receipt_of(ledger)
    written = archive(ledger, tmp_path / "archive")
    status, said = verify(written.path)
    assert status == 0, said
    assert "EVERYTHING HOLDS" in said
    assert f"all {LENGTH} are linked" in said
    assert str(before) in said
    assert written.manifest_sha256 in said
    assert verify(written.path, "--against", str(before))[0] == 0
    (tmp_path / "kept.txt").write_text(f"Noted on 1 May:\n{before}\n")
    assert verify(written.path, "--against", str(tmp_path / "kept.txt"))[0] == 0
    found = sorted(
        path.relative_to(written.path).as_posix() for path in written.path.rglob("*") if path.is_file()
    )
    assert found == [
        "README.txt",
        "attachments/p01/scan.bin",
        "casebooks/visit.csv",
        "datasets/alsfrs.csv",
        "documents/report.html",
        "ledger/columns.csv",
        "ledger/entries.jsonl",
        "manifest.csv",
        "protocol/forms/visit.yaml",
        "protocol/study.yaml",
        "receipt.txt",
        "verify.py",
    ]
    assert (written.path / "protocol/forms/visit.yaml").read_bytes() == b"a: 1\r\n"
    texts = (written.path / "ledger/entries.jsonl").read_bytes().split(b"\n")
    assert texts == [*(entry.text.encode() for entry in ledger.entries()), b""]


def test_the_same_trial_gives_the_same_bytes_and_is_never_written_over(
    ledger: Ledger, tmp_path: Path
) -> None:
    first, second = archive(ledger, tmp_path / "one"), archive(ledger, tmp_path / "two")
    assert first.manifest_sha256 == second.manifest_sha256
    for path in first.path.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (second.path / path.relative_to(first.path)).read_bytes()
    with pytest.raises(OutOfOrder):
        archive(ledger, tmp_path / "two")


@pytest.mark.parametrize(
    "name", ["../out.csv", "casebooks/../../out.csv", "elsewhere/a.csv", "casebooks/a\nb.csv"]
)
def test_a_table_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(BrokenRecord):
        write_archive(
            tmp_path / "archive",
            rows=[],
            receipt=Receipt("t", 0, GENESIS),
            protocol_files={},
            tables={name: ""},
            documents={},
            attachments={},
        )
    assert list(tmp_path.iterdir()) == []


def change_text(find: str, put: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert find in text
        return text.replace(find, put, 1)

    return change


IN_TEXT = {
    "first byte": lambda text: "[" + text[1:],
    "last byte": lambda text: text[:-1] + "]",
    "cut off": lambda text: text[:-1],
    "added space": lambda text: text + " ",
    "added line end": lambda text: text + "\n",
    "line end within": change_text('","', '",\n"'),
    "carriage return": change_text('","', '",\r"'),
    "digit of a value": change_text("12.5", "12.6"),
    "key": change_text('"value"', '"valve"'),
    "quote": change_text('\\"quoted', "'quoted"),
    "letter beyond ASCII": change_text("ä", "à"),
    "the same letter otherwise composed": change_text("ä", "a\u0308"),
    "separator": change_text(",", ";"),
    "escape": change_text("\\n", "\\t"),
    "invisible character": change_text('"value"', '"value\u200b"'),
    "nothing left": lambda text: "",
    "null to true": change_text("null", "true"),
}
COLUMNS = ("previous_hash", "hash", "kind", "subject", "recorded_at", "text")


def require_found(ledger: Ledger, tmp_path: Path, sequence: int, receipt: Receipt) -> None:
    """Both find the same first entry, with the receipt that was kept."""
    _, fault = check_chain(ledger.rows(), receipt)
    assert fault is not None
    assert fault.sequence == sequence
    written = archive(ledger, tmp_path / "archive", receipt)
    status, said = verify(written.path, "--against", str(receipt))
    assert status == 1
    assert "SOMETHING DOES NOT HOLD" in said
    assert f"  - entry {sequence}: " in said
    assert f"the first {sequence - 1} hold" in said


@pytest.mark.parametrize("what", IN_TEXT)
def test_a_changed_text_is_found(ledger: Ledger, tmp_path: Path, tamper, what: str) -> None:
    receipt = receipt_of(ledger)
    (entry,) = ledger.entries(after=11, until=12)
    text = IN_TEXT[what](entry.text)
    tamper(ledger, ("UPDATE store_ledgerentry SET text = %s" + WHERE, [text]))
    require_found(ledger, tmp_path, 12, receipt)


@pytest.mark.parametrize("place", range(0, 300, 7))
def test_a_changed_byte_is_found(make_ledger, clock, draft, tamper, tmp_path: Path, place: int) -> None:
    ledger = make_ledger("sqlite")
    ledger.append([draft(value="12,5", note="ü") for _ in range(3)], seen=0, watching=(), clock=clock)
    receipt = receipt_of(ledger)
    raw = bytearray(list(ledger.entries())[1].text.encode())
    raw[place % len(raw)] ^= 1 << place % 8
    tamper(ledger, ("UPDATE store_ledgerentry SET text = CAST(%s AS TEXT) WHERE sequence = 2", [bytes(raw)]))
    require_found(ledger, tmp_path, 2, receipt)


@pytest.mark.parametrize("put", [b"\xff\xfe", b"\0", b"\xed\xa0\x80"])
@pytest.mark.parametrize("column", COLUMNS)
def test_bytes_that_are_no_text_are_found(
    make_ledger, clock, draft, tamper, tmp_path: Path, put: bytes, column: str
) -> None:
    ledger = make_ledger("sqlite")
    ledger.append([draft() for _ in range(3)], seen=0, watching=(), clock=clock)
    receipt = receipt_of(ledger)
    for change in (put, f"CAST({column} AS BLOB) || x'{put.hex()}'"):
        value = (f"{change}", []) if isinstance(change, str) else ("%s", [change])
        tamper(ledger, (f"UPDATE store_ledgerentry SET {column} = {value[0]} WHERE sequence = 2", value[1]))
        require_found(ledger, tmp_path, 2, receipt)
        shutil.rmtree(tmp_path / "archive")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found(ledger: Ledger, tmp_path: Path, tamper, column: str) -> None:
    receipt = receipt_of(ledger)
    tamper(ledger, (f"UPDATE store_ledgerentry SET {column} = {column} || '0'" + WHERE, []))
    require_found(ledger, tmp_path, 12, receipt)


def test_a_changed_sequence_is_found(ledger: Ledger, tmp_path: Path, tamper) -> None:
    receipt = receipt_of(ledger)
    tamper(ledger, ("UPDATE store_ledgerentry SET sequence = 1000" + WHERE, []))
    require_found(ledger, tmp_path, 12, receipt)


@pytest.mark.parametrize("sequence", [0, -5])
def test_an_entry_put_before_the_first_is_found(
    ledger: Ledger, tmp_path: Path, tamper, sequence: int
) -> None:
    receipt = receipt_of(ledger)
    copied = f"SELECT {sequence}, previous_hash, 'x', kind, subject, recorded_at, text FROM store_ledgerentry"
    names = "sequence, previous_hash, hash, kind, subject, recorded_at, text"
    tamper(ledger, (f"INSERT INTO store_ledgerentry ({names}) {copied} WHERE sequence = 1", []))
    require_found(ledger, tmp_path, 1, receipt)


def test_a_deletion_in_the_middle_is_found(ledger: Ledger, tmp_path: Path, tamper) -> None:
    receipt = receipt_of(ledger)
    tamper(ledger, ("DELETE FROM store_ledgerentry" + WHERE, []))
    require_found(ledger, tmp_path, 12, receipt)


@pytest.mark.parametrize("left", [LENGTH - 1, 7, 0])
def test_a_cut_end_is_found_with_the_receipt(ledger: Ledger, tmp_path: Path, tamper, left: int) -> None:
    receipt = receipt_of(ledger)
    tamper(ledger, ("DELETE FROM store_ledgerentry WHERE sequence > %s", [left]))
    assert check_chain(ledger.rows())[1] is None
    assert verify(archive(ledger, tmp_path / "own receipt").path)[0] == 0
    require_found(ledger, tmp_path, left + 1, receipt)


def rewrite(ledger: Ledger, tamper, start: int) -> None:
    """The cleverest forger: changes an entry and computes every hash after it anew."""
    statements = []
    previous = GENESIS
    for row in ledger.rows():
        text = row.text.replace("12.5", "99.9") if row.sequence == start else row.text
        own = hash_entry(previous, text)
        statements.append(
            (
                "UPDATE store_ledgerentry SET text = %s, previous_hash = %s, hash = %s WHERE sequence = %s",
                [text, previous, own, row.sequence],
            )
        )
        previous = own
    tamper(ledger, *statements)


def test_a_rewritten_ledger_is_found_with_the_receipt(ledger: Ledger, tmp_path: Path, tamper) -> None:
    receipt = receipt_of(ledger)
    rewrite(ledger, tamper, 12)
    assert check_chain(ledger.rows())[1] is None
    assert verify(archive(ledger, tmp_path / "own receipt").path)[0] == 0
    require_found(ledger, tmp_path, LENGTH, receipt)


FILES = (
    "README.txt",
    "casebooks/visit.csv",
    "attachments/p01/scan.bin",
    "protocol/study.yaml",
    "receipt.txt",
)


@pytest.mark.parametrize("path", [*FILES, "verify.py"])
def test_a_changed_file_is_found(make_ledger, clock, draft, tmp_path: Path, path: str) -> None:
    ledger = make_ledger("memory")
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    folder = archive(ledger, tmp_path / "archive").path
    (folder / path).write_bytes((folder / path).read_bytes() + b"\n")
    status, said = verify(folder)
    assert (status, path in said) == (1, True)
    if path in FILES:
        (folder / path).unlink()
        status, said = verify(folder)
        assert (status, path in said) == (1, True)


def test_what_does_not_belong_is_found(make_ledger, clock, draft, tmp_path: Path) -> None:
    ledger = make_ledger("memory")
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    folder = archive(ledger, tmp_path / "archive").path
    (folder / ".DS_Store").touch()
    assert verify(folder)[0] == 0
    (folder / "datasets" / "another.csv").touch()
    assert "datasets/another.csv is not in the manifest" in verify(folder)[1]
    (folder / "datasets" / "another.csv").unlink()
    (folder / "manifest.csv").unlink()
    assert "manifest.csv is missing" in verify(folder)[1]


@pytest.mark.parametrize(
    ("receipt", "said"),
    [
        ("nonsense", "holds no receipt"),
        (f"charcot-receipt:other:1:{'0' * 64}", "is of another trial"),
        (f"charcot-receipt:demo-trial:1:{'0' * 64}", "entry 1: it is not the entry"),
        (f"charcot-receipt:demo-trial:5:{'0' * 64}", "entry 2: 4 missing at the end"),
    ],
)
def test_a_receipt_that_does_not_fit(
    make_ledger, clock, draft, tmp_path: Path, receipt: str, said: str
) -> None:
    ledger = make_ledger("memory")
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    status, found = verify(archive(ledger, tmp_path / "archive").path, "--against", receipt)
    assert status == 1
    assert said in found


def damage(folder: Path, name: str, content: bytes) -> None:
    """Changes a part of the ledger and puts its sum into the manifest, so that only the ledger's own check can tell."""
    (folder / name).write_bytes(content)
    lines = list(csv.DictReader(io.StringIO((folder / "manifest.csv").read_text(), newline="")))
    for line in lines:
        if line["path"] == name:
            line.update(sha256=hashlib.sha256(content).hexdigest(), bytes=str(len(content)))
    text = io.StringIO()
    writer = csv.DictWriter(text, ["sha256", "bytes", "path"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    (folder / "manifest.csv").write_text(text.getvalue())


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("ledger/entries.jsonl", lambda raw: raw + b"{}\n", "entry 3: it has a text, but no columns"),
        (
            "ledger/entries.jsonl",
            lambda raw: raw[: raw.index(b"\n") + 1],
            "entry 2: its text or its hash was altered",
        ),
        ("ledger/columns.csv", lambda raw: raw.replace(b"hash", b"hush", 1), "entry 1: its columns"),
        ("ledger/columns.csv", lambda raw: raw.replace(b'"2"', b'"two"'), "entry 2 is missing"),
        ("ledger/columns.csv", lambda raw: raw.replace(b'"2"', b'"2","3"'), "entry 2: its link"),
        ("ledger/columns.csv", lambda raw: b"\xff" + raw, "entry 1: its columns are not readable"),
        ("ledger/columns.csv", lambda raw: raw[:-1] + b'"', "entry 2: its columns are not readable"),
        ("receipt.txt", lambda raw: b"none", "receipt.txt holds no receipt"),
    ],
)
def test_a_forged_archive_is_found(
    make_ledger, clock, draft, tmp_path: Path, name: str, change, said: str
) -> None:
    ledger = make_ledger("memory")
    ledger.append([draft(), draft()], seen=0, watching=(), clock=clock)
    folder = archive(ledger, tmp_path / "archive").path
    damage(folder, name, change((folder / name).read_bytes()))
    status, found = verify(folder)
    assert status == 1
    assert said in found


def test_a_text_that_says_something_else_in_a_sound_chain_is_found(
    make_ledger, clock, draft, tmp_path: Path
) -> None:
    """Someone made an entry outside Charcot: the hashes hold, but text and columns do not."""
    ledger = make_ledger("memory")
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    folder = archive(ledger, tmp_path / "archive").path
    for text in ("[]", "not JSON", json.dumps({"sequence": 1}), '"text"'):
        own = hash_entry(GENESIS, text)
        damage(folder, "ledger/entries.jsonl", text.encode() + b"\n")
        columns = f"sequence,previous_hash,hash,kind,subject,recorded_at,bytes\n1,{GENESIS},{own},k,s,2024,{len(text)}\n"
        damage(folder, "ledger/columns.csv", columns.encode())
        damage(folder, "receipt.txt", str(Receipt("demo-trial", 1, own)).encode())
        status, said = verify(folder)
        assert status == 1
        assert "entry 1: " in said


def test_verify_runs_on_old_pythons_with_nothing_else(tmp_path: Path, make_ledger) -> None:
    source = (archive(make_ledger("memory"), tmp_path / "archive").path / "verify.py").read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported = {name.partition(".")[0] for name in (*plain, *named)}
    assert imported <= sys.stdlib_module_names
    assert verify(tmp_path / "archive")[0] == 0


@pytest.mark.parametrize("trial", ["royan-admsc", "SMALL-1", "Étude 2/b"])
def test_the_archives_own_script_reads_receipts_of_any_trial(trial: str) -> None:
    from charcot.exchange import verify

    receipt = Receipt(trial, 7, "a" * 64)
    assert verify.read_receipt(f"Printed below:\n{receipt}\n") is not None
