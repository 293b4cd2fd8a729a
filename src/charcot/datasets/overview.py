"""Finding participants in a trial of thousands: what is asked, and the answer made from their summaries."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from charcot.datasets.summary import ParticipantSummary, VisitSummary

VISIT_STATES = ("due", "overdue")
"""How a visit stands where something is to be done about it."""
CLOSING = "closing"
"""What is asked for where a visit is due and its window closes soon."""
SOON = timedelta(days=7)
"""How soon that is."""
ENDED = ("died", "declined", "withdrawn", "lost")
"""Where those stand who are no longer followed."""
NEEDS: dict[str, Callable[[ParticipantSummary], bool]] = {
    "incomplete": lambda s: s.incomplete > 0,
    "failed": lambda s: s.failed_errors + s.failed_queries > 0,
    "deviations": lambda s: s.deviations > 0,
    "queries": lambda s: s.queries > 0,
    "to_answer": lambda s: s.to_answer > 0,
    "unsigned": lambda s: s.unsigned > 0,
    "broken": lambda s: s.broken > 0,
    "unverified": lambda s: s.unverified > 0,
    "changed": lambda s: s.changed > 0,
    "ready_to_lock": lambda s: s.is_ready_to_lock,
    "followed": lambda s: s.standing not in ENDED,
}
"""What a participant may be looked for by, beside where they and their visits stand."""
ORDERS: dict[str, Callable[[ParticipantSummary], tuple[object, ...]]] = {
    "number": lambda s: (s.participant,),
    "slope": lambda s: (s.slope is None, s.slope, s.participant),
    "last_seen": lambda s: (s.last_seen is None, s.last_seen, s.participant),
    "oldest_query": lambda s: (s.oldest_query is None, s.oldest_query, s.participant),
    "to_verify": lambda s: (-s.unverified, s.participant),
}
"""By what participants may be sorted; those of whom it is not known come last."""


@dataclass(frozen=True)
class Asked:
    """Which participants are looked for. `sites` None means every site; `stands` is a standing, or `due`, `overdue`, `closing`."""

    text: str = ""
    stands: str = ""
    need: str = ""
    sites: frozenset[str] | None = None
    order: str = "number"


@dataclass(frozen=True)
class TrialCounts:
    """The trial in numbers, at a moment."""

    screened: int = 0
    enrolled: int = 0
    infused: int = 0
    infused_alive: int = 0
    due: int = 0
    overdue: int = 0
    closing: int = 0
    """Those of the visits due whose window closes soon."""
    overdue_forms: int = 0
    """Forms missing at visits that are overdue."""
    forms: int = 0
    incomplete: int = 0
    failed_errors: int = 0
    failed_queries: int = 0
    failed_notes: int = 0
    deviations: int = 0
    queries: int = 0
    to_answer: int = 0
    unsigned: int = 0
    broken: int = 0
    unverified: int = 0
    changed: int = 0
    ready_to_lock: int = 0
    """Participants of whom nothing is left to do but to lock their forms."""


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody to deal with it, in numbers."""

    queries: int = 0
    """Those that are not closed."""
    to_answer: int = 0
    unsigned: int = 0
    """Forms."""
    unverified: int = 0
    """Forms."""


@dataclass(frozen=True)
class VisitToDo:
    """A visit that is due or overdue: until when, and how many forms are missing."""

    participant: str
    encounter: str
    label: str
    status: str
    due_until: str
    forms: int


@dataclass(frozen=True)
class EventToSee:
    """A serious adverse event of a participant, and when it was first said to be serious (UTC)."""

    participant: str
    form: str
    encounter: str
    instance: int
    entered: str


class Overview(Protocol):
    """What lists and counts of participants ask, whatever keeps the summaries."""

    def find(
        self, asked: Asked, start: int = 0, most: int | None = None
    ) -> tuple[Sequence[ParticipantSummary], int]:
        """Those who fit, from place `start` on, at most so many; and how many fit altogether."""
        ...

    def count(self, sites: Collection[str] | None = None) -> TrialCounts:
        """The participants of some or all sites in numbers."""
        ...

    def waiting(self, sites: Collection[str] | None = None) -> Waiting:
        """The four of these numbers that every page shows."""
        ...

    def to_do(
        self, sites: Collection[str] | None = None, most: int | None = None
    ) -> tuple[Sequence[VisitToDo], int]:
        """Visits overdue, then due, by the day on which their window closes; and how many there are."""
        ...

    def standings(self, sites: Collection[str] | None = None) -> Sequence[str]:
        """Where anybody stands, each once, in the order of the words."""
        ...

    def asked(self, sites: Collection[str] | None = None) -> Sequence[str]:
        """When each query that is not closed was asked (UTC), the oldest first."""
        ...

    def serious(
        self, since: str, sites: Collection[str] | None = None, most: int | None = None
    ) -> tuple[Sequence[EventToSee], int]:
        """Serious events entered since a moment (UTC), the newest first; and how many there are."""
        ...


