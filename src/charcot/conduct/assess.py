"""Assess eligibility: each criterion met, not met or unknown, entered with the values used."""

from collections.abc import Sequence

from charcot.clinical_time import ClinicalTime
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, draft_about, require_moment
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import CriterionVerdict, assess_eligibility, require_consented


def assess(trial: Trial, actor: Actor, *, participant: str, at: str) -> tuple[Entry, ...]:
    """Enters the verdict on every criterion as of clinical time `at`."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_moment(at, situation)
        require_consented(situation.dossier.standing, moment)
        verdicts = assess_eligibility(situation.dossier.study, situation.dossier.facts(moment))
        return [draft_assessment(situation, actor, "assess", verdicts, moment)]

    return act_on_participant(trial, actor, "assess", participant, judge)


def draft_assessment(
    situation: ParticipantSituation,
    actor: Actor,
    verb: str,
    verdicts: Sequence[CriterionVerdict],
    at: ClinicalTime,
) -> Draft:
    """The draft of an eligibility assessment."""
    data = {"criteria": [verdict.as_data() for verdict in verdicts]}
    return draft_about(situation, actor, verb, Kind.ELIGIBILITY_ASSESSED, data=data, clinical_time=at.text)
