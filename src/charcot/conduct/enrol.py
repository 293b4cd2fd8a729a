"""Enrol a participant who is eligible, or whose unmet criteria are all waived."""

from charcot.clinical_time import ClinicalTime
from charcot.conduct.assess import draft_assessment
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, draft_about, require_day
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import assess_eligibility, require_consented, require_eligible, require_still_in
from charcot.refusal import BadValue, OutOfOrder


def enrol(
    trial: Trial, actor: Actor, *, participant: str, at: str, arm: str | None = None
) -> tuple[Entry, ...]:
    """Assesses once more and enrols. Raises NotEligible, which says what is missing or could be waived."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_day(at, situation)
        dossier = situation.dossier
        require_still_in(dossier.standing, moment)
        require_consented(dossier.standing, moment)
        if dossier.standing.enrolled is not None:
            raise OutOfOrder(
                "The participant is already enrolled.",
                rule="Enrolment: once",
                next_step="Nothing needs to be done.",
                facts={"participant": participant},
            )
        verdicts = assess_eligibility(dossier.study, dossier.facts(moment))
        waivers = {
            criterion: waiver
            for criterion, waiver in dossier.standing.waivers.items()
            if not moment.surely_before(ClinicalTime(waiver.entry.clinical_time or ""))
        }
        require_eligible(dossier.study, verdicts, waivers)
        arms = [a.id for a in dossier.study.protocol.arms]
        chosen = arm if arm is not None else (arms[0] if len(arms) == 1 else None)
        if chosen not in arms:
            raise BadValue(
                "Which arm?" if chosen is None else f"The protocol has no arm {chosen!r}.",
                rule=f"Protocol {dossier.protocol_version}: arms",
                next_step=f"Choose one of: {', '.join(arms)}.",
            )
        waived = sorted({v.criterion for v in verdicts if v.verdict == "not_met"})
        return [
            draft_assessment(situation, actor, "enrol", verdicts, moment),
            draft_about(
                situation,
                actor,
                "enrol",
                Kind.PARTICIPANT_ENROLLED,
                data={"arm": chosen, "waived": waived},
                clinical_time=moment.text,
            ),
        ]

    return act_on_participant(trial, actor, "enrol", participant, judge)
