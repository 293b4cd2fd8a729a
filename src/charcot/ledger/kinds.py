"""The closed list of what can happen in a trial: the kinds of entry."""

from enum import StrEnum


class Kind(StrEnum):
    """What an entry says happened. Kinds are added, never renamed: old ledgers must fold for ever."""

    TRIAL_OPENED = "trial_opened"
    PROTOCOL_ACTIVATED = "protocol_activated"
    APPROVAL_RECORDED = "approval_recorded"
    ROLE_DELEGATED = "role_delegated"
    DELEGATION_ENDED = "delegation_ended"
    PARTICIPANT_SCREENED = "participant_screened"
    FORM_RECORDED = "form_recorded"
    FORM_MISSED = "form_missed"
    ELIGIBILITY_ASSESSED = "eligibility_assessed"
    WAIVER_GRANTED = "waiver_granted"
    PARTICIPANT_ENROLLED = "participant_enrolled"
    PARTICIPANT_DECLINED = "participant_declined"
    PARTICIPANT_WITHDREW = "participant_withdrew"
    PARTICIPANT_LOST = "participant_lost"
    DEVIATION_REPORTED = "deviation_reported"
    DATA_CUT_MADE = "data_cut_made"
    ACCESS_CHANGED = "access_changed"
    QUERY_OPENED = "query_opened"
    QUERY_ANSWERED = "query_answered"
    QUERY_REOPENED = "query_reopened"
    QUERY_CLOSED = "query_closed"
    SOURCE_VERIFIED = "source_verified"
    VERIFICATION_WITHDRAWN = "verification_withdrawn"
    FORMS_SIGNED = "forms_signed"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    ENTERED_IN_ERROR = "entered_in_error"
    REINSTATED = "reinstated"
    FILE_ATTACHED = "file_attached"
    FILE_WITHDRAWN = "file_withdrawn"
    CLAIMS_ADOPTED = "claims_adopted"


TRIAL = "trial"
"""The subject of entries that concern the trial as a whole."""


def participant_subject(participant: str) -> str:
    """The subject of entries about one participant."""
    return f"participant/{participant}"


def participant_of(subject: str) -> str | None:
    """The participant that a subject names, if it is one."""
    kind, _, name = subject.partition("/")
    return name if kind == "participant" else None
