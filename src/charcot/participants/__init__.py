"""Participants: screening, consent, eligibility, enrolment and disposition, and the casebook they rest on."""

from charcot.participants.attachments import Attachment, fold_attachments
from charcot.participants.casebook import (
    Casebook,
    FormInError,
    FormKey,
    FormVersion,
    Missed,
    fold_casebook,
)
from charcot.participants.disorder import Disorder, find_disorder, require_order
from charcot.participants.dossier import Dossier, bind_dossier, open_dossier
from charcot.participants.eligibility import (
    CriterionVerdict,
    assess_eligibility,
    require_eligible,
    study_name,
)
from charcot.participants.facts import ParticipantFacts
from charcot.participants.locks import LockedAway, Locks, fold_locks, require_unlocked
from charcot.participants.order import (
    require_consented,
    require_enrolled,
    require_not_ended,
    require_still_in,
    require_treatment_wanted,
)
from charcot.participants.queries import Query, QueryStatus, fold_queries
from charcot.participants.sampling import VerificationDue, due_of, is_sampled, list_verification
from charcot.participants.signatures import FormSignature, Signatures, SignedForm, fold_signatures
from charcot.participants.standing import (
    Standing,
    Waiver,
    Withdrawal,
    find_alive_after,
    fold_standing,
)
from charcot.participants.verification import (
    FormVerification,
    SourceVerification,
    Verifications,
    VerificationStatus,
    cleared_by,
    fold_verification,
    items_on,
)

__all__ = [
    "Attachment",
    "Casebook",
    "CriterionVerdict",
    "Disorder",
    "Dossier",
    "FormInError",
    "FormKey",
    "FormSignature",
    "FormVerification",
    "FormVersion",
    "LockedAway",
    "Locks",
    "Missed",
    "ParticipantFacts",
    "Query",
    "QueryStatus",
    "Signatures",
    "SignedForm",
    "SourceVerification",
    "Standing",
    "VerificationDue",
    "VerificationStatus",
    "Verifications",
    "Waiver",
    "Withdrawal",
    "assess_eligibility",
    "bind_dossier",
    "cleared_by",
    "due_of",
    "find_alive_after",
    "find_disorder",
    "fold_attachments",
    "fold_casebook",
    "fold_locks",
    "fold_queries",
    "fold_signatures",
    "fold_standing",
    "fold_verification",
    "is_sampled",
    "items_on",
    "list_verification",
    "open_dossier",
    "require_consented",
    "require_eligible",
    "require_enrolled",
    "require_not_ended",
    "require_order",
    "require_still_in",
    "require_treatment_wanted",
    "require_unlocked",
    "study_name",
]
