"""One stopping boundary in its course: events against participants, when it was crossed, and what the board said to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from charcot.clinical_time import ClinicalTime, Offset
from charcot.ledger import Entry
from charcot.protocol import Boundary


@dataclass(frozen=True)
class BoundaryPoint:
    """Where a boundary stood after an entry: so many participants with an event among so many infused."""

    sequence: int
    patients: int
    events: int
    limit: int
    at: datetime
    """When the entry was made, in the site's time."""


@dataclass
class BoundaryGroup:
    """The count of one group, such as a lot; of the whole trial where the boundary has no groups."""

    group: str
    limits: "BoundaryLimits"
    starts: dict[str, ClinicalTime] = field(default_factory=dict)
    with_event: set[str] = field(default_factory=set)
    points: list[BoundaryPoint] = field(default_factory=list)
    held: BoundaryPoint | None = None
    """Where it was crossed, until the safety board has reviewed it."""
    cleared: int = 0
    """With how many events the board last let the trial go on."""
    review: Entry | None = None
    """What the board said last."""

    @property
    def patients(self) -> int:
        """How many were infused."""
        return len(self.starts)

    def weight(self, now: datetime) -> int:
        """How many count at `now`: all; or with a window, whole ones of the time followed (Cheung & Chappell 2000)."""
        window = self.limits.window
        if window is None:
            return self.patients
        total = 0.0
        for participant, start in self.starts.items():
            whole = window.after(start.earliest) - start.earliest
            followed = (now - start.earliest) / whole
            total += 1.0 if participant in self.with_event else min(1.0, max(0.0, followed))
        return int(total)

    @property
    def events(self) -> int:
        """How many of them had an event."""
        return len(self.with_event)

    def point(self, sequence: int, now: datetime) -> BoundaryPoint:
        """The count as it stands."""
        return BoundaryPoint(sequence, self.patients, self.events, self.limits.at(self.weight(now)), now)

    def note(self, sequence: int, now: datetime) -> None:
        """Judges the count as it stands after an entry."""
        last = self.points[-1] if self.points else None
        if last is not None and (last.patients, last.events) == (self.patients, self.events):
            return
        point = self.point(sequence, now)
        self.points.append(point)
        if self.events >= point.limit and self.events > self.cleared and self.held is None:
            self.held = point


@dataclass(frozen=True)
class BoundaryLimits:
    """The least number of events that stops the trial, by the number of participants."""

    steps: tuple[tuple[int, int], ...]
    window: Offset | None = None

    def at(self, patients: int) -> int:
        """With so many participants; beyond the last step, that step goes on to hold."""
        for events, up_to in self.steps:
            if patients <= up_to:
                return events
        return self.steps[-1][0]


class BoundaryCourse:
    """One boundary of the protocol over the entries, apart for each of its groups."""

    def __init__(self, plan: Boundary) -> None:
        self.plan = plan
        self._limits = BoundaryLimits(
            tuple((step.events, step.up_to) for step in plan.stop),
            plan.window if plan.method == "tite" else None,
        )
        self.groups: dict[str, BoundaryGroup] = {}
        if plan.per == "trial":
            self.group("")
        self._parts: dict[str, frozenset[str]] = {}

    def group(self, name: str) -> BoundaryGroup:
        """The count of a group; an empty one where nobody is in it."""
        return self.groups.setdefault(name, BoundaryGroup(name, self._limits))

    def count(self, entry: Entry, now: datetime, parts: Mapping[str, tuple[ClinicalTime, bool]]) -> None:
        """What a participant is part of after an entry: for each group when they were infused, and whether an event came after."""
        participant = entry.participant or ""
        before = self._parts.get(participant, frozenset())
        self._parts[participant] = frozenset(parts)
        for name in before - parts.keys():
            self.groups[name].starts.pop(participant, None)
            self.groups[name].with_event.discard(participant)
        for name, (at, happened) in parts.items():
            group = self.group(name)
            group.starts[participant] = at
            (group.with_event.add if happened else group.with_event.discard)(participant)
        for name in before | parts.keys():
            self.groups[name].note(entry.sequence, now)

    def review(self, entry: Entry, now: datetime) -> None:
        """What the safety board decided about a group: to go on with the events that it saw, or to stop."""
        group = self.group(str(entry.data["group"]))
        group.review = entry
        if entry.data["decision"] == "continue":
            group.cleared = int(entry.data["events"])
            group.held = None
        else:
            group.held = group.held or group.point(entry.sequence, now)
