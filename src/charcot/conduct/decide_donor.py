"""Decide whether a donor is eligible: by the rule, or by a physician's signed exception for a blood relative."""

from charcot.conduct.at_site import act_on_donor
from charcot.conduct.on_product import draft_on, require_donor, require_product, ruling
from charcot.conduct.register_donor import speaks_against
from charcot.conduct.trial import (
    Situation,
    Trial,
    require_moment,
    require_one_of,
    require_reason,
    signing,
)
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import DECISIONS, Donor
from charcot.refusal import NotAllowed, NotEligible, OutOfOrder
from charcot.team import NotSigned, Signature, may_do

EXCEPTION = "I take this donor although the rule does not find them eligible"


def decide_donor(
    trial: Trial,
    actor: Actor,
    *,
    donor: str,
    at: str,
    decision: str,
    reason: str | None = None,
    signature: Signature | None = None,
) -> tuple[Entry, ...]:
    """Decides `eligible`, `ineligible` or `exception`.

    Eligible only where nothing speaks against the donor (NotEligible otherwise). An exception needs a first- or
    second-degree blood relation to the recipient, a reason and a physician's signature; the label then carries a warning.
    """

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation).donor
        known = require_donor(situation, donor)
        moment = require_moment(at, situation)
        require_one_of(decision, DECISIONS, "decision")
        against = speaks_against(situation, donor)
        if decision == "eligible" and against:
            raise NotEligible(
                f"Donor {donor} is not eligible: {'; '.join(against)}.",
                rule="Donors: a missing, indeterminate or out-of-window test never counts as negative",
                next_step="Complete what is missing, or decide that the donor is ineligible.",
                facts={"donor": donor, "against": against},
            )
        data: dict[str, object] = {"decision": decision, "against": against}
        why = None
        if decision == "ineligible":
            why = require_reason(reason, "Donors: a donor is declined for a stated reason")
        if decision == "exception":
            why = require_reason(reason, "Donors: an exception is made for a stated reason")
            _require_exception(situation, actor, known, plan.exception_degree)
            if signature is None:
                raise NotSigned(
                    "An exception has to be signed.",
                    rule="Donors: an exception is a physician's signed decision (21 CFR 1271.65)",
                    next_step="Sign it with your password.",
                    facts={"donor": donor},
                )
            data |= {"warning": plan.warning, **signing(situation, actor, signature, EXCEPTION)}
        subject = subject_of("donor", donor)
        return [draft_on(situation, actor, "decide_donor", Kind.DONOR_DECIDED, subject, data, moment, why)]

    return act_on_donor(trial, actor, "decide_donor", donor, judge)


def _require_exception(situation: Situation, actor: Actor, donor: Donor, farthest: int) -> None:
    role = ruling(situation).role(actor.role)
    if role is None or not may_do(role, "infuse"):
        raise NotAllowed(
            "Only a physician makes an exception.",
            rule="Donors: an exception is a physician's signed decision (21 CFR 1271.65)",
            next_step="Ask somebody whose role may give the product.",
            facts={"role": actor.role},
        )
    degree = 9 if donor.related is None else int(donor.related.data["degree"])
    if degree > farthest:
        raise NotEligible(
            f"Donor {donor.id} is not a blood relative of the first{' or second' if farthest > 1 else ''} degree.",
            rule="Donors: an exception is possible only for near blood relatives (21 CFR 1271.65)",
            next_step="Find another donor.",
            facts={"donor": donor.id, "degree": degree},
        )
    if donor.consented_at is None or donor.screened is None:
        raise OutOfOrder(
            f"Donor {donor.id} has not consented or was not screened.",
            rule="Donors: an exception never replaces consent or screening",
            next_step="Record them first.",
            facts={"donor": donor.id},
        )
