"""Evidence: the values that a verdict may use, chosen value by value by their origin, as tables of numbers and texts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from charcot.datasets import ENTRIES, Snapshot
from charcot.datasets.forms import SHOWN
from charcot.ledger import Origin
from charcot.participants import FormVersion
from charcot.protocol import Form, Item
from charcot.report.claims.claim import ColumnKind, PrintedTable

PLACES: Mapping[str, ColumnKind] = {"participant": "text", "encounter": "text"}
"""What every form's table says about a row besides its values."""


@dataclass(frozen=True)
class EvidenceTable:
    """A table that queries read. `frame` has `columns` and a list of `entries`, which is empty for what was printed."""

    name: str
    title: str
    columns: Mapping[str, ColumnKind]
    frame: pl.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, column: str) -> str:
        """What a column is called in a sentence."""
        return self.labels.get(column, column.replace("_", " "))


Evidence = Mapping[str, EvidenceTable]


def published_evidence(
    snapshot: Snapshot, origins: Collection[Origin] = (Origin.PUBLISHED,)
) -> dict[str, EvidenceTable]:
    """A table for each form: in the newest version of each filled form, the values of these origins and no other.

    A form on which no value is left is no row. Derived values are never taken: what they derive from may be synthetic.
    Dates of entries are not taken either; they are not values.
    """
    versions: dict[str, list[tuple[str, FormVersion]]] = {}
    for dossier in snapshot.dossiers:
        for found in dossier.casebook.forms.values():
            versions.setdefault(found[-1].key.form, []).append((dossier.participant, found[-1]))
    return {
        form.form: _table(form, versions.get(form.form, []), frozenset(origins) - {Origin.DERIVED})
        for form in snapshot.forms
        if form.visibility in SHOWN
    }


def printed_evidence(tables: Mapping[str, PrintedTable]) -> dict[str, EvidenceTable]:
    """The tables of a claims file."""
    return {
        table.id: EvidenceTable(
            table.id, table.title, table.columns, _frame(table.columns, [(list(row), []) for row in table.rows])
        )
        for table in tables.values()
    }  # fmt: skip


def _table(form: Form, versions: list[tuple[str, FormVersion]], origins: Collection[Origin]) -> EvidenceTable:
    items = [item for item in form.items if form.labels_of(item) <= SHOWN]
    columns: dict[str, ColumnKind] = {**PLACES, **{item.id: _kind(item) for item in items}}
    rows: list[tuple[list[Decimal | str | None], list[int]]] = []
    for participant, version in sorted(versions, key=lambda found: (found[0], found[1].entry.sequence)):
        values = {item.id: _value(item, version, origins) for item in items}
        if any(value is not None for value in values.values()):
            where = {"participant": participant, "encounter": version.key.encounter}
            rows.append(([{**where, **values}[name] for name in columns], [version.entry.sequence]))
    labels = {item.id: item.label for item in items}
    return EvidenceTable(form.form, form.title, columns, _frame(columns, rows), labels)


def _kind(item: Item) -> ColumnKind:
    return "number" if item.type in ("integer", "decimal") else "text"


def _value(item: Item, version: FormVersion, origins: Collection[Origin]) -> Decimal | str | None:
    value = version.values.get(item.id)
    if value is None or value.text is None or value.origin not in origins:
        return None
    return Decimal(value.text) if _kind(item) == "number" else value.text


def _frame(
    columns: Mapping[str, ColumnKind], rows: list[tuple[list[Decimal | str | None], list[int]]]
) -> pl.DataFrame:
    data: dict[str, list[object]] = {
        name: [
            None if (value := values[index]) is None else float(value) if kind == "number" else str(value)
            for values, _ in rows
        ]
        for index, (name, kind) in enumerate(columns.items())
    }
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        name: pl.Float64 if kind == "number" else pl.String for name, kind in columns.items()
    }
    return pl.DataFrame(
        {**data, ENTRIES: [entries for _, entries in rows]}, schema={**schema, ENTRIES: pl.List(pl.Int64)}
    )
