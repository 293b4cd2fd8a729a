"""What a role may be allowed to do: the closed list of verbs, each with its meaning, and which verb each act needs."""

from collections.abc import Mapping

VERBS: Mapping[str, str] = {
    "approve": "record that an ethics committee or authority approved a document",
    "delegate": "give a person a role, or end it",
    "activate_protocol": "put a version of the protocol into force",
    "screen": "open a participant's record",
    "consent": "record that a participant consented, again or no longer",
    "record": "fill a form",
    "correct": "change what a form says, with a reason",
    "miss": "record that an encounter did not take place",
    "assess": "judge the eligibility criteria",
    "waive": "let a participant in although a waivable criterion is not met",
    "enrol": "take an eligible participant into the trial",
    "decline": "record that a person does not take part after all",
    "withdraw": "record that a participant leaves the trial",
    "lose_to_follow_up": "record that a participant can no longer be reached",
    "infuse": "record that the product was given",
    "report_event": "report an adverse event",
    "report_deviation": "report a deviation from the protocol",
    "record_death": "record that a participant died",
    "contact": "record a contact with a participant",
    "read": "see the record",
    "verify": "confirm that an entry agrees with its source",
    "query": "ask about an entry, answer or close the question",
    "answer": "answer a question about an entry, without closing it",
    "sign": "sign forms",
    "lock": "close a part of the record to changes",
    "unlock": "open a locked part again, with a reason",
    "release": "release or reject a lot",
    "procure": "receive tissue from a donor",
    "process": "record a step of manufacture",
    "test": "record a result of quality control",
    "cut": "name a data cut, up to which an analysis reads the record",
    "adopt_claims": "put a publication's claims on the record, to be judged in reports",
    "administer": "manage accounts and the trial's folder",
}

_QUERY, _CORRECT = ("query",), ("correct",)
_PROCESS, _TEST, _RELEASE = ("process",), ("test",), ("release",)
_CUSTODY = ("process", "release", "procure", "infuse")
NEEDS: Mapping[str, tuple[str, ...]] = {
    "end_delegation": ("delegate",),
    "change_access": ("administer",),
    "change_own_access": (),
    "open_query": _QUERY,
    "answer_query": ("answer", "query"),
    "reopen_query": _QUERY,
    "close_query": _QUERY,
    "verify_source": ("verify",),
    "withdraw_verification": ("verify",),
    "enter_in_error": _CORRECT,
    "reinstate": _CORRECT,
    "attach": ("record", "correct"),
    "withdraw_attachment": _CORRECT,
    "register_donor": ("procure",),
    "consent_donor": ("procure",),
    "screen_donor": ("procure",),
    "record_donor_test": _TEST,
    "report_donor_reaction": ("procure",),
    "decide_donor": ("infuse", "release"),
    "receive_material": _PROCESS,
    "release_material": _RELEASE,
    "recall_material": _RELEASE,
    "calibrate": _PROCESS,
    "count_cells": _PROCESS,
    "request_test": _TEST,
    "result_test": _TEST,
    "analyse_cytometry": _TEST,
    "review_test": _TEST,
    "report_product_deviation": ("process", "test", "release", "report_deviation"),
    "close_product_deviation": _RELEASE,
    "certify": _RELEASE,
    "prescribe_dose": ("infuse",),
    "prepare_dose": _PROCESS,
    "print_labels": _PROCESS,
    "reconcile_labels": _PROCESS,
    "issue_dose": ("process", "release"),
    "hand_over_dose": _CUSTODY,
    "receive_dose": _CUSTODY,
    "check_bedside": ("infuse", "procure"),
    "end_dose": _CUSTODY,
    "open_recall": _RELEASE,
    "notify_recall": _RELEASE,
    "close_recall": _RELEASE,
}
"""Acts that are not named like the verb that allows them; one of the verbs suffices, and none is needed where there is none."""


def verbs_allowing(act: str) -> tuple[str, ...]:
    """The verbs of which a role needs one to do an act."""
    return NEEDS.get(act, (act,))
