"""Record the taking of tissue from a donor: a lot of the product begins with it."""

from charcot.conduct.at_site import act_on_donor
from charcot.conduct.on_product import (
    draft_on,
    find_lot,
    require_donor,
    require_minute,
    require_name,
    require_new,
    require_number,
    require_product,
)
from charcot.conduct.trial import Situation, Trial
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.refusal import BadValue, OutOfOrder


def procure(
    trial: Trial,
    actor: Actor,
    *,
    lot: str,
    donor: str,
    at: str,
    volume_ml: str,
    operator: str,
    anaesthetic: str,
    container: str,
    received_at: str,
    transport_temperature: str | None = None,
) -> tuple[Entry, ...]:
    """Enters tissue taken at `at` and received in the laboratory at `received_at`; the population is `LOT.tissue`.

    Raises OutOfOrder before the donor's consent, or where the donor was found ineligible.
    """

    def judge(situation: Situation) -> list[Draft]:
        require_product(situation)
        require_new(find_lot(situation, require_name(lot, "lot")), lot, "lot")
        known = require_donor(situation, donor)
        moment = require_minute(at, situation)
        arrived = require_minute(received_at, situation)
        if known.consented_at is None or moment.surely_before(known.consented_at):
            raise OutOfOrder(
                f"Donor {donor} had not consented by {at}.",
                rule="Donors: no tissue is taken before the donor has consented",
                next_step="Record the donor's consent, or correct the time.",
                facts={"donor": donor, "at": at},
            )
        if known.decision is not None and known.decision.decision == "ineligible":
            raise OutOfOrder(
                f"Donor {donor} was found ineligible.",
                rule="Donors: no tissue is taken from an ineligible donor",
                next_step="Take tissue from another donor.",
                facts={"donor": donor},
            )
        if arrived.surely_before(moment):
            raise BadValue(
                "The tissue is received before it is taken.",
                rule="Product: nothing comes before what it was made from",
                next_step="Check the two times.",
                facts={"at": at, "received_at": received_at},
            )
        require_number(volume_ml, "volume")
        details = {
            "volume_ml": volume_ml,
            "operator": operator,
            "anaesthetic": anaesthetic,
            "container": container,
            "received_at": received_at,
        }
        if transport_temperature:
            require_number(transport_temperature, "temperature", above=None)
            details["transport_temperature"] = transport_temperature
        data = {"donor": donor, "node": f"{lot}.tissue", "details": details}
        subject = subject_of("product", lot)
        return [draft_on(situation, actor, "procure", Kind.TISSUE_PROCURED, subject, data, moment)]

    return act_on_donor(trial, actor, "procure", donor, judge)
