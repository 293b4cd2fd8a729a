"""Tracing the product: whoever asks first after an act reads what was entered since into the graph, and it answers."""

import threading
from pathlib import Path

from charcot.conduct import read_charter
from charcot.ledger import Head, Ledger, holds_entry
from charcot.product.tracing import (
    TRACED,
    Direction,
    NodeTrace,
    Reach,
    TraceEdge,
    derive_trace_edges,
    require_node,
)
from charcot.store.local.traces import (
    TraceAnswers,
    TracedUpTo,
    find_traced,
    forget_traces,
    read_trace_state,
    write_traces,
)
from charcot.store.site_database import open_site_database
from charcot.team import Charter
from charcot.wiring.folder import TrialFolder
from charcot.wiring.served import DATABASE

WAYS: tuple[Direction, Direction] = ("back", "forward")
TOGETHER = 5_000
"""How many edges are written in one step."""


class TraceKeeper:
    """Keeps the graph of a record in a site's database; for any number of threads and processes."""

    def __init__(self, ledger: Ledger, database: Path) -> None:
        self._ledger, self._database = ledger, database
        self._answers: TraceAnswers | None = None
        self._lock = threading.Lock()

    def find(self, asked: str, head: Head, charter: Charter) -> str:
        """The node that is meant by an id or a bare name. Raises BadValue."""
        return require_node(asked, find_traced(self._current(head, charter).alias, asked))

    def reach(self, start: str, direction: Direction, head: Head, charter: Charter) -> Reach:
        """The names of everything before (back) or after (forward) a node, as of `head`."""
        return self._current(head, charter).reach(start, direction, head.sequence)

    def trace(
        self, start: str, direction: Direction, head: Head, charter: Charter, most: int | None = None
    ) -> tuple[NodeTrace, Reach]:
        """The nearest before (back) or after (forward) a node with the edges between, and the names of all, as of `head`."""
        return self._current(head, charter).trace(start, direction, head.sequence, most)

    def _current(self, head: Head, charter: Charter) -> TraceAnswers:
        with self._lock:
            answers = self._answers = self._answers or TraceAnswers(open_site_database(self._database))
            forms = event_forms_of(charter)
            while (seen := self._seen(answers.alias, forms)) < head.sequence:
                self._read_on(answers.alias, seen, head, forms)
        return answers

    def _seen(self, alias: str, forms: frozenset[str]) -> int:
        """Up to which entry the graph holds the record; one of another record or of fewer forms is taken away."""
        state = read_trace_state(alias)
        if state is None:
            return 0
        same = holds_entry(self._ledger, state.seen, state.seen_hash)
        if same and forms <= set(state.event_forms.split(",")):
            return state.seen
        forget_traces(alias)
        return 0

    def _read_on(self, alias: str, seen: int, head: Head, forms: frozenset[str]) -> None:
        known = ",".join(sorted(forms))
        edges: list[TraceEdge] = []
        for entry in self._ledger.entries(kinds=TRACED, after=seen, until=head.sequence):
            edges += derive_trace_edges(entry, forms)
            if len(edges) >= TOGETHER:
                write_traces(alias, edges, TracedUpTo(entry.sequence, entry.hash, known), after=seen)
                edges, seen = [], entry.sequence
        write_traces(alias, edges, TracedUpTo(head.sequence, head.hash, known), after=seen)


def event_forms_of(charter: Charter) -> frozenset[str]:
    """The forms of every version of the protocol whose filling is an adverse event."""
    return frozenset(
        form.form
        for active in charter.protocols
        if (form := active.study.protocol.form_playing("adverse_event")) is not None
    )


def trace_in(folder: TrialFolder, asked: str, most: int | None) -> list[tuple[NodeTrace, Reach]]:
    """Back and forward from a node of a trial's folder, as of now: the nearest, and the names of all. Raises BadValue."""
    head, charter = folder.ledger.head(), read_charter(folder.ledger)
    keeper = TraceKeeper(folder.ledger, folder.path / "local" / DATABASE)
    start = keeper.find(asked, head, charter)
    return [keeper.trace(start, way, head, charter, most) for way in WAYS]
