"""Assess for the sponsor how an event is related to the product: beside the investigator's own assessment, never instead of it."""

from charcot.conduct.form_entry import require_standing_form
from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_one_of,
    require_text,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey
from charcot.refusal import OutOfOrder


def assess_relation(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    instance: int,
    version: int,
    relation: str,
    why: str,
    encounter: str = "",
) -> tuple[Entry, ...]:
    """Says how the sponsor's physician sees the relation to the product, in the words of the item `relation_product`."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        protocol = situation.dossier.study.protocol
        played = protocol.form_playing("adverse_event")
        item = None if played is None else played.item("relation_product")
        if played is None or played.form != form or item is None:
            raise OutOfOrder(
                "This form does not ask for a relation to the product.",
                rule="Protocol: the form that plays adverse_event, item relation_product",
                next_step="Choose an adverse event.",
                facts={"form": form},
            )
        require_one_of(relation, [code.code for code in protocol.codes_of(item)], "relation")
        reason = require_text(why, "reasoning").strip()
        key = FormKey(form, encounter, instance)
        judged = require_standing_form(situation, key, version)
        data = {**key.as_data(), "version": judged.version, "relation": relation, "why": reason}
        return [draft_about(situation, actor, "assess_relation", Kind.RELATION_ASSESSED, data=data)]

    return act_on_participant(trial, actor, "assess_relation", participant, judge)
