"""The expedited reports of the imagined course: which serious event went to whom, and when; all of it synthetic."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from charcot.simulation.royan_admsc.desk import SAFETY_PHYSICIAN, Note, note
from charcot.simulation.royan_admsc.persons import Person
from charcot.simulation.royan_admsc.publication import Record
from charcot.simulation.royan_admsc.site_time import moment_text

TOLD, WRITTEN = timedelta(hours=12), timedelta(days=4, hours=14)
"""How long after the site knew the sponsor was told, and authority and ethics committee were written to."""
RELATED = ("certain", "probable", "possible")


def aware_of(person: Person, event: Record) -> datetime:
    """When the site learns of a serious event: on the evening of its day."""
    return datetime.combine(person.day_after_infusion(int(event.get("day", 0))), time(20, 30))


def submit_event(
    person: Person, event: Record, number: int, grade: str, died: datetime | None
) -> Iterator[Note]:
    """The reports of a serious event that was entered with `grade`; `died`: when it was corrected because it was fatal."""
    values = event["values"]
    aware = aware_of(person, event)
    yield _submission(
        person, number, "sponsor", aware + TOLD, 1, "By telephone to the sponsor's duty officer"
    )
    if values["expected"] != "no" or values["relation_product"] not in RELATED:
        return
    clock = "authority_7" if int(grade) >= 4 else "authority_15"
    yield _submission(person, number, clock, aware + WRITTEN, 1, f"Letter {person.participant}/{number}-1")
    if died is not None:
        told, written = died + timedelta(hours=2), died + timedelta(days=2)
        yield _submission(person, number, "sponsor", told, 2, "Follow-up by telephone: the event was fatal")
        said = f"Letter {person.participant}/{number}-2: the event was fatal"
        yield _submission(person, number, "authority_7", written, 2, said)


def _submission(person: Person, number: int, clock: str, at: datetime, version: int, reference: str) -> Note:
    told: Mapping[str, object] = {
        "participant": person.participant,
        "form": "adverse_event",
        "instance": number,
        "version": version,
        "clock": clock,
        "at": moment_text(at),
        "reference": f"{reference} (synthetic)",
    }
    entered = at + timedelta(hours=4, minutes=number)
    return note(entered, "record_submission", SAFETY_PHYSICIAN, **told)
