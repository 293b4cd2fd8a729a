"""What a safety board is told of the product: lots, doses, tests, deviations, recalls, and how each infusion went."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import polars as pl

from charcot.clinical_time import ClinicalTime
from charcot.datasets.dataset import Column, Dataset, lay_rows, make_dataset
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
    found = (((lot.id, lot.status), lot.entries) for lot in fold_lots(snapshot).values())
    return _tell(snapshot, "lots", "Lots of the product", "lot", _LOT, found)


def derive_lot_tests(snapshot: Snapshot) -> Dataset:
    """Every release test that has a result, whatever became of it."""
    found = (
        ((lot.id, test.id, test.test, test.value, test.verdict, _is_outside(test)), _acts(test))
        for lot in fold_lots(snapshot).values()
        for test in lot.tests
        if test.resulted is not None
    )
    return _tell(snapshot, "lot_tests", "Results of release tests", "test with a result", _TEST, found)


def derive_product_deviations(snapshot: Snapshot) -> Dataset:
    """Every deviation in manufacture."""
    found = (
        (
            (lot.id, each.id, each.description, each.severity, each.state),
            [entry for entry in (each.reported, *each.assessments, each.closed) if entry is not None],
        )
        for lot in fold_lots(snapshot).values()
        for each in lot.deviations
    )
    return _tell(snapshot, "product_deviations", "Deviations in manufacture", "deviation", _DEVIATION, found)


def derive_doses(snapshot: Snapshot) -> Dataset:
    """Every dose that was prescribed, prepared or not."""
    found = (
        ((course.participant, course.id, course.status, bool(course.mismatches)), course.entries)
        for entries in _of_kind(snapshot, "dose")
        if (course := fold_dose(entries)) is not None
    )
    return _tell(snapshot, "doses", "Doses of the product", "prescribed dose", _DOSE, found)


def derive_recalls(snapshot: Snapshot) -> Dataset:
    """Every recall."""
    found = (
        ((recall.id, recall.status), entries)
        for entries in _of_kind(snapshot, "recall")
        if (recall := fold_recall(entries)) is not None
    )
    return _tell(snapshot, "recalls", "Recalls", "recall", _RECALL, found)


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


def _tell(
    snapshot: Snapshot,
    name: str,
    label: str,
    one_row_per: str,
    columns: tuple[Column, ...],
    found: Iterable[tuple[tuple[object, ...], Sequence[Entry]]],
) -> Dataset:
    """A dataset from the values of each row and the entries that it stands on."""
    rows = [
        (
            *values,
            join_origins(behind, snapshot.charter.purpose),
            sorted({entry.sequence for entry in behind}),
        )
        for values, behind in found
    ]
    return lay_rows(name, label, one_row_per, columns, rows)


def _of_kind(snapshot: Snapshot, kind: str) -> Iterator[Sequence[Entry]]:
    """The entries of each subject of a kind, by its name."""
    for subject, entries in sorted(group_product_entries(snapshot).items()):
        if name_in(subject, kind) is not None:
            yield entries


def _acts(test: QualityTest) -> list[Entry]:
    return [entry for entry in (test.requested, test.resulted, test.reviewed) if entry is not None]


def _is_outside(test: QualityTest) -> bool:
    judged = (test.resulted, test.reviewed)
    return any(entry is not None and entry.data["verdict"] == "FAIL" for entry in judged)


def _minutes(version: FormVersion) -> float | None:
    began, ended = version.text("started_at"), version.text("ended_at")
    if not began or not ended or not (ClinicalTime(began).has_time and ClinicalTime(ended).has_time):
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() / 60
