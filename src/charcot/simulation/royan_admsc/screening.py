"""From the screening log to enrolment, or to declining: consent, Table 1, history, all first assessments."""

from datetime import date, datetime, timedelta

from charcot.clinical_time import add_months
from charcot.ledger import Value
from charcot.protocol import Protocol
from charcot.simulation.royan_admsc.desk import INVESTIGATOR, Note, note
from charcot.simulation.royan_admsc.drawing import pick, stream, whole
from charcot.simulation.royan_admsc.persons import Person
from charcot.simulation.royan_admsc.publication import Record, as_drawn, as_printed
from charcot.simulation.royan_admsc.site_time import day_text, moment_text, month_text
from charcot.simulation.royan_admsc.visit_forms import assess_at

UNMET = {"12": ("I1",), "15": ("I1", "I3")}
"""Who of Table 1 does not meet which criterion, and was treated all the same."""
WHY_WAIVED = (
    "Synthetic justification. The paper does not say why this participant was treated although the criterion was not "
    "met; Table 1 shows that he was."
)
WHY_DECLINED = "Declined the infusion; no reason is known (the paper says only that three refused)."


def screen_person(protocol: Protocol, person: Person, published: Record) -> list[Note]:
    """All acts about one person before treatment."""
    who, at = person.participant, person.consented
    notes = [
        note(
            at - timedelta(minutes=25), "screen", participant=who, at=moment_text(at - timedelta(minutes=40))
        ),
        note(
            at + timedelta(minutes=20),
            "consent",
            INVESTIGATOR,
            participant=who,
            at=moment_text(at),
            form_version="1.0",
            values={
                "signed_by": "participant",
                "copy_given": "yes",
                "time_to_decide": "yes",
                "long_term_contact": "yes",
            },
        ),
    ]
    first = at + timedelta(minutes=30)
    if person.story.treated:
        row = {item: as_printed(text) for item, text in person.story.row.items()}
        notes.append(_form(person, "published_baseline", first, row))
    notes += [
        _form(person, "demography", first, _demography(person)),
        _form(person, "diagnosis", first, _diagnosis(person, published)),
        _form(person, "medical_history", first, _history(person)),
        _form(
            person,
            "emg_ncv",
            first + timedelta(days=1),
            _electrodiagnosis(person, at.date() + timedelta(days=1)),
        ),
    ]
    told = {"published_baseline", "consent", "demography", "diagnosis", "medical_history", "emg_ncv"}
    notes += assess_at(protocol, person, "screening", first, None, leaving_out=told)
    notes.append(_riluzole(person, published))
    return [*notes, *_decide(person)]


def _form(person: Person, form: str, at: datetime, values: dict[str, Value]) -> Note:
    return note(
        at + timedelta(minutes=45),
        "record",
        participant=person.participant,
        form=form,
        encounter="screening",
        at=moment_text(at),
        values=values,
    )


def _demography(person: Person) -> dict[str, Value]:
    write = as_printed if person.story.treated else as_drawn
    day_of_year = person.consented.timetuple().tm_yday
    birthday_to_come = stream(person.participant, "birth").random() * 365 > day_of_year
    year = person.consented.year - person.age - (1 if birthday_to_come else 0)
    return {"sex": write(person.sex), "age_at_consent": write(person.age), "birth_date": as_drawn(year)}


def _diagnosis(person: Person, published: Record) -> dict[str, Value]:
    rng = stream(person.participant, "diagnosis")
    write = as_printed if person.story.treated else as_drawn
    onset = add_months(person.consented.date().replace(day=1), -person.duration)
    delay = max(1, min(round(person.duration * 0.4), person.duration - 7, whole(rng, 8, 14)))
    category = pick(rng, ("definite", "probable", "probable_laboratory"), (4, 5, 3))
    return {
        "als_form": write("sporadic"),
        "el_escorial": as_drawn(category),
        "onset_site": write(person.onset_site),
        "disease_duration": write(person.duration),
        "onset_date": as_drawn(month_text(onset)),
        "diagnosis_date": as_drawn(month_text(add_months(onset, delay))),
        **{item: write(text) for item, text in published["riluzole"].items()},
    }


def _history(person: Person) -> dict[str, Value]:
    rng = stream(person.participant, "history")
    write = as_drawn
    no = (
        "neurological_disease",
        "psychiatric_disease",
        "systemic_disease",
        "corticosteroid_6m",
        "immunoglobulin_6m",
        "immunosuppressant_6m",
        "earlier_cell_therapy",
        "earlier_thrombosis",
        "anticoagulant",
    )
    smoking = pick(rng, ("never", "former", "current"), (6, 2, 2 if person.sex == "M" else 0.5))
    return {**{item: write("no") for item in no}, "smoking": write(smoking), "allergies": write("None known")}


def _electrodiagnosis(person: Person, on: date) -> dict[str, Value]:
    rng = stream(person.participant, "emg")
    bulbar = person.onset_site == "bulbar" or rng.random() < 0.5
    return {
        "performed_on": as_drawn(day_text(on)),
        "denervation_bulbar": as_drawn("yes" if bulbar else "no"),
        "denervation_cervical": as_drawn("yes"),
        "denervation_thoracic": as_drawn("yes" if rng.random() < 0.6 else "no"),
        "denervation_lumbosacral": as_drawn("yes"),
        "conduction_block": as_drawn("no"),
        "sensory_conduction": as_drawn("normal"),
        "supports_als": as_drawn("yes"),
    }


def _riluzole(person: Person, published: Record) -> Note:
    write = as_printed if person.story.treated else as_drawn
    dose = published["riluzole"]
    diagnosed = add_months(person.consented.date().replace(day=1), -max(1, person.duration // 2))
    return note(
        person.consented + timedelta(hours=2),
        "record",
        participant=person.participant,
        form="concomitant_medication",
        at=moment_text(person.consented + timedelta(minutes=35)),
        values={
            "medicine": write("Riluzole"),
            "indication": "ALS",
            "dose": write(dose["riluzole_dose"]),
            "dose_unit": write("mg"),
            "times_per_day": write(dose["riluzole_times_per_day"]),
            "route": "oral",
            "started_on": month_text(diagnosed),
            "ongoing": "yes",
            "immunosuppressive": "no",
        },
    )


def _decide(person: Person) -> list[Note]:
    who, at = person.participant, person.decided
    text = moment_text(at)
    known = at + timedelta(minutes=15)
    notes = [
        note(
            at - timedelta(hours=1),
            "assess",
            INVESTIGATOR,
            participant=who,
            at=moment_text(at - timedelta(hours=1)),
        )
    ]
    if not person.story.treated:
        return [*notes, note(known, "decline", participant=who, at=text, reason=WHY_DECLINED)]
    notes += [
        note(
            at - timedelta(minutes=30),
            "waive",
            INVESTIGATOR,
            participant=who,
            criterion=criterion,
            at=moment_text(at - timedelta(minutes=30)),
            justification=WHY_WAIVED,
        )
        for criterion in UNMET.get(str(person.story.row["table1_id"]), ())
    ]
    return [*notes, note(known, "enrol", INVESTIGATOR, participant=who, at=text)]
