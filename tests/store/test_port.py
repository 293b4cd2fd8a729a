"""What every ledger does, in memory and in both databases."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.ledger import (
    GENESIS,
    Actor,
    ClockBehind,
    Draft,
    Head,
    Kind,
    Ledger,
    PremiseChanged,
    check_chain,
    view_as_of,
)


def test_an_empty_ledger_has_no_head(ledger: Ledger) -> None:
    assert ledger.head() == Head(0, GENESIS, "")
    assert list(ledger.entries()) == []
    assert check_chain(ledger.rows()) == (Head(), None)


def test_what_is_entered_is_read_again(ledger: Ledger, clock, draft) -> None:
    made = ledger.append([draft(value="ü\n‮x\U0001f9ec"), draft("trial")], seen=0, watching=(), clock=clock)
    assert tuple(ledger.entries()) == made
    assert [entry.sequence for entry in made] == [1, 2]
    assert [entry.act for entry in made] == [1, 1]
    assert ledger.head() == Head(2, made[1].hash, made[1].recorded_at)
    assert check_chain(ledger.rows()) == (ledger.head(), None)


def test_nothing_can_be_entered(ledger: Ledger, clock) -> None:
    assert ledger.append([], seen=0, watching=(), clock=clock) == ()
    assert ledger.head().sequence == 0


def test_entries_of_subjects_and_spans(ledger: Ledger, clock, draft) -> None:
    for number in range(12):
        ledger.append([draft(f"participant/{number % 3}")], seen=number, watching=(), clock=clock)

    def found(**asked) -> list[int]:
        return [entry.sequence for entry in ledger.entries(**asked)]

    assert found(after=3, until=6) == [4, 5, 6]
    assert found(until=2) == [1, 2]
    assert found(after=40) == []
    assert found(until=40) == list(range(1, 13))
    assert found(until=0) == []
    assert found(subjects=["participant/1"]) == [2, 5, 8, 11]
    assert found(subjects={"participant/1", "participant/2", "nobody"}, after=2, until=8) == [3, 5, 6, 8]
    assert found(subjects=[]) == []
    assert [row.sequence for row in ledger.rows(until=2)] == [1, 2]
    assert view_as_of(ledger, 5).head().sequence == 5


def test_entries_by_kind_and_person_forwards_and_backwards(ledger: Ledger, clock) -> None:
    people = ['o"Neil', "o'Neil", "ö\\n", "%", 'x","role":"nurse"},"actor":{"person":"%']
    for number in range(300):
        kind = Kind.FORM_MISSED if number % 3 else Kind.FORM_RECORDED
        actor = Actor(people[number % 5], "coordinator")
        said = {
            "text": '},"actor":{"person":"%","role":"form":"',
            "form": f"form_{number % 4}",
            "x": {"form": "form_9"},
        }
        drafts = [Draft(kind, f"participant/{number % 7}", "record", actor, said, clinical_time="2024-01-01")]
        ledger.append(drafts, seen=number, watching=(), clock=clock)

    def found(**asked) -> list[int]:
        return [entry.sequence for entry in ledger.entries(**asked)]

    every = list(ledger.entries())
    assert found(kinds=[Kind.FORM_RECORDED]) == [n for n in range(1, 301) if n % 3 == 1]
    for person in people:
        theirs = [entry.sequence for entry in every if entry.actor.person == person]
        assert found(person=person) == theirs
        assert found(person=person, newest_first=True) == theirs[::-1]
    assert found(person="Neil") == []
    assert found(form="form_2") == [n + 1 for n in range(300) if n % 4 == 2]
    assert found(form="form_2", newest_first=True)[:3] == [299, 295, 291]
    assert found(form="form_9") == []
    assert found(kinds=[]) == []
    assert found(newest_first=True) == list(range(300, 0, -1))
    assert found(newest_first=True, after=10, until=14) == [14, 13, 12, 11]
    both = found(kinds=[Kind.FORM_MISSED], subjects=["participant/3"], person="%", until=200)
    assert both == [
        e.sequence
        for e in every[:200]
        if (e.kind, e.subject, e.actor.person) == (Kind.FORM_MISSED, "participant/3", "%")
    ]
    assert both
    assert next(e.sequence for e in view_as_of(ledger, 50).entries(newest_first=True, person="%")) == 49


def test_many_subjects_are_asked_for_at_once(ledger: Ledger, clock, draft) -> None:
    ledger.append([draft(f"participant/{n}") for n in range(5000)], seen=0, watching=(), clock=clock)
    subjects = [f"participant/{n}" for n in range(1, 5000, 2)] + ['a"b', "c'd", "%s"]
    assert [entry.sequence for entry in ledger.entries(subjects=subjects)] == list(range(2, 5001, 2))
    assert sum(1 for _ in ledger.entries()) == 5000


def test_a_watched_subject_stops_the_act(ledger: Ledger, clock, draft) -> None:
    ledger.append([draft("participant/1")], seen=0, watching=(), clock=clock)
    for watching in ({"participant/1"}, {"*"}):
        with pytest.raises(PremiseChanged):
            ledger.append([draft()], seen=0, watching=watching, clock=clock)
    ledger.append([draft("participant/2")], seen=0, watching={"participant/3"}, clock=clock)
    ledger.append([draft("trial")], seen=2, watching={"*"}, clock=clock)
    with pytest.raises(PremiseChanged):
        ledger.append([draft()], seen=2, watching=(), clock=clock)
    assert ledger.head().sequence == 3


def test_a_clock_behind_enters_nothing(ledger: Ledger, clock, draft) -> None:
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    with pytest.raises(ClockBehind):
        ledger.append([draft()], seen=1, watching=(), clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    assert ledger.head().sequence == 1


def test_all_drafts_are_entered_or_none(ledger: Ledger, clock, draft) -> None:
    with pytest.raises(Exception, match="NUL"):
        ledger.append([draft(), draft(value="a\0b")], seen=0, watching=(), clock=clock)
    assert ledger.head().sequence == 0
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    assert check_chain(ledger.rows())[1] is None


def test_a_long_read_sees_what_was_there(ledger: Ledger, clock, draft) -> None:
    ledger.append([draft(n=str(n)) for n in range(4500)], seen=0, watching=(), clock=clock)
    reading = ledger.entries()
    first = next(reading)
    ledger.append([draft() for _ in range(10)], seen=4500, watching=(), clock=clock)
    assert [first.sequence, *(entry.sequence for entry in reading)] == list(range(1, 4501))


def test_threads_lose_and_fork_nothing(ledger: Ledger, clock, draft) -> None:
    from django.db import connections

    def write(name: int) -> None:
        for _ in range(25):
            ledger.append([draft(f"participant/{name}")], seen=0, watching=(), clock=lambda: moment)
        connections.close_all()

    moment = clock()
    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    head, fault = check_chain(ledger.rows())
    assert (head.sequence, fault) == (200, None)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
drafts = st.builds(
    Draft,
    st.sampled_from(Kind),
    st.one_of(st.just("trial"), texts),
    texts,
    st.builds(Actor, texts, texts),
    st.dictionaries(
        texts, st.recursive(st.none() | st.booleans() | st.integers() | texts, st.lists, max_leaves=5)
    ),
    st.none() | texts,
    st.none() | texts,
    st.none() | texts,
)


@pytest.mark.postgresql
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(drafts, max_size=4), min_size=1, max_size=5))
def test_the_three_ledgers_agree(
    make_ledger: Callable[[str], Ledger], continued: dict[str, Ledger], acts: list[list[Draft]]
) -> None:
    """Each example continues the ledgers of the one before: making a database each time would take long."""
    for kind in {"memory", "sqlite", "postgresql"} - set(continued):
        continued[kind] = make_ledger(kind)
    start = {ledger.head() for ledger in continued.values()}
    assert len(start) == 1
    (head,) = start
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    made = {
        kind: [
            entry
            for act in acts
            for entry in ledger.append(act, seen=ledger.head().sequence, watching={"*"}, clock=lambda: moment)
        ]
        for kind, ledger in continued.items()
    }
    assert made["memory"] == made["sqlite"] == made["postgresql"]
    for kind, ledger in continued.items():
        assert list(ledger.entries(after=head.sequence)) == made[kind]
        subjects = {entry.subject for entry in made[kind][::2]}
        assert list(ledger.entries(subjects=subjects)) == list(continued["memory"].entries(subjects=subjects))
        assert list(ledger.rows()) == list(continued["memory"].rows())


@pytest.fixture
def continued() -> dict[str, Ledger]:
    return {}


def test_a_gap_wider_than_a_page_is_read_over(
    database_kind: str, make_ledger: Callable[[str], Ledger], clock, draft, tamper
) -> None:
    ledger = make_ledger(database_kind)
    ledger.append([draft() for _ in range(5000)], seen=0, watching=(), clock=clock)
    tamper(ledger, ("DELETE FROM store_ledgerentry WHERE sequence BETWEEN 10 AND 4990", []))
    assert [row.sequence for row in ledger.rows()] == [*range(1, 10), *range(4991, 5001)]
    assert [row.sequence for row in ledger.rows(until=4000)] == list(range(1, 10))
    assert [entry.sequence for entry in ledger.entries(after=9)] == list(range(4991, 5001))
