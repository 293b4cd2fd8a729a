"""The graph of the product in the site's database: kept as it grows, and searched by recursion in SQL."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connections, transaction

from charcot.product.tracing import Direction, NodeTrace, TraceEdge, arrange_trace
from charcot.store.local.models import EdgeLine, NodeLine, TraceState

SHAPE = 1
"""Grows whenever edges say more or something else; older ones are then made anew."""
TOGETHER = 200
NODES, EDGES = NodeLine._meta.db_table, EdgeLine._meta.db_table

_REACHED = """
WITH RECURSIVE reached(node) AS (
    SELECT id FROM {nodes} WHERE node = %s
    UNION
    SELECT edge.{far} FROM reached JOIN {edges} AS edge ON edge.{near} = reached.node WHERE edge.entry <= %s
)
"""
_EDGES = """
SELECT above.node, below.node, edge.how, edge.entry
FROM reached
JOIN {edges} AS edge ON edge.{near} = reached.node AND edge.entry <= %s
JOIN {nodes} AS above ON above.id = edge.parent
JOIN {nodes} AS below ON below.id = edge.child
"""


@dataclass(frozen=True)
class TracedUpTo:
    """How far the record was read into edges, and which forms were taken for events."""

    seen: int
    seen_hash: str
    event_forms: str


def read_trace_state(alias: str) -> TracedUpTo | None:
    """How far the record was read; None where there are no edges that can be used."""
    state = TraceState.objects.using(alias).filter(shape=SHAPE).first()
    return None if state is None else TracedUpTo(state.seen, state.seen_hash, state.event_forms)


def forget_traces(alias: str) -> None:
    """Takes all nodes and edges away."""
    with transaction.atomic(using=alias, durable=True):
        for model in (EdgeLine, NodeLine, TraceState):
            model._default_manager.using(alias).all().delete()


def write_traces(alias: str, edges: Iterable[TraceEdge], reached: TracedUpTo) -> None:
    """Adds edges and says how far the record was read, in one step; edges that are there stay as they are."""
    with transaction.atomic(using=alias, durable=True):
        new = sorted(set(edges))
        names = sorted({node for edge in new for node in (edge.parent, edge.child)})
        nodes = NodeLine.objects.using(alias)
        nodes.bulk_create(
            [NodeLine(node=node, name=node.partition("/")[2]) for node in names],
            ignore_conflicts=True,
            batch_size=TOGETHER,
        )
        numbers: dict[str, int] = {}
        for start in range(0, len(names), TOGETHER):
            found = nodes.filter(node__in=names[start : start + TOGETHER])
            numbers |= dict(found.values_list("node", "pk"))
        EdgeLine.objects.using(alias).bulk_create(
            [
                EdgeLine(parent=numbers[e.parent], child=numbers[e.child], how=e.how, entry=e.entry)
                for e in new
            ],
            ignore_conflicts=True,
            batch_size=TOGETHER,
        )
        state = TraceState.objects.using(alias).first()
        if state is None or state.shape != SHAPE or state.seen <= reached.seen:
            TraceState(pk=1 if state is None else state.pk, shape=SHAPE, **asdict(reached)).save(using=alias)


def find_traced(alias: str, asked: str) -> Collection[str]:
    """The nodes that a node's id or bare name can mean."""
    nodes = NodeLine.objects.using(alias)
    exact = list(nodes.filter(node=asked).values_list("node", flat=True))
    return exact or list(nodes.filter(name=asked).values_list("node", flat=True))


def read_trace(alias: str, start: str, direction: Direction, until: int) -> NodeTrace:
    """Everything before or after a node, by entries up to `until`, found by one recursion in the database."""
    rows = _find(alias, _REACHED + _EDGES, direction, [start, until, until])
    return arrange_trace(start, direction, [TraceEdge(*row) for row in rows])


def read_reached(
    alias: str, start: str, direction: Direction, until: int, kinds: Sequence[str]
) -> tuple[str, ...]:
    """Only the nodes of some kinds before or after a node, in order: quick where very much is reached."""
    chosen = " OR ".join(["found.node LIKE %s"] * len(kinds))
    query = f"{_REACHED}SELECT found.node FROM reached JOIN {NODES} AS found ON found.id = reached.node WHERE {chosen}"
    rows = _find(alias, query, direction, [start, until, *(f"{kind}/%" for kind in kinds)])
    return tuple(sorted(str(row[0]) for row in rows if row[0] != start))


def _find(alias: str, query: str, direction: Direction, asked: Sequence[int | str]) -> Sequence[Any]:
    near, far = ("parent", "child") if direction == "forward" else ("child", "parent")
    with connections[alias].cursor() as cursor:
        cursor.execute(query.format(nodes=NODES, edges=EDGES, near=near, far=far), asked)
        rows: Sequence[Any] = cursor.fetchall()
        return rows
