"""The graph of the product in the site's database: kept as it grows, and searched by recursion in SQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connections, transaction

from charcot.product.trace_forest import PlantedNode, TraceForest
from charcot.product.tracing import KINDS, Direction, NodeTrace, TraceEdge, arrange_trace
from charcot.store.local.models import CrossingLine, EdgeLine, NodeLine, TraceState

SHAPE = 3
"""Grows whenever edges say more or something else; older ones are then made anew."""
TOGETHER = 150
"""Rows written in one statement."""
MOST_CROSSINGS = 0.5
"""Crossings for each node at most, where ranges of paths are quicker than edges."""
NODES, EDGES, CROSSINGS = (model._meta.db_table for model in (NodeLine, EdgeLine, CrossingLine))

_BY_EDGES = """
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
_FOUND_BY_EDGES = "FROM reached CROSS JOIN {nodes} AS found ON found.id = reached.node WHERE found.node <> %s"
_BY_PATHS = """
WITH RECURSIVE branch(path) AS (
    SELECT path FROM {nodes} WHERE node = %s
    UNION
    SELECT crossing.child FROM branch
    JOIN {crossings} AS crossing ON crossing.parent >= branch.path AND crossing.parent < branch.path || '~'
    WHERE crossing.entry <= %s
),
placed(path, ended) AS (
    SELECT path, max(path || '~') OVER (ORDER BY path ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) FROM branch
),
reached(path) AS (SELECT path FROM placed WHERE ended IS NULL OR path > ended)
"""
_FOUND_BY_PATHS = """
FROM reached CROSS JOIN {nodes} AS found INDEXED BY node_line_paths
ON found.kind = %s AND found.path >= reached.path AND found.path < reached.path || '~' AND found.entry <= %s
WHERE found.path <> (SELECT path FROM {nodes} WHERE node = %s)
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
        for model in (CrossingLine, EdgeLine, NodeLine, TraceState):
            model._default_manager.using(alias).all().delete()


def write_traces(alias: str, edges: Iterable[TraceEdge], reached: TracedUpTo) -> None:
    """Adds edges, later ones of the record than those that are there, and says how far it was read, in one step."""
    with transaction.atomic(using=alias, durable=True):
        new = sorted(dict.fromkeys(edges), key=lambda edge: edge.entry)
        forest = _forest(alias, {node for edge in new for node in (edge.parent, edge.child)})
        for edge in new:
            forest.add(edge)
        NodeLine.objects.using(alias).bulk_create(
            [
                NodeLine(
                    pk=one.number,
                    node=one.node,
                    name=one.node.partition("/")[2],
                    kind=one.node.partition("/")[0],
                    path=one.path,
                    entry=one.entry,
                )
                for one in forest.planted
            ],
            batch_size=TOGETHER,
        )
        CrossingLine.objects.using(alias).bulk_create(
            [
                CrossingLine(parent=above, child=below, entry=entry)
                for above, below, entry in forest.crossings
            ],
            batch_size=TOGETHER,
        )
        numbers = {node: one.number for node, one in forest.known.items()}
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


def _forest(alias: str, names: Collection[str]) -> TraceForest:
    """What is known of some nodes, with the crossings that leave them."""
    nodes, crossings = NodeLine.objects.using(alias), CrossingLine.objects.using(alias)
    known: dict[str, PlantedNode] = {}
    for some in _some_of(sorted(names)):
        for row in nodes.filter(node__in=some).values_list("pk", "node", "path", "entry"):
            known[row[1]] = PlantedNode(*row)
    leads: list[tuple[str, str]] = []
    for some in _some_of([one.path for one in known.values()]):
        leads += crossings.filter(parent__in=some).values_list("parent", "child")
    return TraceForest(known, leads, _highest(alias, NODES))


def _some_of(names: Sequence[str]) -> Iterable[Sequence[str]]:
    """So many at a time as one statement asks for."""
    return (names[start : start + TOGETHER] for start in range(0, len(names), TOGETHER))


def _highest(alias: str, table: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")
        return int(cursor.fetchone()[0] or 0)


def find_traced(alias: str, asked: str) -> Collection[str]:
    """The nodes that a node's id or bare name can mean."""
    nodes = NodeLine.objects.using(alias)
    exact = list(nodes.filter(node=asked).values_list("node", flat=True))
    return exact or list(nodes.filter(name=asked).values_list("node", flat=True))


def read_trace(alias: str, start: str, direction: Direction, until: int) -> NodeTrace:
    """Everything before or after a node with all edges, by entries up to `until`, found by one recursion in SQL."""
    rows = _find(alias, _BY_EDGES + _EDGES, direction, [start, until, until])
    return arrange_trace(start, direction, [TraceEdge(*row) for row in rows])


def count_reached(alias: str, start: str, direction: Direction, until: int) -> Mapping[str, int]:
    """How many nodes of each kind lie before or after a node, without itself: quick where that is everything."""
    if _is_by_paths(alias, direction):
        parts = [f"SELECT %s, count(*) {_FOUND_BY_PATHS}" for _kind in KINDS]
        asked = [one for kind in KINDS for one in (kind, kind, until, start)]
        rows = _find(alias, _BY_PATHS + " UNION ALL ".join(parts), direction, [start, until, *asked])
    else:
        query = f"{_BY_EDGES} SELECT found.kind, count(*) {_FOUND_BY_EDGES} GROUP BY found.kind"
        rows = _find(alias, query, direction, [start, until, start])
    counts = dict(rows)
    return {kind: counts[kind] for kind in KINDS if counts.get(kind)}


def read_reached(
    alias: str,
    start: str,
    direction: Direction,
    until: int,
    kind: str,
    after: str = "",
    most: int | None = None,
) -> tuple[str, ...]:
    """The names of a kind before or after a node, in order, beyond `after` and at most so many."""
    page = f"AND found.name > %s ORDER BY found.name LIMIT {-1 if most is None else int(most)}"
    if _is_by_paths(alias, direction):
        query = f"{_BY_PATHS} SELECT found.name {_FOUND_BY_PATHS} {page}"
        rows = _find(alias, query, direction, [start, until, kind, until, start, after])
    else:
        query = f"{_BY_EDGES} SELECT found.name {_FOUND_BY_EDGES} AND found.kind = %s {page}"
        rows = _find(alias, query, direction, [start, until, start, kind, after])
    return tuple(str(row[0]) for row in rows)


def _is_by_paths(alias: str, direction: Direction) -> bool:
    """Whether ranges of paths are quicker than edges: forward, unless so much was pooled that most steps are crossings."""
    return direction == "forward" and _highest(alias, CROSSINGS) <= MOST_CROSSINGS * _highest(alias, NODES)


def _find(alias: str, query: str, direction: Direction, asked: Sequence[int | str]) -> Sequence[Any]:
    near, far = ("parent", "child") if direction == "forward" else ("child", "parent")
    with connections[alias].cursor() as cursor:
        cursor.execute(query.format(nodes=NODES, edges=EDGES, crossings=CROSSINGS, near=near, far=far), asked)
        rows: Sequence[Any] = cursor.fetchall()
        return rows
