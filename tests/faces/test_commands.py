"""The shipped trial through the command line, from its protocol to the archive, on good and on bad input."""

import csv
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from ruamel.yaml import YAML

from charcot.conduct import Trial
from charcot.ledger import Kind, MemoryLedger, MemoryVault, Origin
from charcot.simulation import play, shipped_course
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.folder import open_folder, read_protocol
from charcot.wiring.templates import find_template
from running import Charcot, Demo


def tamper(folder: Path, statement: str) -> None:
    """What somebody with access to the file could do: take the triggers away and change the record."""
    with sqlite3.connect(folder / "trial.sqlite3") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        assert database.execute(statement).rowcount > 0


def test_the_demo_says_who_is_where_and_gives_a_receipt(demo: Demo) -> None:
    assert (
        "20 screened, 20 consented, 3 declined, 17 enrolled, 17 infused, 12 died" in demo.made.out
    )  # the paper
    assert "demo, simulated clock" in demo.made.out
    assert (demo.path / "reports" / "report.html").is_file()


def test_the_demo_is_the_same_record_wherever_and_whenever_it_is_played(demo: Demo) -> None:
    template = find_template("royan-admsc")
    plain, amendment = template.protocol_files(), read_protocol(template.place / "amendment")
    published = YAML(typ="safe").load((template.place / "course" / "published.yaml").read_text("utf-8"))
    acts = shipped_course(plain, published, (template.place / "claims.yaml").read_text("utf-8"), amendment)
    clock, ledger = SimulatedClock(acts[0].recorded_at), MemoryLedger()
    play(Trial(ledger, MemoryVault(), clock, Origin.SYNTHETIC), clock, acts[:300])
    theirs = open_folder(demo.path).ledger.entries(until=ledger.head().sequence)
    assert [entry.hash for entry in theirs] == [entry.hash for entry in ledger.entries()]
    kinds = {entry.kind for entry in ledger.entries()}
    assert {
        Kind.DONOR_REGISTERED,
        Kind.FORMS_SIGNED,
        Kind.DOSE_INFUSED,
    } <= kinds  # what could be sealed or drawn


def test_the_guide_to_the_commands_shows_the_receipts_that_its_readers_get(demo: Demo) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
    shown = re.findall(r"(?:royan-admsc:|entries 1 to )(\d+)(?::|, hash )([0-9a-f]{4})…([0-9a-f]{4})", guide)
    ledger = open_folder(demo.path).ledger
    last = ledger.head().sequence
    assert {int(number) for number, _, _ in shown} >= {last}
    for number, first, final in {
        one for one in shown if int(one[0]) > 2
    }:  # a trial just opened is everybody's own
        (entry,) = ledger.entries(after=int(number) - 1, until=int(number))
        assert (entry.hash[:4], entry.hash[-4:]) == (first, final), number


def test_a_second_demo_is_never_played_over_the_first(demo: Demo, charcot: Charcot) -> None:
    ran = charcot("demo", demo.path, "--no-serve")
    assert ran.status == 2
    assert "Choose another name" in ran.err


def test_check_finds_exactly_the_deviations_of_participants_12_and_15(demo: Demo, charcot: Charcot) -> None:
    ran = charcot("check", demo.path, "--json")
    found = json.loads(ran.out)
    assert ran.status == 0
    assert found["protocol"] == []
    table1 = pl.DataFrame(_exported(demo, charcot, "form_published_baseline"))
    number = dict(zip(table1["participant"], table1["table1_id"], strict=True))
    deviations = sorted((int(number[d["participant"]]), d["section"]) for d in found["data"]["deviations"])
    assert deviations == [
        (12, "I1"),
        (15, "I1"),
        (15, "I3"),
    ]  # age 67; age 71 and 4 months: Table 1 against Methods
    assert found["data"]["missing"] == []


