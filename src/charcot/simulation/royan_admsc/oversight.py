"""The daily work around the record: queries answered and closed, consent and infusion verified, visits signed."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from charcot.ledger import Actor
from charcot.protocol import Protocol
from charcot.simulation.acts import AskedBy
from charcot.simulation.royan_admsc.desk import COORDINATOR, INVESTIGATOR, Note
from charcot.simulation.royan_admsc.happenings import known_of_death
from charcot.simulation.royan_admsc.persons import Person
from charcot.team import Signature

DATA_MANAGER = Actor("data-manager-1", "data_manager")
MONITOR = Actor("monitor-1", "monitor")
ANSWERED, CLOSED, VERIFIED, SIGNED = (
    timedelta(days=5),
    timedelta(days=12),
    timedelta(days=20),
    timedelta(days=9),
)
"""How long after something was entered its query is answered and closed, and it is verified or signed."""
AS_PRINTED = "This is what the publication prints; it stays as it is."
STILL_ASKED = "The publication says that the X-ray confirmed the embolus. No other image is in its text."

CAUSE_UNKNOWN = "The publication names no cause, and no other document does."


def oversee(protocol: Protocol, person: Person, end: datetime) -> list[Note]:
    """Everything that is asked, verified and signed about one person before `end`, all of it synthetic."""
    notes = [*_question(protocol, person), *_verify(protocol, person), *_sign(protocol, person)]
    return [each for each in notes if each.known < end]


def _question(protocol: Protocol, person: Person) -> Iterator[Note]:
    """Every query about what is printed is answered; those about the X-ray are not closed."""
    for asked, form, check, answer in _asked(protocol, person):
        said = {"participant": person.participant, "query": AskedBy(check, form)}
        yield Note(asked + ANSWERED, "answer_query", COORDINATOR, {**said, "text": answer})
        if answer != STILL_ASKED:
            yield Note(asked + CLOSED, "close_query", DATA_MANAGER, said)


def _asked(protocol: Protocol, person: Person) -> Iterator[tuple[datetime, str, str, str]]:
    """When a check asks about what is printed: on which form, which check, and the answer."""
    told = (
        ("demography", {"age_at_consent": person.age}),
        ("diagnosis", {"disease_duration": person.duration}),
    )
    for form, values in told:
        for item in _unexpected(protocol, form, values):
            yield person.consented, form, f"{item}_expected", AS_PRINTED
    if person.infused is None:
        return
    for seen in person.story.observations:
        for item in _unexpected(protocol, "observation_6h", seen):
            yield person.infused, "observation_6h", f"{item}_expected", AS_PRINTED
    for image in person.story.imaging:
        if (image["kind"], image.get("embolism")) == ("chest_x_ray", "shown"):
            shown = person.infused + timedelta(days=int(image["day"]) + 1)
            yield shown, "imaging", "x_ray_cannot_show_embolism", STILL_ASKED
    if person.story.death is not None and person.story.death["cause_category"] == "unknown":
        yield known_of_death(person), "death", "reconciliation death_without_event", CAUSE_UNKNOWN


def _unexpected(protocol: Protocol, form: str, values: Mapping[str, object]) -> Iterator[str]:
    """The items whose values lie outside the range that the protocol expects."""
    for item in protocol.forms_by_id[form].items:
        if item.expected is None or item.id not in values:
            continue
        low, high = map(float, item.expected)
        if not low <= float(str(values[item.id])) <= high:
            yield item.id


def _verify(protocol: Protocol, person: Person) -> Iterator[Note]:
    """The monitor compares what is compared for everybody: consent, and the infusion."""
    consent, infusion = protocol.form_playing("consent"), protocol.form_playing("infusion")
    said = {"participant": person.participant, "version": 1}
    if consent is not None:
        yield Note(person.consented + VERIFIED, "verify_source", MONITOR, {**said, "form": consent.form})
    if infusion is not None and person.infused is not None:
        place = {"form": infusion.form, "encounter": "infusion_day"}
        yield Note(person.infused + VERIFIED, "verify_source", MONITOR, {**said, **place})


def _sign(protocol: Protocol, person: Person) -> Iterator[Note]:
    """The investigator signs each visit of the treated; declared, as nobody types a password in an imagined trial."""
    if person.infused is None or person.imaged is None:
        return
    signature = Signature("declared", protocol.meanings[0])
    visits = {"screening": person.decided, "baseline_mri": person.imaged, "infusion_day": person.infused}
    visits["hour_24"] = person.infused + timedelta(days=1)
    for encounter, at in {**visits, **person.visits}.items():
        said = {"participant": person.participant, "encounter": encounter, "signature": signature}
        yield Note(at + SIGNED, "sign", INVESTIGATOR, said)
