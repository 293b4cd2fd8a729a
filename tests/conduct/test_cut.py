"""Named data cuts: who may make them, what they hold, and that a name stands for one record for ever."""

import json
from pathlib import Path

import pytest

from charcot.datasets import take_snapshot
from charcot.ledger import Entry, Kind, view_as_of
from charcot.refusal import BadValue, NotAllowed, Refusal
from charcot.report.audit_trail import describe_entry
from charcot.team import fold_charter
from conduct.desk import COORDINATOR, INVESTIGATOR, MONITOR, Desk, protocol_files

MAY_CUT = ("read, report_deviation]", "read, cut, report_deviation]")
FIXTURE = Path(__file__).parents[1] / "fixtures" / "ledger-0.1.0" / "rows.jsonl"


@pytest.fixture
def office() -> Desk:
    """The small trial, whose monitor may cut, with one participant treated."""
    desk = Desk(files=protocol_files(MAY_CUT))
    desk.treat()
    return desk


def cut(desk: Desk, name: str = "interim-1", **more: object) -> Entry:
    (entry,) = desk.act("cut", MONITOR, name=name, **{"statement": "For the first look.", **more})
    return entry


def test_a_cut_notes_the_last_entry_and_who_declared_it(office: Desk) -> None:
    head = office.trial.ledger.head()
    entry = cut(office)
    assert entry.kind is Kind.DATA_CUT_MADE
    assert entry.data == {
        "name": "interim-1",
        "sequence": head.sequence,
        "hash": head.hash,
        "statement": "For the first look.",
        "signature": {
            "person": "monitor-c",
            "role": "monitor",
            "meaning": "I declare this data cut",
            "method": "declared",
        },
    }
    assert entry.sequence == head.sequence + 1
    words = describe_entry(entry)
    assert f"interim-1 at entry {head.sequence}" in words and "without a password" in words


def test_a_cut_at_an_earlier_entry_sees_the_trial_of_then(office: Desk) -> None:
    then = office.trial.ledger.head()
    office.weigh("2014-03-20", "month_2")
    cut(office, at_entry=then.sequence)
    found = office.snapshot().charter.cut("INTERIM-1")
    assert found is not None and (found.sequence, found.hash) == (then.sequence, then.hash)
    snapshot = take_snapshot(view_as_of(office.trial.ledger, found.sequence))
    assert snapshot.head == then
    assert len(snapshot.dossiers[0].casebook.instances("vital_signs")) == 1


def test_the_charter_lists_cuts_in_order(office: Desk) -> None:
    cut(office)
    second = cut(office, "final")
    cuts = office.snapshot().charter.cuts
    assert [found.name for found in cuts] == ["interim-1", "final"]
    assert cuts[1].sequence == second.sequence - 1


@pytest.mark.parametrize("name", ["", "1", "2014-03-01", "-a", "a b", "a_b", "é", "a\n", "a" * 61])
def test_what_a_cut_cannot_be_called(office: Desk, name: str) -> None:
    with pytest.raises(BadValue, match="cannot be called"):
        cut(office, name)


@pytest.mark.parametrize("again", ["interim-1", "Interim-1"])
def test_a_name_is_given_once(office: Desk, again: str) -> None:
    first = cut(office)
    with pytest.raises(BadValue, match="already") as refused:
        cut(office, again)
    assert refused.value.facts["entry"] == first.data["sequence"]


@pytest.mark.parametrize("more", [{"at_entry": 0}, {"at_entry": 10_000}, {"statement": " "}])
def test_what_a_cut_cannot_be_made_of(office: Desk, more: dict[str, object]) -> None:
    before = office.trial.ledger.head()
    with pytest.raises(BadValue):
        cut(office, **more)
    assert office.trial.ledger.head() == before


def test_an_act_is_not_cut_in_two(office: Desk) -> None:
    act = [entry for entry in office.trial.ledger.entries() if entry.verb == "enrol"]
    assert [entry.kind for entry in act] == [Kind.ELIGIBILITY_ASSESSED, Kind.PARTICIPANT_ENROLLED]
    with pytest.raises(BadValue, match="part of an act") as refused:
        cut(office, at_entry=act[0].sequence)
    assert refused.value.facts["ends"] == act[1].sequence
    assert cut(office, at_entry=act[1].sequence).data["sequence"] == act[1].sequence


@pytest.mark.parametrize("actor", [INVESTIGATOR, COORDINATOR])
def test_only_roles_that_may_cut(office: Desk, actor: object) -> None:
    with pytest.raises(NotAllowed) as refused:
        office.act("cut", actor, name="interim-1", statement="For the first look.")  # type: ignore[arg-type]  # an Actor
    assert isinstance(refused.value, Refusal)


def test_the_cut_in_the_ledger_of_0_1_0_still_holds() -> None:
    rows = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
    entries = [Entry(row["text"], row["previous_hash"], row["hash"]) for row in rows]
    (found,) = fold_charter(entry for entry in entries if entry.subject == "trial").cuts
    assert found.name == "first-look"
    assert rows[found.sequence - 1]["hash"] == found.hash
