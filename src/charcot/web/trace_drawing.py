"""A trace drawn in layers from top to bottom: boxes for what is alike, lanes for lines that pass a layer, no box over another."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from charcot.web.trace_path import PathLayer, PathNode, TracePath, fold_alike

WIDE, HIGH, BESIDE, DOWN, MARGIN, LANE = 132, 44, 16, 34, 8, 12
"""A box, the room between boxes, and a lane [units of the drawing]."""
MOST_BESIDE, MOST_LAYERS = 8, 60
"""More in a layer, or more layers, are listed and not drawn."""
LETTERS = 15
SWEEPS = 6


@dataclass(frozen=True)
class DrawnNode:
    """One box at its place, with its two lines and its address."""

    node: str
    kind: str
    what: str
    label: str
    x: int
    y: int
    href: str
    here: bool
    many: bool

    @property
    def middle(self) -> int:
        """The middle of its words."""
        return self.x + WIDE // 2

    @property
    def top(self) -> int:
        """Where what it is is written."""
        return self.y + 18

    @property
    def bottom(self) -> int:
        """Where its name is written."""
        return self.y + 36


@dataclass(frozen=True)
class DrawnEdge:
    """One line, through its lanes."""

    path: str
    recalled: bool


@dataclass(frozen=True)
class TraceDrawing:
    """The whole drawing."""

    wide: int
    high: int
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]

    @property
    def slim(self) -> bool:
        """Whether the list has room beside it."""
        return self.wide <= 4 * (WIDE + BESIDE)


Item = str | tuple[int, int]
"""A box by its node, or the lane of a line in a layer by the line's number and the layer's."""


def draw_trace(path: TracePath) -> TraceDrawing | None:
    """The drawing, or None where there is too little or too much to be seen at a glance."""
    folded, sizes = fold_alike(path)
    widest = max((len(layer.nodes) for layer in folded.layers), default=0)
    if (
        sum(len(layer.nodes) for layer in folded.layers) < 2
        or widest > MOST_BESIDE
        or len(folded.layers) > MOST_LAYERS
    ):
        return None
    row_of = {one.node: n for n, layer in enumerate(folded.layers) for one in layer.nodes}
    lines = [e for e in folded.edges if row_of[e.parent] < row_of[e.child]]
    rows: list[list[Item]] = [[one.node for one in layer.nodes] for layer in folded.layers]
    routes: list[list[Item]] = []
    for number, edge in enumerate(lines):
        lanes: list[Item] = [(number, row) for row in range(row_of[edge.parent] + 1, row_of[edge.child])]
        for row, lane in enumerate(lanes, start=row_of[edge.parent] + 1):
            rows[row].append(lane)
        routes.append([edge.parent, *lanes, edge.child])
    middles = _place(rows, routes)
    left = min(middles[one] - _width(one) / 2 for row in rows for one in row) - MARGIN
    right = max(middles[one] + _width(one) / 2 for row in rows for one in row) + MARGIN
    xs = {one: round(middles[one] - left) for one in middles}
    ys = {one: MARGIN + n * (HIGH + DOWN) for n, row in enumerate(rows) for one in row}
    nodes = tuple(
        _box(one, layer, sizes[one.node], xs[one.node] - WIDE // 2, ys[one.node])
        for layer in folded.layers
        for one in layer.nodes
    )
    red = {one.node for layer in folded.layers for one in layer.nodes if one.recalled}
    edges = tuple(
        DrawnEdge(_line(route, xs, ys), edge.parent in red and edge.child in red)
        for edge, route in zip(lines, routes, strict=True)
    )
    high = 2 * MARGIN + len(rows) * (HIGH + DOWN) - DOWN
    return TraceDrawing(round(right - left), high, nodes, edges)


def _place(rows: Sequence[list[Item]], routes: Sequence[Sequence[Item]]) -> Mapping[Item, float]:
    """The middle of each item: near what it is joined to, apart from those beside it. Sorts `rows`."""
    joined: dict[Item, list[Item]] = defaultdict(list)
    for route in routes:
        for above, below in pairwise(route):
            joined[above].append(below)
            joined[below].append(above)
    at: dict[Item, float] = {}
    for row in rows:
        _spread(row, dict.fromkeys(row, 0.0), at)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for n in range(len(rows)) if down else reversed(range(len(rows))):
            beside = (
                set(rows[n - 1] if down else rows[n + 1])
                if 0 <= n + (-1 if down else 1) < len(rows)
                else set()
            )
            if sweep >= SWEEPS - 2:
                beside = set(at)
            wanted = {}
            for one in rows[n]:
                near = [at[other] for other in joined[one] if other in beside]
                wanted[one] = sum(near) / len(near) if near else at[one]
            rows[n].sort(key=lambda one: wanted[one])
            _spread(rows[n], wanted, at)
    return at


def _spread(row: Sequence[Item], wanted: Mapping[Item, float], at: dict[Item, float]) -> None:
    """Puts a row in its order as near to where its items want to be as their widths let them."""
    clusters: list[tuple[float, int, list[Item]]] = []
    offset = 0.0
    offsets: dict[Item, float] = {}
    for n, one in enumerate(row):
        if n:
            offset += (_width(row[n - 1]) + _width(one)) / 2 + BESIDE
        offsets[one] = offset
        clusters.append((wanted[one] - offset, 1, [one]))
        while len(clusters) > 1 and clusters[-2][0] > clusters[-1][0]:
            last, before = clusters.pop(), clusters.pop()
            many = before[1] + last[1]
            mean = (before[0] * before[1] + last[0] * last[1]) / many
            clusters.append((mean, many, before[2] + last[2]))
    for base, _many, items in clusters:
        for one in items:
            at[one] = base + offsets[one]


def _width(item: Item) -> int:
    return WIDE if isinstance(item, str) else LANE


def _box(one: PathNode, layer: PathLayer, many: int, x: int, y: int) -> DrawnNode:
    name = one.name if len(one.name) <= LETTERS else f"…{one.name[-LETTERS + 1 :]}"
    what, href = (one.what, one.href) if many == 1 else (f"{many} × {one.what}", f"#layer-{layer.number}")
    return DrawnNode(
        one.node, one.kind, what, name if many == 1 else f"{name} …", x, y, href, one.here, many > 1
    )


def _line(route: Sequence[Item], xs: Mapping[Item, int], ys: Mapping[Item, int]) -> str:
    """From the foot of a box through its lanes to the head of another."""
    x, y = xs[route[0]], ys[route[0]] + HIGH
    drawn = f"M{x} {y}"
    for one in route[1:]:
        to_x, to_y = xs[one], ys[one]
        half = (y + to_y) // 2
        drawn += f"C{x} {half} {to_x} {half} {to_x} {to_y}"
        x, y = to_x, to_y
        if not isinstance(one, str):
            drawn += f"V{y + HIGH}"
            y += HIGH
    return drawn
