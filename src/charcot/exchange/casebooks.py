"""Casebooks as CSV for an inspector: all that was recorded of one participant, in every version."""

from collections.abc import Iterator

from charcot.datasets import Snapshot
from charcot.datasets.forms import SHOWN
from charcot.exchange.csv_tables import csv_text
from charcot.ledger import Value
from charcot.participants import Dossier, FormVersion, Missed
from charcot.protocol import Form, Item, Protocol
from charcot.report.casebook.sight import SEALED, veil_of

HEADER = (
    "participant",
    "form",
    "form title",
    "encounter",
    "instance",
    "version",
    "item",
    "label",
    "value",
    "unit",
    "typed",
    "origin",
    "absent",
    "why",
    "clinical_time",
    "recorded_at",
    "recorded_by",
    "role",
    "reason",
    "entry",
    "hash",
)
Cells = tuple[object, ...]


def casebook_tables(snapshot: Snapshot) -> dict[str, str]:
    """The casebook of each participant as CSV text, under its path in the archive.

    A row is an item of one version of a form, in the order of entries; items without a value are listed too. A form
    that was missed, or a whole encounter, is a row with `missed` under absent. `typed` is what was written where that is
    not the value. Personal values are `(sealed)`, and
    those hidden from most roles `(concealed)`: the ledger holds them.
    """
    protocols: dict[str, Protocol] = {}
    for active in snapshot.charter.protocols:
        protocols[active.version] = active.study.protocol
    return {
        f"casebooks/{dossier.participant}.csv": csv_text([HEADER, *_rows(dossier, protocols)])
        for dossier in snapshot.dossiers
    }


def _rows(dossier: Dossier, protocols: dict[str, Protocol]) -> Iterator[Cells]:
    casebook = dossier.casebook
    wrong = [error.versions for error in casebook.in_error.values()]
    versions = [version for listed in (*casebook.forms.values(), *wrong) for version in listed]
    events: list[FormVersion | Missed] = [*versions, *casebook.missed]
    for event in sorted(events, key=lambda event: event.entry.sequence):
        protocol = protocols.get(event.entry.protocol or "", dossier.study.protocol)
        if isinstance(event, Missed):
            yield _missed_row(dossier.participant, protocol, event)
        else:
            yield from _form_rows(dossier.participant, protocol, event)


def _form_rows(participant: str, protocol: Protocol, version: FormVersion) -> Iterator[Cells]:
    form = protocol.forms_by_id.get(version.key.form)
    items = {item.id: item for item in form.items} if form else {}
    where = (version.key.form, form.title if form else "", version.key.encounter, version.key.instance)
    for name in dict.fromkeys((*items, *version.values)):
        item, value = items.get(name), version.values.get(name)
        what = (
            name,
            item.label if item else "",
            *_text_and_unit(form, item, value),
            _typed(form, item, value),
        )
        how: Cells = (None, None, None)
        if value is not None:
            how = (str(value.origin), value.absent, value.why and (_veil(form, item, value) or value.why))
        yield (participant, *where, version.version, *what, *how, *_entry_cells(version))


def _missed_row(participant: str, protocol: Protocol, missed: Missed) -> Cells:
    form = protocol.forms_by_id.get(missed.form)
    where = (missed.form or None, form.title if form else None, missed.encounter, missed.instance)
    return (participant, *where, *(None,) * 7, "missed", None, *_entry_cells(missed))


def _text_and_unit(
    form: Form | None, item: Item | None, value: Value | None
) -> tuple[str | None, str | None]:
    unit = item.unit if item else None
    if value is None or (value.text is None and value.sealed is None):
        return None, unit
    return _veil(form, item, value) or value.text, unit


def _typed(form: Form | None, item: Item | None, value: Value | None) -> str | None:
    """What was typed where that is not what is kept, in its unit."""
    if value is None or value.typed is None or _veil(form, item, value):
        return None
    return f"{value.typed} {value.typed_unit or ''}".strip()


def _veil(form: Form | None, item: Item | None, value: Value) -> str | None:
    """What stands in place of a value that is not shown; None where it is."""
    return SEALED if value.sealed is not None else veil_of(form, item, SHOWN)


def _entry_cells(event: FormVersion | Missed) -> Cells:
    entry = event.entry
    who = entry.actor
    return (
        entry.clinical_time,
        entry.recorded_at,
        who.person,
        who.role,
        entry.reason,
        entry.sequence,
        entry.hash,
    )
