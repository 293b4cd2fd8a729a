"""Keeping the summaries of participants current: whoever looks first after an act folds those whom it concerns."""

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from charcot.datasets import summarise
from charcot.ledger import Head, Ledger, holds_entry
from charcot.store.local.summaries import (
    KeptOverview,
    ReadUpTo,
    forget_summaries,
    read_state,
    write_state,
    write_summaries,
)
from charcot.store.site_database import open_site_database
from charcot.wiring.reading import TrialReader

TOGETHER = 100
"""How many participants are written in one step."""


class SummaryKeeper:
    """Keeps a line for each participant in a site's database; for any number of threads and processes."""

    def __init__(self, ledger: Ledger, reader: TrialReader, database: Path) -> None:
        self._ledger, self._reader, self._database = ledger, reader, database
        self._alias: str | None = None
        self._lock = threading.Lock()

    def overview(self, head: Head, now: datetime) -> KeptOverview:
        """Lists and counts as of `now` (site's time), of a record that ends no earlier than `head`."""
        with self._lock:
            alias = self._alias = self._alias or open_site_database(self._database)
            self._catch_up(alias, head, now)
        return KeptOverview(alias, now)

    def _catch_up(self, alias: str, head: Head, now: datetime) -> None:
        """Folds those whom entries since the last time concern: everybody where the protocol changed or lines are lost."""
        charter = self._reader.charter(head.sequence)
        ruling = charter.ruling_on(now.date()).version
        protocols = charter.protocols[-1].entry.sequence
        reached = ReadUpTo(head.sequence, head.hash, protocols, ruling)
        state = read_state(alias)
        if state == reached or (state is not None and self._is_ahead(state, head)):
            return
        if state is None or not holds_entry(self._ledger, state.seen, state.seen_hash):
            forget_summaries(alias)
            state = None
        if state is None or (state.protocols, state.ruling) != (protocols, ruling):
            changed: Iterable[str] = self._reader.participants(head.sequence)
        else:
            newer = self._ledger.entries(after=state.seen, until=head.sequence)
            changed = {name for entry in newer if (name := entry.participant) is not None}
        self._write(alias, sorted(changed), head, now, protocols)
        write_state(alias, reached)

    def _write(
        self, alias: str, participants: Sequence[str], head: Head, now: datetime, protocols: int
    ) -> None:
        reader = self._reader if len(participants) <= TOGETHER else TrialReader(self._ledger, most=2)
        for start in range(0, len(participants), TOGETHER):
            dossiers = (
                reader.dossier(name, head.sequence, now.date())
                for name in participants[start : start + TOGETHER]
            )
            write_summaries(alias, [summarise(d) for d in dossiers if d is not None], protocols)

    def _is_ahead(self, state: ReadUpTo, head: Head) -> bool:
        """Whether another process read further than `head`, in the same record."""
        return state.seen > head.sequence and holds_entry(self._ledger, state.seen, state.seen_hash)
