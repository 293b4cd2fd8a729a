"""The whole graph of the product as columns of whole numbers, walked at once where steps one by one would be too many."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcot.product.tracing import KINDS, Direction, NodeTrace, Reach, TracedNode, TraceEdge

EDGES_A_NODE = 4
"""Edges that are listed for each node that may be listed, at most, where not everything is."""
PARENT, CHILD, HOW, ENTRY = range(4)


@dataclass(frozen=True)
class TraceGraph:
    """Node n is the n-th that the record speaks of, with the kind KINDS[kinds[n]] and the name names[n]."""

    kinds: NDArray[np.uint8]
    names: Sequence[str]
    edges: NDArray[np.int32]
    """One row an edge, by entry: number of the parent, of the child, place in `hows`, entry."""
    hows: Sequence[str]
    _whole: dict[Direction, Any] = field(default_factory=dict, compare=False, repr=False)

    def reach(self, start: int, direction: Direction, until: int) -> Reach:
        """The names of all nodes before or after one, by entries up to `until`."""
        return self._name(self._walk(start, direction, until)[0], direction)

    def trace(
        self, start: int, direction: Direction, until: int, most: int | None
    ) -> tuple[NodeTrace, Reach]:
        """The `most` nearest nodes (None: all) with the edges between, and the names of all.

        At the same distance those come first that the record speaks of first. Of the edges, EDGES_A_NODE x `most`
        are given, the first to each node before all others.
        """
        order, nearer = self._walk(start, direction, until)
        ends = [0, 1]  # where each distance ends in `order`
        while ends[-1] < min(len(order), most or len(order)):
            ends.append(1 + int(np.searchsorted(nearer, ends[-1])))
        last = ends[-2]
        listed = np.concatenate([order[:last], np.sort(order[last : ends[-1]])])[:most]
        steps = np.repeat(np.arange(len(ends) - 1), np.diff(ends)).tolist()
        nodes = [TracedNode(self._node(n), many) for n, many in zip(listed.tolist(), steps, strict=False)]
        edges, found = self._edges_among(order, listed, direction, until, most)
        trace = NodeTrace(
            self._node(start),
            direction,
            tuple(sorted(nodes, key=lambda one: (one.steps, one.node))),
            tuple(sorted(edges)),
            len(order) - len(nodes),
            found - len(edges),
        )
        return trace, self._name(order, direction)

    def _edges_among(
        self,
        order: NDArray[np.int32],
        listed: NDArray[np.int32],
        direction: Direction,
        until: int,
        most: int | None,
    ) -> tuple[list[TraceEdge], int]:
        """The edges between listed nodes, and how many there are between all that were reached."""
        edges = self.edges[: self._ended(until)]
        near, far = (PARENT, CHILD) if direction == "forward" else (CHILD, PARENT)
        among = np.zeros(len(self.names), dtype=bool)
        among[order] = True
        found = int(np.count_nonzero(among[edges[:, near]]))
        among[order] = False
        among[listed] = True
        rows = np.flatnonzero(among[edges[:, near]])
        rows = rows[among[edges[rows, far]]]
        if most is not None and len(rows) > EDGES_A_NODE * most:
            firsts = rows[np.unique(edges[rows, far], return_index=True)[1]]
            rows = np.concatenate([firsts, np.setdiff1d(rows, firsts)])[: EDGES_A_NODE * most]
        kept = edges[rows].tolist()
        return [
            TraceEdge(self._node(parent), self._node(child), self.hows[how], entry)
            for parent, child, how, entry in kept
        ], found

    def _name(self, order: NDArray[np.int32], direction: Direction) -> Reach:
        """The names of nodes by kind, without the first, from which they were reached."""
        reached, names = np.sort(order[1:]), self.names
        kinds = self.kinds[reached]
        of_kind = {
            KINDS[place]: [names[n] for n in reached[kinds == place].tolist()]
            for place in np.unique(kinds).tolist()
        }
        return Reach(self._node(order[0]), direction, of_kind)

    def _node(self, number: int) -> str:
        return f"{KINDS[self.kinds[number]]}/{self.names[number]}"

    def _ended(self, until: int) -> int:
        return int(np.searchsorted(self.edges[:, ENTRY], until, side="right"))

    def _walk(
        self, start: int, direction: Direction, until: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The numbers of the nodes, nearest first from the start on, and at which place stands what each but the first came by."""
        from scipy.sparse.csgraph import breadth_first_order  # a large import, which few traces need

        order, before = breadth_first_order(self._beside(direction, until), start)
        place = np.empty(len(self.names), dtype=np.int64)
        place[order] = np.arange(len(order))
        return order, place[before[order[1:]]]

    def _beside(self, direction: Direction, until: int) -> Any:
        """A sparse matrix with which nodes stand beside which; that of the whole record is kept."""
        from scipy.sparse import coo_array

        ended = self._ended(until)
        if ended == len(self.edges) and direction in self._whole:
            return self._whole[direction]
        parents, children = self.edges[:ended, PARENT], self.edges[:ended, CHILD]
        places = (parents, children) if direction == "forward" else (children, parents)
        many = len(self.names)
        beside = coo_array((np.ones(ended), places), shape=(many, many)).tocsr()
        if ended == len(self.edges):
            self._whole[direction] = beside
        return beside
