"""Vital signs on the day of the infusion: one row a measured sign, before the infusion or after it began."""

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
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
    rows: list[dict[str, object]] = []
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
    return make_dataset(
        "infusion_signs", "Vital signs on the day of the infusion", "measured sign", COLUMNS, rows
    )


def _signs(dossier: Dossier, version: FormVersion, around: str) -> list[dict[str, object]]:
    entries = [version.entry.sequence, *(form.entry.sequence for form in dossier.standing.infusions[:1])]
    found: list[dict[str, object]] = []
    for sign in SIGNS:
        number = number_in(version, sign)
        if number is not None:
            found.append(
                {
                    "participant": dossier.participant,
                    "encounter": version.key.encounter,
                    "instance": version.key.instance,
                    "form": version.key.form,
                    "item": sign,
                    "taken": version.clinical_time.text,
                    "around": around,
                    "number": float(number),
                    "origin": origin_of_item(version, sign),
                    "entries": entries,
                }
            )
    return found
