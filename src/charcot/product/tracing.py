"""From any node forward and back: donor, material, cells, dose, participant and event as nodes, who made whom as edges."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from charcot.ledger import Entry, Kind, name_in
from charcot.product.donor_reactions import reaction_id
from charcot.refusal import BadValue

Direction = Literal["forward", "back"]
TRACED = (
    Kind.DONOR_REACTION,
    Kind.TISSUE_PROCURED,
    Kind.STEP_PERFORMED,
    Kind.DOSE_PRESCRIBED,
    Kind.DOSE_PREPARED,
    Kind.FORM_RECORDED,
)
"""Entries that make edges."""
KINDS = ("donor", "reaction", "material", "equipment", "lot", "cells", "dose", "participant", "event")
CONCERNED = ("lot", "dose", "participant")
"""The kinds that a recall is about."""


class TraceEdge(NamedTuple):
    """From a node to what came of it: how, and by which entry. Nodes are `kind/name`, such as `cells/L01.P1-a`."""

    parent: str
    child: str
    how: str
    entry: int


class TracedNode(NamedTuple):
    """A node that was reached, and over how few edges."""

    node: str
    steps: int

    @property
    def kind(self) -> str:
        """donor, reaction (of a donor), material, equipment, lot, cells, dose, participant or event."""
        return self.node.partition("/")[0]

    @property
    def name(self) -> str:
        """Its name among its kind."""
        return self.node.partition("/")[2]


@dataclass(frozen=True)
class Reach:
    """Everything that a node came from (back) or that came of it (forward), without itself: the names of each kind."""

    start: str
    direction: Direction
    names: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, start: str, direction: Direction, nodes: Iterable[str]) -> "Reach":
        """The reach of a node that leads to these."""
        names: dict[str, list[str]] = defaultdict(list)
        for node in nodes:
            if node != start:
                kind, _slash, name = node.partition("/")
                names[kind].append(name)
        return cls(start, direction, names)

    def counts(self) -> dict[str, int]:
        """How many nodes of each kind."""
        return {kind: len(self.names[kind]) for kind in KINDS if self.names.get(kind)}

    def page(self, kind: str, after: str = "", most: int | None = None) -> tuple[str, ...]:
        """The names of a kind in order: those beyond `after`, at most so many."""
        names = (name for name in self.names.get(kind, ()) if name > after)
        return tuple(sorted(names) if most is None else heapq.nsmallest(most, names))

    def concerned(self) -> dict[str, tuple[str, ...]]:
        """All lots, doses and participants that a recall from the node is about; lots also by cells of theirs."""
        found = {kind: set(self.names.get(kind, ())) for kind in CONCERNED}
        kind, _slash, name = self.start.partition("/")
        cells = (*self.names.get("cells", ()), *([name] if kind == "cells" else []))
        found["lot"] |= _lots_of(cells)
        return {kind: tuple(sorted(names)) for kind, names in found.items()}


def _lots_of(cells: Iterable[str]) -> set[str]:
    """The lots of cells; quickest where those of a lot stand together, as on the record."""
    lots, begins = set(), "."
    for cell in cells:
        if not cell.startswith(begins):
            lot = cell.partition(".")[0]
            lots.add(lot)
            begins = f"{lot}."
    return lots


@dataclass(frozen=True)
class NodeTrace:
    """What a node came from (back) or what came of it (forward), nearest first, with the edges between.

    `more_nodes` and `more_edges` say how much was reached beyond what is listed.
    """

    start: str
    direction: Direction
    nodes: tuple[TracedNode, ...]
    edges: tuple[TraceEdge, ...]
    more_nodes: int = 0
    more_edges: int = 0

    def of_kind(self, kind: str) -> tuple[TracedNode, ...]:
        """The nodes of a kind, without the start."""
        return tuple(node for node in self.nodes if node.kind == kind and node.node != self.start)

    def as_data(self) -> dict[str, Any]:
        """The trace as plain data."""
        return {
            "start": self.start,
            "direction": self.direction,
            "nodes": [{"node": n.node, "kind": n.kind, "name": n.name, "steps": n.steps} for n in self.nodes],
            "edges": [
                {"parent": e.parent, "child": e.child, "how": e.how, "entry": e.entry} for e in self.edges
            ],
        }


def derive_trace_edges(entry: Entry, event_forms: Collection[str]) -> tuple[TraceEdge, ...]:
    """The edges that one entry makes; `event_forms` are the forms whose filling is an adverse event.

    A material or an instrument used on cells without making new ones leads to those cells, and so to all that
    came of them, also to what was taken before: a recall rather tells too many.
    """
    match entry.kind:
        case Kind.DONOR_REACTION:
            donor = name_in(entry.subject, "donor") or ""
            pairs = [(f"donor/{donor}", f"reaction/{donor}/{reaction_id(entry)}", "had")]
        case Kind.TISSUE_PROCURED:
            lot = name_in(entry.subject, "product") or ""
            donor, tissue = f"donor/{entry.data['donor']}", f"cells/{entry.data['node']}"
            pairs = [(donor, f"lot/{lot}", "procured"), (f"lot/{lot}", tissue, "began with")]
        case Kind.STEP_PERFORMED:
            pairs = _pairs_of_step(entry.data)
        case Kind.DOSE_PRESCRIBED:
            dose = name_in(entry.subject, "dose") or ""
            pairs = [(f"dose/{dose}", f"participant/{entry.data['participant']}", "prescribed for")]
        case Kind.DOSE_PREPARED:
            dose = name_in(entry.subject, "dose") or ""
            pairs = [(f"cells/{entry.data['node']}", f"dose/{dose}", "prepared as")]
        case Kind.FORM_RECORDED if entry.data["form"] in event_forms:
            event = f"event/{entry.participant}/{entry.data['form']}/{entry.data.get('instance', 1)}"
            pairs = [(f"participant/{entry.participant}", event, "had")]
        case _:
            pairs = []
    return tuple(TraceEdge(parent, child, how, entry.sequence) for parent, child, how in pairs)


def _pairs_of_step(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    parents = [f"cells/{parent['id']}" for parent in data["parents"]]
    children = [f"cells/{child['id']}" for child in data["children"]]
    means = [f"material/{one['id']}" for one in data["materials"]]
    means += [f"equipment/{one}" for one in data["equipment"]]
    does = str(data["does"])
    pairs = [(parent, child, does) for parent in parents for child in children]
    return pairs + [(one, cells, f"used to {does}") for one in means for cells in children or parents]


def walk_trace(edges: Iterable[TraceEdge], start: str, direction: Direction) -> NodeTrace:
    """The trace by walking from node to node in memory; what the database answers must be equal."""
    beside: dict[str, list[TraceEdge]] = defaultdict(list)
    for edge in edges:
        beside[edge.parent if direction == "forward" else edge.child].append(edge)
    seen, waiting = {start}, [start]
    found: list[TraceEdge] = []
    for node in waiting:
        for edge in beside[node]:
            found.append(edge)
            other = edge.child if direction == "forward" else edge.parent
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return arrange_trace(start, direction, found)


def arrange_trace(start: str, direction: Direction, edges: Sequence[TraceEdge]) -> NodeTrace:
    """A trace of the edges that were reached: nodes by distance, then name; edges in order."""
    beside: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        near, far = (edge.parent, edge.child) if direction == "forward" else (edge.child, edge.parent)
        beside[near].append(far)
    steps = {start: 0}
    waiting = [start]
    for node in waiting:
        for other in beside[node]:
            if other not in steps:
                steps[other] = steps[node] + 1
                waiting.append(other)
    nodes = sorted((TracedNode(node, n) for node, n in steps.items()), key=lambda one: (one.steps, one.node))
    return NodeTrace(start, direction, tuple(nodes), tuple(sorted(edges)))


def require_node(asked: str, known: Collection[str]) -> str:
    """The node that somebody means by `kind/name` or by a bare name. Raises BadValue where none or several fit.

    `known` are the nodes that the name can mean: the node itself, or those of that name.
    """
    if asked in known:
        return asked
    found = sorted(node for node in known if node.partition("/")[2] == asked)
    if len(found) == 1:
        return found[0]
    rule = "Trace: donors, materials, equipment, lots, cells, doses, participants and events by their ids"
    if found:
        raise BadValue(
            f"{asked!r} names {len(found)} things", rule=rule, next_step=f"Write one of {', '.join(found)}."
        )
    raise BadValue(
        f"Nothing on the record is called {asked!r}, or nothing came of it yet",
        rule=rule,
        next_step="Write an id as the labels and the record do, such as L01, L01.P1-a or dose/D01.",
    )