def _exported(demo: Demo, charcot: Charcot, dataset: str) -> list[dict[str, str]]:
    out = demo.path.parent / "csv"
    if not out.exists():
        assert charcot("export", demo.path, out, "--to", "csv").status == 0
    with (out / f"{dataset}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_history_tells_who_did_what_when_and_why(demo: Demo, charcot: Charcot) -> None:
    whole = charcot("history", demo.path).out
    assert "opened the trial" in whole
    assert "waived criterion I1" in whole
    assert "Reason:" in whole
    assert "→" in whole  # a correction shows before and after
    one = charcot("history", demo.path, "--participant", "S-01", "--form", "vital_signs").out
    assert "S-01: " in one
    assert "S-02" not in one
    assert "alsfrs_r" not in one


def test_verify_holds_and_prints_the_same_receipt(demo: Demo, charcot: Charcot) -> None:
    ran = charcot("verify", demo.path, "--against", demo.receipt)
    assert ran.status == 0
    assert demo.receipt in ran.out


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE store_ledgerentry SET text = replace(text, 'person', 'persom') WHERE sequence = 40", "40:"),
        (
            "UPDATE store_ledgerentry SET recorded_at = '2013-01-01T00:00:00.000000Z' WHERE sequence = 41",
            "41:",
        ),
        ("UPDATE store_ledgerentry SET subject = 'trial' WHERE sequence = 42", "42:"),
        ("DELETE FROM store_ledgerentry WHERE sequence = 43", "43:"),
    ],
)
def test_verify_names_the_first_entry_that_does_not_fit(
    copy_of_demo: Path, charcot: Charcot, tmp_path: Path, statement: str, says: str
) -> None:
    tamper(copy_of_demo, statement)
    ran = charcot("verify", copy_of_demo)
    assert ran.status == 1
    assert f"First entry that does not fit: {says}" in ran.out
    archived = charcot("archive", copy_of_demo, tmp_path / "archive")
    assert archived.status == 0, archived.err
    verified = _verify_archive(tmp_path / "archive")
    assert verified.returncode == 1
    assert says.rstrip(":") in verified.stdout


def _verify_archive(archive: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "verify.py", *arguments]
    return subprocess.run(command, cwd=archive, capture_output=True, text=True, check=False)


def test_a_cut_off_end_is_found_by_the_receipt_alone(
    copy_of_demo: Path, demo: Demo, charcot: Charcot
) -> None:
    tamper(copy_of_demo, "DELETE FROM store_ledgerentry WHERE sequence > 500")
    assert charcot("verify", copy_of_demo).status == 0  # a chain proves order, not completeness
    ran = charcot("verify", copy_of_demo, "--against", demo.receipt)
    assert ran.status == 1
    assert "501" in ran.out


def test_the_archive_is_read_and_verified_without_charcot(
    demo: Demo, charcot: Charcot, tmp_path: Path
) -> None:
    assert charcot("archive", demo.path, tmp_path / "archive").status == 0
    verified = _verify_archive(tmp_path / "archive", "--against", demo.receipt)
    assert verified.returncode == 0, verified.stdout
    casebook = (tmp_path / "archive" / "casebooks" / "S-01.csv").read_text(encoding="utf-8-sig")
    assert "published" in casebook
    assert (tmp_path / "archive" / "datasets" / "function.csv").is_file()
    (tmp_path / "archive" / "casebooks" / "S-01.csv").write_text(casebook.replace("published", "entered", 1))
    assert _verify_archive(tmp_path / "archive").returncode == 1


def test_a_backup_restores_to_the_same_trial(demo: Demo, charcot: Charcot, tmp_path: Path) -> None:
    assert charcot("backup", demo.path, tmp_path / "backup.zip").status == 0
    restored = charcot("restore", tmp_path / "backup.zip", tmp_path / "again", "--against", demo.receipt)
    assert restored.status == 0, restored.err
    assert charcot("verify", tmp_path / "again", "--against", demo.receipt).status == 0
    assert charcot("report", tmp_path / "again").status == 0
    report = "reports/report.html"
    assert (tmp_path / "again" / report).read_bytes() == (demo.path / report).read_bytes()


