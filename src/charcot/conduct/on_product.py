"""What the acts on the product share: the plan that rules, finding donor, lot, dose or material, and who checks whom."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from charcot.clinical_time import ClinicalTime
from charcot.conduct.trial import Situation, require_moment
from charcot.ledger import Actor, Draft, Kind, subject_of
from charcot.product import (
    Donor,
    DoseCourse,
    Equipment,
    Lot,
    MaterialLot,
    Recall,
    fold_donor,
    fold_dose,
    fold_equipment,
    fold_lot,
    fold_material,
    fold_recall,
)
from charcot.protocol import Protocol
from charcot.protocol.manufacture import ProductPlan
from charcot.refusal import BadValue, NotAllowed, OutOfOrder
from charcot.team import require_may

FEWEST_CELLS = Decimal(10_000)
"""A bare count below this is questioned: a superscript may have been lost, such as 106 for 10^6."""
Found = TypeVar("Found")
_PLAIN = re.compile(r"[-+]?[0-9.]{1,40}([eE][-+]?[0-9]{1,2})?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def ruling(situation: Situation) -> Protocol:
    """The protocol in force on the day of the act."""
    return situation.charter.ruling_on(situation.now.date()).study.protocol


def require_product(situation: Situation) -> ProductPlan:
    """The plan of the product; raises OutOfOrder where the protocol has none."""
    plan = ruling(situation).product
    if plan is None:
        raise OutOfOrder(
            "The protocol says nothing about a product.",
            rule=f"Protocol {ruling(situation).version.number}: product",
            next_step="Add a `product` to the next version of the protocol.",
        )
    return plan


def require_minute(text: str, situation: Situation) -> ClinicalTime:
    """The clinical time in `text`, to the minute; raises BadValue."""
    moment = require_moment(text, situation)
    if not moment.has_time:
        raise BadValue(
            f"{text} does not say the time of day.",
            rule="Product: what is done to cells is timed to the minute",
            next_step="Write date and time, as in 2014-03-14T09:30.",
            facts={"given": text},
        )
    return moment


def require_name(name: str, what: str) -> str:
    """A name that can stand in the id of something; raises BadValue."""
    if not _NAME.fullmatch(name):
        raise BadValue(
            f"{name!r} cannot be the code of a {what}.",
            rule="Product: codes are letters, digits, - and _, at most 40",
            next_step="Write a code such as D01.",
            facts={"given": name},
        )
    return name


def require_new(known: object, name: str, what: str) -> None:
    """Raises OutOfOrder where something of this code is already there."""
    if known is not None:
        raise OutOfOrder(
            f"There is already a {what} {name}.",
            rule=f"Product: each {what} has a code of its own",
            next_step="Choose another code, or go on with the one that is there.",
            facts={"code": name},
        )


def require_number(text: str, name: str, *, above: Decimal | None = Decimal(0)) -> Decimal:
    """A number greater than `above`, in digits and signs that every program reads; raises BadValue."""
    try:
        number = Decimal(text) if _PLAIN.fullmatch(text) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or (above is not None and number <= above):
        raise BadValue(
            f"The {name} cannot be {text!r}.",
            rule=f"Product: the {name} is a number" + ("" if above is None else f" greater than {above}"),
            next_step=f"Write the {name} as a number, such as 1400000.",
            facts={"field": name, "given": text},
        )
    return number


def require_plausible(cells: Decimal, name: str, reason: str | None) -> None:
    """Raises BadValue for a bare count below 10^4 without a reason."""
    if cells < FEWEST_CELLS and not (reason or "").strip():
        raise BadValue(
            f"Only {cells:f} {name}: possible lost superscript, such as 106 for 10^6.",
            rule="Product: a count of cells below 10 000 is questioned",
            next_step="Check the number and its power of ten. If it is right, say why as the reason.",
            facts={"field": name, "given": str(cells)},
        )


def find_donor(situation: Situation, donor: str) -> Donor | None:
    """The donor with this code."""
    return fold_donor(situation.about(subject_of("donor", donor)))


def require_donor(situation: Situation, donor: str) -> Donor:
    """The donor with this code; raises OutOfOrder."""
    return _there(find_donor(situation, donor), donor, "donor", "Register the donor first.")


def find_lot(situation: Situation, lot: str) -> Lot | None:
    """The lot of the product with this code."""
    return fold_lot(situation.about(subject_of("product", lot)))


def require_lot(situation: Situation, lot: str) -> Lot:
    """The lot with this code; raises OutOfOrder."""
    return _there(
        find_lot(situation, lot), lot, "lot", "Record the taking of the tissue first; the lot begins with it."
    )


def require_material(situation: Situation, material: str) -> MaterialLot:
    """The material lot with this code; raises OutOfOrder."""
    found = fold_material(situation.about(subject_of("material", material)))
    return _there(found, material, "material lot", "Receive the material first.")


def require_equipment(situation: Situation, equipment: str) -> Equipment:
    """The equipment with this code; raises OutOfOrder."""
    found = fold_equipment(situation.about(subject_of("equipment", equipment)))
    return _there(found, equipment, "equipment", "Record its calibration first.")


def find_dose(situation: Situation, dose: str) -> DoseCourse | None:
    """The dose with this code."""
    return fold_dose(situation.about(subject_of("dose", dose)))


def require_dose(situation: Situation, dose: str) -> DoseCourse:
    """The dose with this code; raises OutOfOrder."""
    return _there(find_dose(situation, dose), dose, "dose", "Prescribe the dose first.")


def require_recall(situation: Situation, recall: str) -> Recall:
    """The recall with this code; raises OutOfOrder."""
    found = fold_recall(situation.about(subject_of("recall", recall)))
    return _there(found, recall, "recall", "Open the recall first.")


def _there(found: Found | None, code: str, what: str, instead: str) -> Found:
    if found is None:
        raise OutOfOrder(
            f"There is no {what} {code!r}.",
            rule=f"Product: a {what} exists from its first entry on",
            next_step=f"Check the code. {instead}",
            facts={"code": code},
        )
    return found


def require_second(
    situation: Situation, actor: Actor, second: Actor, act: str, doing: str, site: str | None = None
) -> Actor:
    """The second person, who is another and holds a role that may do `act`, at `site` where one is concerned; raises NotAllowed."""
    if second.person == actor.person:
        raise NotAllowed(
            f"{actor.person} cannot both do this and {doing}.",
            rule="Product: who performs and who verifies are two people",
            next_step="Ask a second person.",
            facts={"person": actor.person},
        )
    require_may(ruling(situation), situation.charter.delegations, second, act, situation.now.date(), site)
    return second


def as_person(actor: Actor) -> dict[str, str]:
    """A person as an entry names one."""
    return {"person": actor.person, "role": actor.role}


def draft_on(
    situation: Situation,
    actor: Actor,
    verb: str,
    kind: Kind,
    subject: str,
    data: Mapping[str, Any],
    at: ClinicalTime | None = None,
    reason: str | None = None,
) -> Draft:
    """A draft about the product, judged by the protocol in force; it says where what it holds comes from."""
    return Draft(
        kind=kind,
        subject=subject,
        verb=verb,
        actor=actor,
        data={"origin": str(situation.origin), **data},
        clinical_time=None if at is None else at.text,
        reason=reason.strip() if reason and reason.strip() else None,
        protocol=ruling(situation).version.number,
    )


def draft_deviation(
    situation: Situation,
    actor: Actor,
    verb: str,
    lot: Lot,
    number: int,
    severity: str,
    description: str,
    at: ClinicalTime,
    **more: str,
) -> Draft:
    """A deviation of a lot, open until it is closed; `number` counts on from those that the lot has."""
    data = {
        "id": f"d{len(lot.deviations) + number}",
        "severity": severity,
        "description": description,
        **more,
    }
    subject = subject_of("product", lot.id)
    return draft_on(situation, actor, verb, Kind.PRODUCT_DEVIATION_REPORTED, subject, data, at)
