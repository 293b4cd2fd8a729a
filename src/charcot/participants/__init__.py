"""Participants: screening, consent, eligibility, enrolment and disposition, and the casebook they rest on."""

from charcot.participants.casebook import Casebook, FormKey, FormVersion, Missed, fold_casebook
from charcot.participants.disorder import Disorder, find_disorder, require_order
from charcot.participants.dossier import Dossier, bind_dossier, open_dossier
from charcot.participants.eligibility import (
    CriterionVerdict,
    assess_eligibility,
    require_eligible,
    study_name,
)
from charcot.participants.facts import ParticipantFacts
from charcot.participants.order import (
    require_consented,
    require_enrolled,
    require_not_ended,
    require_still_in,
)
from charcot.participants.standing import Standing, Waiver, Withdrawal, fold_standing

__all__ = [
    "Casebook",
    "CriterionVerdict",
    "Disorder",
    "Dossier",
    "FormKey",
    "FormVersion",
    "Missed",
    "ParticipantFacts",
    "Standing",
    "Waiver",
    "Withdrawal",
    "assess_eligibility",
    "bind_dossier",
    "find_disorder",
    "fold_casebook",
    "fold_standing",
    "open_dossier",
    "require_consented",
    "require_eligible",
    "require_enrolled",
    "require_not_ended",
    "require_order",
    "require_still_in",
    "study_name",
]
