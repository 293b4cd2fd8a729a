"""Explain, changes and data cuts through the real command, on the demonstration trial."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from charcot.conduct import Trial, correct
from charcot.ledger import Actor, Head, Receipt
from charcot.refusal import BadValue, BrokenRecord
from charcot.wiring.changes import changes_since
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.cuts import list_cuts, make_cut
from charcot.wiring.folder import TrialFolder, open_folder
from charcot.wiring.looking import ledger_as_of
from charcot.wiring.writing import write_report
from running import Charcot, Demo

AGES = (35, 25, 53, 44, 30, 35, 56, 46, 50, 36, 55, 67, 63, 52, 71, 56, 61)
"""Table 1 of Nabavi et al., Cell J 2021;23(7):772-778 (paper/table1.csv)."""


def correct_speech(folder: TrialFolder) -> int:
    """Corrects one ALSFRS-R item of S-01 at month 12; the number of the entry."""
    clock = SimulatedClock(datetime.fromisoformat(folder.ledger.head().recorded_at))
    (entry,) = correct(
        Trial(folder.ledger, folder.vault, clock), Actor("coordinator-1", "coordinator"),
        participant="S-01", form="alsfrs_r", encounter="month_12", changes={"speech": "2"}, based_on=1,
        reason="Read from the wrong column.",
    )  # fmt: skip
    return entry.sequence


def declare(folder: TrialFolder, name: str = "interim-1") -> Head:
    """Makes a data cut at the last entry; where that was."""
    head = folder.ledger.head()
    make_cut(folder, "statistician-1", "statistician", name=name, statement="For the first look.")
    return head


def test_explain_leads_from_a_mean_to_the_signed_records(charcot: Charcot, demo: Demo) -> None:
    ran = charcot("explain", demo.path, "table1.age.mean", "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    ages = [source["typed"] for row in told["rows"] for source in row["sources"]]
    assert ages == [str(age) for age in AGES]
    assert float(told["exact"]) == pytest.approx(sum(AGES) / 17)
    ledger = {entry.sequence: entry for entry in open_folder(demo.path).ledger.entries()}
    for row in told["rows"]:
        for source in row["sources"]:
            entry = told["entries"][str(source["entry"])]
            record = ledger[source["entry"]]
            assert entry["hash"] == record.hash
            assert record.data["values"]["age"]["value"] == source["typed"]
            assert (entry["person"], entry["participant"]) == (record.actor.person, row["participant"])
    assert set(told["parents"]) <= set(ledger)


def test_explain_in_words(charcot: Charcot, demo: Demo) -> None:
    ran = charcot("explain", demo.path, "course.fvc.month_4.mean")
    assert ran.status == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("FVC, month 4: mean: ")
    assert any("not done (After the tracheostomy" in line for line in lines)
    assert any(line.startswith("Rows that count: ") for line in lines)
    assert lines[-1].endswith(demo.receipt)


def test_explain_takes_the_report_to_the_safety_board_apart(charcot: Charcot, demo: Demo) -> None:
    """The emboli of the abstract: two of seventeen, on days 36 and 65."""
    ran = charcot("explain", demo.path, "safety.boundary.emboli.events", "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    assert (told["exact"], told["n"]) == ("2", 17)
    behind = {
        row["participant"] for row in told["rows"] for source in row["sources"]
        if (source["item"], source["typed"]) == ("category", "pulmonary_embolism")
    }  # fmt: skip
    assert behind == {"S-10", "S-20"}
    listed = charcot("explain", demo.path, "--kind", "safety")
    assert any(line.split()[:2] == ["safety.people.enrolled", "17"] for line in listed.out.splitlines())


def test_explain_lists_the_ids_and_knows_what_is_near(charcot: Charcot, demo: Demo) -> None:
    listed = charcot("explain", demo.path, "--as-of", "400")
    assert listed.status == 0, listed.err
    assert any(line.split()[0] == "table1.age.mean" for line in listed.out.splitlines())
    unknown = charcot("explain", demo.path, "table1.age.meen", "--as-of", "400")
    assert unknown.status == 2
    assert "Did you mean table1.age.mean" in unknown.err


def test_a_cut_is_made_listed_and_reported(charcot: Charcot, copy_of_demo: Path) -> None:
    who = ("--person", "statistician-1", "--statement", "For the first look.")
    refused = charcot("cut", copy_of_demo, "interim-1", "--role", "monitor", *who)
    assert refused.status == 2 and "Not done." in refused.err
    head = open_folder(copy_of_demo).ledger.head()
    made = charcot("cut", copy_of_demo, "interim-1", "--role", "statistician", *who)
    assert made.status == 0, made.err
    assert f"entries 1 to {head.sequence}, hash {head.hash}" in made.out
    assert "Declared, not signed" in made.out
    listed = charcot("cuts", copy_of_demo)
    assert f"interim-1: entries 1 to {head.sequence}" in listed.out and "For the first look." in listed.out
    reported = charcot("report", copy_of_demo, "--as-of", "interim-1")
    assert reported.status == 0, reported.err
    assert (copy_of_demo / "reports" / f"report-as-of-{head.sequence}.html").is_file()
    board = charcot("report", copy_of_demo, "--kind", "safety", "--since", "interim-1")
    assert board.status == 0, board.err
    assert (
        f"What changed since entry {head.sequence}" in (copy_of_demo / "reports" / "safety.html").read_text()
    )
    unknown = charcot("report", copy_of_demo, "--kind", "safety", "--since", "interim-2")
    assert unknown.status == 2 and "No receipt was found" in unknown.err


def test_a_report_on_a_cut_stays_the_same_for_ever(copy_of_demo: Path) -> None:
    folder = open_folder(copy_of_demo)
    declare(folder)
    then = write_report(folder, "interim-1").read_bytes()
    correct_speech(folder)
    declare(folder, "later")
    assert write_report(folder, "Interim-1").read_bytes() == then
    assert [cut.name for cut in list_cuts(folder)] == ["interim-1", "later"]
    assert ledger_as_of(folder, "later").head().sequence == folder.ledger.head().sequence - 1


def test_a_cut_of_a_rewritten_record_is_refused(copy_of_demo: Path, tamper) -> None:  # type: ignore[no-untyped-def]  # a function of conftest
    folder = open_folder(copy_of_demo)
    declare(folder)
    with pytest.raises(BadValue, match="no data cut called 'interim-2'") as unknown:
        ledger_as_of(folder, "interim-2")
    assert unknown.value.facts["cuts"] == ["interim-1"]
    tamper(
        folder.ledger,
        ("UPDATE store_ledgerentry SET text = replace(text, '37', '36') WHERE sequence = 17", []),
    )
    with pytest.raises(BrokenRecord) as refused:
        ledger_as_of(folder, "interim-1")
    assert refused.value.facts["entry"] == 17


def test_changes_since_a_receipt(charcot: Charcot, demo: Demo, copy_of_demo: Path) -> None:
    folder = open_folder(copy_of_demo)
    old = next(
        e.sequence
        for e in folder.ledger.entries()
        if e.participant == "S-01" and e.data.get("form") == "alsfrs_r" and e.data["encounter"] == "month_12"
    )
    new = correct_speech(folder)
    ran = charcot("changes", copy_of_demo, "--since", demo.receipt, "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    mean = next(n for n in told["changed"] if n["id"] == "course.alsfrs_r.month_12.mean")
    fall = float(mean["exact_before"]) - float(mean["exact_after"])
    assert fall == pytest.approx(100 / 48 / mean["n_after"])  # one point of 48, of one person among n
    assert (mean["because"], mean["gone"]) == ([old, new], [old])
    assert told["entries"][str(new)]["reason"] == "Read from the wrong column."
    assert not any(n["id"].startswith("table1.") for n in told["changed"])
    written = charcot("changes", copy_of_demo, "--since", demo.receipt)
    assert written.status == 0, written.err
    page = copy_of_demo / "reports" / f"changes-since-{new - 1}.html"
    assert str(page) in written.out
    assert "Read from the wrong column." in page.read_text(encoding="utf-8")


def test_a_receipt_of_another_record_is_refused(demo: Demo) -> None:
    folder = open_folder(demo.path)
    head = folder.ledger.head()
    trial = demo.receipt.split(":")[1]
    for receipt, kind in (
        (Receipt("other", head.sequence, head.hash), BadValue),
        (Receipt(trial, head.sequence, "0" * 64), BrokenRecord),
        (Receipt(trial, head.sequence + 1, head.hash), BrokenRecord),
    ):
        with pytest.raises(kind):
            changes_since(folder, receipt)
