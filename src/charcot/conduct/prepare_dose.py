"""Prepare a prescribed dose from a population of cells: how many, in which volume, until when."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from charcot.conduct.gather_means import gather_means
from charcot.conduct.on_product import (
    draft_on,
    require_donor,
    require_dose,
    require_lot,
    require_minute,
    require_number,
    require_product,
    require_second,
)
from charcot.conduct.process import Made, draft_step
from charcot.conduct.trial import Situation, Trial, act_on_trial
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import Lot, Taken, lot_of
from charcot.protocol.manufacture import BatchStep
from charcot.refusal import BadValue, OutOfOrder

FORMULATION = BatchStep(id="formulate", label="Formulation of the dose", does="formulate")


class DoseNotPossible(OutOfOrder):
    """The dose may not be prepared, labelled, issued or given."""


def prepare_dose(
    trial: Trial,
    actor: Actor,
    *,
    dose: str,
    node: str,
    at: str,
    viable: str,
    total: str,
    concentration: str,
    volume_ml: str,
    verifier: Actor,
    parameters: Mapping[str, str] | None = None,
    materials: Mapping[str, str] | None = None,
    equipment: Sequence[str] = (),
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Makes the dose `LOT.DOSE` from `viable` of `total` cells of `node`, at `concentration` [cells/ml] in `volume_ml`.

    Concentration x volume equals the dose within the tolerance of the protocol, and the dose the prescription, unless a
    `reason` says why not. It is a step of the batch record, checked by a second person.
    """

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        course = require_dose(situation, dose)
        lot = require_lot(situation, lot_of(node))
        moment = require_minute(at, situation)
        if course.prepared is not None or course.ended is not None:
            raise DoseNotPossible(
                f"Dose {dose} is already {course.status}.",
                rule="Dose: prepared once, for one participant",
                next_step="Prescribe a new dose.",
                facts={"dose": dose},
            )
        require_second(situation, actor, verifier, "process", "verify it")
        require_same_recipient(situation, lot, course.participant)
        living, all_cells = require_number(viable, "viable cells"), require_number(total, "total cells")
        if living > all_cells:
            raise BadValue(
                "More cells are viable than there are.",
                rule="Dose: viable cells are part of all cells",
                next_step="Check the two numbers.",
            )
        cells = living if course.basis == "viable" else all_cells
        strength = require_number(concentration, "concentration") * require_number(volume_ml, "volume")
        _require_close(
            strength,
            cells,
            Decimal(plan.concentration_tolerance),
            f"{concentration} cells/ml in {volume_ml} ml make {strength:.4g} cells, not {cells:.4g}.",
            "Dose: concentration times volume is the dose",
            None,
        )
        why = reason.strip() if reason and reason.strip() else None
        _require_close(
            cells,
            course.planned,
            Decimal(plan.concentration_tolerance),
            f"Dose {dose} has {cells:.4g} {course.basis} cells; {course.planned:.4g} are prescribed.",
            "Dose: what is prepared is what was prescribed",
            why,
        )
        step = next((s for s in plan.steps if s.does == "formulate"), FORMULATION)
        means = gather_means(situation, step, moment, parameters or {}, materials or {}, equipment)
        child = Made(dose, {"cells": str(cells), "volume_ml": volume_ml})
        drafts = draft_step(
            situation,
            actor,
            "prepare_dose",
            plan,
            lot,
            step,
            moment,
            [Taken(node, viable)],
            [child],
            means,
            verifier,
            why,
        )
        expires = moment.earliest + timedelta(hours=float(plan.expires_after_hours))
        data = {
            "dose": dose,
            "lot": lot.id,
            "from": node,
            "node": f"{lot.id}.{dose}",
            "viable": viable,
            "total": total,
            "cells": str(cells),
            "basis": course.basis,
            "concentration": concentration,
            "volume_ml": volume_ml,
            "expires_at": f"{expires:%Y-%m-%dT%H:%M}",
        }
        subject = subject_of("dose", dose)
        return [
            *drafts,
            draft_on(situation, actor, "prepare_dose", Kind.DOSE_PREPARED, subject, data, moment, why),
        ]

    return act_on_trial(trial, actor, "prepare_dose", judge)


def require_same_recipient(situation: Situation, lot: Lot, participant: str) -> None:
    """Raises DoseNotPossible where the donor was taken by exception for another participant."""
    donor = require_donor(situation, lot.donor)
    if donor.decision is None or donor.decision.decision != "exception" or donor.related is None:
        return
    if donor.related.data["participant"] != participant:
        raise DoseNotPossible(
            f"Donor {donor.id} was taken by exception, for another participant.",
            rule="Donors: an exception holds for the blood relative that it was made for (21 CFR 1271.65)",
            next_step="Use cells of another donor.",
            facts={"donor": donor.id},
        )


def _require_close(
    found: Decimal, wanted: Decimal, tolerance: Decimal, what: str, rule: str, reason: str | None
) -> None:
    if reason is None and abs(found / wanted - 1) > tolerance:
        raise BadValue(
            what,
            rule=f"{rule}, within {tolerance:.0%}",
            next_step="Check the numbers and their powers of ten.",
            facts={"found": str(found), "wanted": str(wanted)},
        )
