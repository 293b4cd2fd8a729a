"""A graph as a forest with crossings: what came of a node has paths that begin with its own, so a range holds it all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from charcot.product.tracing import TraceEdge

DEEPEST = 24
"""Steps from a root at most: whatever lies deeper begins a new tree, which keeps paths short."""
MEANS = ("material", "equipment")
"""What is used on many cells is no trunk: cells hang from what they were made of."""
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class PlantedNode:
    """A node with its number, its path, and the entry that joined it (0: a root)."""

    number: int
    node: str
    path: str
    entry: int


class TraceForest:
    """Takes the edges of a record in its order; each node gets a path that never changes.

    Every node whose path begins with another's came of it, by entries no later than its own. An edge to any other
    path is a crossing, unless an earlier crossing from the same node leads to where that path begins.
    """

    def __init__(
        self, known: Mapping[str, PlantedNode], crossings: Iterable[tuple[str, str]], last: int
    ) -> None:
        """`known` and `crossings` are what is there of these edges' nodes; `last` is the highest number in use."""
        self.known = dict(known)
        self.planted: list[PlantedNode] = []
        self.crossings: list[tuple[str, str, int]] = []
        self._leads: dict[str, set[str]] = defaultdict(set)
        for parent, child in crossings:
            self._leads[parent].add(child)
        self._last = last

    def add(self, edge: TraceEdge) -> None:
        """Joins an edge; one that is there already changes nothing."""
        parent = self.known.get(edge.parent) or self._plant(edge.parent, "", 0)
        child = self.known.get(edge.child)
        if child is None:
            if parent.path.count(".") < DEEPEST and edge.parent.partition("/")[0] not in MEANS:
                self._plant(edge.child, parent.path, edge.entry)
                return
            child = self._plant(edge.child, "", 0)
        leads = self._leads[parent.path]
        if not child.path.startswith(parent.path) and leads.isdisjoint(_beginnings(child.path)):
            leads.add(child.path)
            self.crossings.append((parent.path, child.path, edge.entry))

    def _plant(self, node: str, above: str, entry: int) -> PlantedNode:
        self._last += 1
        planted = PlantedNode(self._last, node, f"{above}{_short(self._last)}.", entry)
        self.known[node] = planted
        self.planted.append(planted)
        return planted


def _beginnings(path: str) -> list[str]:
    parts = path.split(".")[:-1]
    return [".".join(parts[: n + 1]) + "." for n in range(len(parts))]


def _short(number: int) -> str:
    written = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        written = DIGITS[digit] + written
    return written
