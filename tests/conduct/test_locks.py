"""Locks of forms, visits, participants and the trial: what they stop, and what they never cancel silently."""

from typing import Any

import pytest

from charcot.conduct.lock import LOCKING, StillOpen
from charcot.ledger import Receipt, check_chain, parse_receipt
from charcot.participants import LockedAway
from charcot.refusal import BadValue, NotAllowed, OutOfOrder, ReasonMissing
from charcot.report.audit_trail import describe_entry
from charcot.team import NotSigned, Signature
from conduct.desk import COORDINATOR, DATA_MANAGER, MONITOR, SIGNED, Desk, protocol_files

WEIGHT = {"participant": "S-1", "form": "vital_signs", "encounter": "screening"}
SCOPES: dict[str, dict[str, Any]] = {
    "form": {"scope": "form", **WEIGHT},
    "visit": {"scope": "visit", "participant": "S-1", "encounter": "screening"},
    "participant": {"scope": "participant", "participant": "S-1"},
}
LOCK_SIGNED = Signature("password", LOCKING)
UNFINISHED = "The sponsor ends the trial."


@pytest.fixture
def weighed(desk: Desk) -> Desk:
    desk.begin()
    desk.weigh("2014-01-07", "screening")
    return desk


def correct(desk: Desk, based_on: int = 1) -> None:
    desk.act("correct", COORDINATOR, **WEIGHT, changes={"weight": "71"}, based_on=based_on, reason="Misread")


def lock_trial(
    desk: Desk, reason: str | None = UNFINISHED, signature: Signature | None = LOCK_SIGNED
) -> None:
    desk.act(
        "lock",
        DATA_MANAGER,
        scope="trial",
        statement="All data are final.",
        reason=reason,
        signature=signature,
    )


@pytest.mark.parametrize("scope", SCOPES)
def test_what_is_locked_is_not_changed_until_it_is_unlocked(weighed: Desk, scope: str) -> None:
    weighed.act("lock", DATA_MANAGER, **SCOPES[scope])
    with pytest.raises(LockedAway, match="locked by manager-d on 2014-12-01"):
        correct(weighed)
    with pytest.raises(LockedAway):
        weighed.act("enter_in_error", COORDINATOR, **WEIGHT, version=1, reason="Of somebody else")
    with pytest.raises(LockedAway):
        weighed.act(
            "attach",
            COORDINATOR,
            **WEIGHT,
            name="a.pdf",
            media_type="application/pdf",
            size=1,
            sha256="0" * 64,
        )
    with pytest.raises(ReasonMissing):
        weighed.act("unlock", DATA_MANAGER, **SCOPES[scope], reason="")
    weighed.act("unlock", DATA_MANAGER, **SCOPES[scope], reason="A result came later.")
    correct(weighed)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_locked_part_is_still_questioned_verified_and_signed(weighed: Desk, scope: str) -> None:
    weighed.act("lock", DATA_MANAGER, **SCOPES[scope])
    weighed.act("open_query", DATA_MANAGER, **WEIGHT, text="?")
    weighed.act("answer_query", COORDINATOR, participant="S-1", query="q1", text="!")
    weighed.act("verify_source", MONITOR, **WEIGHT, version=1)
    weighed.act("sign", participant="S-1", signature=SIGNED)


def test_each_lock_reaches_as_far_as_it_says(weighed: Desk) -> None:
    weighed.act("lock", DATA_MANAGER, **SCOPES["form"])
    weighed.fill("diagnosis_confirmation", "2014-01-12", "screening", confirmed="yes")
    weighed.act("lock", DATA_MANAGER, **SCOPES["visit"])
    with pytest.raises(LockedAway, match="The visit was locked"):
        weighed.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    with pytest.raises(LockedAway):
        weighed.about("miss", "2014-01-30", encounter="screening", form="demography", reason="Forgotten")
    weighed.about("report_event", "2014-02", values={"term": "Headache"})
    weighed.act("lock", DATA_MANAGER, **SCOPES["participant"])
    for verb, given in (
        ("report_event", {"values": {"term": "Cough"}}),
        ("withdraw", {"scope": "data"}),
        ("assess", {}),
        ("record_death", {"cause": "Unknown"}),
    ):
        with pytest.raises(LockedAway, match="The participant was locked"):
            weighed.about(verb, "2014-03-01", **given)
    weighed.begin("S-2")


def test_only_data_managers_lock_here(weighed: Desk) -> None:
    with pytest.raises(NotAllowed):
        weighed.act("lock", COORDINATOR, **SCOPES["form"])
    weighed.act("lock", DATA_MANAGER, **SCOPES["form"])
    with pytest.raises(NotAllowed):
        weighed.act("unlock", COORDINATOR, **SCOPES["form"], reason="Please")


def test_a_part_is_opened_after_the_whole(weighed: Desk) -> None:
    weighed.act("lock", DATA_MANAGER, **SCOPES["form"])
    weighed.act("lock", DATA_MANAGER, **SCOPES["participant"])
    with pytest.raises(OutOfOrder, match="participant is locked as a whole"):
        weighed.act("unlock", DATA_MANAGER, **SCOPES["form"], reason="A result came later.")
    weighed.act("unlock", DATA_MANAGER, **SCOPES["participant"], reason="A result came later.")
    with pytest.raises(LockedAway, match="This form was locked"):
        correct(weighed)


