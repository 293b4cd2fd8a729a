"""Two things that happen in every trial: a number typed wrongly, and an image read a second time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from charcot.simulation.royan_admsc.desk import INVESTIGATOR, Note, note
from charcot.simulation.royan_admsc.drawing import fixed
from charcot.simulation.royan_admsc.persons import Person

MISTYPED, READ_AGAIN = "2", "8"
"""Whose weight at screening is typed wrongly, and whose MRI is read again, by their number in Table 1."""


def add_slips(person: Person, notes: Sequence[Note]) -> list[Note]:
    """The notes of a participant, with a slip and its correction for the two chosen."""
    number = str(person.story.row.get("table1_id", ""))
    if number == MISTYPED:
        return _mistype_weight(person, notes)
    return [*notes, _read_again(person)] if number == READ_AGAIN else list(notes)


def _mistype_weight(person: Person, notes: Sequence[Note]) -> list[Note]:
    right, wrong = fixed(person.weight, 1), fixed(person.weight + 10, 1)
    slipped: list[Note] = []
    for each in notes:
        said = each.arguments
        if (said.get("form"), said.get("encounter")) == ("vital_signs", "screening"):
            typed = {**said, "values": {**said["values"], "weight": wrong}}
            corrected = note(
                each.known + timedelta(days=2),
                "correct",
                participant=person.participant,
                form="vital_signs",
                encounter="screening",
                changes={"weight": right},
                based_on=1,
                reason=f"Typed wrongly: the paper form says {right} kg, not {wrong}.",
            )
            slipped += [replace(each, arguments=typed), corrected]
        else:
            slipped.append(each)
    return slipped


def _read_again(person: Person) -> Note:
    assert person.imaged is not None, "only the treated"
    return note(
        person.imaged + timedelta(days=2),
        "correct",
        INVESTIGATOR,
        participant=person.participant,
        form="mri",
        encounter="baseline_mri",
        changes={
            "cervical_cord": "not_significant",
            "findings": "Small disc bulge at C5/6 without contact to the cord",
        },
        based_on=1,
        reason="Read a second time by the radiologist: a small finding was added; the diagnosis is not affected.",
    )
