"""Verify a form, or items of it, against their source; and take a verification back."""

from collections.abc import Sequence

from charcot.conduct.form_entry import require_standing_form
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, draft_about, require_reason
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey, FormVersion, items_on
from charcot.refusal import BadValue, NotAllowed, OutOfOrder


def verify_source(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    version: int,
    encounter: str = "",
    instance: int = 1,
    items: Sequence[str] = (),
) -> tuple[Entry, ...]:
    """Says that `items` (all where none are named) of the newest version agree with their source.

    Raises NotAllowed where the same person entered that version: who performs and who verifies are never the same.
    """
    key = FormKey(form, encounter, instance)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        current = require_standing_form(situation, key, version)
        if current.entry.actor.person == actor.person:
            raise NotAllowed(
                f"{actor.person} entered this version.",
                rule="Verification: nobody verifies what they entered themselves",
                next_step="Ask somebody else to compare it with the source.",
                facts={"person": actor.person, "entry": current.entry.sequence},
            )
        named = _require_items(current, items)
        done = situation.dossier.verification.of(key).verified
        if all(item in done for item in named or items_on(current)):
            raise OutOfOrder(
                f"This is verified already: {', '.join(named) or key}.",
                rule="Verification: each item of a version is verified once",
                next_step="Nothing needs to be done.",
                facts=key.as_data(),
            )
        data = {**key.as_data(), "version": current.version, "items": list(named)}
        return [draft_about(situation, actor, "verify_source", Kind.SOURCE_VERIFIED, data=data)]

    return act_on_participant(trial, actor, "verify_source", participant, judge)


def withdraw_verification(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    reason: str,
    encounter: str = "",
    instance: int = 1,
    items: Sequence[str] = (),
) -> tuple[Entry, ...]:
    """Takes back the verification of `items`, or of the whole form."""
    key = FormKey(form, encounter, instance)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Verification: it is taken back for a stated reason")
        stands = situation.dossier.verification.of(key)
        verified = {*stands.verified, *stands.changed}
        missing = [item for item in items if item not in verified]
        if not verified or missing:
            raise OutOfOrder(
                f"This is not verified: {', '.join(missing) or key}.",
                rule="Verification: what was verified can be taken back",
                next_step="Nothing needs to be done.",
                facts={**key.as_data(), "items": missing},
            )
        version = situation.dossier.casebook.number(key)
        data = {**key.as_data(), "version": version, "items": list(dict.fromkeys(items))}
        kind = Kind.VERIFICATION_WITHDRAWN
        return [draft_about(situation, actor, "withdraw_verification", kind, data=data, reason=why)]

    return act_on_participant(trial, actor, "withdraw_verification", participant, judge)


def _require_items(current: FormVersion, items: Sequence[str]) -> tuple[str, ...]:
    on_form = items_on(current)
    unknown = [item for item in items if item not in on_form]
    if unknown:
        raise BadValue(
            f"Nothing is recorded in: {', '.join(unknown)}.",
            rule="Verification: what was recorded is compared with its source",
            next_step="Choose from the fields that have a value, or a reason for having none.",
            facts={"fields": dict.fromkeys(unknown, "has nothing to verify.")},
        )
    return tuple(dict.fromkeys(items))
