"""Report a deviation from the protocol, about a participant or the trial."""

from charcot.conduct.trial import (
    ParticipantSituation,
    Situation,
    Trial,
    act_on_participant,
    act_on_trial,
    draft_about,
    require_moment,
    require_reason,
)
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind


def report_deviation(
    trial: Trial,
    actor: Actor,
    *,
    at: str,
    category: str,
    section: str,
    description: str,
    participant: str | None = None,
) -> tuple[Entry, ...]:
    """Records what happened at `at`, against which section of the protocol."""

    def data() -> dict[str, str]:
        what = require_reason(description, "Deviations: say what happened")
        return {"category": category, "section": section, "description": what}

    def judge_trial(situation: Situation) -> list[Draft]:
        moment = require_moment(at, situation)
        return [
            Draft(
                Kind.DEVIATION_REPORTED,
                TRIAL,
                "report_deviation",
                actor,
                data=data(),
                clinical_time=moment.text,
            )
        ]

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_moment(at, situation)
        kind = Kind.DEVIATION_REPORTED
        return [
            draft_about(situation, actor, "report_deviation", kind, data=data(), clinical_time=moment.text)
        ]

    if participant is None:
        return act_on_trial(trial, actor, "report_deviation", judge_trial, of_site=True)
    return act_on_participant(trial, actor, "report_deviation", participant, judge)
