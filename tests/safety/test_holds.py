"""The next infusion is held by a crossed boundary or by staggering, until time has passed or the safety board has reviewed it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.conduct.holding import InfusionHeld, ask_watch
from charcot.conduct.review_safety import REVIEWING
from charcot.ledger import Actor, Ledger
from charcot.refusal import OutdatedVersion
from charcot.safety import WATCHED_KINDS, SafetyWatch
from charcot.team import NotSigned, Signature
from conduct.desk import Desk, protocol_files

BOARD = Actor("board-e", "safety_board")
SIGNED = Signature("password", REVIEWING)
ROLE = "  - {id: safety_board, label: The board, may: [review_safety, read]}\nsex_item:"
BOUNDARY = """\
boundaries:
  - {id: emboli, label: Embolus, event: term = 'Embolus', method: pocock, p0: 0.03, alpha: 0.10, planned: 17,
     stop: [{events: 1, up_to: 2}, {events: 2, up_to: 13}, {events: 3, up_to: 17}], source: A test%s}
"""
STAGGERING = """\
staggering:
  - {id: sentinel, label: Sentinel, first: 3, wait: 7 days, source: A test}
"""


def desk_with(text: str, ledger: Ledger | None = None, *changes: tuple[str, str]) -> Desk:
    files = {**protocol_files(("sex_item:", ROLE), *changes), "safety.yaml": text}
    desk = Desk(ledger, files, now=datetime(2014, 3, 10, 9, tzinfo=UTC))
    desk.act("delegate", person=BOARD.person, role=BOARD.role, since=date(2014, 1, 1))
    return desk


def embolus(desk: Desk, participant: str, term: str = "Embolus", on: str = "2014-02-20") -> None:
    desk.about("report_event", on, participant, values={"term": term})


def later(desk: Desk) -> None:
    """It is 1 December."""
    desk.clock.moment = datetime(2014, 12, 1, 12, tzinfo=UTC)


def review(desk: Desk, decision: str = "continue", **more: object) -> None:
    asked = {"rule": "emboli", "decision": decision, "statement": "Seen", "signature": SIGNED, **more}
    desk.act("review_safety", BOARD, **asked)


def test_a_crossed_boundary_holds_until_the_board_has_signed(ledger: Ledger) -> None:
    desk = desk_with(BOUNDARY % "", ledger)
    for name in ("S-1", "S-2"):
        desk.treat(name)
    desk.enrol("S-3")
    embolus(desk, "S-1")
    later(desk)
    with pytest.raises(InfusionHeld, match=r"Embolus in 1 of 2 infused\. The boundary stops at 1") as held:
        desk.infuse("2014-12-01T10:00", "S-3", dose="141000000")
    assert "Boundary 'emboli'" in held.value.rule
    assert "signed review of the safety board (The board;" in held.value.next_step
    with pytest.raises(NotSigned):
        review(desk, signature=None)
    with pytest.raises(OutdatedVersion, match="1 participants with an event"):
        review(desk, seen=0)
    review(desk, seen=1)
    desk.weigh("2014-11-30", "extra", participant="S-3")
    desk.infuse("2014-12-01T10:00", "S-3")


@pytest.mark.parametrize("decision", ["continue", "stop"])
def test_what_the_board_decides_holds(decision: str) -> None:
    desk = desk_with(BOUNDARY % "", None, ("35 days", "400 days"))
    for name in ("S-1", "S-2"):
        desk.treat(name)
    embolus(desk, "S-2")
    desk.enrol("S-3")
    later(desk)
    review(desk, decision)
    if decision == "stop":
        with pytest.raises(InfusionHeld, match="safety board has stopped it"):
            desk.infuse("2014-12-01T10:00", "S-3")
        return
    desk.infuse("2014-12-01T10:00", "S-3")
    desk.enrol("S-4")
    embolus(desk, "S-1")
    desk.clock.moment += timedelta(hours=1)
    with pytest.raises(InfusionHeld, match="Embolus in 2 of 3"):
        desk.infuse("2014-12-01T15:31", "S-4")


def test_what_does_not_count_towards_a_boundary() -> None:
    """Other events, those before the infusion, those of people not infused, a second one of the same person."""
    desk = desk_with(BOUNDARY % "", None, ("35 days", "400 days"))
    for name in ("S-1", "S-2", "S-3"):
        desk.treat(name)
    desk.enrol("S-4")
    embolus(desk, "S-1", "Headache")
    embolus(desk, "S-1", on="2014-01-15")
    embolus(desk, "S-4")
    embolus(desk, "S-2")
    embolus(desk, "S-2", on="2014-03-01")
    later(desk)
    desk.infuse("2014-12-01T10:00", "S-4")


def test_an_event_entered_in_error_does_not_lift_the_hold() -> None:
    desk = desk_with(BOUNDARY % "", None, ("35 days", "400 days"))
    desk.treat("S-1")
    embolus(desk, "S-1")
    desk.act("enter_in_error", participant="S-1", form="adverse_event", version=1, reason="Of another")
    desk.enrol("S-2")
    later(desk)
    with pytest.raises(InfusionHeld):
        desk.infuse("2014-12-01T10:00", "S-2")
    review(desk, seen=0)
    desk.infuse("2014-12-01T10:00", "S-2")


def test_an_event_that_is_corrected_counts_as_it_stands() -> None:
    desk = desk_with(BOUNDARY % "", None, ("35 days", "400 days"))
    desk.treat("S-1")
    desk.treat("S-2")

    def events() -> int:
        until, charter = desk.trial.ledger.head().sequence, desk.snapshot().charter
        group = "emboli"
        return ask_watch(
            desk.trial.ledger, charter, until, "1.0", lambda watch: watch.boundaries[group].groups[""].events
        )

    embolus(desk, "S-1", "Headache")
    counted = [events()]
    for version, term in enumerate(("Embolus", "Headache", "Embolus"), 1):
        desk.act(
            "correct", participant="S-1", form="adverse_event", changes={"term": term}, based_on=version, reason="Misheard"
        )  # fmt: skip
        counted.append(events())
    assert counted == [0, 1, 0, 1]


def test_an_infusion_given_before_the_crossing_can_still_be_recorded() -> None:
    desk = desk_with(BOUNDARY % "")
    desk.treat("S-1")
    embolus(desk, "S-1")
    desk.enrol("S-2")
    desk.infuse("2014-01-21T10:00", "S-2")


def test_each_group_is_counted_apart() -> None:
    """Per volume given, standing for any item of the infusion, such as a lot."""
    desk = desk_with(BOUNDARY % ", per: infusion.volume", None, ("35 days", "400 days"))
    desk.treat("S-1")
    embolus(desk, "S-1")
    desk.enrol("S-2")
    later(desk)
    with pytest.raises(InfusionHeld, match="held in 10:"):
        desk.infuse("2014-12-01T10:00", "S-2")
    desk.about("infuse", "2014-12-01T10:00", "S-2", given_dose="141000000", values={"volume": "11"})


def test_staggering_waits_between_the_first() -> None:
    desk = desk_with(STAGGERING)
    desk.treat("S-1")
    for name in ("S-2", "S-3", "S-4"):
        desk.enrol(name)
    with pytest.raises(InfusionHeld, match="held until 2014-01-27 10:00: 7 days after that of S-1"):
        desk.infuse("2014-01-27T09:59", "S-2")
    desk.infuse("2014-01-27T10:00", "S-2")
    with pytest.raises(InfusionHeld, match="after that of S-2"):
        desk.infuse("2014-01-28T10:00", "S-3")
    review(desk, rule="sentinel")
    desk.infuse("2014-01-28T10:00", "S-3")
    desk.infuse("2014-01-28T11:00", "S-4")


def test_weights_count_people_by_the_time_they_were_followed() -> None:
    """TITE (Cheung & Chappell 2000): after the window all count whole, so the limit rises; within it, it is that of fewer."""
    tite = (BOUNDARY % ", window: 100 days").replace("pocock", "tite")
    desk = desk_with(tite)
    for name in ("S-1", "S-2", "S-3"):
        desk.treat(name)
    embolus(desk, "S-1")
    until = desk.trial.ledger.head().sequence
    charter = desk.snapshot().charter

    def question(watch: SafetyWatch) -> tuple[int, int]:
        group = watch.boundaries["emboli"].groups[""]
        return group.weight(datetime(2014, 1, 30, 10)), group.weight(datetime(2014, 6, 1))

    assert ask_watch(desk.trial.ledger, charter, until, "1.0", question) == (1, 3)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["Embolus", "Headache"]), st.booleans()), max_size=8
    )
)
def test_going_on_entry_by_entry_is_the_same_as_counting_anew(acts: list[tuple[int, str, bool]]) -> None:
    desk = desk_with(BOUNDARY % "")
    for number in range(1, 4):
        desk.treat(f"S-{number}")
    desk.enrol("S-4")
    charter = desk.snapshot().charter
    reported: dict[str, int] = {}
    for number, term, wrong in acts:
        name = f"S-{number}"
        embolus(desk, name, term)
        reported[name] = reported.get(name, 0) + 1
        if wrong:
            which = {"form": "adverse_event", "instance": reported[name], "version": 1}
            desk.act("enter_in_error", participant=name, **which, reason="Of another")
        until = desk.trial.ledger.head().sequence
        fresh = SafetyWatch(charter.protocol("1.0").study, charter.zone)
        fresh.add_all(desk.trial.ledger.entries(kinds=WATCHED_KINDS, until=until))
        points = fresh.boundaries["emboli"].groups[""].points
        kept = ask_watch(
            desk.trial.ledger, charter, until, "1.0", lambda w: list(w.boundaries["emboli"].groups[""].points)
        )
        assert kept == points
        counted = {
            dossier.participant
            for dossier in desk.snapshot().dossiers
            if dossier.standing.infusions
            and any(v.text("term") == "Embolus" for v in dossier.casebook.instances("adverse_event"))
        }
        assert (points[-1].events, points[-1].patients) == (len(counted), 3)
