"""Laboratory results in long form: one row a test, with unit, normal range and flag."""

from typing import Any

import polars as pl

from charcot.datasets.dataset import Column, Dataset, lay_rows
from charcot.datasets.forms import PLACE, lay_place
from charcot.datasets.snapshot import Snapshot
from charcot.laboratory import LabResult, ResultBook
from charcot.protocol import Item

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
    rows: list[tuple[Any, ...]] = []
    forms = [
        (form, [item for item in form.items if item.type not in ("date", "datetime", "time")])
        for form in snapshot.forms
        if form.plays == "laboratory"
    ]
    for dossier in snapshot.dossiers:
        book = snapshot.results[dossier.participant]
        for form, items in forms:
            for version in dossier.casebook.instances(form.form):
                *place, _origin, entries = lay_place(dossier, version)
                recorded, results = version.recorded, book.results(form, version)
                for item in items:
                    value = recorded.get(item.id)
                    if value is not None and (text := value.get("value")) is not None:
                        result, origin = results.get(item.id), str(value["origin"])
                        rows.append((*place, form.title, *_row(book, item, result, text, origin, entries)))
    return lay_rows("laboratory", "Laboratory", "test result", COLUMNS, rows)


def _row(
    book: ResultBook, item: Item, result: LabResult | None, text: str, origin: str, entries: list[int]
) -> tuple[Any, ...]:
    """What follows the panel in `COLUMNS`, then origin and entries."""
    if result is None:
        return (item.id, item.label, None, text, item.unit, *(None,) * 7, origin, entries)
    ends, judgement = result.range, result.judgement
    start = book.before(item.id, result.version) if result.grade is not None else None
    if ends.entries or start is not None or judgement is not None:
        more = [*entries, *ends.entries]
        if start is not None:
            more.append(start.entry.sequence)
        if judgement is not None:
            more.append(judgement.entry.sequence)
        entries = list(dict.fromkeys(more))
    return (
        item.id,
        item.label,
        float(result.text),
        text,
        item.unit,
        None if ends.low is None else float(ends.low),
        None if ends.high is None else float(ends.high),
        result.flag,
        result.grade,
        result.term or None,
        None if judgement is None else judgement.significant,
        None if judgement is None else judgement.comment,
        origin,
        entries,
    )
