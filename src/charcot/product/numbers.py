"""Numbers derived from counts: doublings, yield, viability with its interval, balance, dose, and a plan for the culture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil, log2
from statistics import mean, median, quantiles, stdev

from charcot.clinical_time import ClinicalTime
from charcot.product.genealogy import Genealogy
from charcot.product.lots import CellCount, Lot
from charcot.statistics import Interval, estimate_proportion

ENDOTOXIN_PER_KG_HOUR = Decimal(5)
"""The most endotoxin that a person may be given [EU per kg and hour] (USP <85>, Ph. Eur. 5.1.10, intravenous)."""
LABEL_FROM_P1 = "P1+"
"""How cumulative doublings are labelled that leave out P0, whose adherent cells were not counted by CFU-F."""


def compute_doublings(harvested: Decimal | float, seeded: Decimal | float) -> float:
    """Population doublings log2(harvested / seeded), of viable cells. Raises ValueError where one is not greater than zero.

    >>> round(compute_doublings(1.4e8, 1e6), 1), round(compute_doublings(1.4e8, 1e6 * 0.01), 1)
    (7.1, 13.8)
    """
    return log2(float(harvested) / float(seeded))


def compute_doubling_time(hours: float, doublings: float) -> float | None:
    """Time for one doubling [h]; None where the cells did not increase."""
    return hours / doublings if doublings > 0 else None


def estimate_viability(count: CellCount) -> Interval:
    """Viable over all cells counted in all replicates, with its 95 % score interval (Wilson 1927)."""
    viable = sum(v for v, _ in count.replicates)
    total = sum(v + d for v, d in count.replicates)
    return estimate_proportion(viable, total, method="wilson")


def compute_count_cv(count: CellCount) -> float | None:
    """Coefficient of variation of the replicates' viable cells, as a fraction; None for a single replicate."""
    viable = [v for v, _ in count.replicates]
    return stdev(viable) / mean(viable) if len(viable) > 1 and mean(viable) > 0 else None


def compute_concentration(per_kg: str, weight_kg: str, volume_ml: str) -> Decimal:
    """Concentration [cells/ml] at which a dose for a weight has a volume [ml].

    >>> compute_concentration("2e6", "70", "10") == Decimal("14e6")
    True
    """
    return Decimal(per_kg) * Decimal(weight_kg) / Decimal(volume_ml)


def compute_endotoxin_limit(weight_kg: str, volume_ml: str, hours: str = "1") -> Decimal:
    """The most endotoxin that a product may hold [EU/ml], at 5 EU per kg and hour.

    >>> compute_endotoxin_limit("70", "10")
    Decimal('35')
    """
    return ENDOTOXIN_PER_KG_HOUR * Decimal(weight_kg) * Decimal(hours) / Decimal(volume_ml)


@dataclass(frozen=True)
class Balance:
    """What became of a counted population [viable cells]."""

    node: str
    counted: Decimal
    taken: Mapping[str, Decimal]
    """Cells taken, by deed: seed, freeze, formulate, sample, discard."""

    @property
    def left(self) -> Decimal:
        """What is left by the count; below zero within the tolerance of the protocol."""
        return self.counted - sum(self.taken.values(), Decimal(0))


def list_balances(lot: Lot) -> tuple[Balance, ...]:
    """The balance of each counted population of a lot, in the order of their making."""
    balances = []
    for node in lot.genealogy.populations:
        if node not in lot.counts:
            continue
        taken: dict[str, Decimal] = {}
        for use in lot.genealogy.uses.get(node, ()):
            for parent in use.parents:
                if parent.node == node and parent.cells is not None:
                    taken[use.does] = taken.get(use.does, Decimal(0)) + Decimal(parent.cells)
        balances.append(Balance(node, lot.counts[node].viable, taken))
    return tuple(balances)


@dataclass(frozen=True)
class Growth:
    """The growth of one culture from its seeding to its harvest."""

    lot: str
    passage: int
    vessel: str
    seeded_at: datetime
    harvested_at: datetime
    seeded: Decimal
    harvested: Decimal
    area_cm2: Decimal | None

    @property
    def doublings(self) -> float:
        """Population doublings."""
        return compute_doublings(self.harvested, self.seeded)

    @property
    def hours(self) -> float:
        """Length of the culture [h]."""
        return (self.harvested_at - self.seeded_at).total_seconds() / 3600

    @property
    def doubling_time(self) -> float | None:
        """Doubling time [h]; None where the cells did not increase."""
        return compute_doubling_time(self.hours, self.doublings)

    @property
    def seeding_density(self) -> Decimal | None:
        """Cells seeded for each square centimetre."""
        return None if not self.area_cm2 else self.seeded / self.area_cm2


