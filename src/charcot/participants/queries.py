"""Queries: questions about forms and items, by people and by edit checks, from opening to closing; a fold of entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from charcot.ledger import Entry, Kind
from charcot.participants.casebook import FormKey

QueryStatus = Literal["open", "answered", "closed"]
_STATUS: Mapping[Kind, QueryStatus] = {
    Kind.QUERY_OPENED: "open",
    Kind.QUERY_ANSWERED: "answered",
    Kind.QUERY_REOPENED: "open",
    Kind.QUERY_CLOSED: "closed",
}
_ASKS = (Kind.QUERY_OPENED, Kind.QUERY_REOPENED)


@dataclass(frozen=True)
class Query:
    """One question, with everything that became of it, in order; the first event opened it."""

    participant: str
    events: tuple[Entry, ...]

    @property
    def opened(self) -> Entry:
        """The entry that asked it."""
        return self.events[0]

    @property
    def last(self) -> Entry:
        """What happened last."""
        return self.events[-1]

    @property
    def id(self) -> str:
        """Its number among the queries of the participant, such as `q3`."""
        return str(self.opened.data["query"])

    @cached_property
    def key(self) -> FormKey:
        """The form it is about."""
        return FormKey.of(self.opened.data)

    @property
    def item(self) -> str:
        """The item it is about; empty where it is about the whole form."""
        return str(self.opened.data["item"])

    @property
    def version(self) -> int:
        """The version of the form when it was asked; 0 where the form was not filled."""
        return int(self.opened.data["version"])

    @property
    def check(self) -> str | None:
        """The edit check that asked it; None where a person did."""
        return self.opened.data.get("check")

    @cached_property
    def _asked(self) -> Entry:
        """The entry that put the question last: a check that asks again says anew what it saw."""
        return next(
            e for e in reversed(self.events) if e is self.opened or (e.kind in _ASKS and "text" in e.data)
        )

    @property
    def text(self) -> str:
        """The question, as it was put last."""
        return str(self._asked.data["text"])

    @property
    def used(self) -> Mapping[str, Any]:
        """The values that the check saw when it asked last."""
        used: Mapping[str, Any] = self._asked.data.get("used", {})
        return used

    @property
    def status(self) -> QueryStatus:
        """`open` (waits for an answer), `answered` (waits to be closed) or `closed`."""
        return _STATUS[self.last.kind]

    @property
    def is_pending(self) -> bool:
        """Whether anything is left to do about it."""
        return self.status != "closed"

    @property
    def answer(self) -> str | None:
        """The newest answer."""
        answers = [e.data["text"] for e in self.events if e.kind is Kind.QUERY_ANSWERED]
        return answers[-1] if answers else None

    def age(self, now: datetime) -> int:
        """Whole days since it was asked; `now` has its zone."""
        return _days(self.opened, now)

    def waiting(self, now: datetime) -> int:
        """Whole days since anything last happened to it; `now` has its zone."""
        return _days(self.last, now)


def _days(entry: Entry, now: datetime) -> int:
    return max(0, (now - datetime.fromisoformat(entry.recorded_at)).days)


def fold_queries(participant: str, entries: Iterable[Entry]) -> tuple[Query, ...]:
    """Every query about one participant, in the order in which they were asked."""
    events: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.kind in _STATUS:
            events.setdefault(entry.data["query"], []).append(entry)
    return tuple(Query(participant, tuple(listed)) for listed in events.values())
