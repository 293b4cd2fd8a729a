"""Conduct: the one door. Each act is a verb in a file of its own, and every face goes through them."""

from charcot.conduct.activate_protocol import activate_protocol
from charcot.conduct.adopt_claims import adopt_claims
from charcot.conduct.answer_query import answer_query
from charcot.conduct.approve import approve
from charcot.conduct.assess import assess
from charcot.conduct.attach import attach, withdraw_attachment
from charcot.conduct.change_access import change_access
from charcot.conduct.close_query import close_query
from charcot.conduct.consent import consent
from charcot.conduct.contact import contact
from charcot.conduct.correct import correct
from charcot.conduct.cut import cut
from charcot.conduct.decline import decline
from charcot.conduct.delegate import delegate, end_delegation
from charcot.conduct.enrol import enrol
from charcot.conduct.enter_in_error import enter_in_error, reinstate
from charcot.conduct.infuse import infuse
from charcot.conduct.lock import lock, unlock
from charcot.conduct.lose_to_follow_up import lose_to_follow_up
from charcot.conduct.miss import miss
from charcot.conduct.open_query import open_query
from charcot.conduct.open_trial import open_trial
from charcot.conduct.record import record
from charcot.conduct.record_death import record_death
from charcot.conduct.reopen_query import reopen_query
from charcot.conduct.report_deviation import report_deviation
from charcot.conduct.report_event import report_event
from charcot.conduct.screen import screen
from charcot.conduct.sign import sign
from charcot.conduct.trial import Trial, read_charter
from charcot.conduct.verify_source import verify_source, withdraw_verification
from charcot.conduct.waive import waive
from charcot.conduct.withdraw import withdraw

__all__ = [
    "Trial",
    "activate_protocol",
    "adopt_claims",
    "answer_query",
    "approve",
    "assess",
    "attach",
    "change_access",
    "close_query",
    "consent",
    "contact",
    "correct",
    "cut",
    "decline",
    "delegate",
    "end_delegation",
    "enrol",
    "enter_in_error",
    "infuse",
    "lock",
    "lose_to_follow_up",
    "miss",
    "open_query",
    "open_trial",
    "read_charter",
    "record",
    "record_death",
    "reinstate",
    "reopen_query",
    "report_deviation",
    "report_event",
    "screen",
    "sign",
    "unlock",
    "verify_source",
    "waive",
    "withdraw",
    "withdraw_attachment",
    "withdraw_verification",
]
