"""Reading one participant at a time: what was folded is kept, and only what was entered since is read again."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from charcot.ledger import TRIAL, Entry, Kind, Ledger, participant_subject
from charcot.participants import Dossier, Query, fold_queries, open_dossier
from charcot.team import Charter, fold_charter

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")
MOST = 64
"""How many participants' entries and dossiers are kept."""
ABOUT_QUERIES = (Kind.QUERY_OPENED, Kind.QUERY_ANSWERED, Kind.QUERY_REOPENED, Kind.QUERY_CLOSED)


class Kept(Generic[Key, Thing]):
    """The things that were asked for last; safe with several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Key, Thing] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Thing | None:
        """What is kept under a key."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
            return self._things.get(key)

    def put(self, key: Key, thing: Thing) -> Thing:
        """Keeps a thing, and lets go of what was not asked for longest."""
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            while len(self._things) > self._most:
                self._things.popitem(last=False)
            return thing


@dataclass(frozen=True)
class _Listed:
    """The entries of one subject, up to a place in the ledger at which they are known."""

    entries: tuple[Entry, ...]
    until: int


class TrialReader:
    """Reads a trial's charter and single dossiers, as of any entry, without folding everybody."""

    def __init__(self, ledger: Ledger, most: int = MOST) -> None:
        self._ledger = ledger
        self._entries: Kept[str, _Listed] = Kept(most)
        self._charters: Kept[int, Charter] = Kept(8)
        self._dossiers: Kept[tuple[str, int, int, date], Dossier] = Kept(most)
        self._screened: list[tuple[int, str]] = []
        self._known = 0
        self._said: list[Entry] = []
        self._said_until = 0
        self._lock = threading.Lock()

    def charter(self, until: int) -> Charter:
        """The trial's own facts as of entry `until`. Raises OutOfOrder where no trial was opened."""
        entries = self.entries(TRIAL, until)
        last = entries[-1].sequence if entries else 0
        return self._charters.get(last) or self._charters.put(last, fold_charter(entries))

    def dossier(self, participant: str, until: int, today: date) -> Dossier | None:
        """A participant as of entry `until`; None where there was none. `today` as for `open_dossier`."""
        entries = self.entries(participant_subject(participant), until)
        if not entries:
            return None
        charter = self.charter(until)
        key = (participant, entries[-1].sequence, self.entries(TRIAL, until)[-1].sequence, today)
        return self._dossiers.get(key) or self._dossiers.put(
            key, open_dossier(charter, participant, entries, today)
        )

    def participants(self, until: int) -> tuple[str, ...]:
        """Everybody who was screened by entry `until`, in the order of their numbers."""
        with self._lock:
            if until > self._known:
                kinds = (Kind.PARTICIPANT_SCREENED,)
                newer = self._ledger.entries(kinds=kinds, after=self._known, until=until)
                self._screened += [(entry.sequence, entry.participant or "") for entry in newer]
                self._known = until
            return tuple(sorted(name for sequence, name in self._screened if sequence <= until))

    def queries(self, until: int) -> tuple[Query, ...]:
        """Everybody's queries as of entry `until`, in the order in which they were asked; no dossier is opened."""
        with self._lock:
            if until > self._said_until:
                newer = self._ledger.entries(kinds=ABOUT_QUERIES, after=self._said_until, until=until)
                self._said += newer
                self._said_until = until
            said = [entry for entry in self._said if entry.sequence <= until]
        of: dict[str, list[Entry]] = {}
        for entry in said:
            of.setdefault(entry.participant or "", []).append(entry)
        found = [query for participant, entries in of.items() for query in fold_queries(participant, entries)]
        return tuple(sorted(found, key=lambda query: query.opened.sequence))

    def entries(self, subject: str, until: int) -> tuple[Entry, ...]:
        """The entries about one subject up to entry `until`."""
        kept = self._entries.get(subject)
        if kept is None:
            kept = _Listed(tuple(self._ledger.entries(subjects=[subject], until=until)), until)
        elif kept.until < until:
            newer = self._ledger.entries(subjects=[subject], after=kept.until, until=until)
            kept = _Listed((*kept.entries, *newer), until)
        elif kept.until > until:
            return tuple(entry for entry in kept.entries if entry.sequence <= until)
        return self._entries.put(subject, kept).entries
