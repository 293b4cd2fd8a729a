"""MRI, infusion, six hours of observation, and the day after."""

from datetime import datetime, timedelta

from charcot.ledger import Value
from charcot.protocol import Protocol
from charcot.simulation.royan_admsc.desk import INVESTIGATOR, Note, note
from charcot.simulation.royan_admsc.drawing import around, fixed, pick, stream, whole
from charcot.simulation.royan_admsc.examinations import measure_vital_signs
from charcot.simulation.royan_admsc.manufacture import bring_dose, name_of
from charcot.simulation.royan_admsc.persons import Person
from charcot.simulation.royan_admsc.publication import Record, as_printed, as_told
from charcot.simulation.royan_admsc.site_time import day_text, moment_text
from charcot.simulation.royan_admsc.visit_forms import assess_at

TIMEPOINTS = {"min_15": 15, "hour_1": 60, "hour_2": 120, "hour_4": 240, "hour_6": 360}
"""The planned observations with their minutes after the start of the infusion."""


def treat_person(
    protocol: Protocol, person: Person, treatment: Record, start: datetime | None = None
) -> list[Note]:
    """All acts from the MRI to the visit at 24 hours; `start`: of a trial in which each dose is followed to the infusion."""
    assert person.infused is not None, "only the treated"
    day_after = person.infused + timedelta(
        hours=24, minutes=whole(stream(person.participant, "hour_24"), -30, 40)
    )
    return [
        *_image(person),
        *_infuse(person, person.infused, treatment["infusion"], start),
        *_observe(person, person.infused),
        *assess_at(protocol, person, "hour_24", day_after, person.infused.date()),
    ]


def _image(person: Person) -> list[Note]:
    assert person.imaged is not None, "only the treated"
    read_at = person.imaged + timedelta(days=1, hours=2)
    normal = dict.fromkeys(("brain", "cervical_cord", "thoracic_lumbar_cord"), "normal")
    mri = {"performed_on": day_text(person.imaged), **normal, "other_explanation": "no"}
    confirmed = {"mri_date": day_text(person.imaged), "confirmed": "yes"}
    forms = (("mri", person.imaged, mri), ("diagnosis_confirmation", confirmed_at(person), confirmed))
    known = {"mri": read_at, "diagnosis_confirmation": confirmed_at(person) + timedelta(minutes=20)}
    return [
        note(
            known[form],
            "record",
            INVESTIGATOR,
            participant=person.participant,
            form=form,
            encounter="baseline_mri",
            at=moment_text(at),
            values=values,
        )
        for form, at, values in forms
    ]


def confirmed_at(person: Person) -> datetime:
    """When the investigator confirmed the diagnosis: four days before the infusion."""
    assert person.infused is not None, "only the treated"
    return (person.infused - timedelta(days=4)).replace(hour=9, minute=10)


def _infuse(person: Person, at: datetime, printed: Record, start: datetime | None) -> list[Note]:
    rng = stream(person.participant, "infusion")
    weighed_at = at - timedelta(minutes=50)
    vital_signs = measure_vital_signs(person, "infusion_day", weighed_at)
    weight = str(vital_signs["weight"])
    cells = round(float(weight) * float(printed["dose_per_kg"]) * around(rng, 1.0, 0.015, 0.96, 1.04), -5)
    given = fixed(cells, 0)
    values: dict[str, str | Value] = {
        "ended_at": moment_text(at + timedelta(minutes=5)),
        "count_basis": "unspecified" if start is None else "viable",
        "volume": as_printed(printed["volume"]),
        "concentration": fixed(cells / float(printed["volume"]), 0),
        "rate": as_printed(printed["rate"]),
        "access": pick(rng, ("forearm", "cubital", "hand"), (6, 3, 2)),
        "interrupted": "no",
        "completed": "yes",
        "premedication": "no",
        "checked_by_two": "yes",
    }
    return [
        note(
            weighed_at + timedelta(minutes=10),
            "record",
            participant=person.participant,
            form="vital_signs",
            encounter="infusion_day",
            at=moment_text(weighed_at),
            values=vital_signs,
        ),
        note(
            at + timedelta(minutes=25),
            "infuse",
            INVESTIGATOR,
            participant=person.participant,
            at=moment_text(at),
            given_dose=given,
            values=values,
            **({} if start is None else {"dose": name_of(person, "X")}),
        ),
        *([] if start is None else bring_dose(person, given, start)),
    ]


def _observe(person: Person, at: datetime) -> list[Note]:
    planned = {minutes: name for name, minutes in TIMEPOINTS.items()}
    printed = {int(o["minutes"]): o for o in person.story.observations}
    notes = []
    for number, minutes in enumerate(sorted({*planned, *printed}), start=1):
        measured = at + timedelta(minutes=minutes)
        values = _observation(person, measured, minutes)
        values["timepoint"] = planned.get(minutes, "extra")
        if minutes in printed:
            found = {i: v for i, v in printed[minutes].items() if i in ("pulse", "systolic", "diastolic")}
            values |= as_told(printed[minutes], found, "observations")
        notes.append(
            note(
                measured + timedelta(minutes=15),
                "record",
                participant=person.participant,
                form="observation_6h",
                encounter="infusion_day",
                instance=number,
                at=moment_text(measured),
                values=values,
            )
        )
    return notes


def _observation(person: Person, measured: datetime, minutes: int) -> dict[str, str | Value]:
    """Quiet signs, but a pulse and a pressure that come down slowly where an event is on record."""
    now = stream(person.participant, "observation", minutes)
    quiet = measure_vital_signs(person, f"minute_{minutes}", measured)
    values = {i: v for i, v in quiet.items() if i not in ("weight", "on_oxygen")}
    events = {e["values"]["category"] for e in person.story.events if "minutes" in e}
    if "tachycardia" in events and minutes <= 60:
        values["pulse"] = str(round(around(now, 108 if minutes <= 15 else 96, 2, 88, 110)))
    if "hypertension" in events and minutes <= 240:
        systolic = round(around(now, {15: 159, 60: 154, 120: 148}.get(minutes, 138), 1, 130, 160))
        values |= {"systolic": str(systolic), "diastolic": str(round(systolic * 0.59))}
    return values | {"measured_at": moment_text(measured), "consciousness": "alert"}
