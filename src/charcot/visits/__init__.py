"""Visits: filling forms, encounters and their windows, completeness, deviations."""

from charcot.visits.deviations import Deviation, find_deviations, find_trial_deviations, is_dose_deviation
from charcot.visits.entry_fields import check_text
from charcot.visits.filling import FactsOf, FailedCheck, Filled, fill_form, is_personal
from charcot.visits.schedule import PlannedVisit, overdue_visits, plan_visits

__all__ = [
    "Deviation",
    "FactsOf",
    "FailedCheck",
    "Filled",
    "PlannedVisit",
    "check_text",
    "fill_form",
    "find_deviations",
    "find_trial_deviations",
    "is_dose_deviation",
    "is_personal",
    "overdue_visits",
    "plan_visits",
]
