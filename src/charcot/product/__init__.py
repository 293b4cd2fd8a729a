"""Product: the dose of cells that a participant is given."""

from charcot.product.dose import compute_dose_ratio, is_within_tolerance, plan_dose

__all__ = ["compute_dose_ratio", "is_within_tolerance", "plan_dose"]
