"""Statistical methods as pure functions of numbers, one method a file; they know nothing of trials."""

from charcot.statistics.describe import Counts, Description, count_by, describe
from charcot.statistics.fisher import FisherTest, estimate_odds_ratio
from charcot.statistics.intervals import Interval, estimate_proportion, estimate_rate
from charcot.statistics.survival import SurvivalCurve, kaplan_meier

__all__ = [
    "Counts",
    "Description",
    "FisherTest",
    "Interval",
    "SurvivalCurve",
    "count_by",
    "describe",
    "estimate_odds_ratio",
    "estimate_proportion",
    "estimate_rate",
    "kaplan_meier",
]
