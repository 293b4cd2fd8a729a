"""Safety: adverse events against the treatment, and the watch over boundaries and reporting clocks."""

from charcot.safety.boundary_course import BoundaryCourse, BoundaryGroup, BoundaryPoint
from charcot.safety.clocks import RunningClock, find_clocks, find_open_clocks
from charcot.safety.holds import BoundaryHold, StaggeringHold, find_boundary_holds, find_holds
from charcot.safety.onset import compute_onset_day, is_treatment_emergent
from charcot.safety.watch import WATCHED_KINDS, SafetyWatch, WatchedInfusion, WatchedReport

__all__ = [
    "WATCHED_KINDS",
    "BoundaryCourse",
    "BoundaryGroup",
    "BoundaryHold",
    "BoundaryPoint",
    "RunningClock",
    "SafetyWatch",
    "StaggeringHold",
    "WatchedInfusion",
    "WatchedReport",
    "compute_onset_day",
    "find_boundary_holds",
    "find_clocks",
    "find_holds",
    "find_open_clocks",
    "is_treatment_emergent",
]