def list_growth(lot: Lot) -> tuple[Growth, ...]:
    """Every culture of a lot that was seeded with a number of cells and whose harvest was counted, in the order of harvest."""
    line = lot.genealogy
    found = []
    for harvest in (t for t in line.transformations if t.does == "harvest"):
        count = lot.counts.get(harvest.children[0]) if harvest.children else None
        seedings = [_seeding(line, parent.node) for parent in harvest.parents]
        if count is None or count.viable <= 0 or any(s is None for s in seedings):
            continue
        vessels = [line.populations[parent.node] for parent in harvest.parents]
        cells = sum((Decimal(s[1]) for s in seedings if s is not None), Decimal(0))
        areas = [_area(vessel.details) for vessel in vessels]
        found.append(
            Growth(
                lot=lot.id,
                passage=vessels[0].passage or 0,
                vessel=vessels[0].id,
                seeded_at=min(ClinicalTime(s[0]).earliest for s in seedings if s is not None),
                harvested_at=ClinicalTime(harvest.at).earliest,
                seeded=cells,
                harvested=count.viable,
                area_cm2=None
                if any(a is None for a in areas)
                else sum((a or Decimal(0) for a in areas), Decimal(0)),
            )
        )
    return tuple(found)


def compute_cumulative_doublings(
    growth: Sequence[Growth], *, with_p0: bool = False
) -> list[tuple[Growth, float, str]]:
    """Doublings added up over the passages, with their label: `P0+` only where colony forming cells were counted, else `P1+`."""
    total, label, found = 0.0, "P0+" if with_p0 else LABEL_FROM_P1, []
    for one in growth:
        if one.passage > 0 or with_p0:
            total += one.doublings
        found.append((one, total, label))
    return found


def compute_yield(lot: Lot) -> Decimal | None:
    """Viable cells of the stromal fraction for each millilitre of tissue; None while they were not counted."""
    fraction = next((p.id for p in lot.genealogy.populations.values() if p.kind == "fraction"), None)
    volume = Decimal(lot.procured.data["details"]["volume_ml"])
    return None if fraction is None or fraction not in lot.counts else lot.counts[fraction].viable / volume


@dataclass(frozen=True)
class CulturePlan:
    """What a dose takes: cells, doublings, flasks, and when to begin."""

    dose: Decimal
    doublings: float
    days: int
    flasks: int
    start: date
    doubling_hours: float
    seen: int
    """Of how many cultures the doubling time is the median."""
    slow_hours: float
    """The doubling time that three quarters of them did not exceed [h]."""
    slow_start: date
    """When to begin if the cells grow so slowly."""


def plan_culture(
    *,
    per_kg: str,
    weight_kg: str,
    infusion: date,
    growth: Sequence[Growth],
    seeded: str,
    cells_per_flask: str,
    test_days: int,
    adhering: str = "1",
) -> CulturePlan | None:
    """Flasks at the last harvest and the day to begin, for a dose at `infusion`; None where no doubling time was seen.

    From `seeded` cells of which the fraction `adhering` holds on. Doubling time is the median of the cultures seen;
    `cells_per_flask` what a flask gives; `test_days` lie between the last harvest and the infusion.
    """
    times = [one.doubling_time for one in growth if one.passage > 0 and one.doubling_time is not None]
    if not times:
        return None
    dose = Decimal(per_kg) * Decimal(weight_kg)
    doublings = max(compute_doublings(dose, Decimal(seeded) * Decimal(adhering)), 0.0)
    hours = median(times)
    slow = quantiles(times, n=4, method="inclusive")[2] if len(times) > 1 else hours
    days, slow_days = (ceil(doublings * each / 24) for each in (hours, slow))
    return CulturePlan(
        dose=dose,
        doublings=doublings,
        days=days,
        flasks=ceil(dose / Decimal(cells_per_flask)),
        start=infusion - timedelta(days=days + test_days),
        doubling_hours=hours,
        seen=len(times),
        slow_hours=slow,
        slow_start=infusion - timedelta(days=slow_days + test_days),
    )


def compute_hours(earlier: str, later: str) -> float:
    """Hours from one clinical time to another, such as harvest and infusion."""
    return (ClinicalTime(later).earliest - ClinicalTime(earlier).earliest).total_seconds() / 3600


def _seeding(line: Genealogy, vessel: str) -> tuple[str, str] | None:
    """When a vessel was seeded, and with how many cells, through transfers; None where that is not known."""
    maker = line.makers.get(vessel)
    while maker is not None and maker.does == "transfer":
        maker = line.makers.get(maker.parents[0].node)
    if maker is None or maker.does != "seed" or maker.parents[0].cells is None:
        return None
    return maker.at, maker.parents[0].cells


def _area(details: Mapping[str, str]) -> Decimal | None:
    area = details.get("area_cm2")
    return None if area is None else Decimal(area) * Decimal(details.get("vessels", "1"))
