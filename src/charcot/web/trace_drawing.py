"""A trace as a drawing: what it came from on the left, what came of it on the right, the node asked for in the middle."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from charcot.product.tracing import NodeTrace, TraceEdge

WIDE, HIGH, ACROSS, DOWN, MARGIN = 124, 42, 36, 12, 8
"""A node, and the room between nodes [units of the drawing]."""
MOST_DRAWN = 140
"""More nodes than this are listed and not drawn."""
LETTERS = 15


@dataclass(frozen=True)
class DrawnNode:
    """One node at its place, with its words and its address."""

    node: str
    kind: str
    label: str
    x: int
    y: int
    href: str
    here: bool

    @property
    def top(self) -> int:
        """Where its kind is written."""
        return self.y + 17

    @property
    def bottom(self) -> int:
        """Where its name is written."""
        return self.y + 34


@dataclass(frozen=True)
class DrawnEdge:
    """One edge as a curve."""

    path: str
    how: str
    recalled: bool


@dataclass(frozen=True)
class TraceDrawing:
    """The whole drawing."""

    wide: int
    high: int
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]


def draw_trace(
    back: NodeTrace,
    forward: NodeTrace,
    address: Callable[[str], str],
    seen: Callable[[str], bool],
    recalled: frozenset[str] = frozenset(),
) -> TraceDrawing | None:
    """The drawing of both directions, or None where there is more than can be read. `recalled` nodes have red edges."""
    layers = {one.node: -one.steps for one in back.nodes} | {one.node: one.steps for one in forward.nodes}
    layers = {node: layer for node, layer in layers.items() if seen(node)}
    if not 1 < len(layers) <= MOST_DRAWN:
        return None
    edges = [e for e in (*back.edges, *forward.edges) if e.parent in layers and e.child in layers]
    columns = _order(layers, edges)
    first = min(columns)
    tallest = max(len(column) for column in columns.values())
    high = 2 * MARGIN + tallest * (HIGH + DOWN) - DOWN
    places: dict[str, tuple[int, int]] = {}
    for layer, column in columns.items():
        start = (high - len(column) * (HIGH + DOWN) + DOWN) // 2
        for place, node in enumerate(column):
            places[node] = (MARGIN + (layer - first) * (WIDE + ACROSS), start + place * (HIGH + DOWN))
    nodes = tuple(_node(node, places[node], address, node == back.start) for node in places)
    lines = {(e.parent, e.child): e for e in edges}.values()
    wide = 2 * MARGIN + (max(columns) - first + 1) * (WIDE + ACROSS) - ACROSS
    return TraceDrawing(wide, high, nodes, tuple(_edge(e, places, recalled) for e in lines))


def _order(layers: dict[str, int], edges: Sequence[TraceEdge]) -> dict[int, list[str]]:
    """The nodes of each layer, each near those that it is joined to."""
    columns: dict[int, list[str]] = defaultdict(list)
    for node in sorted(layers):
        columns[layers[node]].append(node)
    beside: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        beside[edge.parent].append(edge.child)
        beside[edge.child].append(edge.parent)
    for layer in sorted(columns, key=abs)[1:]:
        inner = {node: n for n, node in enumerate(columns[layer - (1 if layer > 0 else -1)])}
        columns[layer].sort(key=lambda node: (_middle(beside[node], inner), node))
    return dict(sorted(columns.items()))


def _middle(joined: Sequence[str], places: dict[str, int]) -> float:
    found = [places[node] for node in joined if node in places]
    return sum(found) / len(found) if found else 0.0


def _node(node: str, place: tuple[int, int], address: Callable[[str], str], here: bool) -> DrawnNode:
    kind, _slash, name = node.partition("/")
    label = name if len(name) <= LETTERS else f"…{name[-LETTERS + 1 :]}"
    return DrawnNode(node, kind, label, *place, address(node), here)


def _edge(edge: TraceEdge, places: dict[str, tuple[int, int]], recalled: frozenset[str]) -> DrawnEdge:
    (ax, ay), (bx, by) = places[edge.parent], places[edge.child]
    ax, ay, by = ax + WIDE, ay + HIGH // 2, by + HIGH // 2
    bend = max(20, (bx - ax) // 2)
    path = f"M{ax} {ay}C{ax + bend} {ay} {bx - bend} {by} {bx} {by}"
    return DrawnEdge(path, edge.how, edge.parent in recalled and edge.child in recalled)
