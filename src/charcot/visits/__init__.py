"""Visits: filling forms, encounters and their windows, completeness, deviations."""

from charcot.visits.date_limits import DateLimits, check_dates, find_birth
from charcot.visits.deviations import Deviation, find_deviations, find_trial_deviations, is_dose_deviation
from charcot.visits.entry_fields import check_number, check_text
from charcot.visits.filling import (
    FactsOf,
    FailedCheck,
    Filled,
    JudgedForm,
    fill_form,
    is_personal,
    judge_checks,
    judge_form,
    judge_values,
    list_own_checks,
)
from charcot.visits.schedule import (
    PlannedVisit,
    Status,
    ended_at,
    first_moment,
    judge_status,
    last_moment,
    overdue_visits,
    plan_visits,
)
from charcot.visits.typed_text import (
    check_typed,
    normalise_moment,
    normalise_number,
    normalise_typed,
    reads_as,
    western_digits,
)

__all__ = [
    "DateLimits",
    "Deviation",
    "FactsOf",
    "FailedCheck",
    "Filled",
    "JudgedForm",
    "PlannedVisit",
    "Status",
    "check_dates",
    "check_number",
    "check_text",
    "check_typed",
    "ended_at",
    "fill_form",
    "find_birth",
    "find_deviations",
    "find_trial_deviations",
    "first_moment",
    "is_dose_deviation",
    "is_personal",
    "judge_checks",
    "judge_form",
    "judge_status",
    "judge_values",
    "last_moment",
    "list_own_checks",
    "normalise_moment",
    "normalise_number",
    "normalise_typed",
    "overdue_visits",
    "plan_visits",
    "reads_as",
    "western_digits",
]
