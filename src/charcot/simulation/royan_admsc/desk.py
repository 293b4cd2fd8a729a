"""The study office: puts what happened into the order in which it is entered, in office hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from charcot.ledger import Actor, Origin
from charcot.simulation.acts import PlannedAct
from charcot.simulation.royan_admsc.drawing import stream, whole
from charcot.simulation.royan_admsc.site_time import office_time

COORDINATOR = Actor("coordinator-1", "coordinator")
INVESTIGATOR = Actor("investigator-1", "investigator")
SAFETY_PHYSICIAN = Actor("safety-physician-1", "safety_physician")
TECHNICIAN, SECOND, TESTER, REVIEWER = (Actor(f"gmp-technician-{n}", "gmp_technician") for n in range(1, 5))
QUALIFIED = Actor("qualified-person-1", "qualified_person")
MORE_PEOPLE = (SECOND, TESTER, REVIEWER)
"""Whom the laboratory needs besides the one person that every role has."""

_TAKES_ORIGIN = ("consent", "record", "correct", "infuse", "report_event", "record_death", "contact")


@dataclass(frozen=True)
class Note:
    """Something to be entered, at the earliest at `known` (the site's time)."""

    known: datetime
    verb: str
    actor: Actor
    arguments: Mapping[str, Any] = field(default_factory=dict)


def note(known: datetime, verb: str, actor: Actor = COORDINATOR, **arguments: Any) -> Note:
    """A note; values that say nothing else are synthetic."""
    if verb in _TAKES_ORIGIN:
        arguments.setdefault("origin", Origin.SYNTHETIC)
    return Note(known, verb, actor, arguments)


def enter_notes(
    what: str, notes: Iterable[Note], zone: ZoneInfo, *, every_day: bool = False
) -> list[PlannedAct]:
    """The acts that the notes become: one after another, minutes apart, each while the office is open.

    `every_day`: entered where cells are looked after, which is on every day and at any hour.
    """
    rng = stream(what, "desk")
    acts: list[PlannedAct] = []
    before: datetime | None = None
    for each in sorted(notes, key=lambda each: each.known):
        moment = each.known if every_day else office_time(each.known)
        if before is not None:
            after = before + timedelta(minutes=whole(rng, 2, 6), seconds=whole(rng, 0, 59))
            moment = max(moment, after if every_day else office_time(after))
        before = moment
        acts.append(PlannedAct(moment.replace(tzinfo=zone), each.verb, each.actor, each.arguments))
    return acts
