"""Exposure: one row an infusion, with the dose planned and given."""

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.forms import PLACE, place_of
from charcot.datasets.snapshot import Snapshot

NUMBERS = {
    "weight": ("Weight that the dose was planned from", "kg"),
    "planned_dose": ("Dose planned", "cells"),
    "given_dose": ("Dose given", "cells"),
    "volume": ("Volume", "ml"),
}

COLUMNS = (
    *PLACE,
    Column("started_at", "Start of the infusion", pl.String),
    *(Column(name, label, pl.Float64, unit) for name, (label, unit) in NUMBERS.items()),
    Column("dose_ratio", "Dose given over dose planned", pl.Float64, source="derived"),
    Column("dose_per_kg", "Dose given per kilogram", pl.Float64, "cells/kg", source="derived"),
)


def derive_exposure(snapshot: Snapshot) -> Dataset:
    """Every infusion."""
    rows: list[dict[str, object]] = []
    for dossier in snapshot.dossiers:
        for version in dossier.standing.infusions:
            number = {name: None if (t := version.text(name)) is None else float(t) for name in NUMBERS}
            given, planned, weight = number["given_dose"], number["planned_dose"], number["weight"]
            rows.append(
                {
                    **place_of(dossier, version),
                    **number,
                    "started_at": version.text("started_at"),
                    "dose_ratio": given / planned if given is not None and planned else None,
                    "dose_per_kg": given / weight if given is not None and weight else None,
                }
            )
    return make_dataset("exposure", "Exposure", "infusion", COLUMNS, rows)