def soon_after(now: datetime) -> str:
    """The day after the last one on which a window closes soon, as ISO text."""
    return (now + SOON + timedelta(days=1)).date().isoformat()


def closes_soon(visit: VisitSummary, now: datetime) -> bool:
    """Whether a visit is due, and its window closes within a week."""
    until = visit.due_until
    return until is not None and until < soon_after(now) and visit.status_at(now) == "due"


class FoldedOverview:
    """The answers from summaries at hand: for a moment of the past, and as the plainest statement of what they are."""

    def __init__(self, summaries: Iterable[ParticipantSummary], now: datetime) -> None:
        self._everybody = tuple(summaries)
        self._now = now

    def find(
        self, asked: Asked, start: int = 0, most: int | None = None
    ) -> tuple[Sequence[ParticipantSummary], int]:
        """Those who fit."""
        found = sorted((s for s in self._of(asked.sites) if self._fits(s, asked)), key=ORDERS[asked.order])
        return found[start : None if most is None else start + most], len(found)

    def count(self, sites: Collection[str] | None = None) -> TrialCounts:
        """The participants in numbers."""
        chosen = list(self._of(sites))
        states = [(visit.status_at(self._now), len(visit.missing)) for s in chosen for visit in s.visits]
        return TrialCounts(
            screened=len(chosen),
            enrolled=sum(s.enrolled for s in chosen),
            infused=sum(s.infused for s in chosen),
            infused_alive=sum(s.infused and s.standing != "died" for s in chosen),
            due=sum(status == "due" for status, _ in states),
            overdue=sum(status == "overdue" for status, _ in states),
            closing=sum(closes_soon(v, self._now) for s in chosen for v in s.visits),
            overdue_forms=sum(missing for status, missing in states if status == "overdue"),
            forms=sum(s.forms for s in chosen),
            incomplete=sum(s.incomplete for s in chosen),
            failed_errors=sum(s.failed_errors for s in chosen),
            failed_queries=sum(s.failed_queries for s in chosen),
            failed_notes=sum(s.failed_notes for s in chosen),
            deviations=sum(s.deviations for s in chosen),
            queries=sum(s.queries for s in chosen),
            to_answer=sum(s.to_answer for s in chosen),
            unsigned=sum(s.unsigned for s in chosen),
            broken=sum(s.broken for s in chosen),
            unverified=sum(s.unverified for s in chosen),
            changed=sum(s.changed for s in chosen),
            ready_to_lock=sum(s.is_ready_to_lock for s in chosen),
        )

    def waiting(self, sites: Collection[str] | None = None) -> Waiting:
        """What waits."""
        counts = self.count(sites)
        return Waiting(counts.queries, counts.to_answer, counts.unsigned, counts.unverified)

    def to_do(
        self, sites: Collection[str] | None = None, most: int | None = None
    ) -> tuple[Sequence[VisitToDo], int]:
        """Visits overdue, then due."""
        found = [
            VisitToDo(s.participant, v.encounter, v.label, status, v.due_until or "", len(v.missing))
            for s in self._of(sites)
            for v in s.visits
            if (status := v.status_at(self._now)) in VISIT_STATES
        ]
        found.sort(key=lambda do: (do.status != "overdue", do.due_until, do.participant, do.encounter))
        return found[:most], len(found)

    def standings(self, sites: Collection[str] | None = None) -> Sequence[str]:
        """Where anybody stands."""
        return sorted({s.standing for s in self._of(sites)})

    def asked(self, sites: Collection[str] | None = None) -> Sequence[str]:
        """When each query that is not closed was asked."""
        return sorted(query.asked for s in self._of(sites) for query in s.asked)

    def serious(
        self, since: str, sites: Collection[str] | None = None, most: int | None = None
    ) -> tuple[Sequence[EventToSee], int]:
        """Serious events entered since a moment."""
        found = [
            EventToSee(s.participant, e.form, e.encounter, e.instance, e.entered)
            for s in self._of(sites)
            for e in s.serious
            if e.entered >= since
        ]
        found.sort(key=lambda e: (e.participant, e.form, e.encounter, e.instance))
        found.sort(key=lambda e: e.entered, reverse=True)
        return found[:most], len(found)

    def _of(self, sites: Collection[str] | None) -> Iterator[ParticipantSummary]:
        return (s for s in self._everybody if sites is None or s.site in sites)

    def _fits(self, summary: ParticipantSummary, asked: Asked) -> bool:
        if asked.text.casefold() not in summary.participant.casefold():
            return False
        if asked.need and not NEEDS[asked.need](summary):
            return False
        if asked.stands in VISIT_STATES:
            return any(visit.status_at(self._now) == asked.stands for visit in summary.visits)
        if asked.stands == CLOSING:
            return any(closes_soon(visit, self._now) for visit in summary.visits)
        return asked.stands in ("", summary.standing)
