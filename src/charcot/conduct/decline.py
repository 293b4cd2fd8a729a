"""Record that a person declined, or may not go on, before the first infusion."""

from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_day,
    require_reason,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import require_still_in
from charcot.refusal import OutOfOrder


def decline(trial: Trial, actor: Actor, *, participant: str, at: str, reason: str) -> tuple[Entry, ...]:
    """Closes the participant's course before treatment; `reason` in the person's own words where possible."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Disposition: declining needs a reason, even if it is 'no reason given'")
        moment = require_day(at, situation)
        standing = situation.dossier.standing
        require_still_in(standing, moment)
        if standing.declined is not None:
            raise OutOfOrder(
                f"The participant has already declined, on {standing.declined.clinical_time}.",
                rule="Disposition: one declines once",
                next_step="Nothing needs to be done.",
                facts={"participant": participant},
            )
        if standing.infusions:
            raise OutOfOrder(
                "The participant has already been treated.",
                rule="Disposition: one declines before treatment and withdraws after it",
                next_step="Record a withdrawal instead.",
                facts={"participant": participant},
            )
        stage = "enrolled" if standing.enrolled else "consented" if standing.consent else "screened"
        return [
            draft_about(
                situation,
                actor,
                "decline",
                Kind.PARTICIPANT_DECLINED,
                data={"stage": stage},
                clinical_time=moment.text,
                reason=why,
            )
        ]

    return act_on_participant(trial, actor, "decline", participant, judge)
