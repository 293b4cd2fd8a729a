"""Laboratory results in long form: one row a test, with unit, normal range and flag."""

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.forms import PLACE, place_of
from charcot.datasets.snapshot import Snapshot, origins_of
from charcot.laboratory import find_normal_range, find_sex, flag_result
from charcot.participants import Dossier
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
)


def derive_laboratory(snapshot: Snapshot) -> Dataset:
    """Every result on a form that plays `laboratory`."""
    rows: list[dict[str, object]] = []
    forms = [form for form in snapshot.forms if form.plays == "laboratory"]
    for dossier in snapshot.dossiers:
        sex = find_sex(dossier)
        for form in forms:
            for version in dossier.casebook.instances(form.form):
                place = place_of(dossier, version)
                for item in form.items:
                    value = version.values.get(item.id)
                    if value is None or value.text is None or item.type in ("date", "datetime", "time"):
                        continue
                    low, high = find_normal_range(item, sex)
                    number = float(value.text) if item.type in ("integer", "decimal") else None
                    rows.append(
                        {
                            **place,
                            "panel": form.title,
                            "test": item.id,
                            "label": item.label,
                            "value": number,
                            "text": value.text,
                            "unit": item.unit,
                            "low": None if low is None else float(low),
                            "high": None if high is None else float(high),
                            "flag": flag_result(item, value.text, low, high),
                            "origin": origins_of(value),
                            "entries": [*place["entries"], *_sex_entry(dossier, item)],
                        }
                    )
    return make_dataset("laboratory", "Laboratory", "test result", COLUMNS, rows)


def _sex_entry(dossier: Dossier, item: Item) -> list[int]:
    """The entry that says the sex, where the normal range depends on it."""
    if all(normal.sex is None for normal in item.normal):
        return []
    form = (dossier.study.protocol.sex_item or "").partition(".")[0]
    return [version.entry.sequence for version in dossier.casebook.instances(form)[-1:]]
