"""The genealogy of cells: populations are the nodes, transformations the edges, folded from the entries of lots."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from charcot.ledger import Actor, Entry, Kind, name_in

NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}\.[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
"""The id of a population: the lot, a point, and a name within the lot, such as `L01.P1-a`."""

Passage = Literal["none", "same", "next"]


@dataclass(frozen=True)
class DeedRule:
    """What a deed takes and makes. `whole`: its parents are used up; `counted`: cells are taken by number."""

    takes: frozenset[str]
    makes: str | None
    passage: Passage = "same"
    whole: bool = True
    counted: bool = False
    several: bool = False


DEEDS: Mapping[str, DeedRule] = {
    "digest": DeedRule(frozenset({"tissue"}), "fraction", "none"),
    "seed": DeedRule(
        frozenset({"fraction", "harvest", "pool", "thawed"}), "vessel", "next", whole=False, counted=True
    ),
    "feed": DeedRule(frozenset({"vessel"}), None, whole=False),
    "transfer": DeedRule(frozenset({"vessel"}), "vessel"),
    "split": DeedRule(frozenset({"vessel"}), "vessel", "next"),
    "harvest": DeedRule(frozenset({"vessel"}), "harvest", several=True),
    "pool": DeedRule(frozenset({"harvest", "pool", "thawed"}), "pool", several=True),
    "freeze": DeedRule(frozenset({"harvest", "pool", "thawed"}), "vial", whole=False, counted=True),
    "thaw": DeedRule(frozenset({"vial"}), "thawed"),
    "formulate": DeedRule(frozenset({"harvest", "pool", "thawed"}), "dose", whole=False, counted=True),
    "sample": DeedRule(
        frozenset({"tissue", "fraction", "vessel", "harvest", "pool", "thawed"}),
        "sample",
        whole=False,
    ),
    "discard": DeedRule(
        frozenset({"tissue", "fraction", "vessel", "harvest", "pool", "vial", "thawed", "sample"}), None
    ),
}
"""Every deed that a step of the batch record may do."""


@dataclass(frozen=True)
class CellPopulation:
    """One node: tissue, fraction, vessels, harvest, pool, vials, thawed cells, sample or dose."""

    id: str
    lot: str
    kind: str
    passage: int | None
    began: str
    """Clinical time."""
    made_by: int
    """The entry that made it."""
    details: Mapping[str, str] = field(default_factory=dict)
    """What was noted about it, such as `vessels`, `area_cm2`, `volume_ml`, `cells`."""


@dataclass(frozen=True)
class Taken:
    """Cells taken from a population: how many [viable cells], or None where it was taken whole or not counted."""

    node: str
    cells: str | None = None


@dataclass(frozen=True)
class MaterialUse:
    """How much of which material lot was used."""

    material: str
    amount: str
    unit: str


@dataclass(frozen=True)
class Transformation:
    """One edge: what was done, to which parents, what came of it, by whom, with what."""

    entry: int
    lot: str
    step: str
    does: str
    at: str
    parents: tuple[Taken, ...]
    children: tuple[str, ...]
    performer: Actor
    verifier: Actor | None
    materials: tuple[MaterialUse, ...] = ()
    equipment: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    outside: tuple[str, ...] = ()
    """Parameters that lay outside their limits."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed otherwise than it is kept, by its place in the entry."""


