"""The graph of the product in the site's database: kept as it grows, searched by recursion in SQL or read as a whole."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import numpy as np
from django.db import connections, transaction
from django.db.models import Max

from charcot.product.trace_graph import EDGES_A_NODE, TraceGraph
from charcot.product.tracing import KINDS, Direction, NodeTrace, Reach, TraceEdge, arrange_trace
from charcot.store.local.models import EdgeLine, GraphPage, NodeLine, TraceState

SHAPE = 4
"""Grows whenever edges say more or something else; older ones are then made anew."""
TOGETHER = 150
"""Rows written in one statement."""
A_PAGE = 50_000
"""Bytes of edges after which a new page is begun."""
MOST_BY_STEPS = 1_000
"""Nodes that a recursion goes to, one by one; where more are reached, the whole graph is read."""
NODES, EDGES = (model._meta.db_table for model in (NodeLine, EdgeLine))
WHOLE_NUMBER = np.dtype("<i4")

_REACHED = """
WITH RECURSIVE reached(node) AS (
    SELECT id FROM {nodes} WHERE node = %s
    UNION
    SELECT edge.{far} FROM reached JOIN {edges} AS edge ON edge.{near} = reached.node WHERE edge.entry <= %s
    LIMIT %s
)
"""
_NODES = "SELECT found.node FROM reached JOIN {nodes} AS found ON found.id = reached.node"
_EDGES = """
SELECT above.node, below.node, edge.how, edge.entry
FROM reached
JOIN {edges} AS edge ON edge.{near} = reached.node AND edge.entry <= %s
JOIN {nodes} AS above ON above.id = edge.parent
JOIN {nodes} AS below ON below.id = edge.child
LIMIT %s
"""


@dataclass(frozen=True)
class TracedUpTo:
    """How far the record was read into edges, and which forms were taken for events."""

    seen: int
    seen_hash: str
    event_forms: str


class TraceAnswers:
    """Answers from the graph in a database; one that was read as a whole is kept until the record was read further."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._graph: tuple[TracedUpTo | None, TraceGraph] | None = None

    def reach(self, start: str, direction: Direction, until: int) -> Reach:
        """The names of everything before or after a node, by entries up to `until`."""
        nodes = self._find(_REACHED + _NODES, direction, [start, until, MOST_BY_STEPS + 1])
        if len(nodes) <= MOST_BY_STEPS:
            return Reach.of(start, direction, (row[0] for row in nodes))
        return self._read().reach(self._number(start), direction, until)

    def trace(
        self, start: str, direction: Direction, until: int, most: int | None = None
    ) -> tuple[NodeTrace, Reach]:
        """The nearest nodes before or after one with the edges between, at most so many or all; and the names of all."""
        by_steps = MOST_BY_STEPS if most is None else min(most, MOST_BY_STEPS)
        nodes = self._find(_REACHED + _NODES, direction, [start, until, by_steps + 1])
        if len(nodes) <= by_steps:
            limit = EDGES_A_NODE * by_steps
            edges = self._find(_REACHED + _EDGES, direction, [start, until, -1, until, limit + 1])
            if len(edges) <= limit:
                traced = arrange_trace(start, direction, [TraceEdge(*edge) for edge in edges])
                return traced, Reach.of(start, direction, (one.node for one in traced.nodes))
        return self._read().trace(self._number(start), direction, until, most)

    def _find(self, query: str, direction: Direction, asked: Sequence[int | str]) -> Sequence[Any]:
        near, far = ("parent", "child") if direction == "forward" else ("child", "parent")
        with connections[self.alias].cursor() as cursor:
            cursor.execute(query.format(nodes=NODES, edges=EDGES, near=near, far=far), asked)
            rows: Sequence[Any] = cursor.fetchall()
            return rows

    def _number(self, node: str) -> int:
        number: int = NodeLine.objects.using(self.alias).get(node=node).pk
        return number

    def _read(self) -> TraceGraph:
        kept, state = self._graph, read_trace_state(self.alias)
        if kept is None or kept[0] != state:
            kept = self._graph = state, read_graph(self.alias)
        return kept[1]


def read_trace_state(alias: str) -> TracedUpTo | None:
    """How far the record was read; None where there are no edges that can be used."""
    state = TraceState.objects.using(alias).filter(shape=SHAPE).first()
    return None if state is None else TracedUpTo(state.seen, state.seen_hash, state.event_forms)


