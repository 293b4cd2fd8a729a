"""Say that a visit, or one form of it, was missed."""

from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_moment,
    require_reason,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey, require_consented
from charcot.refusal import BadValue, OutOfOrder


def miss(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    encounter: str,
    at: str,
    reason: str,
    form: str = "",
    instance: int = 1,
) -> tuple[Entry, ...]:
    """Says that `form` (or the whole encounter) will not be filled, and why. `at`: when that was known."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Visits: a missed visit or form needs a reason")
        moment = require_moment(at, situation)
        require_consented(situation.dossier.standing, moment)
        protocol = situation.dossier.study.protocol
        if encounter not in protocol.encounters_by_id or (form and form not in protocol.forms_at(encounter)):
            raise BadValue(
                f"No {form or 'visit'} is due at {encounter!r}.",
                rule=f"Protocol {protocol.version.number}: schedule of activities",
                next_step=f"Choose one of: {', '.join(protocol.forms_at(encounter) or protocol.encounters_by_id)}.",
                facts={"encounter": encounter, "form": form},
            )
        if instance < 1 or (instance > 1 and not protocol.encounters_by_id[encounter].repeating):
            raise BadValue(
                f"There is no {encounter} no. {instance}.",
                rule=f"Protocol {protocol.version.number}: encounter {encounter!r}",
                next_step="Count from 1; only visits that repeat have further numbers.",
                facts={"encounter": encounter, "instance": instance},
            )
        forms = [form] if form else list(protocol.forms_at(encounter))
        filled = [f for f in forms if situation.dossier.casebook.latest(FormKey(f, encounter, instance))]
        if filled:
            raise OutOfOrder(
                f"At {encounter}, this was recorded: {', '.join(filled)}.",
                rule="Visits: what was recorded was not missed",
                next_step="Name the single form that was missed, or correct what was recorded.",
                facts={"filled": filled},
            )
        if forms and all(
            situation.dossier.casebook.is_missed(FormKey(f, encounter, instance)) for f in forms
        ):
            raise OutOfOrder(
                f"At {encounter}, this is already said to be missed: {form or 'the whole visit'}.",
                rule="Visits: what was missed is said once",
                next_step="Nothing needs to be done.",
                facts={"encounter": encounter, "form": form},
            )
        data = {"encounter": encounter, "form": form, "instance": instance}
        return [
            draft_about(
                situation, actor, "miss", Kind.FORM_MISSED, data=data, clinical_time=moment.text, reason=why
            )
        ]

    return act_on_participant(trial, actor, "miss", participant, judge)
