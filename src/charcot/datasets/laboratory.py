"""Laboratory results in long form: one row a test, with unit, normal range and flag."""

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.forms import PLACE, place_of
from charcot.datasets.snapshot import Snapshot, origin_of_item
from charcot.laboratory import ResultBook
from charcot.participants import FormVersion
from charcot.protocol import Form, Item

COLUMNS = (
    *PLACE,
    Column("panel", "Panel", pl.String),
    Column("test", "Test", pl.String),
    Column("label", "Name of the test", pl.String),
    Column("value", "Result", pl.Float64),
    Column("text", "Result as typed", pl.String),
    Column("unit", "Unit", pl.String),
    Column("low", "Lower end of the normal range", pl.Float64),
    Column("high", "Upper end of the normal range", pl.Float64),
    Column("flag", "low, normal or high", pl.String, source="derived"),
    Column("grade", "Grade that the value suggests (CTCAE v5); 0 for none", pl.Int64, source="derived"),
    Column("term", "Term of the grade", pl.String, source="derived"),
    Column("significant", "Clinically significant, as an investigator judged", pl.Boolean),
    Column("comment", "What the investigator said of it", pl.String),
)


def derive_laboratory(snapshot: Snapshot) -> Dataset:
    """Every result on a form that plays `laboratory`."""
    rows: list[dict[str, object]] = []
    forms = [form for form in snapshot.forms if form.plays == "laboratory"]
    for dossier in snapshot.dossiers:
        book = snapshot.results[dossier.participant]
        for form in forms:
            for version in dossier.casebook.instances(form.form):
                place = place_of(dossier, version)
                for item in form.items:
                    text = version.text(item.id)
                    if text is None or item.type in ("date", "datetime", "time"):
                        continue
                    rows.append(
                        {
                            **place,
                            "panel": form.title,
                            **_row(book, form, item, version, text, place["entries"]),
                        }
                    )
    return make_dataset("laboratory", "Laboratory", "test result", COLUMNS, rows)


def _row(
    book: ResultBook, form: Form, item: Item, version: FormVersion, text: str, entries: list[int]
) -> dict[str, object]:
    row: dict[str, object] = {
        "test": item.id, "label": item.label, "text": text, "unit": item.unit,
        "origin": origin_of_item(version, item.id),
    }  # fmt: skip
    result = book.result(form, item, version)
    if result is None:
        return row
    ends, judgement = result.range, result.judgement
    start = book.before(item.id, version) if result.grade is not None else None
    return row | {
        "value": float(result.text),
        "low": None if ends.low is None else float(ends.low),
        "high": None if ends.high is None else float(ends.high),
        "flag": result.flag,
        "grade": result.grade,
        "term": result.term or None,
        "significant": None if judgement is None else judgement.significant,
        "comment": None if judgement is None else judgement.comment,
        "entries": list(
            dict.fromkeys(
                [
                    *entries,
                    *ends.entries,
                    *(() if start is None else (start.entry.sequence,)),
                    *(() if judgement is None else (judgement.entry.sequence,)),
                ]
            )
        ),
    }
