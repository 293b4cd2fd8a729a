"""When an adverse event began, against the treatment: its day, and whether it is treatment-emergent."""

from charcot.clinical_time import ClinicalTime


def compute_onset_day(onset: ClinicalTime, infused: ClinicalTime | None) -> int | None:
    """Whole days from the infusion (day 0) to onset; None where either day is not known."""
    if infused is None or not onset.is_complete or not infused.is_complete:
        return None
    return (onset.day - infused.day).days


def is_treatment_emergent(onset: ClinicalTime, infused: ClinicalTime | None) -> bool | None:
    """Whether an event began at or after the infusion; None where a partial onset leaves it open."""
    if infused is None or onset.surely_before(infused):
        return False
    return True if onset.earliest >= infused.earliest else None