@dataclass(frozen=True)
class Genealogy:
    """Populations and transformations of one lot, of several, or of the whole trial."""

    donors: Mapping[str, str]
    """The donor of each tissue."""
    populations: Mapping[str, CellPopulation]
    transformations: tuple[Transformation, ...]

    @cached_property
    def makers(self) -> Mapping[str, Transformation]:
        """The transformation that made each population; tissue has none."""
        return {child: t for t in self.transformations for child in t.children}

    @cached_property
    def uses(self) -> Mapping[str, tuple[Transformation, ...]]:
        """The transformations that took from each population, in order."""
        found: dict[str, list[Transformation]] = {}
        for transformation in self.transformations:
            for taken in transformation.parents:
                found.setdefault(taken.node, []).append(transformation)
        return {node: tuple(used) for node, used in found.items()}

    def parents(self, node: str) -> tuple[str, ...]:
        """The populations that a population came from."""
        maker = self.makers.get(node)
        return () if maker is None else tuple(taken.node for taken in maker.parents)

    def children(self, node: str) -> tuple[str, ...]:
        """The populations that came from a population."""
        return tuple(dict.fromkeys(child for t in self.uses.get(node, ()) for child in t.children))

    def ancestors(self, node: str) -> tuple[str, ...]:
        """Everything that a population came from, nearest first, without itself."""
        return self._reached(node, self.parents)

    def descendants(self, node: str) -> tuple[str, ...]:
        """Everything that came from a population, nearest first, without itself."""
        return self._reached(node, self.children)

    def donors_of(self, node: str) -> tuple[str, ...]:
        """The donors of a population's tissues."""
        found = (self.donors.get(name) for name in (node, *self.ancestors(node)))
        return tuple(dict.fromkeys(donor for donor in found if donor is not None))

    def steps_behind(self, node: str) -> frozenset[str]:
        """The steps that a population, or what it came from, has been through."""
        line = (node, *self.ancestors(node))
        made = {maker.step for name in line if (maker := self.makers.get(name)) is not None}
        used = {t.step for name in line for t in self.uses.get(name, ()) if not t.children}
        return frozenset(made | used)

    def is_used_up(self, node: str) -> bool:
        """Whether a population was taken whole."""
        return any(DEEDS[t.does].whole for t in self.uses.get(node, ()) if t.does in DEEDS)

    def _reached(self, node: str, step: Any) -> tuple[str, ...]:
        seen: dict[str, None] = {}
        waiting = list(step(node))
        while waiting:
            name = waiting.pop(0)
            if name not in seen and name != node:
                seen[name] = None
                waiting += step(name)
        return tuple(seen)


def lot_of(node: str) -> str:
    """The lot that the id of a population names."""
    return node.partition(".")[0]


def fold_genealogy(entries: Iterable[Entry]) -> Genealogy:
    """The genealogy in these entries, which may be those of one lot or of all; others are passed over."""
    donors: dict[str, str] = {}
    populations: dict[str, CellPopulation] = {}
    transformations: list[Transformation] = []
    for entry in entries:
        if entry.kind is Kind.TISSUE_PROCURED:
            node = str(entry.data["node"])
            donors[node] = str(entry.data["donor"])
            populations[node] = _population(entry, {"id": node, "kind": "tissue", **entry.data["details"]})
        elif entry.kind is Kind.STEP_PERFORMED:
            for child in entry.data["children"]:
                populations[str(child["id"])] = _population(entry, child)
            transformations.append(_transformation(entry))
    return Genealogy(donors, populations, tuple(transformations))


def _population(entry: Entry, data: Mapping[str, Any]) -> CellPopulation:
    own = ("id", "kind", "passage")
    return CellPopulation(
        id=str(data["id"]),
        lot=name_in(entry.subject, "product") or "",
        kind=str(data["kind"]),
        passage=None if data.get("passage") is None else int(data["passage"]),
        began=entry.clinical_time or "",
        made_by=entry.sequence,
        details={key: str(value) for key, value in data.items() if key not in own},
    )


def _transformation(entry: Entry) -> Transformation:
    data = entry.data
    verifier = data.get("verifier")
    return Transformation(
        entry=entry.sequence,
        lot=name_in(entry.subject, "product") or "",
        step=str(data["step"]),
        does=str(data["does"]),
        at=entry.clinical_time or "",
        parents=tuple(Taken(p["id"], p.get("cells")) for p in data["parents"]),
        children=tuple(str(c["id"]) for c in data["children"]),
        performer=entry.actor,
        verifier=None if verifier is None else Actor(verifier["person"], verifier["role"]),
        materials=tuple(MaterialUse(m["id"], m["amount"], m["unit"]) for m in data["materials"]),
        equipment=tuple(data["equipment"]),
        parameters=dict(data["parameters"]),
        outside=tuple(data["outside"]),
        typed=entry.typed,
    )
