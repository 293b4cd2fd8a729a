"""Tracing the product: whoever asks first after an act reads what was entered since into the graph, and it answers."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from charcot.conduct import read_charter
from charcot.ledger import Head, Ledger, holds_entry
from charcot.product.tracing import TRACED, Direction, NodeTrace, TraceEdge, derive_trace_edges, require_node
from charcot.store.local.traces import (
    TracedUpTo,
    count_reached,
    find_traced,
    forget_traces,
    read_reached,
    read_trace,
    read_trace_state,
    write_traces,
)
from charcot.store.site_database import open_site_database
from charcot.team import Charter
from charcot.wiring.folder import TrialFolder
from charcot.wiring.served import DATABASE

AFFECTED = ("lot", "dose", "participant")
TOGETHER = 5_000
"""How many edges are written in one step."""


class TraceKeeper:
    """Keeps the graph of a record in a site's database; for any number of threads and processes."""

    def __init__(self, ledger: Ledger, database: Path) -> None:
        self._ledger, self._database = ledger, database
        self._alias: str | None = None
        self._lock = threading.Lock()

    def trace(self, asked: str, direction: Direction, head: Head, charter: Charter) -> NodeTrace:
        """Everything before (back) or after (forward) the node that is meant, as of `head`. Raises BadValue."""
        alias = self._current(head, charter)
        start = require_node(asked, find_traced(alias, asked))
        return read_trace(alias, start, direction, head.sequence)

    def affected(
        self, asked: str, head: Head, charter: Charter, kinds: Sequence[str] = AFFECTED
    ) -> tuple[str, ...]:
        """What came of a node, of those kinds that a recall is about; quick also where everything did. Raises BadValue."""
        start = self.find(asked, head, charter)
        return tuple(
            f"{kind}/{name}" for kind in kinds for name in self.page(start, "forward", head, charter, kind)
        )

    def count(self, asked: str, direction: Direction, head: Head, charter: Charter) -> Mapping[str, int]:
        """How many nodes of each kind lie before or after a node; quick also where everything does. Raises BadValue."""
        start = self.find(asked, head, charter)
        return count_reached(self._current(head, charter), start, direction, head.sequence)

    def page(
        self,
        start: str,
        direction: Direction,
        head: Head,
        charter: Charter,
        kind: str,
        after: str = "",
        most: int | None = None,
    ) -> tuple[str, ...]:
        """The names of a kind before or after a node, in order: those beyond `after`, at most so many."""
        alias = self._current(head, charter)
        return read_reached(alias, start, direction, head.sequence, kind, after, most)

    def find(self, asked: str, head: Head, charter: Charter) -> str:
        """The node that is meant by an id or a bare name. Raises BadValue."""
        alias = self._current(head, charter)
        return require_node(asked, find_traced(alias, asked))

    def _current(self, head: Head, charter: Charter) -> str:
        with self._lock:
            alias = self._alias = self._alias or open_site_database(self._database)
            self._catch_up(alias, head, event_forms_of(charter))
        return alias

    def _catch_up(self, alias: str, head: Head, forms: frozenset[str]) -> None:
        state = read_trace_state(alias)
        known = ",".join(sorted(forms))
        if state is not None and not (
            holds_entry(self._ledger, state.seen, state.seen_hash)
            and forms <= set(state.event_forms.split(","))
        ):
            forget_traces(alias)
            state = None
        seen = 0 if state is None else state.seen
        if seen >= head.sequence and state is not None:
            return
        edges: list[TraceEdge] = []
        for entry in self._ledger.entries(kinds=TRACED, after=seen, until=head.sequence):
            edges += derive_trace_edges(entry, forms)
            if len(edges) >= TOGETHER:
                write_traces(alias, edges, TracedUpTo(entry.sequence, entry.hash, known))
                edges = []
        write_traces(alias, edges, TracedUpTo(head.sequence, head.hash, known))


def event_forms_of(charter: Charter) -> frozenset[str]:
    """The forms of every version of the protocol whose filling is an adverse event."""
    return frozenset(
        form.form
        for active in charter.protocols
        if (form := active.study.protocol.form_playing("adverse_event")) is not None
    )


def trace_in(folder: TrialFolder, asked: str, direction: Direction) -> NodeTrace:
    """Everything before or after a node of a trial's folder, as of now. Raises BadValue."""
    head = folder.ledger.head()
    keeper = TraceKeeper(folder.ledger, folder.path / "local" / DATABASE)
    return keeper.trace(asked, direction, head, read_charter(folder.ledger))
