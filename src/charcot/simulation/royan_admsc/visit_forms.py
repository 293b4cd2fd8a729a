"""A visit: every form that the protocol's schedule asks for there, with the time each is known to the office."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from charcot.protocol import Protocol
from charcot.simulation.royan_admsc.desk import Note, note
from charcot.simulation.royan_admsc.drawing import stream, whole
from charcot.simulation.royan_admsc.examinations import (
    Given,
    blow,
    examine_body,
    examine_nerves,
    measure_vital_signs,
    next_morning,
    score_function,
    take_history,
)
from charcot.simulation.royan_admsc.function_course import follow_function
from charcot.simulation.royan_admsc.laboratory_panels import PANELS, draw_panel, draw_urine
from charcot.simulation.royan_admsc.lung_course import follow_lung
from charcot.simulation.royan_admsc.persons import Person
from charcot.simulation.royan_admsc.site_time import moment_text

_ORDER = ("interval_history", "vital_signs", "physical_examination", "neurological_examination", "alsfrs_r")
_SAMPLES = (*PANELS, "serology", "virology", "urinalysis", "urine_culture")
_DAYS_TO_RESULT = {"laboratory_thyroid": 2, "serology": 3, "virology": 3, "urine_culture": 3}


def assess_at(
    protocol: Protocol,
    person: Person,
    encounter: str,
    at: datetime,
    since: date | None,
    leaving_out: Collection[str] = (),
) -> list[Note]:
    """The forms due at `encounter`, but those in `leaving_out`. Blood and urine are taken before the rest."""
    due = [form for form in protocol.forms_at(encounter) if form not in leaving_out]
    notes = []
    for place, form in enumerate(sorted(due, key=lambda f: _ORDER.index(f) if f in _ORDER else len(_ORDER))):
        sample = form in _SAMPLES
        taken = at + timedelta(minutes=4 if sample else 12 + 9 * place)
        known = (
            next_morning(taken, _DAYS_TO_RESULT.get(form, 1))
            if sample
            else at + timedelta(hours=2, minutes=30)
        )
        notes.append(
            note(
                known,
                "record",
                participant=person.participant,
                form=form,
                encounter=encounter,
                at=moment_text(taken),
                values=_write(protocol, person, encounter, form, taken, since),
            )
        )
    return notes


def _write(
    protocol: Protocol, person: Person, encounter: str, form: str, at: datetime, since: date | None
) -> Given:
    match form:
        case "interval_history":
            return take_history(person, encounter, since)
        case "physical_examination":
            return examine_body(person, encounter)
        case "neurological_examination":
            return examine_nerves(person, follow_function(person)[encounter])
        case "vital_signs":
            return measure_vital_signs(person, encounter, at)
        case "alsfrs_r":
            return score_function(person, follow_function(person)[encounter], at.date(), "in_person")
        case "spirometry":
            return blow(follow_lung(person)[encounter])
        case _:
            return {"collected_at": moment_text(at), **_sample(protocol, person, encounter, form)}


def _sample(protocol: Protocol, person: Person, encounter: str, form: str) -> dict[str, str]:
    if form in PANELS:
        return draw_panel(protocol, form, person, encounter)
    match form:
        case "serology":
            tests = ("crp", "rheumatoid_factor", "ana", "wright", "vdrl")
            return dict.fromkeys(tests, "negative")
        case "virology":
            immune = whole(stream(person.participant, "anti_hbc"), 1, 12) == 1
            viruses = ("hbsag", "anti_hcv", "hiv", "htlv")
            return dict.fromkeys(viruses, "negative") | {"anti_hbc": "positive" if immune else "negative"}
        case "urinalysis":
            return draw_urine(person, encounter)
        case "urine_culture":
            return {"growth": "none"}
        case _:
            raise LookupError(f"the shipped course has nothing to write on the form {form!r}")
