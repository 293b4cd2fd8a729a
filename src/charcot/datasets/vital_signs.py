"""Vital signs on the day of the infusion: one row a measured sign, before the infusion or after it began."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import polars as pl

from charcot.datasets.dataset import Column, Dataset, lay_rows
from charcot.datasets.snapshot import Snapshot
from charcot.laboratory import parse_number
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
    key, at, recorded = version.key, version.clinical_time.text, version.recorded
    place = (dossier.participant, key.encounter, key.instance, key.form)
    for sign in SIGNS:
        said = recorded.get(sign)
        if said is not None and (number := _number(said.get("value"))) is not None:
            yield (*place, sign, at, around, number, str(said["origin"]), entries)


@lru_cache(maxsize=4096)
def _number(text: str | None) -> float | None:
    found = parse_number(text)
    return None if found is None else float(found)
