"""Waive a criterion that a person does not meet; the waiver is a deviation and is listed as one."""

from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_day,
    require_reason,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import require_consented, require_still_in
from charcot.refusal import BadValue, OutOfOrder


def waive(
    trial: Trial, actor: Actor, *, participant: str, criterion: str, at: str, justification: str
) -> tuple[Entry, ...]:
    """Documents that somebody may enter although the last assessment found `criterion` not met."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(justification, "Eligibility: a waiver needs a justification")
        moment = require_day(at, situation)
        standing = situation.dossier.standing
        require_still_in(standing, moment)
        if standing.enrolled is not None:
            raise OutOfOrder(
                "The participant is already enrolled.",
                rule="Eligibility: a waiver is documented before enrolment",
                next_step="Report a deviation instead.",
                facts={"participant": participant},
            )
        require_consented(standing, moment)
        criteria = {c.id: c for c in situation.dossier.study.protocol.criteria}
        if criterion not in criteria:
            raise BadValue(
                f"The protocol has no criterion {criterion!r}.",
                rule="Eligibility: criteria of the protocol",
                next_step=f"Choose one of: {', '.join(criteria)}.",
            )
        if not criteria[criterion].waivable:
            raise BadValue(
                f"Criterion {criterion} ({criteria[criterion].text}) cannot be waived.",
                rule=f"Eligibility: criterion {criterion}",
                next_step="Do not enrol this person.",
            )
        verdicts = standing.assessments[-1].data["criteria"] if standing.assessments else []
        if not any(v["criterion"] == criterion and v["verdict"] == "not_met" for v in verdicts):
            raise OutOfOrder(
                f"Criterion {criterion} was not found unmet.",
                rule="Eligibility: only a criterion that was assessed and not met is waived",
                next_step="Assess eligibility first, and waive what is not met.",
                facts={"criterion": criterion},
            )
        return [
            draft_about(
                situation,
                actor,
                "waive",
                Kind.WAIVER_GRANTED,
                data={"criterion": criterion},
                clinical_time=moment.text,
                reason=why,
            )
        ]

    return act_on_participant(trial, actor, "waive", participant, judge)
