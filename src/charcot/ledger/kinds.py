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
    DONOR_REGISTERED = "donor_registered"
    DONOR_RELATED = "donor_related"
    DONOR_CONSENTED = "donor_consented"
    DONOR_SCREENED = "donor_screened"
    DONOR_TESTED = "donor_tested"
    DONOR_DECIDED = "donor_decided"
    DONOR_REACTION = "donor_reaction"
    DONOR_REACTION_FOLLOWED = "donor_reaction_followed"
    MATERIAL_RECEIVED = "material_received"
    MATERIAL_JUDGED = "material_judged"
    MATERIAL_USED = "material_used"
    MATERIAL_RECALLED = "material_recalled"
    EQUIPMENT_CALIBRATED = "equipment_calibrated"
    TISSUE_PROCURED = "tissue_procured"
    STEP_PERFORMED = "step_performed"
    CELLS_COUNTED = "cells_counted"
    VIAL_MOVED = "vial_moved"
    TEST_REQUESTED = "test_requested"
    TEST_RESULTED = "test_resulted"
    TEST_REVIEWED = "test_reviewed"
    CYTOMETRY_ANALYSED = "cytometry_analysed"
    PRODUCT_DEVIATION_REPORTED = "product_deviation_reported"
    PRODUCT_DEVIATION_ASSESSED = "product_deviation_assessed"
    PRODUCT_DEVIATION_CLOSED = "product_deviation_closed"
    PRODUCT_ENTRY_ANNULLED = "product_entry_annulled"
    LOT_CERTIFIED = "lot_certified"
    LOT_RECALLED = "lot_recalled"
    DOSE_PRESCRIBED = "dose_prescribed"
    DOSE_PREPARED = "dose_prepared"
    LABELS_PRINTED = "labels_printed"
    LABELS_RECONCILED = "labels_reconciled"
    DOSE_ISSUED = "dose_issued"
    DOSE_HANDED_OVER = "dose_handed_over"
    DOSE_RECEIVED = "dose_received"
    BEDSIDE_CHECKED = "bedside_checked"
    BEDSIDE_REFUSED = "bedside_refused"
    DOSE_INFUSED = "dose_infused"
    DOSE_INFUSION_CORRECTED = "dose_infusion_corrected"
    DOSE_ENDED = "dose_ended"
    RECALL_OPENED = "recall_opened"
    RECALL_NOTIFIED = "recall_notified"
    RECALL_CLOSED = "recall_closed"
    SAFETY_REVIEWED = "safety_reviewed"
    SUBMISSION_RECORDED = "submission_recorded"
    NARRATIVE_SIGNED = "narrative_signed"
    RELATION_ASSESSED = "relation_assessed"
    NORMAL_RANGE_SET = "normal_range_set"
    RESULT_JUDGED = "result_judged"


TRIAL = "trial"
"""The subject of entries that concern the trial as a whole."""


def participant_subject(participant: str) -> str:
    """The subject of entries about one participant."""
    return f"participant/{participant}"


def participant_of(subject: str) -> str | None:
    """The participant that a subject names, if it is one."""
    kind, _, name = subject.partition("/")
    return name if kind == "participant" else None


def subject_of(kind: str, name: str) -> str:
    """The subject of entries about a `donor`, `material`, `equipment`, `product` (a lot), `dose` or `recall`."""
    return f"{kind}/{name}"


def name_in(subject: str, kind: str) -> str | None:
    """The name that a subject of this kind carries; None where it is of another kind."""
    found, _, name = subject.partition("/")
    return name if found == kind else None
