"""Print the labels of a dose, and reconcile them: each copy is on the bag, in the record, or destroyed."""

from collections.abc import Mapping

from charcot.conduct.on_product import draft_on, require_donor, require_dose, require_lot, require_product
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_reason
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import DoseCourse
from charcot.product.labels import OWN_SCHEME
from charcot.refusal import BadValue


def label_text(situation: Situation, course: DoseCourse) -> dict[str, str]:
    """What the label of a prepared dose says, field by field: codes only, and the warning where an exception was made."""
    lot = require_lot(situation, course.lot or "")
    donor = require_donor(situation, lot.donor)
    text = {
        "dose": course.id,
        "product": require_product(situation).name,
        "lot": lot.id,
        "donor": donor.id,
        "participant": course.participant,
        "cells": f"{course.cells} {course.basis}",
        "volume": f"{course.volume_ml} ml",
        "expires": course.expires_at.text if course.expires_at is not None else "",
    }
    if donor.decision is not None and donor.decision.warning:
        text["warning"] = donor.decision.warning
    return text


def print_labels(
    trial: Trial,
    actor: Actor,
    *,
    dose: str,
    copies: int | None = None,
    payload_sha256: str | None = None,
    text: Mapping[str, str] | None = None,
    scheme: str = OWN_SCHEME.name,
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Enters that labels were printed, with what they say; `text`, where it is given, must agree with the record.

    `payload_sha256`: of what was read back from the rendered label. `scheme`: the name of that by which its code is written, and
    by which scans are read. Printing again needs a reason.
    """

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        if course.prepared is None or course.infused is not None or course.ended is not None:
            raise DoseNotPossible(
                f"Dose {dose} is {course.status}.",
                rule="Labels: printed for a dose that was prepared and not yet given",
                next_step="Prepare the dose first." if course.prepared is None else "Print nothing.",
                facts={"dose": dose},
            )
        said = label_text(situation, course)
        if text is not None and dict(text) != said:
            raise BadValue(
                "The label does not say what the record says.",
                rule="Labels: read back and compared with the record before they are printed; codes only, never a name",
                next_step="Print the label that Charcot makes.",
                facts={"dose": dose},
            )
        number = require_product(situation).copies if copies is None else copies
        if number < 1:
            raise BadValue(
                "No label would be printed.",
                rule="Labels: at least one copy",
                next_step="Write how many copies are printed.",
            )
        again = course.labels is not None
        why = require_reason(reason, "Labels: printed again for a stated reason") if again else None
        data = {
            "dose": dose,
            "copies": str(number),
            "text": said,
            "scheme": scheme,
            **({} if payload_sha256 is None else {"payload_sha256": payload_sha256}),
        }
        subject = subject_of("dose", dose)
        return [draft_on(situation, actor, "print_labels", Kind.LABELS_PRINTED, subject, data, None, why)]

    return act_on_trial(trial, actor, "print_labels", judge)


def reconcile_labels(
    trial: Trial, actor: Actor, *, dose: str, used: int, destroyed: int, reason: str | None = None
) -> tuple[Entry, ...]:
    """Reconciles the labels: `used` and `destroyed` together are all that were printed, or a reason says what is missing."""

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        printed = sum(
            int(entry.data["copies"]) for entry in course.entries if entry.kind is Kind.LABELS_PRINTED
        )
        if printed == 0:
            raise DoseNotPossible(
                f"No label of dose {dose} was printed.",
                rule="Labels: reconciled after printing",
                next_step="Print the labels first.",
                facts={"dose": dose},
            )
        if used < 1 or destroyed < 0 or used + destroyed != printed:
            raise BadValue(
                f"{printed} labels were printed; {used} used and {destroyed} destroyed are {used + destroyed}.",
                rule="Labels: every copy is accounted for, and at least one is on the bag",
                next_step="Look for the missing copies.",
                facts={"printed": printed, "used": used, "destroyed": destroyed},
            )
        data = {"dose": dose, "printed": str(printed), "used": str(used), "destroyed": str(destroyed)}
        subject = subject_of("dose", dose)
        kind = Kind.LABELS_RECONCILED
        return [draft_on(situation, actor, "reconcile_labels", kind, subject, data, None, reason)]

    return act_on_trial(trial, actor, "reconcile_labels", judge)
