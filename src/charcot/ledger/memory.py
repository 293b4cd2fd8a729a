"""A ledger in memory: for tests, for imagined trials, and as the plainest statement of what a ledger is."""

import threading
from collections.abc import Collection, Iterator, Sequence

from charcot.ledger.chain import Head, Row, link, row_of
from charcot.ledger.entry import Draft, Entry
from charcot.ledger.kinds import Kind
from charcot.ledger.port import Clock, require_premises


class MemoryLedger:
    """Holds its entries in a list."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._by_subject: dict[str, list[Entry]] = {}
        self._lock = threading.Lock()

    def head(self) -> Head:
        """Where the ledger ends."""
        if not self._entries:
            return Head()
        last = self._entries[-1]
        return Head(last.sequence, last.hash, last.recorded_at)

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        kinds: Collection[Kind] | None = None,
        person: str | None = None,
        form: str | None = None,
        after: int = 0,
        until: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """Entries in order, or in the opposite one, that fit."""
        if subjects is None:
            chosen = self._entries[after:until]
        else:
            found = [entry for subject in set(subjects) for entry in self._by_subject.get(subject, ())]
            chosen = sorted(found, key=lambda entry: entry.sequence)
        for entry in reversed(chosen) if newest_first else chosen:
            if (
                entry.sequence > after
                and (until is None or entry.sequence <= until)
                and (kinds is None or entry.kind in kinds)
                and person in (None, entry.actor.person)
                and form in (None, entry.data.get("form"))
            ):
                yield entry

    def rows(self, *, until: int | None = None) -> Iterator[Row]:
        """The entries as rows."""
        return (row_of(entry) for entry in self._entries[:until])

    def append(
        self, drafts: Sequence[Draft], *, seen: int, watching: Collection[str], clock: Clock
    ) -> tuple[Entry, ...]:
        """Enters all drafts or none."""
        with self._lock:
            require_premises((entry.subject for entry in self._entries[seen:]), watching)
            entries = link(drafts, self.head(), clock())
            for entry in entries:
                self._by_subject.setdefault(entry.subject, []).append(entry)
            self._entries.extend(entries)  # last: whoever sees the new head then sees all that lies before it
        return entries
