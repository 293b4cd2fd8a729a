"""Acting on the trial in a folder: its ledger and keys, with the clock that the trial goes by."""

from datetime import datetime

from charcot.conduct import Trial, read_charter
from charcot.wiring.clock import SimulatedClock, real_clock
from charcot.wiring.folder import TrialFolder


def trial_in(folder: TrialFolder) -> Trial:
    """The opened trial in a folder. Where its clock is simulated, it stands at the moment of the last entry."""
    if read_charter(folder.ledger, until=1).simulated_clock:
        last = datetime.fromisoformat(folder.ledger.head().recorded_at)
        return Trial(folder.ledger, folder.vault, SimulatedClock(last))
    return Trial(folder.ledger, folder.vault, real_clock)
