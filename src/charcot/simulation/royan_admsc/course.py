"""The shipped course: every act of the first trial, from opening it to five years after its last infusion."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from charcot.clinical_time import add_months
from charcot.ledger import Actor
from charcot.protocol import Protocol, require_study
from charcot.simulation.acts import PlannedAct
from charcot.simulation.royan_admsc.desk import (
    INVESTIGATOR,
    MORE_PEOPLE,
    TECHNICIAN,
    Note,
    enter_notes,
    note,
)
from charcot.simulation.royan_admsc.examinations import score_function
from charcot.simulation.royan_admsc.function_course import follow_function
from charcot.simulation.royan_admsc.happenings import follow_happenings
from charcot.simulation.royan_admsc.manufacture import make_product
from charcot.simulation.royan_admsc.oversight import oversee
from charcot.simulation.royan_admsc.persons import Person, imagine_persons
from charcot.simulation.royan_admsc.screening import screen_person
from charcot.simulation.royan_admsc.site_time import day_text, moment_text, office_time
from charcot.simulation.royan_admsc.slips import add_slips
from charcot.simulation.royan_admsc.supplies import supply
from charcot.simulation.royan_admsc.treatment import treat_person
from charcot.simulation.royan_admsc.visit_forms import assess_at

APPROVED_ON = "2013-11-25"
"""Synthetic: the paper gives the committee's reference without a date."""
WHY_ENDED = "Five years have passed since the last infusion; the laboratory's part in the trial has ended."
PUBLISHED = datetime.combine(date(2022, 1, 10), time(10))
"""Synthetic: a day in office after the volume of 2021 was complete."""
WHY_AMENDED = "Each product is followed from its donor to the infusion."
WHY_ADOPTED = "The publication is to be held against what it publishes."
STATISTICIAN = Actor("statistician-1", "statistician")


def shipped_course(
    protocol_files: Mapping[str, str],
    published: Mapping[str, Any],
    claims: str | None = None,
    amendment: Mapping[str, str] | None = None,
) -> tuple[PlannedAct, ...]:
    """Every act of the shipped trial in the order of entry; the same for the same arguments.

    `protocol_files`: the texts of royan_admsc/protocol; `published`: course/published.yaml as plain data; `claims`:
    the text of claims.yaml, which is then adopted at the end; `amendment`: the texts of royan_admsc/amendment, by which
    each product is followed from its donor to the infusion.
    """
    protocol = require_study(protocol_files).protocol
    zone = ZoneInfo(protocol.trial.zone)
    persons = imagine_persons(published)
    acts = enter_notes("trial", _found(protocol, protocol_files), zone)
    start = datetime.combine(protocol.version.effective, time(8, 30)) if amendment else None
    if amendment:
        acts += _follow_products({**protocol_files, **amendment}, persons, zone)
    for person in persons:
        notes = _accompany(protocol, person, published["treatment"], start)
        acts += enter_notes(person.participant, notes, zone)
    end = _end(persons, amended=bool(amendment))
    for person in persons:
        watched = oversee(protocol, person, end[-1].known - timedelta(days=1))
        acts += enter_notes(f"{person.participant} oversight", watched, zone)
    acts += enter_notes("cut", end, zone)
    if claims is not None:
        acts += enter_notes("claims", _hold_to_account(claims), zone)
    return tuple(sorted(acts, key=lambda act: act.recorded_at))


def _found(protocol: Protocol, files: Mapping[str, str]) -> list[Note]:
    """Opening, approvals and the delegation log: one fictional person for each role."""
    start = datetime.combine(protocol.version.effective, time(8, 30))
    opened = {
        "purpose": "demo",
        "clock": "simulated",
        "people": [INVESTIGATOR],
        "protocol_files": dict(files),
    }
    notes = [Note(start, "open_trial", INVESTIGATOR, opened)]
    for approval in protocol.approvals:
        for approved in approval.documents:
            said = {
                "committee": approval.committee,
                "document": approved.document,
                "version": approved.version,
                "reference": approval.reference,
                "approved_on": APPROVED_ON,
            }
            notes.append(Note(start + timedelta(minutes=20), "approve", INVESTIGATOR, said))
    for role in protocol.roles:
        if role.id != INVESTIGATOR.role:
            given = {"person": f"{role.id.replace('_', '-')}-1", "role": role.id, "since": start.date()}
            notes.append(Note(start + timedelta(minutes=40), "delegate", INVESTIGATOR, given))
    return notes


