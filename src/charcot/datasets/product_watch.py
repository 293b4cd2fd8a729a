"""What a safety board is told of the product: lots, doses, tests, deviations, recalls, and how each infusion went."""

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from charcot.clinical_time import ClinicalTime
from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.forms import days_since_infusion
from charcot.datasets.product import fold_lots, group_product_entries
from charcot.datasets.snapshot import Snapshot, origin_of_form
from charcot.ledger import Entry, name_in
from charcot.participants import FormVersion
from charcot.product import QualityTest, fold_dose, fold_recall
from charcot.product.origins import join_origins

_LOT = (Column("lot", "Lot", pl.String), Column("status", "Where the lot stands", pl.String))
_DOSE = (
    Column("participant", "Participant", pl.String),
    Column("dose", "Dose", pl.String),
    Column("status", "Where the dose stands", pl.String),
    Column("refused", "Bedside check refused", pl.Boolean),
)
_TEST = (
    Column("lot", "Lot", pl.String),
    Column("number", "Test", pl.String),
    Column("test", "Name of the test", pl.String),
    Column("result", "Result", pl.String),
    Column("verdict", "Verdict", pl.String),
    Column("outside", "Out of specification, by its result or its review", pl.Boolean),
)
_DEVIATION = (
    Column("lot", "Lot", pl.String),
    Column("deviation", "Deviation", pl.String),
    Column("description", "What happened", pl.String),
    Column("severity", "Severity", pl.String),
    Column("state", "State", pl.String),
)
_RECALL = (
    Column("recall", "Recall", pl.String),
    Column("status", "Where the recall stands", pl.String),
)
_INFUSION = (
    Column("participant", "Participant", pl.String),
    Column("instance", "Which of several", pl.Int64),
    Column("day", "Days since infusion (infusion is day 0)", pl.Int64, "days", source="derived"),
    Column(
        "minutes", "Duration of the infusion", pl.Float64, "min", source="derived: ended_at minus started_at"
    ),
    Column("interrupted", "Interrupted", pl.String),
    Column("completed", "Given in full", pl.String),
)


def derive_lots(snapshot: Snapshot) -> Dataset:
    """Every lot that was begun."""
    rows: list[dict[str, object]] = [
        {"lot": lot.id, "status": lot.status, **_stands_on(snapshot, lot.entries)}
        for lot in fold_lots(snapshot).values()
    ]
    return make_dataset("lots", "Lots of the product", "lot", _LOT, rows)


def derive_lot_tests(snapshot: Snapshot) -> Dataset:
    """Every release test that has a result, whatever became of it."""
    rows: list[dict[str, object]] = [
        {
            "lot": lot.id,
            "number": test.id,
            "test": test.test,
            "result": test.value,
            "verdict": test.verdict,
            "outside": any(
                entry is not None and entry.data["verdict"] == "FAIL"
                for entry in (test.resulted, test.reviewed)
            ),
            **_stands_on(snapshot, _acts(test)),
        }
        for lot in fold_lots(snapshot).values()
        for test in lot.tests
        if test.resulted is not None
    ]
    return make_dataset("lot_tests", "Results of release tests", "test with a result", _TEST, rows)


def derive_product_deviations(snapshot: Snapshot) -> Dataset:
    """Every deviation in manufacture."""
    rows: list[dict[str, object]] = [
        {
            "lot": lot.id,
            "deviation": found.id,
            "description": found.description,
            "severity": found.severity,
            "state": found.state,
            **_stands_on(
                snapshot, [e for e in (found.reported, *found.assessments, found.closed) if e is not None]
            ),
        }
        for lot in fold_lots(snapshot).values()
        for found in lot.deviations
    ]
    return make_dataset("product_deviations", "Deviations in manufacture", "deviation", _DEVIATION, rows)


def derive_doses(snapshot: Snapshot) -> Dataset:
    """Every dose that was prescribed, prepared or not."""
    rows: list[dict[str, object]] = []
    for subject, entries in sorted(group_product_entries(snapshot).items()):
        course = fold_dose(entries) if name_in(subject, "dose") is not None else None
        if course is not None:
            rows.append(
                {
                    "participant": course.participant,
                    "dose": course.id,
                    "status": course.status,
                    "refused": bool(course.mismatches),
                    **_stands_on(snapshot, course.entries),
                }
            )
    return make_dataset("doses", "Doses of the product", "prescribed dose", _DOSE, rows)


def derive_recalls(snapshot: Snapshot) -> Dataset:
    """Every recall."""
    rows: list[dict[str, object]] = []
    for subject, entries in sorted(group_product_entries(snapshot).items()):
        found = fold_recall(entries) if name_in(subject, "recall") is not None else None
        if found is not None:
            rows.append({"recall": found.id, "status": found.status, **_stands_on(snapshot, entries)})
    return make_dataset("recalls", "Recalls", "recall", _RECALL, rows)


def derive_infusion_course(snapshot: Snapshot) -> Dataset:
    """How each infusion went."""
    rows: list[dict[str, object]] = [
        {
            "participant": dossier.participant,
            "instance": version.key.instance,
            "day": days_since_infusion(dossier, version.clinical_time),
            "minutes": _minutes(version),
            "interrupted": version.text("interrupted"),
            "completed": version.text("completed"),
            "origin": origin_of_form(version),
            "entries": [version.entry.sequence],
        }
        for dossier in snapshot.dossiers
        for version in dossier.standing.infusions
    ]
    return make_dataset("infusion_course", "Course of the infusions", "infusion", _INFUSION, rows)


def _acts(test: QualityTest) -> list[Entry]:
    return [entry for entry in (test.requested, test.resulted, test.reviewed) if entry is not None]


def _stands_on(snapshot: Snapshot, entries: Iterable[Entry]) -> dict[str, object]:
    behind = tuple(entries)
    return {
        "origin": join_origins(behind, snapshot.charter.purpose),
        "entries": sorted({entry.sequence for entry in behind}),
    }


def _minutes(version: FormVersion) -> float | None:
    began, ended = version.text("started_at"), version.text("ended_at")
    if not began or not ended or not (ClinicalTime(began).has_time and ClinicalTime(ended).has_time):
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() / 60
