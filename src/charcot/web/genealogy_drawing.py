"""The culture of a lot as a drawing: populations in columns by how far they are from the tissue, with what joins them."""

from collections.abc import Mapping
from dataclasses import dataclass

from charcot.product import Lot

WIDE, HIGH, ACROSS, DOWN, EDGE = 104, 46, 126, 62, 4


@dataclass(frozen=True)
class DrawnPopulation:
    """A box: where it stands, what it is, and what it says."""

    node: str
    name: str
    kind: str
    says: str
    x: int
    y: int
    gone: bool
    """Whether it is used up."""

    @property
    def top(self) -> int:
        """Where its first line stands."""
        return self.y + 18

    @property
    def bottom(self) -> int:
        """Where its second line stands."""
        return self.y + 36


@dataclass(frozen=True)
class DrawnStep:
    """A line from a population to what was made of it."""

    path: str
    says: str


@dataclass(frozen=True)
class GenealogyDrawing:
    """The whole drawing, in pixels."""

    populations: tuple[DrawnPopulation, ...]
    steps: tuple[DrawnStep, ...]
    wide: int
    high: int


def draw_genealogy(lot: Lot) -> GenealogyDrawing:
    """The drawing of a lot's culture."""
    line = lot.genealogy
    depth: dict[str, int] = {}
    for node in line.populations:
        depth[node] = 1 + max((depth.get(parent, -1) for parent in line.parents(node)), default=-1)
    rows: dict[int, int] = {}
    places: dict[str, tuple[int, int]] = {}
    for node in line.populations:
        column = depth[node]
        row = rows.get(column, 0)
        rows[column] = row + 1
        places[node] = (EDGE + column * ACROSS, EDGE + row * DOWN)
    boxes = tuple(
        DrawnPopulation(
            node,
            node.partition(".")[2],
            population.kind,
            _says(lot, node, population.passage),
            *places[node],
            line.is_used_up(node),
        )
        for node, population in line.populations.items()
    )
    steps = tuple(
        DrawnStep(_path(places, taken.node, child), t.step.replace("_", " "))
        for t in line.transformations
        for taken in t.parents
        for child in t.children
        if taken.node in places and child in places
    )
    columns, most = max(depth.values(), default=0) + 1, max(rows.values(), default=1)
    return GenealogyDrawing(boxes, steps, EDGE + columns * ACROSS, EDGE + most * DOWN)


def _says(lot: Lot, node: str, passage: int | None) -> str:
    kind = lot.genealogy.populations[node].kind
    count = lot.counts.get(node)
    if count is not None:
        return f"{count.viable:.2E}".replace("E+", "e")
    return kind if passage is None else f"{kind} P{passage}"


def _path(places: Mapping[str, tuple[int, int]], parent: str, child: str) -> str:
    (x1, y1), (x2, y2) = places[parent], places[child]
    start, end, middle = x1 + WIDE, x2, (x1 + WIDE + x2) // 2
    return f"M{start} {y1 + HIGH // 2}C{middle} {y1 + HIGH // 2} {middle} {y2 + HIGH // 2} {end} {y2 + HIGH // 2}"
