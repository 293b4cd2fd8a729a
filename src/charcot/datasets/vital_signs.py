"""Vital signs on the day of the infusion: one row a measured sign, before the infusion or after it began."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from charcot.datasets.dataset import Column, Dataset, lay_rows
from charcot.datasets.snapshot import Snapshot, origin_of_item
from charcot.laboratory import number_in
from charcot.participants import Dossier, FormVersion

SIGNS = ("pulse", "systolic", "diastolic", "temperature", "respiratory_rate", "oxygen_saturation")

COLUMNS = (
    Column("participant", "Participant", pl.String),
    Column("encounter", "Encounter", pl.String),
    Column("instance", "Which of several", pl.Int64),
    Column("form", "Form", pl.String),
    Column("item", "Sign", pl.String),
    Column("taken", "Taken at", pl.String),
    Column(
        "around",
        "Before or after the infusion began",
        pl.String,
        source="derived: forms that are filled several times are those of the hours after the infusion",
    ),
    Column("number", "Value", pl.Float64),
)


def derive_vital_signs(snapshot: Snapshot) -> Dataset:
    """Every sign of everybody infused, on the day of the first infusion; several measurements of one person are several rows."""
    rows: list[tuple[Any, ...]] = []
    for dossier in snapshot.dossiers:
        infused = dossier.standing.infused_at
        if infused is None:
            continue
        for form in dossier.study.protocol.forms:
            if form.item("systolic") is None:
                continue
            for version in dossier.casebook.instances(form.form):
                if version.clinical_time.day == infused.day:
                    after = form.repeating or version.clinical_time.earliest >= infused.earliest
                    rows += _signs(dossier, version, "after" if after else "before")
    return lay_rows(
        "infusion_signs", "Vital signs on the day of the infusion", "measured sign", COLUMNS, rows
    )


def _signs(dossier: Dossier, version: FormVersion, around: str) -> Iterator[tuple[Any, ...]]:
    entries = [version.entry.sequence, *(form.entry.sequence for form in dossier.standing.infusions[:1])]
    key = version.key
    place = (dossier.participant, key.encounter, key.instance, key.form)
    for sign in SIGNS:
        if number_in(version, sign) is not None:
            number, origin = float(version.text(sign) or ""), origin_of_item(version, sign)
            yield (*place, sign, version.clinical_time.text, around, number, origin, entries)
