"""Record the result of a donor's infection test."""

from charcot.conduct.at_site import act_on_donor
from charcot.conduct.on_product import draft_on, require_donor, require_product
from charcot.conduct.trial import (
    Situation,
    Trial,
    require_day,
    require_one_of,
    require_text,
)
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import DONOR_RESULTS
from charcot.refusal import OutOfOrder


def record_donor_test(
    trial: Trial, actor: Actor, *, donor: str, test: str, sampled_at: str, result: str, method: str
) -> tuple[Entry, ...]:
    """Enters the result of one test on a sample taken at `sampled_at`; a further result stands beside the earlier ones."""

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        known = require_donor(situation, donor)
        moment = require_day(sampled_at, situation)
        if known.consented_at is None or moment.surely_before(known.consented_at):
            raise OutOfOrder(
                "The sample lies before the donor's consent.",
                rule="Donors: nothing is asked or tested before the donor has consented",
                next_step="Record the donor's consent first, or correct the time of the sample.",
                facts={"donor": donor},
            )
        require_one_of(test, [t.id for t in plan.donor.tests], "test")
        require_one_of(result, DONOR_RESULTS, "result")
        data = {
            "test": test,
            "sampled_at": sampled_at,
            "result": result,
            "method": require_text(method, "method"),
        }
        subject = subject_of("donor", donor)
        return [draft_on(situation, actor, "record_donor_test", Kind.DONOR_TESTED, subject, data, moment)]

    return act_on_donor(trial, actor, "record_donor_test", donor, judge)
