"""Say that a form was entered in error: it stays readable and no longer counts; or reinstate it."""

from charcot.conduct.form_entry import require_standing_form
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, draft_about, require_reason
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey
from charcot.refusal import OutOfOrder


def enter_in_error(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    version: int,
    reason: str,
    encounter: str = "",
    instance: int = 1,
) -> tuple[Entry, ...]:
    """Takes a form, seen in `version`, out of everything that is computed. Its versions and the reason stay readable."""
    key = FormKey(form, encounter, instance)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Forms: one that was entered in error is kept, with the reason")
        current = require_standing_form(situation, key, version)
        data = {**key.as_data(), "version": current.version}
        kind = Kind.ENTERED_IN_ERROR
        return [draft_about(situation, actor, "enter_in_error", kind, data=data, reason=why)]

    return act_on_participant(trial, actor, "enter_in_error", participant, judge)


def reinstate(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    reason: str,
    encounter: str = "",
    instance: int = 1,
) -> tuple[Entry, ...]:
    """Lets a form count again, in the version it had."""
    key = FormKey(form, encounter, instance)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Forms: one is reinstated for a stated reason")
        wrong = situation.dossier.casebook.in_error.get(key)
        if wrong is None:
            raise OutOfOrder(
                f"{key} is not marked as entered in error.",
                rule="Forms: what was entered in error can be reinstated",
                next_step="Nothing needs to be done.",
                facts=key.as_data(),
            )
        data = {**key.as_data(), "version": wrong.versions[-1].version}
        return [draft_about(situation, actor, "reinstate", Kind.REINSTATED, data=data, reason=why)]

    return act_on_participant(trial, actor, "reinstate", participant, judge)
