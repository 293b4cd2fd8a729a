"""The daily work around the record: queries answered and closed, consent and infusion verified, visits signed."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from charcot.ledger import Actor
from charcot.protocol import Protocol
from charcot.simulation.royan_admsc.desk import COORDINATOR, INVESTIGATOR, Note
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


def oversee(protocol: Protocol, person: Person, end: datetime) -> list[Note]:
    """Everything that is asked, verified and signed about one person before `end`, all of it synthetic."""
    notes = [*_question(protocol, person), *_verify(protocol, person), *_sign(protocol, person)]
    return [each for each in notes if each.known < end]


def _question(protocol: Protocol, person: Person) -> Iterator[Note]:
    """Every query that an edit check asks is answered; those about the X-ray are not closed."""
    for number, (asked, settled) in enumerate(_asked(protocol, person), start=1):
        said = {"participant": person.participant, "query": f"q{number}"}
        text = AS_PRINTED if settled else STILL_ASKED
        yield Note(asked + ANSWERED, "answer_query", COORDINATOR, {**said, "text": text})
        if settled:
            yield Note(asked + CLOSED, "close_query", DATA_MANAGER, said)


def _asked(protocol: Protocol, person: Person) -> Iterator[tuple[datetime, bool]]:
    """When the edit checks ask about what is printed, in the order of entry, and whether the answer settles it."""
    told = (
        ("demography", {"age_at_consent": person.age}),
        ("diagnosis", {"disease_duration": person.duration}),
    )
    for form, values in told:
        yield from ((person.consented, True) for _ in _unexpected(protocol, form, values))
    if person.infused is None:
        return
    for seen in person.story.observations:
        yield from ((person.infused, True) for _ in _unexpected(protocol, "observation_6h", seen))
    for image in person.story.imaging:
        if (image["kind"], image.get("embolism")) == ("chest_x_ray", "shown"):
            yield person.infused + timedelta(days=int(image["day"]) + 1), False


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
