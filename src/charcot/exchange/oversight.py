"""Queries, verification, signatures, locks and forms in error as CSV, for an inspector."""

from collections.abc import Iterable, Iterator

from charcot.datasets import Snapshot
from charcot.datasets.forms import SHOWN
from charcot.exchange.csv_tables import csv_text
from charcot.ledger import Entry, Kind
from charcot.participants import Dossier, FormKey
from charcot.report.casebook.sight import CONCEALED

_PLACE = ("participant", "form", "encounter", "instance")
_WHO = ("recorded_at", "recorded_by", "role", "reason", "entry", "hash")

Cells = tuple[object, ...]


def oversight_tables(snapshot: Snapshot) -> dict[str, str]:
    """One table each, under its path in the archive: a row is an entry, but a signature has one for each form it names."""
    tables: dict[str, tuple[Cells, Iterable[Cells]]] = {
        "queries": ((*_PLACE, "item", "version", "query", "step", "by", "text", *_WHO), _queries(snapshot)),
        "verification": ((*_PLACE, "version", "items", "step", *_WHO), _verification(snapshot)),
        "signatures": ((*_PLACE, "version", "meaning", "method", "stands", *_WHO), _signatures(snapshot)),
        "locks": ((*_PLACE, "scope", "step", *_WHO), _locks(snapshot)),
        "errors": ((*_PLACE, "version", "step", *_WHO), _errors(snapshot)),
    }
    return {f"oversight/{name}.csv": csv_text([header, *rows]) for name, (header, rows) in tables.items()}


def _queries(snapshot: Snapshot) -> Iterator[Cells]:
    for dossier in snapshot.dossiers:
        for query in dossier.queries:
            hidden = not _may_be_shown(snapshot, query.key.form, query.item)
            for event in query.events:
                text = event.data.get("text")
                shown = CONCEALED if hidden and text is not None else text
                version, by = event.data.get("version"), event.data.get("by")
                step = str(event.kind).removeprefix("query_")
                yield (
                    *_place(dossier, query.key),
                    query.item,
                    version,
                    query.id,
                    step,
                    by,
                    shown,
                    *_who(event),
                )


def _verification(snapshot: Snapshot) -> Iterator[Cells]:
    for dossier, entry in _entries(snapshot, Kind.SOURCE_VERIFIED, Kind.VERIFICATION_WITHDRAWN):
        step = "verified" if entry.kind is Kind.SOURCE_VERIFIED else "withdrawn"
        items = " ".join(entry.data["items"]) or "all"
        yield (*_place(dossier, FormKey.of(entry.data)), entry.data["version"], items, step, *_who(entry))


def _signatures(snapshot: Snapshot) -> Iterator[Cells]:
    for dossier in snapshot.dossiers:
        for signature in dossier.signatures.made:
            for form in signature.forms:
                how = (signature.meaning, signature.method, "no" if form in signature.broken else "yes")
                yield (*_place(dossier, form.key), form.version, *how, *_who(signature.entry))


def _locks(snapshot: Snapshot) -> Iterator[Cells]:
    for dossier, entry in _entries(snapshot, Kind.LOCKED, Kind.UNLOCKED):
        data = entry.data
        where = (data.get("form"), data.get("encounter"), data.get("instance"))
        yield (dossier.participant, *where, data["scope"], str(entry.kind), *_who(entry))
    for entry in snapshot.trial_entries:
        if entry.kind in (Kind.LOCKED, Kind.UNLOCKED):
            yield (None, None, None, None, entry.data["scope"], str(entry.kind), *_who(entry))


def _errors(snapshot: Snapshot) -> Iterator[Cells]:
    for dossier in snapshot.dossiers:
        for entry in dossier.casebook.marks:
            key = FormKey.of(entry.data)
            yield (*_place(dossier, key), entry.data["version"], str(entry.kind), *_who(entry))


def _entries(snapshot: Snapshot, *kinds: Kind) -> Iterator[tuple[Dossier, Entry]]:
    for dossier in snapshot.dossiers:
        yield from ((dossier, entry) for entry in dossier.entries if entry.kind in kinds)


def _place(dossier: Dossier, key: FormKey) -> Cells:
    return dossier.participant, key.form, key.encounter, key.instance


def _who(entry: Entry) -> Cells:
    actor = entry.actor
    return entry.recorded_at, actor.person, actor.role, entry.reason, entry.sequence, entry.hash


def _may_be_shown(snapshot: Snapshot, form_id: str, item_id: str) -> bool:
    """Whether what is asked about an item may stand in a table that everybody reads."""
    form = next((form for form in snapshot.forms if form.form == form_id), None)
    item = form.item(item_id) if form else None
    if form is None or form.visibility not in SHOWN:
        return False
    return item is None or form.labels_of(item) <= SHOWN
