"""A ledger in memory: for tests, for imagined trials, and as the plainest statement of what a ledger is."""

import threading
from collections.abc import Collection, Iterator, Sequence

from charcot.ledger.chain import Head, Row, link, row_of
from charcot.ledger.entry import Draft, Entry
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
        self, *, subjects: Collection[str] | None = None, after: int = 0, until: int | None = None
    ) -> Iterator[Entry]:
        """Entries in order, of all or some subjects."""
        if subjects is None:
            yield from self._entries[after:until]
            return
        chosen = [entry for subject in set(subjects) for entry in self._by_subject.get(subject, ())]
        for entry in sorted(chosen, key=lambda entry: entry.sequence):
            if entry.sequence > after and (until is None or entry.sequence <= until):
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
