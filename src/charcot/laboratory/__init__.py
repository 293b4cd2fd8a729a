"""Laboratory: panels, units, normal ranges, and results judged against them."""

from charcot.laboratory.ranges import AppliedRange, Flag, RangeBook, flag_result, list_ranges, taken_on
from charcot.laboratory.results import Judgement, LabResult, ResultBook, list_results, number_in, parse_number
from charcot.laboratory.units import Conversion, convert_typed, find_conversions

__all__ = [
    "AppliedRange",
    "Conversion",
    "Flag",
    "Judgement",
    "LabResult",
    "RangeBook",
    "ResultBook",
    "convert_typed",
    "find_conversions",
    "flag_result",
    "list_ranges",
    "list_results",
    "number_in",
    "parse_number",
    "taken_on",
]
