"""Sign the narrative of an event: the text as it was edited, of the event in the version that it tells of."""

from charcot.conduct.form_entry import require_standing_form
from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_text,
    signing,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey
from charcot.team import NotSigned, Signature

NARRATING = "This narrative agrees with the record and with what happened"
"""What a signature under a narrative says."""


def sign_narrative(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    instance: int,
    version: int,
    text: str,
    signature: Signature | None,
    encounter: str = "",
) -> tuple[Entry, ...]:
    """Keeps the narrative of an event, signed; raises OutdatedVersion where the event was changed meanwhile."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        said = require_text(text, "narrative").strip()
        key = FormKey(form, encounter, instance)
        told = require_standing_form(situation, key, version)
        signed = signing(situation, actor, signature, NARRATING)
        if not signed:
            raise NotSigned(
                "A narrative has to be signed.",
                rule="Narratives: who tells the course of an event signs for it",
                next_step="Sign it with your password.",
            )
        data = {**key.as_data(), "version": told.version, "hash": told.entry.hash, "text": said, **signed}
        return [draft_about(situation, actor, "sign_narrative", Kind.NARRATIVE_SIGNED, data=data)]

    return act_on_participant(trial, actor, "sign_narrative", participant, judge)
