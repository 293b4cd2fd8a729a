"""What is offered as next for a participant: what is left of a visit, and what a lock takes away from it."""

import re
from datetime import timedelta

from charcot.conduct import lock, record, unlock
from charcot.ledger import Actor
from charcot.web.next_steps import NextStep, steps_for
from faces.practice import BEGAN, Practice

MANAGER, DESK = Actor("data_manager-1", "data_manager"), Actor("coordinator-1", "coordinator")
MAY = frozenset({"record", "consent", "decline", "assess", "enrol"})
DUE = 18
"""Forms due at Screening by the shipped protocol, counted by hand in its schedule."""


def steps(practice: Practice, participant: str = "S-02", may: frozenset[str] = MAY) -> list[NextStep]:
    view = practice.environment["charcot.views"].at()
    dossier = view.dossier(participant)
    assert dossier is not None
    return steps_for(dossier, view.visits(participant), may)


def left(practice: Practice) -> int | None:
    """How many forms the step to Screening says are to be filled; None where it is not offered."""
    (words,) = [step.words for step in steps(practice) if step.label == "Screening"] or [""]
    found = re.match(r"(\d+) forms? to fill, window closed on ", words)
    return int(found.group(1)) if found else None


def test_a_visit_says_how_many_forms_are_left_of_it_and_locked_ones_are_not(practice: Practice) -> None:
    assert left(practice) == DUE
    day = f"{BEGAN + timedelta(days=3):%Y-%m-%d}"
    record(practice.trial, DESK, participant="S-02", form="urine_culture", encounter="screening", at=day,
           values={"collected_at": f"{day}T08:00", "growth": "none"})  # fmt: skip
    assert left(practice) == DUE - 1
    for form in ("serology", "virology"):
        lock(practice.trial, MANAGER, scope="form", participant="S-02", form=form, encounter="screening", reason="Not done here")  # fmt: skip
    assert left(practice) == DUE - 3
    unlock(practice.trial, MANAGER, scope="form", participant="S-02", form="virology", encounter="screening", reason="It is done after all")  # fmt: skip
    assert left(practice) == DUE - 2
    lock(practice.trial, MANAGER, scope="visit", participant="S-02", encounter="screening", reason="Done")
    assert left(practice) is None
    assert [step.label for step in steps(practice)] == ["Eligibility and enrolment"]


def test_a_visit_is_offered_to_who_may_fill_its_forms_alone(practice: Practice) -> None:
    assert steps(practice, may=frozenset({"read", "verify"})) == []
    assert [step.state for step in steps(practice) if step.label == "Screening"] == ["overdue"]
