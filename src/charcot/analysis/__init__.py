"""Analysis: the plan bound to data and method, as results that know where they came from."""

from charcot.analysis.frames import derive_report_datasets
from charcot.analysis.methods import METHODS, TOPICS, Method
from charcot.analysis.origins import Lineage, derive_lineage, origins_behind
from charcot.analysis.plan import Measure, ReportPlan
from charcot.analysis.result import (
    Result,
    compute_again,
    derive_result,
    index_results,
    parents_of,
    rows_behind,
)
from charcot.analysis.selection import Datasets, Selection, select_rows

__all__ = [
    "METHODS",
    "TOPICS",
    "Datasets",
    "Lineage",
    "Measure",
    "Method",
    "ReportPlan",
    "Result",
    "Selection",
    "compute_again",
    "derive_lineage",
    "derive_report_datasets",
    "derive_result",
    "index_results",
    "origins_behind",
    "parents_of",
    "rows_behind",
    "select_rows",
]
