"""A trace in layers, from the donor down to the event: what stands beside what, and which materials went in where."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from charcot.product.tracing import KINDS, NodeTrace, TraceEdge

MEANS = ("material", "equipment")


@dataclass(frozen=True)
class PathNode:
    """One node: its words, its address, and by which entry and how it was joined to what stands above it."""

    node: str
    kind: str
    name: str
    what: str
    href: str
    how: str
    entry: int
    here: bool
    recalled: bool


@dataclass(frozen=True)
class PathLayer:
    """Nodes that stand at the same distance from the donor, with what was used to make them."""

    number: int
    title: str
    nodes: tuple[PathNode, ...]
    materials: tuple[PathNode, ...]
    equipment: tuple[PathNode, ...]


@dataclass(frozen=True)
class TracePath:
    """All layers, and which node came of which."""

    layers: tuple[PathLayer, ...]
    edges: tuple[TraceEdge, ...]


def find_path(
    back: NodeTrace,
    forward: NodeTrace,
    *,
    address: Callable[[str], str],
    seen: Callable[[str], bool],
    say: Callable[[str], str],
    recalled: frozenset[str] = frozenset(),
) -> TracePath:
    """The layers of both directions; `say` is what a node is, in words."""
    start = back.start
    edges = tuple(e for e in dict.fromkeys((*back.edges, *forward.edges)) if seen(e.parent) and seen(e.child))
    nodes = {one.node for one in (*back.nodes, *forward.nodes) if seen(one.node)}
    trunk = {node for node in nodes if _kind(node) not in MEANS or node == start}
    lines = tuple(e for e in edges if e.parent in trunk and e.child in trunk)
    depth = _depths(trunk, lines)
    joined: dict[str, TraceEdge] = {}
    for edge in sorted(edges, key=lambda e: (_kind(e.parent) in MEANS, e.entry)):
        joined.setdefault(edge.child, edge)

    def told(node: str, by: TraceEdge | None) -> PathNode:
        kind, _slash, name = node.partition("/")
        how, entry = ("", 0) if by is None else (by.how, by.entry)
        return PathNode(
            node, kind, name, say(node), address(node), how, entry, node == start, node in recalled
        )

    used: dict[tuple[int, str], dict[str, PathNode]] = defaultdict(dict)
    for edge in edges:
        if edge.parent not in trunk and edge.child in trunk:
            place = (depth[edge.child], _kind(edge.parent))
            used[place].setdefault(edge.parent, told(edge.parent, edge))
    rows: dict[int, list[PathNode]] = defaultdict(list)
    for node in sorted(trunk):
        rows[depth[node]].append(told(node, joined.get(node)))
    layers = tuple(
        PathLayer(
            number,
            ", ".join(dict.fromkeys(one.what for one in rows[row])),
            tuple(rows[row]),
            *(tuple(used[row, kind][node] for node in sorted(used[row, kind])) for kind in MEANS),
        )
        for number, row in enumerate(sorted(rows), start=1)
    )
    return TracePath(layers, lines)


def fold_alike(path: TracePath) -> tuple[TracePath, dict[str, int]]:
    """The path with nodes of the same sort between the same neighbours as one, and how many each stands for."""
    above, below = _neighbours(path.edges)
    groups: dict[object, list[PathNode]] = defaultdict(list)
    for layer in path.layers:
        for one in layer.nodes:
            key = (layer.number, one.what, above[one.node], below[one.node], one.recalled)
            groups[one.node if one.here else key].append(one)
    stands = {one.node: group[0].node for group in groups.values() for one in group}
    sizes = {group[0].node: len(group) for group in groups.values()}
    layers = tuple(
        replace(layer, nodes=tuple(one for one in layer.nodes if one.node in sizes)) for layer in path.layers
    )
    edges = {(stands[e.parent], stands[e.child]): e for e in path.edges}
    kept = tuple(e._replace(parent=above, child=below) for (above, below), e in edges.items())
    return TracePath(layers, kept), sizes


def _neighbours(edges: Iterable[TraceEdge]) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    above: dict[str, frozenset[str]] = defaultdict(frozenset)
    below: dict[str, frozenset[str]] = defaultdict(frozenset)
    for edge in edges:
        above[edge.child] |= {edge.parent}
        below[edge.parent] |= {edge.child}
    return above, below


def _depths(nodes: Iterable[str], edges: Sequence[TraceEdge]) -> Mapping[str, int]:
    """The longest way to each node from the top, each kind wholly beneath the kinds before it."""
    of_kind: dict[str, list[str]] = defaultdict(list)
    for node in sorted(nodes):
        of_kind[_kind(node)].append(node)
    above: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        above[edge.child].append(edge.parent)
    depth: dict[str, int] = {}
    floor = 0
    for kind in KINDS:
        for node in _parents_first(of_kind[kind], above):
            depth[node] = max([floor, *(depth[parent] + 1 for parent in above[node] if parent in depth)])
        floor = 1 + max((depth[node] for node in of_kind[kind]), default=floor - 1)
    return depth


def _parents_first(nodes: Sequence[str], above: Mapping[str, Sequence[str]]) -> list[str]:
    """Nodes in an order in which parents come first; in a circle, the one that was met first."""
    among, order, met = set(nodes), dict[str, None](), set[str]()
    for first in nodes:
        waiting = [first]
        while waiting:
            node = waiting[-1]
            met.add(node)
            due = [parent for parent in above.get(node, ()) if parent in among and parent not in met]
            if due:
                waiting.append(due[0])
            else:
                waiting.pop()
                order[node] = None
    return list(order)


def _kind(node: str) -> str:
    return node.partition("/")[0]