def forget_traces(alias: str) -> None:
    """Takes all nodes and edges away."""
    with transaction.atomic(using=alias, durable=True):
        _delete_all(alias)


def write_traces(alias: str, edges: Iterable[TraceEdge], reached: TracedUpTo, after: int) -> None:
    """Adds the edges of entries beyond `after`, up to which the record was read, and says how far it is now.

    All in one step; nothing is done where somebody else has read on meanwhile, or took everything away.
    """
    with transaction.atomic(using=alias, durable=True):
        state = read_trace_state(alias)
        if (0 if state is None else state.seen) != after:
            return
        if state is None:  # what is there has an older shape
            _delete_all(alias)
        new = sorted(dict.fromkeys(edges), key=lambda edge: edge.entry)
        names = list(dict.fromkeys(node for edge in new for node in (edge.parent, edge.child)))
        numbers, planted = _number_nodes(alias, names)
        NodeLine.objects.using(alias).bulk_create(
            [NodeLine(pk=numbers[node], node=node, name=node.partition("/")[2]) for node in planted],
            batch_size=TOGETHER,
        )
        EdgeLine.objects.using(alias).bulk_create(
            [
                EdgeLine(parent=numbers[e.parent], child=numbers[e.child], how=e.how, entry=e.entry)
                for e in new
            ],
            batch_size=TOGETHER,
        )
        _add_to_page(alias, planted, [(numbers[e.parent], numbers[e.child], e.how, e.entry) for e in new])
        TraceState(pk=1, shape=SHAPE, **asdict(reached)).save(using=alias)


def _delete_all(alias: str) -> None:
    for model in (GraphPage, EdgeLine, NodeLine, TraceState):
        model._default_manager.using(alias).all().delete()


def _number_nodes(alias: str, names: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """The numbers of nodes, and which are new: they get the next ones, in their order."""
    nodes = NodeLine.objects.using(alias)
    numbers: dict[str, int] = {}
    for start in range(0, len(names), TOGETHER):
        numbers.update(nodes.filter(node__in=names[start : start + TOGETHER]).values_list("node", "pk"))
    last = nodes.aggregate(last=Max("pk"))["last"]
    planted = [node for node in names if node not in numbers]
    numbers.update(zip(planted, count(0 if last is None else last + 1)))
    return numbers, planted


def _add_to_page(alias: str, nodes: Sequence[str], edges: Sequence[tuple[int, int, str, int]]) -> None:
    """Writes nodes and edges to the end of the last page, or of a new one where that is full."""
    pages = GraphPage.objects.using(alias)
    hows = _words(pages.order_by("pk").values_list("hows", flat=True))
    known = len(hows)
    hows += [how for how in dict.fromkeys(edge[2] for edge in edges) if how not in hows]
    place = {how: number for number, how in enumerate(hows)}
    page = pages.order_by("pk").last()
    if page is None or len(page.edges) > A_PAGE:
        page = GraphPage(hows=b"", kinds=b"", names=b"", edges=b"")
    columns = [(parent, child, place[how], entry) for parent, child, how, entry in edges]
    page.hows += _ended_words(hows[known:])
    page.kinds += bytes(KINDS.index(node.partition("/")[0]) for node in nodes)
    page.names += _ended_words(node.partition("/")[2] for node in nodes)
    page.edges += np.array(columns, dtype=WHOLE_NUMBER).tobytes()
    page.save(using=alias)


def read_graph(alias: str) -> TraceGraph:
    """All nodes and edges at once."""
    pages = list(GraphPage.objects.using(alias).order_by("pk").values_list("hows", "kinds", "names", "edges"))
    hows, kinds, names, edges = zip(*pages, strict=True)
    return TraceGraph(
        np.frombuffer(b"".join(kinds), dtype=np.uint8),
        _words(names),
        np.frombuffer(b"".join(edges), dtype=WHOLE_NUMBER).reshape(-1, 4),
        _words(hows),
    )


def _ended_words(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\0" for word in words).encode()


def _words(parts: Iterable[bytes]) -> list[str]:
    return b"".join(parts).decode().split("\0")[:-1]


def find_traced(alias: str, asked: str) -> Collection[str]:
    """The nodes that a node's id or bare name can mean."""
    nodes = NodeLine.objects.using(alias)
    exact = list(nodes.filter(node=asked).values_list("node", flat=True))
    return exact or list(nodes.filter(name=asked).values_list("node", flat=True))
