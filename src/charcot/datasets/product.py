"""The product: one row a prepared dose, from donor to infusion, and one row a release test of its lot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import polars as pl

from charcot.clinical_time import ClinicalTime
from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.snapshot import Snapshot
from charcot.ledger import Entry, Kind, name_in
from charcot.product import DoseCourse, Lot, fold_dose, fold_lot, standing_verdict
from charcot.product.origins import join_origins

_DOSE = (
    Column("participant", "Participant", pl.String),
    Column("dose", "Dose", pl.String),
    Column("lot", "Lot", pl.String),
    Column("donor", "Donor", pl.String),
    Column("passage", "Passage of the cells", pl.Int64),
    Column("planned", "Cells planned", pl.Float64, "cells"),
    Column("prepared", "Cells prepared", pl.Float64, "cells"),
    Column("given", "Cells given", pl.Float64, "cells"),
    Column("achieved", "Cells given over cells planned", pl.Float64, source="derived"),
    Column("prepared_concentration", "Concentration", pl.Float64, "cells/ml"),
    Column("prepared_volume", "Volume prepared", pl.Float64, "ml"),
    Column("viability", "Viable of all cells prepared", pl.Float64, "%", source="derived"),
    Column("cells_per_minute", "Cells given per minute", pl.Float64, "cells/min", source="derived"),
    Column("harvest_hours", "Time from harvest to infusion", pl.Float64, "h", source="derived"),
    Column("outcome", "How the lot was decided upon", pl.String),
)
_TEST = (
    Column("participant", "Participant", pl.String),
    Column("lot", "Lot", pl.String),
    Column("passage", "Passage tested", pl.Int64),
    Column("test", "Test", pl.String),
    Column("label", "Test in words", pl.String),
    Column("limit", "Limit", pl.String),
    Column("result", "Result", pl.String),
    Column("number", "Result as a number", pl.Float64),
    Column("verdict", "Verdict", pl.String),
)


@dataclass(frozen=True)
class _Made:
    """A dose with its lot and the entries behind both."""

    course: DoseCourse
    lot: Lot

    @property
    def entries(self) -> list[int]:
        """The numbers of the entries behind."""
        return [entry.sequence for entry in self.behind]

    @property
    def behind(self) -> list[Entry]:
        """Prescription, preparation, infusion; procurement, every step of the cells, and certification; in order."""
        course, line = self.course, self.lot.genealogy
        found = [
            course.prescribed,
            course.prepared,
            course.infused,
            self.lot.procured,
            self.lot.certification,
        ]
        node = course.node or ""
        steps = {line.makers[name].entry for name in (node, *line.ancestors(node)) if name in line.makers}
        found += [entry for entry in self.lot.entries if entry.sequence in steps]
        return sorted({e.sequence: e for e in found if e is not None}.values(), key=lambda e: e.sequence)


def derive_product(snapshot: Snapshot) -> Dataset:
    """Every dose that was prepared."""
    infused = {
        version.entry.participant: version
        for dossier in snapshot.dossiers
        for version in dossier.standing.infusions
    }
    rows: list[dict[str, object]] = []
    for made in _made(snapshot):
        course, lot = made.course, made.lot
        prepared, given = course.prepared, course.infused
        if prepared is None:
            continue
        population = lot.genealogy.populations.get(course.node or "")
        cells = None if given is None or given.data["given"] is None else float(given.data["given"])
        version = infused.get(course.participant)
        minutes = None if version is None else _minutes(version.text("started_at"), version.text("ended_at"))
        began = None if version is None else version.text("started_at")
        rows.append(
            {
                "participant": course.participant,
                "dose": course.id,
                "lot": lot.id,
                "donor": lot.donor,
                "passage": None if population is None else population.passage,
                "planned": float(course.planned),
                "prepared": float(prepared.data["cells"]),
                "given": cells,
                "achieved": None if cells is None else cells / float(course.planned),
                "prepared_concentration": float(prepared.data["concentration"]),
                "prepared_volume": float(prepared.data["volume_ml"]),
                "viability": _percent(prepared.data["viable"], prepared.data["total"]),
                "cells_per_minute": cells / minutes if cells is not None and minutes else None,
                "harvest_hours": _hours(_harvested(lot, str(prepared.data["from"])), began),
                "outcome": None if lot.certification is None else lot.certification.data["outcome"],
                "origin": join_origins(
                    made.behind, snapshot.charter.purpose, () if version is None else version.origins
                ),
                "entries": made.entries + ([] if version is None else [version.entry.sequence]),
            }
        )
    rows.sort(key=lambda row: (str(row["participant"]), str(row["dose"])))
    return make_dataset("product", "Doses of the product", "prepared dose", _DOSE, rows)


def derive_product_tests(snapshot: Snapshot) -> Dataset:
    """Every line of the release specification, for each lot of which a dose was prepared: made or not."""
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    for made in _made(snapshot):
        if made.lot.id not in seen:
            seen.add(made.lot.id)
            rows += _tests(snapshot, made)
    return make_dataset("product_tests", "Release tests", "test of a lot", _TEST, rows)


def _tests(snapshot: Snapshot, made: _Made) -> list[dict[str, object]]:
    lot = made.lot
    certified = lot.certification
    verdicts: Mapping[str, str] = (
        {test.id: standing_verdict(lot, test.id) for test in snapshot.protocol.release_specification}
        if certified is None
        else certified.data["verdicts"]
    )
    rows: list[dict[str, object]] = []
    for test in snapshot.protocol.release_specification:
        done = [one for one in lot.tests if one.test == test.id]
        last = done[-1] if done else None
        population = None if last is None else lot.genealogy.populations.get(last.node)
        entries = [e for one in done for e in (one.requested, one.resulted, one.reviewed)] + [certified]
        value = None if last is None else last.value
        rows.append(
            {
                "participant": made.course.participant,
                "lot": lot.id,
                "passage": None if population is None else population.passage,
                "test": test.id,
                "label": test.test,
                "limit": test.limit,
                "result": value,
                "number": _number(value),
                "verdict": verdicts.get(test.id, "NOT TESTED"),
                "origin": join_origins(entries, snapshot.charter.purpose)
                or join_origins([lot.procured], snapshot.charter.purpose),
                "entries": sorted({e.sequence for e in entries if e is not None} or {lot.procured.sequence}),
            }
        )
    return rows


def _made(snapshot: Snapshot) -> list[_Made]:
    lots = fold_lots(snapshot)
    found = []
    for subject, entries in sorted(group_product_entries(snapshot).items()):
        course = fold_dose(entries) if name_in(subject, "dose") is not None else None
        lot = None if course is None else lots.get(course.lot or "")
        if course is not None and lot is not None:
            found.append(_Made(course, lot))
    return found


def group_product_entries(snapshot: Snapshot) -> dict[str, list[Entry]]:
    """The entries about donors, materials, lots, doses and recalls, by subject."""
    by_subject: dict[str, list[Entry]] = {}
    for entry in snapshot.product_entries:
        by_subject.setdefault(entry.subject, []).append(entry)
    return by_subject


def fold_lots(snapshot: Snapshot) -> dict[str, Lot]:
    """Every lot under its name, in the order in which they were begun."""
    folded = {
        name: fold_lot(entries)
        for subject, entries in group_product_entries(snapshot).items()
        if (name := name_in(subject, "product")) is not None and entries[0].kind is Kind.TISSUE_PROCURED
    }
    return {name: lot for name, lot in folded.items() if lot is not None}


def _harvested(lot: Lot, node: str) -> str | None:
    """When the cells of a dose were last harvested."""
    line = lot.genealogy
    for name in (node, *line.ancestors(node)):
        population = line.populations.get(name)
        if population is not None and population.kind == "harvest":
            return population.began
    return None


def _percent(part: str, whole: str) -> float | None:
    total = Decimal(whole)
    return float(100 * Decimal(part) / total) if total else None


def _hours(earlier: str | None, later: str | None) -> float | None:
    minutes = _minutes(earlier, later)
    return None if minutes is None else minutes / 60


def _minutes(earlier: str | None, later: str | None) -> float | None:
    if not earlier or not later or not (ClinicalTime(earlier).has_time and ClinicalTime(later).has_time):
        return None
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 60


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
