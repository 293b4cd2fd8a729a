"""Function and lung function over time: ALSFRS-R with its subscores and stages, FVC in litres and percent."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from charcot.clinical_time import DAYS_PER_MONTH
from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.forms import PLACE, place_of
from charcot.datasets.snapshot import Snapshot
from charcot.participants import Dossier, FormVersion
from charcot.scales import (
    ITEMS,
    compute_ft9,
    compute_kings,
    compute_mitos,
    compute_percent,
    compute_subscores,
)

MONTH = Column("month", "Months since infusion (30.4375 days each)", pl.Float64, "months", source="derived")

FUNCTION_COLUMNS = (
    *PLACE,
    MONTH,
    Column("total", "ALSFRS-R total", pl.Int64, "points of 48"),
    Column("percent", "ALSFRS-R, percent of 48", pl.Float64, "%", source="derived"),
    Column("bulbar", "Bulbar subscore", pl.Int64, "points of 12"),
    Column("fine_motor", "Fine motor subscore", pl.Int64, "points of 12"),
    Column("gross_motor", "Gross motor subscore", pl.Int64, "points of 12"),
    Column("respiratory", "Respiratory subscore", pl.Int64, "points of 12"),
    Column("kings", "King's stage", pl.String, source="derived: Balendra 2014; 0 recoded to 1"),
    Column("mitos", "MiToS stage", pl.Int64, source="derived: Chio 2013, 2015"),
    Column("ft9", "FT9 stage", pl.Int64, source="derived; rule not checked against its source"),
)

LUNG_COLUMNS = (
    *PLACE,
    MONTH,
    Column("fvc_litres", "Forced vital capacity", pl.Float64, "L"),
    Column("fvc_percent", "Forced vital capacity, percent of predicted", pl.Float64, "%", source="derived"),
    Column("equation", "Reference equation", pl.String),
)


def derive_function(snapshot: Snapshot) -> Dataset:
    """Each ALSFRS-R, with total, subscores and stages computed from its items by the scales room."""
    found = _filled(snapshot, "function")
    scores = {item.id: np.array([_number(version, item.id) for _, version in found]) for item in ITEMS}
    rows = [_row(dossier, version) for dossier, version in found]
    if rows:
        sub = compute_subscores(scores)
        total = sub.bulbar + sub.fine_motor + sub.gross_motor + sub.respiratory
        kings = compute_kings(scores)
        mitos, ft9, percent = compute_mitos(scores), compute_ft9(scores), compute_percent(total)
        for index, row in enumerate(rows):
            row |= {
                "total": _whole(total[index]),
                "percent": None if np.isnan(percent[index]) else float(percent[index]),
                "bulbar": _whole(sub.bulbar[index]),
                "fine_motor": _whole(sub.fine_motor[index]),
                "gross_motor": _whole(sub.gross_motor[index]),
                "respiratory": _whole(sub.respiratory[index]),
                "kings": kings.label[index],
                "mitos": _whole(mitos[index]),
                "ft9": _whole(ft9[index]),
            }
    return make_dataset("function", "Function (ALSFRS-R)", "ALSFRS-R filled", FUNCTION_COLUMNS, rows)


def derive_lung_function(snapshot: Snapshot) -> Dataset:
    """Each spirometry: litres, equation, and the percent of predicted on the form."""
    rows: list[dict[str, object]] = []
    for dossier, version in _filled(snapshot, "lung_function"):
        row = _row(dossier, version)
        row |= {"fvc_litres": _float(version, "fvc_litres"), "fvc_percent": _float(version, "fvc_percent")}
        row["equation"] = version.text("equation")
        rows.append(row)
    return make_dataset("lung_function", "Lung function (spirometry)", "spirometry", LUNG_COLUMNS, rows)


def _filled(snapshot: Snapshot, part: str) -> Sequence[tuple[Dossier, FormVersion]]:
    form = snapshot.form_playing(part)
    if form is None:
        return ()
    return [(d, version) for d in snapshot.dossiers for version in d.casebook.instances(form.form)]


def _row(dossier: Dossier, version: FormVersion) -> dict[str, Any]:
    row = place_of(dossier, version)
    row["month"] = None if row["day"] is None else row["day"] / DAYS_PER_MONTH
    return row


def _number(version: FormVersion, item: str) -> float:
    text = version.text(item)
    return float("nan") if text is None else float(text)


def _float(version: FormVersion, item: str) -> float | None:
    text = version.text(item)
    return None if text is None else float(text)


def _whole(value: Any) -> int | None:
    return None if np.isnan(value) else round(float(value))