def _follow_products(
    files: Mapping[str, str], persons: tuple[Person, ...], zone: ZoneInfo
) -> list[PlannedAct]:
    """The amendment, the laboratory's people and supplies, and the product of each person until its lot is certified."""
    amended = require_study(files).protocol
    start = datetime.combine(date(2013, 12, 1), time(8, 30))
    treated = [person for person in persons if person.infused is not None]
    last = max(person.infused for person in treated if person.infused is not None)
    approved = {
        "committee": amended.approvals[0].committee,
        "document": "protocol",
        "version": amended.version.number,
        "reference": amended.approvals[0].reference,
        "approved_on": APPROVED_ON,
    }
    said = {"protocol_files": dict(files), "reason": WHY_AMENDED}
    notes = [
        Note(start + timedelta(minutes=90), "approve", INVESTIGATOR, approved),
        Note(start + timedelta(minutes=100), "activate_protocol", INVESTIGATOR, said),
    ]
    for one in MORE_PEOPLE:
        given = {"person": one.person, "role": one.role, "since": start.date()}
        notes.append(Note(start + timedelta(minutes=60), "delegate", INVESTIGATOR, given))
    acts = enter_notes("amendment", [*notes, *supply(start, last)], zone)
    for person in treated:
        made = make_product(person, start)
        acts += enter_notes(f"{person.participant} laboratory", made, zone, every_day=True)
    return acts


def _accompany(
    protocol: Protocol, person: Person, treatment: Mapping[str, Any], start: datetime | None
) -> list[Note]:
    """Everything about one person, from the screening log to death or five years; `start`: of a trial that follows its products."""
    notes = screen_person(protocol, person, treatment)
    if not person.story.treated:
        return notes
    assert person.infused is not None, "all the treated were infused"
    notes += treat_person(protocol, person, treatment, start)
    notes += follow_happenings(person)
    comings = [(e, at) for e, at in person.visits.items() if e != "year_5"]
    for (_, before), (encounter, at) in pairwise([("", person.infused), *comings]):
        notes += assess_at(protocol, person, encounter, at, before.date())
    if "year_5" in person.visits:
        notes += _ask_at_five_years(person, person.visits["year_5"])
    return add_slips(person, notes)


def _ask_at_five_years(person: Person, at: datetime) -> list[Note]:
    items = follow_function(person)["year_5"]
    alive = {"mode": "in_person", "informant": "participant", "tracheostomy": "no", "gastrostomy": "no"}
    return [
        note(
            at + timedelta(hours=1),
            "contact",
            participant=person.participant,
            at=day_text(at),
            alive=True,
            encounter="year_5",
            values={**alive, "ventilation_hours": "0"},
            source="paper",
        ),
        note(
            at + timedelta(hours=1, minutes=20),
            "record",
            participant=person.participant,
            form="alsfrs_r",
            encounter="year_5",
            at=moment_text(at),
            values=score_function(person, items, at.date(), "in_person"),
        ),
    ]


def _hold_to_account(claims: str) -> list[Note]:
    """The statistician puts the publication's claims on the record, after the publication."""
    said = {"text": claims, "reason": WHY_ADOPTED}
    return [Note(PUBLISHED, "adopt_claims", STATISTICIAN, said)]


def _end(persons: tuple[Person, ...], *, amended: bool) -> list[Note]:
    """The last entry, so that the record reaches five years beyond the last infusion."""
    last: date = max(p.infused for p in persons if p.infused is not None).date()
    known = office_time(datetime.combine(add_months(last, 60), time(10)) + timedelta(days=2))
    laboratory = (*(MORE_PEOPLE if amended else ()), TECHNICIAN)
    return [
        Note(
            known,
            "end_delegation",
            INVESTIGATOR,
            {"person": one.person, "role": one.role, "until": known.date(), "reason": WHY_ENDED},
        )
        for one in laboratory
    ]
