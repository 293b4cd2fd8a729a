"""Report a reaction of a donor to giving tissue, and follow it until it has an outcome."""

from charcot.clinical_time import ClinicalTime
from charcot.conduct.at_site import act_on_donor
from charcot.conduct.on_product import draft_on, require_donor
from charcot.conduct.trial import Situation, Trial, require_moment, require_one_of, require_text
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import Donor
from charcot.product.donor_reactions import OUTCOMES, OUTCOMES_LATER, SEVERITIES, DonorReaction
from charcot.refusal import BadValue, OutOfOrder

RULE = "Donors: a reaction is followed until it has an outcome, which is stated once"


def report_donor_reaction(
    trial: Trial, actor: Actor, *, donor: str, at: str, description: str, severity: str, outcome: str
) -> tuple[Entry, ...]:
    """Records a reaction of the donor; `severity` mild, moderate or severe; it stays open while its `outcome` is ongoing or unknown."""

    def judge(situation: Situation) -> list[Draft]:
        known = require_donor(situation, donor)
        moment = require_moment(at, situation)
        require_one_of(severity, SEVERITIES, "severity")
        require_one_of(outcome, OUTCOMES, "outcome")
        data = {
            "id": f"r{known.reactions_ever + 1}",
            "description": require_text(description, "description"),
            "severity": severity,
            "outcome": outcome,
        }
        subject, kind = subject_of("donor", donor), Kind.DONOR_REACTION
        return [draft_on(situation, actor, "report_donor_reaction", kind, subject, data, moment)]

    return act_on_donor(trial, actor, "report_donor_reaction", donor, judge)


def follow_donor_reaction(
    trial: Trial,
    actor: Actor,
    *,
    donor: str,
    reaction: str,
    at: str,
    outcome: str,
    found: str,
    severity: str | None = None,
) -> tuple[Entry, ...]:
    """States what was `found` at `at`, and the `outcome`: ongoing, unknown, recovered, lasting, fatal, or lost to follow-up.

    `severity`: where it is another than so far. Raises OutOfOrder for a reaction that has its outcome already.
    """

    def judge(situation: Situation) -> list[Draft]:
        known = _require_open(require_donor(situation, donor), reaction)
        moment = require_moment(at, situation)
        if moment.surely_before(ClinicalTime(known.last.clinical_time or "")):
            raise BadValue(
                f"{at} lies before what was said last of this reaction.",
                rule="Donors: a reaction is followed in the order of its course",
                next_step="Correct the date; or say that the earlier entry was in error.",
                facts={"reaction": reaction, "at": at},
            )
        data = {
            "id": known.id,
            "outcome": require_one_of(outcome, OUTCOMES_LATER, "outcome"),
            "severity": require_one_of(severity or known.severity, SEVERITIES, "severity"),
            "found": require_text(found, "finding"),
        }
        subject, kind = subject_of("donor", donor), Kind.DONOR_REACTION_FOLLOWED
        return [draft_on(situation, actor, "follow_donor_reaction", kind, subject, data, moment)]

    return act_on_donor(trial, actor, "follow_donor_reaction", donor, judge)


def _require_open(donor: Donor, reaction: str) -> DonorReaction:
    found = next((one for one in donor.reactions if one.id == reaction), None)
    if found is None:
        raise OutOfOrder(
            f"Donor {donor.id} has no reaction {reaction!r}.",
            rule=RULE,
            next_step=f"Choose one of: {', '.join(one.id for one in donor.reactions) or 'none was reported yet'}.",
            facts={"donor": donor.id, "reaction": reaction},
        )
    if found.resolved is not None:
        raise OutOfOrder(
            f"Reaction {reaction} of donor {donor.id} has its outcome: {found.outcome}.",
            rule=RULE,
            next_step="Report a new reaction if it came back; if the outcome is wrong, say that it was entered in error.",
            facts={"donor": donor.id, "reaction": reaction, "outcome": found.outcome},
        )
    return found
