"""One tidy dataset for each form of the protocol: a row a filled form, a column an item."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import polars as pl

from charcot.clinical_time import ClinicalTime
from charcot.datasets.dataset import Column, Dataset, join_columns
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

_PLACED = (*(column.name for column in PLACE), "origin", "entries")


def derive_form_datasets(snapshot: Snapshot) -> dict[str, Dataset]:
    """A dataset for each participant form, under the form's id."""
    return {form.form: derive_form_dataset(snapshot, form) for form in forms_shown(snapshot)}


def forms_shown(snapshot: Snapshot) -> tuple[Form, ...]:
    """The forms of participants that tidy datasets carry."""
    return tuple(f for f in snapshot.forms if f.subject == "participant" and f.visibility in SHOWN)


def derive_form_dataset(snapshot: Snapshot, form: Form) -> Dataset:
    """The newest version of each filled instance of a form."""
    items = _items(form)
    ids = [item.id for item in items]
    rows = [
        (*lay_place(dossier, version), *_texts(ids, version.recorded))
        for dossier in snapshot.dossiers
        for version in dossier.casebook.instances(form.form)
    ]
    found = list(zip(*rows, strict=True)) if rows else [()] * (len(_PLACED) + len(ids))
    values: dict[str, Sequence[Any]] = dict(zip(_PLACED, found, strict=False))
    for item, texts in zip(items, found[len(_PLACED) :], strict=True):
        is_text = _type(item) == pl.String
        values[_name(item)] = texts if is_text else _each_once(texts, partial(_typed, item))
        if item.partial:
            values[f"{_name(item)}_earliest"] = _each_once(texts, lambda text: ClinicalTime(text).day)
    entries = values.pop("entries")
    return join_columns(form.form, form.title, ONE_ROW_PER, form_columns(snapshot, form), values, entries)


def form_columns(snapshot: Snapshot, form: Form) -> tuple[Column, ...]:
    """What the rows of a form hold, without `origin` and `entries`."""
    return (*PLACE, *(column for item in _items(form) for column in _columns(snapshot, form, item)))


def form_rows(form: Form, dossier: Dossier) -> list[dict[str, Any]]:
    """The rows of one participant; an item without a text is left out of its row."""
    readers = [(item, _name(item)) for item in _items(form)]
    return [
        {**place_of(dossier, version), **_told(readers, version)}
        for version in dossier.casebook.instances(form.form)
    ]


def _items(form: Form) -> list[Item]:
    return [item for item in form.items if form.labels_of(item) <= SHOWN]


def _told(readers: list[tuple[Item, str]], version: FormVersion) -> dict[str, Any]:
    """The columns of the items that have a text."""
    row: dict[str, Any] = {}
    for item, name in readers:
        text = version.text(item.id)
        if text is not None:
            row[name] = _typed(item, text)
            if item.partial:
                row[f"{name}_earliest"] = ClinicalTime(text).day
    return row


def _texts(items: Sequence[str], recorded: Mapping[str, Mapping[str, Any]]) -> list[str | None]:
    return [None if (value := recorded.get(item)) is None else value.get("value") for item in items]


def _each_once(texts: Sequence[str | None], read: Callable[[str], Any]) -> list[Any]:
    """What `read` makes of each text, None of none; the same text is read once."""
    known = {text: read(text) for text in set(texts) if text is not None}
    return [None if text is None else known[text] for text in texts]


def lay_place(dossier: Dossier, version: FormVersion) -> tuple[Any, ...]:
    """What every row made from one form has: the columns of `PLACE` in their order, then origin and entries."""
    key, at = version.key, version.clinical_time
    return (
        dossier.participant,
        key.encounter,
        key.instance,
        version.version,
        at.text,
        days_since_infusion(dossier, at),
        origin_of_form(version),
        sources_of(dossier, version),
    )


def place_of(dossier: Dossier, version: FormVersion) -> dict[str, Any]:
    """The same under their names."""
    return dict(zip(_PLACED, lay_place(dossier, version), strict=True))


def sources_of(dossier: Dossier, version: FormVersion) -> list[int]:
    """The form's own entry first, then that of the infusion which its day is counted from."""
    own, infusions = version.entry.sequence, dossier.standing.infusions
    anchor = infusions[0].entry.sequence if infusions else own
    return [own] if anchor == own else [own, anchor]


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
