"""What an inspector asks about the cells that a participant was given: donor, reagents, who did it, who checked, who else got any."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from charcot.product import DoseCourse, Lot, standing_verdict
from charcot.wiring.products import ProductRecord


@dataclass(frozen=True)
class ProductStrip:
    """One dose of a participant, answered."""

    dose: str
    status: str
    lot: str
    donor: str
    materials: tuple[str, ...]
    performers: tuple[str, ...]
    verifiers: tuple[str, ...]
    specification: str
    others: tuple[str, ...]
    alarms: tuple[str, ...] = ()
    """What the treating physician has to know at once: a recall, an open critical deviation, pending tests."""


def strips_of(record: ProductRecord, participant: str, seen: Callable[[str], bool]) -> list[ProductStrip]:
    """The doses of a participant; `seen`: whether a node of the trace may be shown."""
    return [_strip(record, dose, seen) for dose in record.doses_of(participant)]


def _strip(record: ProductRecord, dose: DoseCourse, seen: Callable[[str], bool]) -> ProductStrip:
    lot = record.lots.get(dose.lot or "")
    if lot is None or dose.node is None:
        return ProductStrip(dose.id, dose.status, "", "", (), (), (), "", ())
    line = {dose.node, *lot.genealogy.ancestors(dose.node)}
    steps = [t for t in lot.genealogy.transformations if line & {*t.children, *(p.node for p in t.parents)}]
    donors = set(lot.genealogy.donors_of(dose.node))
    others = {
        other.participant
        for other in record.doses.values()
        if other.participant != dose.participant
        and (kept := record.lots.get(other.lot or "")) is not None
        and kept.donor in donors
        and seen(f"participant/{other.participant}")
    }
    return ProductStrip(
        dose=dose.id,
        status=dose.status,
        lot=lot.id,
        donor=", ".join(sorted(donors)),
        materials=tuple(dict.fromkeys(used.material for t in steps for used in t.materials)),
        performers=tuple(dict.fromkeys(t.performer.person for t in steps)),
        verifiers=tuple(dict.fromkeys(t.verifier.person for t in steps if t.verifier is not None)),
        specification=_specification(lot),
        others=tuple(sorted(others)),
        alarms=_alarms(lot),
    )


def _alarms(lot: Lot) -> tuple[str, ...]:
    """A lot that was recalled, its open critical deviations, and the tests that a conditional certification still waits for."""
    found = [_("Lot %(lot)s was recalled.") % {"lot": lot.id}] if lot.recalls else []
    found += [f"{d.id}: {d.description}" for d in lot.deviations if d.is_open and d.severity == "critical"]
    certified = lot.certification
    for test in certified.data.get("pending", ()) if certified is not None else ():
        verdict = standing_verdict(lot, test)
        if verdict != "PASS":
            said = {"test": test, "verdict": verdict}
            found.append(_("Let go while a test was running: %(test)s, now %(verdict)s") % said)
    return tuple(found)


def _specification(lot: Lot) -> str:
    certified = lot.certification
    if lot.broken_certification is not None:
        return _(
            "no longer: what the certification rested on was entered in error; the lot is %(status)s"
        ) % {"status": lot.status}
    if certified is None:
        return _("no: the lot is %(status)s") % {"status": lot.status}
    said = {
        "outcome": certified.data["outcome"],
        "version": certified.data["specification"],
        "day": certified.recorded_at[:10],
        "person": certified.actor.person,
    }
    text = _("%(outcome)s by specification %(version)s on %(day)s, signed by %(person)s") % said
    return f"{text}; {lot.status}" if lot.recalls else text
