"""Laboratory: panels, units and normal ranges."""

from charcot.laboratory.ranges import find_normal_range, find_sex, flag_result

__all__ = ["find_normal_range", "find_sex", "flag_result"]