def test_a_damaged_backup_is_not_restored(demo: Demo, charcot: Charcot, tmp_path: Path) -> None:
    assert charcot("backup", demo.path, tmp_path / "backup.zip").status == 0
    content = bytearray((tmp_path / "backup.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "backup.zip").write_bytes(content)
    assert charcot("restore", tmp_path / "backup.zip", tmp_path / "again").status == 2
    assert not (tmp_path / "again").exists()


def test_datasets_open_in_spss_and_stata_with_their_labels(
    demo: Demo, charcot: Charcot, tmp_path: Path
) -> None:
    for kind, reader in (("sav", pyreadstat.read_sav), ("dta", pyreadstat.read_dta)):
        out = tmp_path / kind
        assert charcot("export", demo.path, out, "--to", kind).status == 0
        frame, about = reader(out / f"form_published_baseline.{kind}")
        assert len(frame) == 17
        assert round(frame["age"].mean(), 6) == 49.117647  # paper.md, recomputed from Table 1
        assert about.column_names_to_labels["age"].startswith("Age")


def test_as_of_an_entry_the_trial_is_what_it_was_then(demo: Demo, charcot: Charcot, tmp_path: Path) -> None:
    assert (
        charcot("export", demo.path, tmp_path / "early", "--to", "csv", "--as-of", "2014-06-30").status == 0
    )
    with (tmp_path / "early" / "participants.csv").open(encoding="utf-8-sig", newline="") as file:
        early = list(csv.DictReader(file))
    assert 0 < len(early) < 20
    ran = charcot("report", demo.path, "--as-of", "5000000")
    assert ran.status == 2
    assert "entries 1 to" in ran.err


def test_a_new_trial_is_made_checked_and_opened(charcot: Charcot, tmp_path: Path) -> None:
    assert "royan-admsc" in charcot("templates").out
    folder = tmp_path / "mine"
    assert charcot("new", folder, "--from", "royan-admsc").status == 0
    assert charcot("check", folder).status == 0
    early = charcot("report", folder)
    assert early.status == 2
    assert "open" in early.err.lower()
    opened = charcot("open", folder, "--investigator", "inv-1", "--purpose", "practice")
    assert opened.status == 0, opened.err
    assert charcot("verify", folder).status == 0
    assert charcot("report", folder).status == 0
    served = charcot("serve", folder)
    assert served.status == 2
    assert "has no account" in served.err


def test_the_first_account_is_an_administrators_and_further_ones_are_made_by_them(
    charcot: Charcot, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    assert charcot("new", folder, "--from", "royan-admsc").status == 0
    opened = charcot("open", folder, "--investigator", "inv-1", "--purpose", "practice")
    assert opened.status == 0, opened.err
    nobody = charcot("account", "add", folder, "admin-1", typed="a lamp under seven stones")
    assert nobody.status == 2
    assert "charcot delegate" in nobody.err
    given = charcot("delegate", folder, "--person", "admin-1", "--role", "administrator", "--by", "inv-1")
    assert given.status == 0, given.err
    weak = charcot("account", "add", folder, "admin-1", typed="password1234")
    assert weak.status == 2
    assert "too common" in weak.err
    made = charcot("account", "add", folder, "admin-1", typed="a lamp under seven stones")
    assert made.status == 0, made.err
    assert "a lamp" not in made.out + made.err
    unasked = charcot("account", "add", folder, "inv-1", typed="a lamp under seven stones")
    assert unasked.status == 2
    assert "--by CODE" in unasked.err
    second = charcot("account", "add", folder, "inv-1", "--by", "admin-1")
    assert "/set-password/" in second.out
    assert "not" not in charcot("account", "list", folder).err
    assert charcot("account", "disable", folder, "inv-1", "--by", "inv-1").status == 2  # may not administer
    assert charcot("account", "disable", folder, "inv-1", "--by", "admin-1", "--reason", "left").status == 0
    assert "inv-1  closed" in charcot("account", "list", folder).out
    assert charcot("account", "enable", folder, "inv-1", "--by", "admin-1").status == 0
    history = charcot("history", folder).out
    assert "disabled" in history


def test_a_mistake_in_the_protocol_is_named_with_file_and_line(charcot: Charcot, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert charcot("new", folder, "--from", "royan-admsc").status == 0
    file = folder / "protocol" / "eligibility.yaml"
    text = file.read_text()
    assert "demography.age_at_consent" in text
    file.write_text(text.replace("demography.age_at_consent", "demography.age_at_consnet"))
    ran = charcot("check", folder)
    assert ran.status == 1
    assert "eligibility.yaml:" in ran.out
    assert "age_at_consent" in ran.out
    assert charcot("open", folder, "--investigator", "inv-1", "--purpose", "practice").status == 2


def test_what_is_not_a_trial_is_said_to_be_none(charcot: Charcot, tmp_path: Path) -> None:
    for command in ("verify", "history", "report", "backup"):
        ran = charcot(command, tmp_path)
        assert ran.status == 2
        assert "What to do:" in ran.err
        assert "Traceback" not in ran.err


def test_a_new_version_in_a_simulated_trial_keeps_to_its_clock(copy_of_demo: Path, charcot: Charcot) -> None:
    file = copy_of_demo / "protocol" / "version.yaml"
    text = file.read_text()
    changed = re.sub(r'(number: *)"1\.1"', r'\1"1.2"', text, count=1)
    changed = re.sub(r"(effective: *)2013-12-02", r"\g<1>2020-07-01", changed, count=1)
    assert changed != text
    file.write_text(changed)
    folder = open_folder(copy_of_demo)
    before = folder.ledger.head().recorded_at
    folder.close()
    ran = charcot(
        "activate", copy_of_demo, "--person", "investigator-1", "--reason", "A typing error was mended."
    )
    assert ran.status == 0, ran.err
    assert f"the last recorded {before}" in ran.out  # the clock is simulated: it stands at the entry before
    assert charcot("verify", copy_of_demo).status == 0
    assert "activated protocol 1.2" in charcot("history", copy_of_demo).out
