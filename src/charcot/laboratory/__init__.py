"""Laboratory: panels, units and normal ranges."""

from charcot.laboratory.ranges import find_normal_range, find_sex, flag_result
from charcot.laboratory.units import Conversion, convert_typed, find_conversions

__all__ = [
    "Conversion",
    "convert_typed",
    "find_conversions",
    "find_normal_range",
    "find_sex",
    "flag_result",
]
