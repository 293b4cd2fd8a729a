"""Certify a lot, conditionally or in full, or reject it: the signature of the qualified person."""

from typing import Any

from charcot.conduct.on_product import (
    as_person,
    draft_on,
    require_donor,
    require_lot,
    require_product,
    require_second,
    ruling,
)
from charcot.conduct.trial import (
    Situation,
    Trial,
    act_on_trial,
    require_one_of,
    require_reason,
    require_text,
    signing,
)
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import Donor, Lot, check_donor, check_release, judge_identity, list_verdicts
from charcot.refusal import BadValue, NotAllowed, OutOfOrder
from charcot.team import NotSigned, Signature

OUTCOMES = ("certified", "conditional", "rejected")
CERTIFYING = (
    "I certify that this lot was made and tested as the protocol and its specification ask, and let it go"
)
REJECTING = "I reject this lot"


class NotReleased(OutOfOrder):
    """The lot may not be certified."""


def certify(
    trial: Trial,
    actor: Actor,
    *,
    lot: str,
    outcome: str,
    signature: Signature,
    specification: str | None = None,
    owner: str | None = None,
    acknowledged_by: Actor | None = None,
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Certifies a lot by the specification of the protocol in force, `conditional`ly while some tests run, or rejects it.

    Conditional: `owner` follows the pending tests, and the treating physician acknowledges them. Raises NotReleased with
    everything that forbids it.
    """

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        protocol = ruling(situation)
        known = require_lot(situation, lot)
        require_one_of(outcome, OUTCOMES, "outcome")
        if signature is None:
            raise NotSigned(
                "A certification has to be signed.",
                rule="Release: a lot is let go by the signature of the qualified person",
                next_step="Sign it with your password.",
            )
        if known.status in ("recalled", "rejected", "certified") or (
            known.certification is not None and outcome == "conditional"
        ):
            raise NotReleased(
                f"Lot {lot} is already {known.status}.",
                rule="Release: a lot is decided upon once; a conditional certification is completed or the lot rejected",
                next_step="Open a recall if it must not be used.",
                facts={"lot": lot},
            )
        in_force = protocol.version.number
        if specification is not None and specification != in_force:
            raise NotReleased(
                f"Specification {specification} is not in force today; {in_force} is.",
                rule="Release: by the specification of the protocol in force on the day",
                next_step=f"Judge the lot by specification {in_force}.",
                facts={"specification": specification, "in_force": in_force},
            )
        donor = require_donor(situation, known.donor)
        donor_verdict, against = judge_donor(situation, donor, known)
        verdicts = list_verdicts(protocol, known, donor_verdict)
        data: dict[str, Any] = {
            "outcome": outcome,
            "specification": in_force,
            "verdicts": verdicts,
            "identities": {d.id: judge_identity(d, verdicts) for d in plan.identities},
        }
        why = reason
        if outcome == "rejected":
            why = require_reason(reason, "Release: a lot is rejected for a stated reason")
        else:
            _require_other_hands(actor, known)
            forbidding, pending = check_release(protocol, known, verdicts)
            forbidding = against + forbidding
            if outcome == "certified":
                forbidding += [f"{name} is pending" for name in pending]
            if forbidding:
                raise NotReleased(
                    f"Lot {lot} cannot be certified: {'; '.join(forbidding)}.",
                    rule=f"Release: specification {in_force}, the donor's eligibility, no open major deviation",
                    next_step="Complete what is missing, close the deviation with its outcome, or reject the lot.",
                    facts={"lot": lot, "forbidding": forbidding},
                )
            if outcome == "conditional":
                data |= _conditions(situation, actor, pending, owner, acknowledged_by)
        meaning = REJECTING if outcome == "rejected" else CERTIFYING
        data |= signing(situation, actor, signature, meaning)
        subject = subject_of("product", lot)
        return [draft_on(situation, actor, "certify", Kind.LOT_CERTIFIED, subject, data, None, why)]

    return act_on_trial(trial, actor, "certify", judge)


def judge_donor(situation: Situation, donor: Donor, lot: Lot) -> tuple[str, list[str]]:
    """The verdict about the lot's donor, and what forbids letting the lot go."""
    plan = require_product(situation).donor
    decision = donor.decision
    if decision is None:
        return "NOT TESTED", ["there is no decision about the donor"]
    if decision.decision == "ineligible":
        return "FAIL", ["the donor is ineligible"]
    against = check_donor(plan, donor, lot.procured_at)
    if decision.decision == "exception":
        never = [words for words in against if "consent" in words or "screened" in words]
        return "PASS", never
    return ("FAIL" if against else "PASS"), against


def _require_other_hands(actor: Actor, lot: Lot) -> None:
    reviewers = {t.reviewed.actor.person for t in lot.tests if t.reviewed is not None}
    makers = {t.performer.person for t in lot.genealogy.transformations}
    testers = {t.resulted.actor.person for t in lot.tests if t.resulted is not None}
    if actor.person in reviewers | makers | testers:
        raise NotAllowed(
            f"{actor.person} made, tested or reviewed this lot.",
            rule="Release: who reviews and who certifies are two people",
            next_step="Ask another qualified person.",
            facts={"person": actor.person},
        )


def _conditions(
    situation: Situation, actor: Actor, pending: list[str], owner: str | None, acknowledged_by: Actor | None
) -> dict[str, Any]:
    if not pending:
        raise BadValue(
            "No required test is pending.",
            rule="Release: conditional only while required tests run",
            next_step="Certify it in full.",
        )
    require_text(owner or "", "owner of the pending tests")
    if acknowledged_by is None:
        raise OutOfOrder(
            "The treating physician has not acknowledged that tests are pending.",
            rule="Release: conditional only with the physician's acknowledgement",
            next_step="Ask the physician to acknowledge the list of pending tests.",
            facts={"pending": pending},
        )
    require_second(situation, actor, acknowledged_by, "infuse", "acknowledge it")
    return {"pending": pending, "owner": owner, "acknowledged_by": as_person(acknowledged_by)}
