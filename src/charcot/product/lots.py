"""A lot of the product: its genealogy, counts, tests, deviations and certification, folded from its entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Kind, name_in
from charcot.product.genealogy import Genealogy, fold_genealogy
from charcot.product.standing import Annulled, list_annulled, standing_entries


@dataclass(frozen=True)
class CellCount:
    """A count of a population: viable and total cells, with what was counted in each replicate."""

    node: str
    method: str
    viable: Decimal
    total: Decimal
    replicates: tuple[tuple[int, int], ...]
    """Viable and dead cells counted in each replicate."""
    at: str
    entry: Entry


@dataclass(frozen=True)
class QualityTest:
    """A test of the release specification: requested, sampled, resulted, reviewed."""

    id: str
    test: str
    node: str
    sampled_at: str
    requested: Entry
    resulted: Entry | None
    reviewed: Entry | None

    @property
    def verdict(self) -> str | None:
        """PASS, FAIL, INVALID or NOT ASSESSABLE; None while it runs. A review may find a result invalid, with its reason."""
        if self.reviewed is not None:
            return str(self.reviewed.data["verdict"])
        return None if self.resulted is None else str(self.resulted.data["verdict"])

    @property
    def value(self) -> str | None:
        """The result as it was entered."""
        return None if self.resulted is None else self.resulted.data["value"]

    @property
    def state(self) -> str:
        """running, resulted or reviewed."""
        if self.reviewed is not None:
            return "reviewed"
        return "running" if self.resulted is None else "resulted"


@dataclass(frozen=True)
class ProductDeviation:
    """A deviation in manufacture: reported, assessed once or more, closed by a signature."""

    id: str
    description: str
    skips: str | None
    reported: Entry
    assessments: tuple[Entry, ...]
    """How it was classed and investigated; the last one holds."""
    closed: Entry | None

    @property
    def assessed(self) -> Entry | None:
        """The last assessment."""
        return self.assessments[-1] if self.assessments else None

    @property
    def severity(self) -> str:
        """minor, major or critical, by the last assessment, or as it was reported."""
        return str((self.assessed or self.reported).data["severity"])

    @property
    def state(self) -> str:
        """open, assessed or closed."""
        if self.closed is not None:
            return "closed"
        return "open" if self.assessed is None else "assessed"

    @property
    def finding(self) -> Mapping[str, str]:
        """Impact, investigation, root cause and action, as they were last stated."""
        stated = self.assessed or self.closed
        names = ("impact", "assessment", "investigation", "root_cause", "action", "owner", "due")
        return {} if stated is None else {n: stated.data[n] for n in names if stated.data.get(n)}

    @property
    def is_open(self) -> bool:
        """Whether nothing was decided about it yet."""
        return self.closed is None


@dataclass(frozen=True)
class Lot:
    """A lot as its entries say."""

    id: str
    entries: tuple[Entry, ...]
    standing: tuple[Entry, ...]
    """The entries without those that were entered in error."""
    genealogy: Genealogy
    counts: Mapping[str, CellCount]
    """The last count of each population."""
    tests: tuple[QualityTest, ...]
    deviations: tuple[ProductDeviation, ...]
    certifications: tuple[Entry, ...]
    recalls: tuple[Entry, ...]

    @property
    def procured(self) -> Entry:
        """The taking of the tissue."""
        return self.entries[0]

    @property
    def procured_at(self) -> ClinicalTime:
        """When the tissue was taken."""
        return ClinicalTime(self.procured.clinical_time or "")

    @property
    def donor(self) -> str:
        """The donor of the tissue that the lot began with."""
        return str(self.procured.data["donor"])

    @property
    def certification(self) -> Entry | None:
        """The last certification, where nothing that it rested on was found to be entered in error since."""
        last = self.certifications[-1] if self.certifications else None
        return None if last is None or self._is_broken(last) else last

    @property
    def broken_certification(self) -> Entry | None:
        """The last certification, where it no longer stands because of an entry in error."""
        last = self.certifications[-1] if self.certifications else None
        return last if last is not None and self._is_broken(last) else None

    def _is_broken(self, certified: Entry) -> bool:
        return certified.data["outcome"] != "rejected" and any(
            one.entry.sequence < certified.sequence < one.by.sequence for one in self.annulled
        )

    @cached_property
    def annulled(self) -> tuple[Annulled, ...]:
        """What was entered in error."""
        return list_annulled(self.entries)

    @property
    def status(self) -> str:
        """in process, testing, reviewed, certified, conditionally certified, rejected or recalled."""
        if self.recalls:
            return "recalled"
        if self.certification is not None:
            outcome = str(self.certification.data["outcome"])
            return "conditionally certified" if outcome == "conditional" else outcome
        if not self.tests:
            return "in process"
        return "reviewed" if all(t.state == "reviewed" for t in self.tests) else "testing"

    @property
    def is_certified(self) -> bool:
        """Whether it was let go and not recalled since."""
        return self.status in ("certified", "conditionally certified")

    @cached_property
    def skipped(self) -> frozenset[str]:
        """Steps that a reported deviation says were left out."""
        return frozenset(d.skips for d in self.deviations if d.skips)

    @property
    def performers(self) -> frozenset[str]:
        """Who performed or verified a step or made a test."""
        people = {t.performer.person for t in self.genealogy.transformations}
        return frozenset(people)

    def test(self, test_id: str) -> QualityTest | None:
        """The test with this id."""
        return next((test for test in self.tests if test.id == test_id), None)

    def taken_from(self, node: str) -> Decimal:
        """Cells taken from a population so far: seeded, sampled, frozen, made into doses, discarded."""
        uses = self.genealogy.uses.get(node, ())
        cells = [p.cells for t in uses for p in t.parents if p.node == node and p.cells is not None]
        return sum((Decimal(number) for number in cells), Decimal(0))


def fold_lot(entries: Sequence[Entry]) -> Lot | None:
    """The lot that the entries of its subject make; None where there are none."""
    if not entries:
        return None
    counts: dict[str, CellCount] = {}
    standing = standing_entries(entries)
    for entry in standing:
        if entry.kind is Kind.CELLS_COUNTED:
            counts[entry.data["node"]] = _count(entry)
    return Lot(
        id=name_in(entries[0].subject, "product") or "",
        entries=tuple(entries),
        standing=standing,
        genealogy=fold_genealogy(standing),
        counts=counts,
        tests=_tests(entries),
        deviations=_deviations(entries),
        certifications=tuple(e for e in entries if e.kind is Kind.LOT_CERTIFIED),
        recalls=tuple(e for e in entries if e.kind is Kind.LOT_RECALLED),
    )


def _count(entry: Entry) -> CellCount:
    data = entry.data
    return CellCount(
        node=data["node"],
        method=data["method"],
        viable=Decimal(data["viable"]),
        total=Decimal(data["total"]),
        replicates=tuple((int(r["viable"]), int(r["dead"])) for r in data["replicates"]),
        at=entry.clinical_time or "",
        entry=entry,
    )


def _tests(entries: Sequence[Entry]) -> tuple[QualityTest, ...]:
    resulted = {e.data["id"]: e for e in entries if e.kind is Kind.TEST_RESULTED}
    reviewed = {e.data["id"]: e for e in entries if e.kind is Kind.TEST_REVIEWED}
    return tuple(
        QualityTest(
            id=e.data["id"],
            test=e.data["test"],
            node=e.data["node"],
            sampled_at=e.clinical_time or "",
            requested=e,
            resulted=resulted.get(e.data["id"]),
            reviewed=reviewed.get(e.data["id"]),
        )
        for e in entries
        if e.kind is Kind.TEST_REQUESTED
    )


def _deviations(entries: Sequence[Entry]) -> tuple[ProductDeviation, ...]:
    closed = {e.data["id"]: e for e in entries if e.kind is Kind.PRODUCT_DEVIATION_CLOSED}
    assessed = [e for e in entries if e.kind is Kind.PRODUCT_DEVIATION_ASSESSED]
    return tuple(
        ProductDeviation(
            e.data["id"],
            e.data["description"],
            e.data.get("skips"),
            e,
            tuple(a for a in assessed if a.data["id"] == e.data["id"]),
            closed.get(e.data["id"]),
        )
        for e in entries
        if e.kind is Kind.PRODUCT_DEVIATION_REPORTED
    )
