"""Playing acts: the clock, the order, and that the same course gives the same record."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from charcot.conduct import Trial
from charcot.ledger import Actor, MemoryLedger, MemoryVault
from charcot.refusal import OutOfOrder
from charcot.simulation import PlannedAct, UnknownVerb, play, shipped_course
from charcot.wiring.clock import SimulatedClock

START = datetime(2013, 1, 1, tzinfo=UTC)


def make_trial() -> tuple[Trial, SimulatedClock]:
    clock = SimulatedClock(START)
    return Trial(MemoryLedger(), MemoryVault(), clock), clock


def test_playing_twice_gives_the_same_record(
    played: MemoryLedger,
    protocol_files: Mapping[str, str],
    published: Mapping[str, Any],
    play_through: Callable[[tuple[PlannedAct, ...]], MemoryLedger],
) -> None:
    again = play_through(shipped_course(protocol_files, published))
    assert [row.text for row in again.rows()] == [row.text for row in played.rows()]
    assert again.head().hash == played.head().hash


def test_every_entry_is_recorded_at_the_moment_of_its_act(
    acts: tuple[PlannedAct, ...], played: MemoryLedger
) -> None:
    moments = {entry.recorded_at for entry in played.entries()}
    assert moments == {act.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for act in acts}


def test_acts_are_played_in_the_order_of_their_moments(acts: tuple[PlannedAct, ...]) -> None:
    trial, clock = make_trial()
    told: list[tuple[int, int]] = []
    play(trial, clock, acts[2::-1], lambda done, whole: told.append((done, whole)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert [entry.verb for entry in trial.ledger.entries()] == [
        "open_trial",
        "open_trial",
        "approve",
        "approve",
    ]


def test_a_broken_rule_stops_the_play(acts: tuple[PlannedAct, ...]) -> None:
    trial, clock = make_trial()
    with pytest.raises(OutOfOrder):
        play(trial, clock, acts[1:])
    assert trial.ledger.head().sequence == 0


def test_unknown_verbs_are_named_before_anything_is_played(acts: tuple[PlannedAct, ...]) -> None:
    trial, clock = make_trial()
    with pytest.raises(UnknownVerb, match="cure"):
        play(trial, clock, [acts[0], replace(acts[1], verb="cure")])
    assert trial.ledger.head().sequence == 0


def test_the_clock_must_be_that_of_the_trial(acts: tuple[PlannedAct, ...]) -> None:
    trial, _ = make_trial()
    with pytest.raises(ValueError, match="clock of the trial"):
        play(trial, SimulatedClock(START), acts)


def test_an_act_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        PlannedAct(
            datetime(2014, 1, 1), "screen", Actor("coordinator-1", "coordinator"), {}
        )  # that is the point
