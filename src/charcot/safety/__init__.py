"""Safety: adverse events against the treatment."""

from charcot.safety.onset import compute_onset_day, is_treatment_emergent

__all__ = ["compute_onset_day", "is_treatment_emergent"]
