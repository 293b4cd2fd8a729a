"""The dose of a product: planned from body weight, and compared with what was given."""

from decimal import Decimal

from charcot.protocol.design import Dose


def plan_dose(dose: Dose, weight_kg: str) -> str:
    """The planned dose [the dose's unit] for a body weight [kg], to a whole number."""
    return str((Decimal(dose.per_kg) * Decimal(weight_kg)).quantize(Decimal(1)))


def compute_dose_ratio(given: str, planned: str) -> Decimal:
    """Dose given over dose planned. Raises ArithmeticError where one of them is no number or the plan is zero."""
    return Decimal(given) / Decimal(planned)


def is_within_tolerance(dose: Dose, ratio: Decimal) -> bool:
    """Whether a ratio of given to planned lies within the protocol's tolerance, both ends included."""
    return abs(ratio - 1) <= Decimal(dose.tolerance)
