"""Record a withdrawal of consent: to treatment, to follow-up, or to the use of data."""

from typing import Literal, get_args

from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_moment,
    require_one_of,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import require_consented, require_still_in
from charcot.refusal import OutOfOrder

Scope = Literal["treatment", "follow_up", "data"]


def withdraw(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    at: str,
    scope: Scope,
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Records what the participant withdraws from. Nobody has to give a reason for withdrawing."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_moment(at, situation)
        standing = situation.dossier.standing
        require_one_of(scope, get_args(Scope), "scope of the withdrawal")
        require_consented(standing, moment)
        if any(earlier.scope == scope for earlier in standing.withdrawals):
            raise OutOfOrder(
                f"The withdrawal ({scope.replace('_', ' ')}) is already recorded.",
                rule="Disposition: each scope is withdrawn from once",
                next_step="Nothing needs to be done.",
                facts={"participant": participant, "scope": scope},
            )
        if scope != "data":  # consent to the use of data can be withdrawn at any time, also after leaving
            require_still_in(standing, moment)
        return [
            draft_about(
                situation,
                actor,
                "withdraw",
                Kind.PARTICIPANT_WITHDREW,
                data={"scope": scope},
                clinical_time=moment.text,
                reason=reason,
            )
        ]

    return act_on_participant(trial, actor, "withdraw", participant, judge)
