"""One tidy dataset for each form of the protocol: a row a filled form, a column an item."""

from datetime import date, datetime
from typing import Any

import polars as pl

from charcot.clinical_time import ClinicalTime
from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.snapshot import Snapshot, origin_of_form
from charcot.participants import Dossier, FormVersion
from charcot.protocol import Form, Item

SHOWN = frozenset({"open", "product"})
"""Visibility labels of items that tidy datasets carry. Personal, concealed and donor-identity items never enter one."""

ONE_ROW_PER = "filled form"
PLACE = (
    Column("participant", "Participant", pl.String),
    Column("encounter", "Encounter", pl.String, source="protocol"),
    Column("instance", "Which of several", pl.Int64),
    Column("version", "Version of the form", pl.Int64),
    Column("recorded_for", "Clinical time, in the site's zone", pl.String),
    Column("day", "Days since infusion (infusion is day 0)", pl.Int64, unit="days", source="derived"),
)


def derive_form_datasets(snapshot: Snapshot) -> dict[str, Dataset]:
    """A dataset for each participant form, under the form's id."""
    return {form.form: derive_form_dataset(snapshot, form) for form in forms_shown(snapshot)}


def forms_shown(snapshot: Snapshot) -> tuple[Form, ...]:
    """The forms of participants that tidy datasets carry."""
    return tuple(f for f in snapshot.forms if f.subject == "participant" and f.visibility in SHOWN)


def derive_form_dataset(snapshot: Snapshot, form: Form) -> Dataset:
    """The newest version of each filled instance of a form."""
    return make_dataset(
        form.form,
        form.title,
        ONE_ROW_PER,
        form_columns(snapshot, form),
        [row for dossier in snapshot.dossiers for row in form_rows(form, dossier)],
    )


def form_columns(snapshot: Snapshot, form: Form) -> tuple[Column, ...]:
    """What the rows of a form hold, without `origin` and `entries`."""
    return (*PLACE, *(column for item in _items(form) for column in _columns(snapshot, form, item)))


def form_rows(form: Form, dossier: Dossier) -> list[dict[str, Any]]:
    """The rows of one participant; an item without a text is left out of its row."""
    readers = [(item, _name(item)) for item in _items(form)]
    return [
        {**place_of(dossier, version), **_texts(readers, version)}
        for version in dossier.casebook.instances(form.form)
    ]


def _items(form: Form) -> list[Item]:
    return [item for item in form.items if form.labels_of(item) <= SHOWN]


def place_of(dossier: Dossier, version: FormVersion) -> dict[str, Any]:
    """The columns that every row made from one form has: participant, encounter, times, origin, entries."""
    return {
        "participant": dossier.participant,
        "encounter": version.key.encounter,
        "instance": version.key.instance,
        "version": version.version,
        "recorded_for": version.clinical_time.text,
        "day": days_since_infusion(dossier, version.clinical_time),
        "origin": origin_of_form(version),
        "entries": sources_of(dossier, version),
    }


def sources_of(dossier: Dossier, version: FormVersion) -> list[int]:
    """The form's own entry first, then that of the infusion which its day is counted from."""
    infusions = dossier.standing.infusions
    anchor = [infusions[0].entry.sequence] if infusions else []
    return list(dict.fromkeys([version.entry.sequence, *anchor]))


def days_since_infusion(dossier: Dossier, at: ClinicalTime) -> int | None:
    """Whole days from the first infusion to `at`; None where either day is not known."""
    infused = dossier.standing.infused_at
    if infused is None or not at.is_complete or not infused.is_complete:
        return None
    return (at.day - infused.day).days


_TAKEN = {
    *(column.name for column in PLACE),
    *("origin", "entries", "month", "onset_day", "treatment_emergent", "episode", "first_episode"),
}


def _name(item: Item) -> str:
    """The column of an item; one whose name every dataset already uses for something else gets an ending."""
    return f"{item.id}_value" if item.id in _TAKEN else item.id


def _columns(snapshot: Snapshot, form: Form, item: Item) -> list[Column]:
    codes = {code.code: code.label for code in snapshot.codes_of(item)}
    source = f"{form.form}.{item.id}" + (" (computed)" if item.computed else "")
    columns = [Column(_name(item), item.label, _type(item), item.unit, codes, source)]
    if item.partial:
        columns.append(
            Column(f"{_name(item)}_earliest", f"{item.label}, earliest day", pl.Date, source=source)
        )
    return columns


def _type(item: Item) -> pl.DataType | type[pl.DataType]:
    if item.partial:
        return pl.String
    match item.type:
        case "integer":
            return pl.Int64
        case "decimal":
            return pl.Float64
        case "date":
            return pl.Date
        case "datetime":
            return pl.Datetime("us")
        case _:
            return pl.String


def _texts(readers: list[tuple[Item, str]], version: FormVersion) -> dict[str, Any]:
    """The columns of the items that have a text; the others stay empty."""
    row: dict[str, Any] = {}
    values = version.entry.data["values"]
    for item, name in readers:
        text = values[item.id].get("value") if item.id in values else None
        if text is not None:
            row[name] = _typed(item, text)
            if item.partial:
                row[f"{name}_earliest"] = ClinicalTime(text).day
    return row


def _typed(item: Item, text: str) -> int | float | str | date | datetime:
    if item.partial:
        return text
    match item.type:
        case "integer":
            return int(text)
        case "decimal":
            return float(text)
        case "date":
            return ClinicalTime(text).day
        case "datetime":
            return ClinicalTime(text).earliest
        case _:
            return text
