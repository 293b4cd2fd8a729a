"""Clocks: the computer's, and one that a simulated trial sets."""

import threading
from datetime import UTC, datetime, timedelta


def real_clock() -> datetime:
    """The moment by this computer's clock, in UTC."""
    return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        self._moment = start.astimezone(UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self._moment

    def advance(self, step: timedelta) -> datetime:
        """Goes on by `step` and tells the moment it then shows; a clock never goes back."""
        if step < timedelta(0):
            raise ValueError("a clock never goes back")
        with self._lock:
            self._moment += step
            return self._moment

    def advance_to(self, moment: datetime) -> datetime:
        """Goes on to `moment`; stays where it is if that has passed."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        with self._lock:
            self._moment = max(self._moment, moment.astimezone(UTC))
            return self._moment
