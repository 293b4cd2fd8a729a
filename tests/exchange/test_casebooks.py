"""Casebooks as CSV: every version of every form with its entry, what was missed, and no personal value."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from charcot.datasets import derive_datasets, take_snapshot
from charcot.exchange.casebooks import HEADER, casebook_tables
from charcot.exchange.csv_tables import dataset_tables
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
)

SMALL = Path(__file__).parents[1] / "protocol/small"
NURSE = Actor("s.ahmadi", "coordinator")
MOMENT = datetime(2014, 5, 1, 6, 30, tzinfo=UTC)
REASON = 'Misread: "71", not 17\nسند دیده شد'


def form(participant: str, name: str, version: int, values: dict[str, Value], **more: str) -> Draft:
    data = {
        "form": name,
        "encounter": "screening",
        "instance": 1,
        "version": version,
        "based_on": version - 1,
        "source": "paper",
        "values": {item: value.as_data() for item, value in values.items()},
        "checks": {"failed": [], "unknown": []},
        "missing": [],
    }
    return Draft(
        Kind.FORM_RECORDED,
        participant_subject(participant),
        "record",
        NURSE,
        data,
        clinical_time="2014-03-14T09:30",
        protocol="1.0",
        **more,
    )


@pytest.fixture
def ledger() -> MemoryLedger:
    files = {path.relative_to(SMALL).as_posix(): path.read_text("utf-8") for path in SMALL.rglob("*.yaml")}
    hidden = "  - {id: batch, label: Batch, type: text, visibility: blinded}\nchecks:"
    files["forms/vital_signs.yaml"] = files["forms/vital_signs.yaml"].replace("checks:", hidden)
    opened = {
        "trial": "SMALL-1",
        "title": "T",
        "purpose": "demo",
        "zone": "Asia/Tehran",
        "clock": "real",
        "people": [],
        "opened_on": "2014-01-01",
    }
    activated = {"version": "1.0", "effective": "2013-12-01", "files": files}
    missed = {"form": "", "encounter": "month_2", "instance": 1}
    subject = participant_subject("S-01")
    personal = {"name": Value(sealed="c2VhbGVk"), "sex": Value("female", Origin.IMPORTED)}
    signs = {
        "weight": Value("17.0", Origin.SYNTHETIC),
        "height": Value(absent=Absence.NOT_DONE, why="in a wheelchair"),
        "batch": Value("A", typed="the batch A"),
    }
    lost = Value(absent=Absence.UNKNOWN, why="batch A or B")
    drafts = [
        Draft(Kind.TRIAL_OPENED, TRIAL, "open_trial", NURSE, opened),
        Draft(Kind.PROTOCOL_ACTIVATED, TRIAL, "open_trial", NURSE, activated),
        *(
            Draft(
                Kind.PARTICIPANT_SCREENED, participant_subject(p), "screen", NURSE, clinical_time="2014-03-01"
            )
            for p in ("S-01", "S-02")
        ),
        form("S-01", "demography", 1, personal),
        form("S-01", "vital_signs", 1, signs),
        Draft(Kind.FORM_MISSED, subject, "miss", NURSE, missed, "2014-04-30", "Telephone", "1.0"),
        form(
            "S-01",
            "vital_signs",
            2,
            {**signs, "weight": Value("71.0", typed="۷۱٫۰"), "batch": lost},
            reason=REASON,
        ),
    ]
    ledger = MemoryLedger()
    ledger.append(drafts, seen=0, watching=(), clock=lambda: MOMENT)
    return ledger


def rows_of(ledger: MemoryLedger, participant: str = "S-01") -> list[dict[str, str]]:
    text = casebook_tables(take_snapshot(ledger))[f"casebooks/{participant}.csv"]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def entry(ledger: MemoryLedger, sequence: int) -> Entry:
    (found,) = ledger.entries(after=sequence - 1, until=sequence)
    return found


def test_there_is_one_table_a_participant(ledger: MemoryLedger) -> None:
    tables = casebook_tables(take_snapshot(ledger))
    assert list(tables) == ["casebooks/S-01.csv", "casebooks/S-02.csv"]
    assert tables["casebooks/S-02.csv"] == ",".join(HEADER) + "\r\n"


def test_every_version_is_there_with_its_entry(ledger: MemoryLedger) -> None:
    weights = [row for row in rows_of(ledger) if row["item"] == "weight"]
    assert [(row["version"], row["value"], row["origin"]) for row in weights] == [
        ("1", "17.0", "synthetic"),
        ("2", "71.0", "entered"),
    ]
    assert weights[1] == {
        "participant": "S-01",
        "form": "vital_signs",
        "form title": "Vital signs",
        "encounter": "screening",
        "instance": "1",
        "version": "2",
        "item": "weight",
        "label": "Weight",
        "value": "71.0",
        "unit": "kg",
        "typed": "۷۱٫۰",
        "origin": "entered",
        "absent": "",
        "why": "",
        "clinical_time": "2014-03-14T09:30",
        "recorded_at": "2014-05-01T06:30:00.000000Z",
        "recorded_by": "s.ahmadi",
        "role": "coordinator",
        "reason": REASON,
        "entry": "8",
        "hash": entry(ledger, 8).hash,
    }


def test_every_item_is_listed_and_absence_is_explained(ledger: MemoryLedger) -> None:
    first = {row["item"]: row for row in rows_of(ledger) if row["entry"] == "6"}
    assert list(first) == [
        "weight",
        "height",
        "bmi",
        "systolic",
        "diastolic",
        "smoker",
        "cigarettes",
        "batch",
    ]
    assert (first["height"]["value"], first["height"]["absent"], first["height"]["why"]) == (
        "",
        "not_done",
        "in a wheelchair",
    )
    assert (first["systolic"]["value"], first["systolic"]["origin"]) == ("", "")


def test_personal_and_blinded_values_are_not_shown(ledger: MemoryLedger) -> None:
    rows = rows_of(ledger)
    assert [row["value"] for row in rows if row["item"] == "name"] == ["(sealed)"]
    assert "the batch A" not in str(rows)
    batches = [(row["value"], row["absent"], row["why"]) for row in rows if row["item"] == "batch"]
    assert batches == [("(concealed)", "", ""), ("", "unknown", "(concealed)")]
    assert "c2VhbGVk" not in str(rows)


def test_a_missed_visit_is_a_row_in_its_place(ledger: MemoryLedger) -> None:
    rows = rows_of(ledger)
    (missed,) = [row for row in rows if row["absent"] == "missed"]
    assert (missed["encounter"], missed["form"], missed["reason"], missed["entry"]) == (
        "month_2",
        "",
        "Telephone",
        "7",
    )
    assert [int(row["entry"]) for row in rows] == sorted(int(row["entry"]) for row in rows)


def test_all_datasets_of_a_trial_become_tables(ledger: MemoryLedger) -> None:
    datasets = derive_datasets(take_snapshot(ledger))
    tables = dataset_tables(datasets)
    assert list(tables) == [f"datasets/{name}.csv" for name in datasets]
    (signs,) = csv.DictReader(io.StringIO(tables["datasets/form_vital_signs.csv"], newline=""))
    assert (signs["participant"], signs["weight"], signs["version"], signs["entries"]) == (
        "S-01",
        "71.0",
        "2",
        "8",
    )
