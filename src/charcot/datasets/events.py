"""Adverse events: one row a reported event, with its day counted from the infusion."""

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.forms import derive_form_dataset
from charcot.datasets.snapshot import Snapshot
from charcot.safety import compute_onset_day, is_treatment_emergent

ONSET_DAY = Column(
    "onset_day", "Onset in days since infusion (infusion is day 0)", pl.Int64, "days", source="derived"
)
EMERGENT = Column("treatment_emergent", "Began at or after the first infusion", pl.Boolean, source="derived")


def derive_events(snapshot: Snapshot) -> Dataset:
    """The form that plays `adverse_event`, with the day of onset."""
    form = snapshot.form_playing("adverse_event")
    if form is None:
        return make_dataset("events", "Adverse events", "adverse event", (ONSET_DAY, EMERGENT), [])
    base = derive_form_dataset(snapshot, form)
    onset: list[int | None] = []
    emergent: list[bool | None] = []
    for dossier in snapshot.dossiers:
        infused = dossier.standing.infused_at
        for version in dossier.casebook.instances(form.form):
            onset.append(compute_onset_day(version.clinical_time, infused))
            emergent.append(is_treatment_emergent(version.clinical_time, infused))
    frame = base.frame.with_columns(
        pl.Series("onset_day", onset, pl.Int64), pl.Series("treatment_emergent", emergent, pl.Boolean)
    )
    columns = (*base.columns[:-2], ONSET_DAY, EMERGENT, *base.columns[-2:])
    return Dataset(
        "events", "Adverse events", "adverse event", columns, frame.select(column.name for column in columns)
    )
