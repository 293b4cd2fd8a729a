"""Record that a participant can no longer be reached."""

from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_moment,
    require_reason,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import require_consented, require_still_in
from charcot.refusal import OutOfOrder


def lose_to_follow_up(
    trial: Trial, actor: Actor, *, participant: str, at: str, reason: str
) -> tuple[Entry, ...]:
    """`at`: the day of the last contact, on which the participant was known to be alive; `reason`: what was tried."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Disposition: say how the participant was searched for")
        moment = require_moment(at, situation)
        require_consented(situation.dossier.standing, moment)
        if situation.dossier.standing.lost is not None:
            raise OutOfOrder(
                "The participant is already recorded as lost.",
                rule="Disposition: somebody is lost until they are found",
                next_step="If they were found, record the contact.",
                facts={"participant": participant},
            )
        require_still_in(situation.dossier.standing, moment)
        return [
            draft_about(
                situation,
                actor,
                "lose_to_follow_up",
                Kind.PARTICIPANT_LOST,
                clinical_time=moment.text,
                reason=why,
            )
        ]

    return act_on_participant(trial, actor, "lose_to_follow_up", participant, judge)
