"""Conduct: the one door. Each act is a verb in a file of its own, and every face goes through them."""

from charcot.conduct.activate_protocol import activate_protocol
from charcot.conduct.adopt_claims import adopt_claims
from charcot.conduct.analyse_cytometry import analyse_cytometry
from charcot.conduct.annul import annul_product_entry
from charcot.conduct.answer_query import answer_query
from charcot.conduct.approve import approve
from charcot.conduct.assess import assess
from charcot.conduct.assess_relation import assess_relation
from charcot.conduct.attach import attach, withdraw_attachment
from charcot.conduct.calibrate import calibrate
from charcot.conduct.certify import certify
from charcot.conduct.change_access import change_access
from charcot.conduct.check_bedside import check_bedside
from charcot.conduct.close_query import close_query
from charcot.conduct.consent import consent
from charcot.conduct.contact import contact
from charcot.conduct.correct import correct
from charcot.conduct.count_cells import count_cells
from charcot.conduct.cut import cut
from charcot.conduct.decide_donor import decide_donor
from charcot.conduct.decline import decline
from charcot.conduct.delegate import delegate, end_delegation
from charcot.conduct.end_dose import end_dose
from charcot.conduct.enrol import enrol
from charcot.conduct.enter_in_error import enter_in_error, reinstate
from charcot.conduct.follow_donor_reaction import follow_donor_reaction, report_donor_reaction
from charcot.conduct.infuse import infuse
from charcot.conduct.issue_dose import hand_over_dose, issue_dose, receive_dose
from charcot.conduct.judge_result import judge_result
from charcot.conduct.label_dose import print_labels, reconcile_labels
from charcot.conduct.lock import lock, unlock
from charcot.conduct.lose_to_follow_up import lose_to_follow_up
from charcot.conduct.miss import miss
from charcot.conduct.move_vial import move_vial, report_storage_excursion
from charcot.conduct.open_query import open_query
from charcot.conduct.open_recall import close_recall, notify_recall, open_recall
from charcot.conduct.open_trial import open_trial
from charcot.conduct.prepare_dose import prepare_dose
from charcot.conduct.prescribe_dose import prescribe_dose
from charcot.conduct.process import process
from charcot.conduct.procure import procure
from charcot.conduct.receive_material import recall_material, receive_material, release_material
from charcot.conduct.record import record
from charcot.conduct.record_death import record_death
from charcot.conduct.record_donor_test import record_donor_test
from charcot.conduct.record_submission import record_submission
from charcot.conduct.register_donor import consent_donor, register_donor, screen_donor
from charcot.conduct.reopen_query import reopen_query
from charcot.conduct.report_deviation import report_deviation
from charcot.conduct.report_event import report_event
from charcot.conduct.report_product_deviation import (
    assess_product_deviation,
    close_product_deviation,
    report_product_deviation,
)
from charcot.conduct.request_test import request_test, result_test, review_test
from charcot.conduct.review_safety import review_safety
from charcot.conduct.screen import screen
from charcot.conduct.set_range import set_range
from charcot.conduct.sign import sign
from charcot.conduct.sign_narrative import sign_narrative
from charcot.conduct.trial import Trial, read_charter
from charcot.conduct.verify_source import verify_source, withdraw_verification
from charcot.conduct.waive import waive
from charcot.conduct.withdraw import withdraw

__all__ = [
    "Trial",
    "activate_protocol",
    "adopt_claims",
    "analyse_cytometry",
    "annul_product_entry",
    "answer_query",
    "approve",
    "assess",
    "assess_product_deviation",
    "assess_relation",
    "attach",
    "calibrate",
    "certify",
    "change_access",
    "check_bedside",
    "close_product_deviation",
    "close_query",
    "close_recall",
    "consent",
    "consent_donor",
    "contact",
    "correct",
    "count_cells",
    "cut",
    "decide_donor",
    "decline",
    "delegate",
    "end_delegation",
    "end_dose",
    "enrol",
    "enter_in_error",
    "follow_donor_reaction",
    "hand_over_dose",
    "infuse",
    "issue_dose",
    "judge_result",
    "lock",
    "lose_to_follow_up",
    "miss",
    "move_vial",
    "notify_recall",
    "open_query",
    "open_recall",
    "open_trial",
    "prepare_dose",
    "prescribe_dose",
    "print_labels",
    "process",
    "procure",
    "read_charter",
    "recall_material",
    "receive_dose",
    "receive_material",
    "reconcile_labels",
    "record",
    "record_death",
    "record_donor_test",
    "record_submission",
    "register_donor",
    "reinstate",
    "release_material",
    "reopen_query",
    "report_deviation",
    "report_donor_reaction",
    "report_event",
    "report_product_deviation",
    "report_storage_excursion",
    "request_test",
    "result_test",
    "review_safety",
    "review_test",
    "screen",
    "screen_donor",
    "set_range",
    "sign",
    "sign_narrative",
    "unlock",
    "verify_source",
    "waive",
    "withdraw",
    "withdraw_attachment",
    "withdraw_verification",
]
