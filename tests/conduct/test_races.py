"""Two people at once: exactly one is first, and the other is told; nothing is entered twice."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from charcot import conduct
from charcot.conduct import Trial
from charcot.ledger import Entry, Kind, Ledger, check_chain
from charcot.refusal import OutdatedVersion, OutOfOrder, Refusal
from conduct.desk import COORDINATOR, INVESTIGATOR, Desk


def at_once(acts: list[Callable[[], object]]) -> list[Refusal]:
    """Does all acts at the same time; what was refused."""
    refused: list[Refusal] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        from django.db import connections

        start.wait()
        try:
            act()
        except Refusal as refusal:
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def of_kind(ledger: Ledger, kind: Kind) -> list[Entry]:
    assert check_chain(ledger.rows())[1] is None
    return [entry for entry in ledger.entries() if entry.kind is kind]


def test_a_form_recorded_twice_at_once(ledger: Ledger) -> None:
    desk = Desk(ledger)
    desk.begin()
    before = len(of_kind(ledger, Kind.FORM_RECORDED))

    def write(weight: str) -> Callable[[], object]:
        return lambda: conduct.record(
            desk.trial, COORDINATOR, participant="S-1", form="vital_signs", encounter="screening", at="2014-01-07",
            values={"weight": weight, "pulse": "70"},
        )  # fmt: skip

    refused = at_once([write(weight) for weight in ("70", "71", "72", "73")])
    assert [type(refusal) for refusal in refused] == [OutdatedVersion] * 3
    (recorded,) = of_kind(ledger, Kind.FORM_RECORDED)[before:]
    kept = recorded.data["values"]["weight"]["value"]
    for refusal in refused:
        assert refusal.facts["saved"]["weight"] == kept
    assert {kept, *(refusal.facts["given"]["weight"] for refusal in refused)} == {"70", "71", "72", "73"}


def test_one_enrolment_and_one_number(ledger: Ledger) -> None:
    desk = Desk(ledger)
    desk.begin()
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    enrol = lambda: conduct.enrol(desk.trial, INVESTIGATOR, participant="S-1", at="2014-01-10")  # noqa: E731
    refused = at_once([enrol] * 4)
    assert [type(refusal) for refusal in refused] == [OutOfOrder] * 3
    assert len(of_kind(ledger, Kind.PARTICIPANT_ENROLLED)) == 1
    screen = lambda: conduct.screen(desk.trial, COORDINATOR, participant="S-2", at="2014-01-10")  # noqa: E731
    refused = at_once([screen] * 4)
    assert [type(refusal) for refusal in refused] == [OutOfOrder] * 3
    assert len(of_kind(ledger, Kind.PARTICIPANT_SCREENED)) == 2


def test_different_people_do_not_hinder_each_other(ledger: Ledger) -> None:
    desk = Desk(ledger)

    def screen(number: int) -> Callable[[], object]:
        return lambda: conduct.screen(desk.trial, COORDINATOR, participant=f"S-{number}", at="2014-01-10")

    assert at_once([screen(number) for number in range(12)]) == []
    assert len(of_kind(ledger, Kind.PARTICIPANT_SCREENED)) == 12


@pytest.mark.parametrize("meanwhile", ["about the participant", "about the trial"])
def test_an_act_is_judged_again_when_its_premise_changed(meanwhile: str) -> None:
    """Between judging and entering, somebody else enters something: the act is judged by that too."""
    desk = Desk()
    desk.begin()
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    told: list[int] = []

    class Interrupting:
        """The real ledger, but somebody else is quicker once."""

        def __getattr__(self, name: str) -> object:
            return getattr(desk.trial.ledger, name)

        def append(self, drafts, **rest):  # type: ignore[no-untyped-def]
            if not told:
                told.append(1)
                if meanwhile == "about the participant":
                    desk.about("decline", "2014-01-08", reason="Afraid")
                else:
                    desk.act(
                        "end_delegation",
                        person="nurse-b",
                        role="coordinator",
                        until=desk.clock().date() - timedelta(days=1),
                        reason="Left",
                    )
            return desk.trial.ledger.append(drafts, **rest)

    slow = Trial(Interrupting(), desk.trial.vault, desk.clock)  # type: ignore[arg-type]
    if meanwhile == "about the participant":
        with pytest.raises(OutOfOrder, match="end of follow-up"):
            conduct.enrol(slow, INVESTIGATOR, participant="S-1", at="2014-01-10")
    else:
        with pytest.raises(Refusal, match="does not hold the role"):
            conduct.assess(slow, COORDINATOR, participant="S-1", at="2014-01-10")
    assert told
    assert not of_kind(desk.trial.ledger, Kind.PARTICIPANT_ENROLLED)
    assert not of_kind(desk.trial.ledger, Kind.ELIGIBILITY_ASSESSED)