def test_locked_twice_or_unlocked_where_nothing_is_locked(weighed: Desk) -> None:
    with pytest.raises(OutOfOrder, match="not locked"):
        weighed.act("unlock", DATA_MANAGER, **SCOPES["form"], reason="Why not")
    weighed.act("lock", DATA_MANAGER, **SCOPES["visit"])
    with pytest.raises(OutOfOrder, match="was locked by"):
        weighed.act("lock", DATA_MANAGER, **SCOPES["visit"])
    with pytest.raises(BadValue):
        weighed.act("lock", DATA_MANAGER, scope="visit", participant="S-1", encounter="nowhere")
    with pytest.raises(BadValue):
        weighed.act("lock", DATA_MANAGER, scope="page", participant="S-1")


def test_unlocking_cancels_no_signature_and_names_those_that_stand(weighed: Desk) -> None:
    (signature,) = weighed.act("sign", participant="S-1", encounter="screening", signature=SIGNED)
    weighed.act("lock", DATA_MANAGER, **SCOPES["form"])
    (opened,) = weighed.act("unlock", DATA_MANAGER, **SCOPES["form"], reason="A result came later.")
    assert opened.data["signatures"] == [signature.sequence]
    assert weighed.dossier().signatures.made[0].holds
    correct(weighed)
    assert not weighed.dossier().signatures.made[0].holds


def test_the_lock_of_the_trial_says_what_remains(weighed: Desk) -> None:
    weighed.act("open_query", DATA_MANAGER, **WEIGHT, text="?")
    with pytest.raises(StillOpen, match="1 query is open, 2 forms are not signed") as caught:
        lock_trial(weighed, reason=None)
    remaining = caught.value.facts["remaining"]
    assert remaining["queries"] == ["S-1 q1"]
    assert remaining["unsigned"] == ["S-1 consent", "S-1 vital_signs at screening"]
    assert "S-1 demography at screening" in remaining["missing"]  # its window closed in January
    assert remaining["unverified"] == ["S-1 consent", "S-1 vital_signs at screening"]
    assert weighed.snapshot().charter.locked is None
    lock_trial(weighed)
    locked = weighed.snapshot().charter.locked
    assert locked is not None
    assert (locked.data["remaining"], locked.reason) == (remaining, UNFINISHED)


def test_a_finished_trial_is_locked_without_a_reason(desk: Desk) -> None:
    desk.about("screen", "2014-01-05")
    desk.about("decline", "2014-01-06", reason="No wish")
    lock_trial(desk, reason=None)
    locked = desk.snapshot().charter.locked
    assert locked is not None
    assert "remaining" not in locked.data


def test_the_lock_of_the_trial_carries_receipt_statement_and_signature(weighed: Desk) -> None:
    before = weighed.trial.ledger.head()
    lock_trial(weighed)
    locked = weighed.snapshot().charter.locked
    assert locked is not None
    receipt = parse_receipt(locked.data["receipt"])
    assert receipt == Receipt("SMALL-2", before.sequence, before.hash)
    assert check_chain(weighed.trial.ledger.rows(), receipt)[1] is None
    assert locked.data["signature"] == {
        "person": "manager-d", "role": "data_manager", "meaning": LOCKING, "method": "password",
    }  # fmt: skip
    assert "All data are final." in describe_entry(locked)


def test_the_lock_of_the_trial_is_signed_and_states_something(weighed: Desk) -> None:
    with pytest.raises(NotSigned):
        lock_trial(weighed, signature=None)
    with pytest.raises(BadValue, match="cannot say"):
        lock_trial(weighed, signature=SIGNED)
    with pytest.raises(BadValue, match="statement is empty"):
        weighed.act("lock", DATA_MANAGER, scope="trial", reason="End", signature=LOCK_SIGNED)


def test_after_the_lock_of_the_trial_nothing_about_participants_is_entered(weighed: Desk) -> None:
    weighed.act("open_query", DATA_MANAGER, **WEIGHT, text="?")
    lock_trial(weighed)
    refused: list[tuple[str, Any, dict[str, Any]]] = [
        ("screen", COORDINATOR, {"participant": "S-2", "at": "2014-02-01"}),
        ("correct", COORDINATOR, {**WEIGHT, "changes": {"weight": "71"}, "based_on": 1, "reason": "Misread"}),
        ("answer_query", COORDINATOR, {"participant": "S-1", "query": "q1", "text": "!"}),
        ("close_query", DATA_MANAGER, {"participant": "S-1", "query": "q1", "reason": "!"}),
        ("verify_source", MONITOR, {**WEIGHT, "version": 1}),
        ("lock", DATA_MANAGER, SCOPES["form"]),
    ]
    for verb, actor, given in refused:
        with pytest.raises(LockedAway, match="The trial was locked"):
            weighed.act(verb, actor, **given)
    with pytest.raises(LockedAway):
        weighed.act("sign", participant="S-1", signature=SIGNED)
    with pytest.raises(OutOfOrder, match="was locked by"):
        lock_trial(weighed)
    weighed.act("unlock", DATA_MANAGER, scope="trial", reason="A query came from the authority.")
    correct(weighed)


def test_a_locked_trial_can_be_read_and_cut() -> None:
    desk = Desk(files=protocol_files(("read, report_deviation]", "read, cut, report_deviation]")))
    lock_trial(desk)
    desk.act("cut", MONITOR, name="final", statement="The final analysis.")
    assert desk.snapshot().charter.cut("final") is not None
