"""The tables of an archive that say how the record was watched over."""

import csv
import io

import pytest

from charcot.exchange.casebooks import casebook_tables
from charcot.exchange.oversight import oversight_tables
from conduct.desk import COORDINATOR, DATA_MANAGER, MONITOR, SIGNED, Desk

WEIGHT = {"participant": "S-1", "form": "vital_signs", "encounter": "screening"}


def table(desk: Desk, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(oversight_tables(desk.snapshot())[f"oversight/{name}.csv"])))


@pytest.fixture
def watched() -> Desk:
    """A weight that a check asked about, verified and signed, then corrected; an event in error; a locked visit."""
    desk = Desk()
    desk.begin()
    desk.weigh("2014-01-07", "screening", weight="150")
    desk.act("answer_query", COORDINATOR, participant="S-1", query="q1", text="So it says on paper.")
    desk.act("verify_source", MONITOR, **WEIGHT, version=1)
    desk.act("sign", participant="S-1", encounter="screening", signature=SIGNED)
    desk.act("correct", **WEIGHT, changes={"weight": "70"}, based_on=1, reason="Misread")
    desk.about("report_event", "2014-02-01", values={"term": "Headache"})
    desk.act("enter_in_error", participant="S-1", form="adverse_event", version=1, reason="Of somebody else")
    desk.act("lock", DATA_MANAGER, scope="visit", participant="S-1", encounter="screening")
    return desk


def test_each_step_of_a_query_is_a_row(watched: Desk) -> None:
    rows = table(watched, "queries")
    assert [(row["query"], row["step"], row["by"]) for row in rows] == [
        ("q1", "opened", "check"),
        ("q1", "answered", "person"),
        ("q1", "closed", "check"),
    ]
    assert [row["item"] for row in rows] == ["weight"] * 3
    assert rows[1]["text"] == "So it says on paper."
    assert rows[2]["reason"] == "the check holds since version 2"


def test_a_signature_says_of_each_form_whether_it_stands(watched: Desk) -> None:
    (row,) = table(watched, "signatures")
    assert (row["form"], row["version"], row["method"], row["stands"]) == (
        "vital_signs",
        "1",
        "password",
        "no",
    )


def test_verification_locks_and_errors_are_there(watched: Desk) -> None:
    assert [(r["form"], r["items"], r["recorded_by"]) for r in table(watched, "verification")] == [
        ("vital_signs", "all", MONITOR.person)
    ]
    assert [(r["scope"], r["encounter"], r["step"]) for r in table(watched, "locks")] == [
        ("visit", "screening", "locked")
    ]
    assert [(r["form"], r["step"], r["reason"]) for r in table(watched, "errors")] == [
        ("adverse_event", "entered_in_error", "Of somebody else")
    ]


def test_what_is_asked_about_a_person_is_concealed(watched: Desk) -> None:
    watched.act(
        "open_query", DATA_MANAGER, participant="S-1", form="identity", encounter="screening", item="name",
        text="Is Anna Roe spelt so?",
    )  # fmt: skip
    assert "Anna" not in "".join(oversight_tables(watched.snapshot()).values())


def test_a_form_in_error_stays_in_the_casebook_of_the_archive(watched: Desk) -> None:
    rows = csv.DictReader(io.StringIO(casebook_tables(watched.snapshot())["casebooks/S-1.csv"]))
    assert [row["value"] for row in rows if (row["form"], row["item"]) == ("adverse_event", "term")] == [
        "Headache"
    ]
