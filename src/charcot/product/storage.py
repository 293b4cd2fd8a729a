"""Frozen vials: where each lies and lay, what became of it, and at what temperatures it was kept outside its limits."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Kind
from charcot.product.genealogy import CellPopulation
from charcot.product.lots import Lot, ProductDeviation

PLACE = re.compile(r"[A-Za-z0-9-]{1,20}(/[A-Za-z0-9-]{1,20}){3}")
"""Tank, rack, box and position, such as `T1/R2/B03/A7`."""
STATES = ("frozen", "thawed", "used", "destroyed")
"""`thawed`: its cells are there; `used`: something was made of them; `destroyed`: it, or its thawed cells, were discarded."""


@dataclass(frozen=True)
class Stay:
    """How long a vial lay at a place; `until` is None while it lies there."""

    place: str
    since: str
    until: str | None
    entry: int

    def overlaps(self, since: ClinicalTime, until: ClinicalTime) -> bool:
        """Whether the vial can have lain there at some time between the two."""
        ended = self.until is not None and ClinicalTime(self.until).surely_before(since)
        return not ended and not until.surely_before(ClinicalTime(self.since))


@dataclass(frozen=True)
class StoredVial:
    """One vial with its stays, the last of which is where it lies or lay."""

    vial: CellPopulation
    lot: Lot
    stays: tuple[Stay, ...]
    state: str
    excursions: tuple[ProductDeviation, ...]

    @property
    def place(self) -> str | None:
        """Where it lies; None where it is no longer frozen, or its place was never entered."""
        return self.stays[-1].place if self.stays and self.state == "frozen" else None


def same_place(one: str, other: str) -> bool:
    """Whether two places are the same; capitals make no difference."""
    return one.casefold() == other.casefold()


def is_within(place: str, part: str) -> bool:
    """Whether a place lies in a tank, rack or box, or is the position itself."""
    return f"{place}/".casefold().startswith(f"{part}/".casefold())


def list_stock(lots: Iterable[Lot]) -> tuple[StoredVial, ...]:
    """Every vial of these lots, in the order in which they were frozen."""
    found = []
    for lot in lots:
        moves = [e for e in lot.standing if e.kind is Kind.VIAL_MOVED]
        for node, vial in lot.genealogy.populations.items():
            if vial.kind == "vial":
                found.append(_stored(lot, vial, [e for e in moves if e.data["node"] == node]))
    return tuple(sorted(found, key=lambda one: (one.vial.made_by, one.vial.id)))


def find_at(stock: Iterable[StoredVial], place: str) -> StoredVial | None:
    """The vial that lies at a place."""
    return next((one for one in stock if one.place is not None and same_place(one.place, place)), None)


def count_states(stock: Iterable[StoredVial]) -> Mapping[str, int]:
    """How many vials are in each state."""
    states = [one.state for one in stock]
    return {state: states.count(state) for state in STATES}


def _stored(lot: Lot, vial: CellPopulation, moves: Iterable[Entry]) -> StoredVial:
    taken = next(iter(lot.genealogy.uses.get(vial.id, ())), None)
    began = [(str(e.data["to"]), e.clinical_time or "", e.sequence) for e in moves]
    first = vial.details.get("place")
    if first is not None:
        began.insert(0, (first, vial.began, vial.made_by))
    ends = [since for _place, since, _entry in began[1:]] + [None if taken is None else taken.at]
    stays = tuple(
        Stay(place, since, until, entry)
        for (place, since, entry), until in zip(began, ends if began else [], strict=True)
    )
    touched = tuple(d for d in lot.deviations if vial.id in d.reported.data.get("vials", "").split(", "))
    return StoredVial(vial, lot, stays, _state(lot, vial.id), touched)


def _state(lot: Lot, node: str) -> str:
    uses = lot.genealogy.uses.get(node, ())
    if not uses:
        return "frozen"
    if any(t.does == "discard" for t in uses):
        return "destroyed"
    later = [t for child in lot.genealogy.children(node) for t in lot.genealogy.uses.get(child, ())]
    if any(t.does not in ("sample", "discard") for t in later):
        return "used"
    return "destroyed" if any(t.does == "discard" for t in later) else "thawed"
