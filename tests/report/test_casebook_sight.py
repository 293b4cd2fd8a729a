"""What a casebook shows to whom: concealed and personal values only to a reader who may see them and asked."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest

from charcot.datasets import Snapshot, take_snapshot
from charcot.ledger import (
    TRIAL,
    Absence,
    Actor,
    Draft,
    Entry,
    Kind,
    MemoryLedger,
    Origin,
    Value,
    participant_subject,
    seal,
    unseal,
)
from charcot.report.casebook import render_casebook
from report.shipped_trial import snapshot_of_entries

SMALL = Path(__file__).parents[1] / "protocol/small"
NURSE = Actor("s.ahmadi", "coordinator")
SUBJECT = participant_subject("S-01")
KEY = bytes(range(32))
OPEN = ("open", "product")


def form(name: str, version: int, values: dict[str, Value], failed: list[object] | None = None) -> Draft:
    data = {
        "form": name,
        "encounter": "screening",
        "instance": 1,
        "version": version,
        "based_on": version - 1,
        "source": "paper",
        "values": {item: value.as_data() for item, value in values.items()},
        "checks": {"failed": failed or [], "unknown": []},
        "missing": ["height"] if version == 2 else [],
    }
    reason = "Looked at the source again" if version > 1 else None
    verb = "correct" if version > 1 else "record"
    return Draft(Kind.FORM_RECORDED, SUBJECT, verb, NURSE, data, "2014-03-14T09:30", reason, "1.0")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    files = {path.relative_to(SMALL).as_posix(): path.read_text("utf-8") for path in SMALL.rglob("*.yaml")}
    hidden = "  - {id: batch, label: Batch, type: text, visibility: blinded}\nchecks:"
    files["forms/vital_signs.yaml"] = files["forms/vital_signs.yaml"].replace("checks:", hidden)
    opened = {
        "trial": "SMALL-1",
        "title": "T",
        "purpose": "live",
        "zone": "Asia/Tehran",
        "clock": "real",
        "people": [],
        "opened_on": "2014-01-01",
    }
    activated = {"version": "1.0", "effective": "2013-12-01", "files": files}
    name = seal("Maryam Ahmadi", key=KEY, subject=SUBJECT, item="demography.name")
    signs = {"weight": Value("71.0"), "batch": Value("Alpha-7")}
    telling = {
        "check": "batch_known",
        "severity": "query",
        "message": "Batch Alpha-7 is not on the list.",
        "items": ["batch"],
        "used": {"batch": "Alpha-7"},
    }
    missed = {"form": "", "encounter": "month_2", "instance": 1}
    asked = {
        "query": "q1",
        "form": "vital_signs",
        "encounter": "screening",
        "instance": 1,
        "item": "batch",
        "version": 2,
        "by": "person",
    }
    drafts = [
        Draft(Kind.TRIAL_OPENED, TRIAL, "open_trial", NURSE, opened),
        Draft(Kind.PROTOCOL_ACTIVATED, TRIAL, "open_trial", NURSE, activated),
        Draft(Kind.PARTICIPANT_SCREENED, SUBJECT, "screen", NURSE, clinical_time="2014-03-01", typed={"clinical_time": "1 March 2014"}),
        form("demography", 1, {"name": Value(sealed=name), "sex": Value("female", Origin.IMPORTED)}),
        form("vital_signs", 1, {**signs, "height": Value(absent=Absence.NOT_DONE, why="in a wheelchair")}, [telling]),
        form("vital_signs", 2, {**signs, "batch": Value("Beta-9")}),
        Draft(Kind.QUERY_OPENED, SUBJECT, "open_query", NURSE, {**asked, "text": "Was it Alpha-7 after all?"}),
        Draft(Kind.QUERY_ANSWERED, SUBJECT, "answer_query", NURSE, {**asked, "text": "No, Beta-9."}),
        Draft(Kind.FORM_MISSED, SUBJECT, "miss", NURSE, missed, "2014-04-30", "By telephone alone", "1.0"),
    ]  # fmt: skip
    ledger = MemoryLedger()
    ledger.append(drafts, seen=0, watching=(), clock=lambda: datetime(2014, 5, 1, 6, 30, tzinfo=UTC))
    return take_snapshot(ledger)


def opener(form: str, item: str, sealed: str) -> str | None:
    return unseal(sealed, key=KEY, subject=SUBJECT, item=f"{form}.{item}")


def words_of(data: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return "".join(re.sub(r"\s", "", page.extract_text()) for page in pages)


def test_a_blinded_value_shows_nowhere_to_those_who_do_not_see_it(snapshot: Snapshot) -> None:
    text = words_of(render_casebook(snapshot, "S-01", sees=OPEN))
    assert "Alpha-7" not in text and "Beta-9" not in text
    assert "(concealed)" in text
    assert "71.0kg" in text


def test_a_role_that_sees_blinded_values_is_shown_them_with_their_history(snapshot: Snapshot) -> None:
    text = words_of(render_casebook(snapshot, "S-01", sees=(*OPEN, "blinded")))
    assert "Beta-9" in text and "Alpha-7untilversion2" in text
    assert text.count("WasitAlpha-7afterall?") == 2  # beside the field, and in the audit trail
    assert "Batch:Alpha-7→Beta-9" in text


@pytest.mark.parametrize(
    ("sees", "asked", "shown"),
    [(OPEN, True, False), ((*OPEN, "personal"), False, False), ((*OPEN, "personal"), True, True)],
)
def test_a_name_is_opened_only_for_one_who_may_and_asks(
    snapshot: Snapshot, sees: tuple[str, ...], asked: bool, shown: bool
) -> None:
    text = words_of(render_casebook(snapshot, "S-01", sees=sees, unseal=opener if asked else None))
    assert ("MaryamAhmadi" in text) is shown
    assert shown or text.count("(sealed)") >= 2


def test_a_name_whose_key_was_destroyed_stays_sealed(snapshot: Snapshot) -> None:
    text = words_of(render_casebook(snapshot, "S-01", sees=(*OPEN, "personal"), unseal=lambda *_: None))
    assert "MaryamAhmadi" not in text and "(sealed)" in text


def test_absences_missing_values_missed_visits_and_origins_are_told(snapshot: Snapshot) -> None:
    text = words_of(render_casebook(snapshot, "S-01"))
    assert "notdone:inawheelchairuntilversion2" in text
    assert "missing,withoutareason" in text
    assert "Missed:Bytelephonealone" in text
    assert "imported" in text


def test_the_trail_says_how_a_moment_was_typed(snapshot: Snapshot) -> None:
    assert "for1Mar2014(typedas1March2014)" in words_of(render_casebook(snapshot, "S-01"))


def test_in_a_live_trial_there_is_no_band_of_a_demonstration(snapshot: Snapshot) -> None:
    assert "demo:" not in words_of(render_casebook(snapshot, "S-01"))


@pytest.fixture(scope="module")
def watched_over() -> tuple[Entry, ...]:
    """The entries of the earlier release, in which S-1 was asked about, verified, signed, locked and given a file."""
    rows = (Path(__file__).parents[1] / "fixtures/ledger-0.2.0/rows.jsonl").read_text("utf-8").splitlines()
    read = [json.loads(row) for row in rows]
    return tuple(Entry(row["text"], row["previous_hash"], row["hash"]) for row in read)


def test_queries_verification_signatures_and_files_stand_on_their_forms(
    watched_over: tuple[Entry, ...],
) -> None:
    text = words_of(render_casebook(snapshot_of_entries(watched_over), "S-1"))
    assert "queryq1,closed:Isthistheweightwithoutshoes?" in text
    assert "answeredbynurse-b,Coordinator" in text and "Thepaperformsays68.5." in text
    assert "verifiedagainstthesource:Weight(monitor-e,Monitor" in text  # the pulse was taken back
    assert "signed:“Iapprove”(dr-a,Investigator" in text
    assert "scale.pdf" in text and "Thewrongscale." in text
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in text


def test_a_lock_shows_while_it_holds_and_an_error_until_it_is_reinstated(
    watched_over: tuple[Entry, ...],
) -> None:
    locked = next(e.sequence for e in watched_over if e.kind is Kind.LOCKED)
    text = words_of(render_casebook(snapshot_of_entries(watched_over[:locked]), "S-1"))
    assert "lockedwiththevisit(manager-d,Datamanager" in text
    assert "lockedwith" not in words_of(render_casebook(snapshot_of_entries(watched_over), "S-1"))
    wrong = next(e.sequence for e in watched_over if e.kind is Kind.ENTERED_IN_ERROR)
    text = words_of(render_casebook(snapshot_of_entries(watched_over[:wrong]), "S-1"))
    assert "enteredinerror:Belongstoanotherparticipant." in text and "Headache" in text
