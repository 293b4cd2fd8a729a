"""Records that repeat, as tables on a participant's page, and the row that is being added to one of them in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from charcot.datasets import Snapshot
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.protocol import Form, Item
from charcot.web.filling import MOST_COLUMNS, desktop_of, draft_context, place_of
from charcot.web.frame import ALONE, address
from charcot.web.next_steps import add_address, next_instance, verb_for
from charcot.web.visibility import Discretion, ShownValue


@dataclass(frozen=True)
class RepeatedRow:
    """One record of a form."""

    number: int
    href: str
    values: Sequence[ShownValue]


@dataclass(frozen=True)
class RepeatedTable:
    """The records of one form, oldest first. `add`: where a row is added; empty where that may not be."""

    form: str
    title: str
    heads: Sequence[str]
    rows: Sequence[RepeatedRow]
    add: str
    adding: bool
    plays: str | None


def repeated_tables(
    snapshot: Snapshot,
    discretion: Discretion,
    dossier: Dossier,
    may: frozenset[str],
    adding: str,
    as_of: int | None,
) -> list[RepeatedTable]:
    """A table for each form that repeats and belongs to no visit, where it has rows or may get one."""
    protocol, found = dossier.study.protocol, []
    for form in protocol.forms:
        if form.subject != "participant" or not form.repeating or protocol.encounters_of(form.form):
            continue
        items = _columns(discretion, form)
        rows = [
            RepeatedRow(
                v.key.instance,
                address("form", dossier.participant, form.form, ALONE, v.key.instance, as_of=as_of),
                _values(snapshot, discretion, dossier, form, items, v),
            )
            for v in dossier.casebook.instances(form.form)
            if not v.key.encounter
        ]
        adds = dossier.standing.consent is not None and verb_for(form) in may
        if rows or adds:
            number = next_instance(dossier, form)
            where = add_address(dossier.participant, form.form, number) if adds else ""
            heads = [item.label for item in items]
            found.append(
                RepeatedTable(
                    form.form, form.title, heads, rows, where, adds and adding == form.form, form.plays
                )
            )
    return found


def _columns(discretion: Discretion, form: Form) -> list[Item]:
    """The items that a table has room for: those that are needed first, then in the order of the form."""
    seen = [item for item in form.items if discretion.sight(form.form, item.id) == "shown"]
    chosen = sorted(seen, key=lambda item: not item.required)[:MOST_COLUMNS]
    return [item for item in form.items if item in chosen]


def _values(
    snapshot: Snapshot,
    discretion: Discretion,
    dossier: Dossier,
    form: Form,
    items: Sequence[Item],
    version: FormVersion,
) -> list[ShownValue]:
    values = version.values
    return [discretion.show(snapshot, form, item, values.get(item.id), dossier.participant) for item in items]


def added_row(
    request: HttpRequest, participant: str, table: RepeatedTable, dossier: Dossier
) -> dict[str, Any]:
    """What the sheet of the row that is being added shows, with the draft where there is one."""
    form = dossier.study.protocol.forms_by_id[table.form]
    place = place_of(request, participant, table.form, ALONE, next_instance(dossier, form))
    desktop_of(request).note_presence(participant, FormKey(table.form, "", place.key.instance))
    return {**draft_context(request, place), "inline": True}
