"""What watches over a form: queries, source verification, signatures, locks, errors and files, as data for its page."""

from collections.abc import Iterator
from typing import Any

from charcot.ledger import Entry, Kind
from charcot.participants import Attachment, Dossier, FormKey, Query
from charcot.report.casebook.sight import CONCEALED, SEALED, Eyes
from charcot.report.casebook.words import who_words
from charcot.report.oversight_words import describe_method

Data = dict[str, Any]

_DID = {
    Kind.QUERY_OPENED: "asked",
    Kind.QUERY_ANSWERED: "answered",
    Kind.QUERY_REOPENED: "opened again",
    Kind.QUERY_CLOSED: "closed",
}


def query_data(dossier: Dossier, key: FormKey, item: str, eyes: Eyes) -> list[Data]:
    """The queries about an item, or about the whole form where `item` is empty, each with all that became of it."""
    return [_query(query, eyes) for query in dossier.queries if query.key == key and query.item == item]


def _query(query: Query, eyes: Eyes) -> Data:
    hidden = eyes.conceals(query.opened.data)
    protocol = eyes.snapshot.protocol
    return {
        "id": query.id,
        "status": query.status,
        "text": CONCEALED if hidden else query.text,
        "steps": [
            {
                "did": _DID[event.kind],
                "who": who_words(protocol, event),
                "text": _said(event, hidden),
            }
            for event in query.events
        ],
    }


def _said(event: Entry, hidden: bool) -> str:
    if event.kind is Kind.QUERY_OPENED:
        return ""
    words = str(event.data.get("text") or event.reason or "")
    return CONCEALED if words and hidden else words


def mark_data(dossier: Dossier, key: FormKey, eyes: Eyes) -> list[Data]:
    """Whether the form is verified, signed, locked or entered in error, and what no longer holds of these."""
    return [{"kind": kind, "text": text} for kind, text in _marks(dossier, key, eyes)]


def _marks(dossier: Dossier, key: FormKey, eyes: Eyes) -> Iterator[tuple[str, str]]:
    protocol, newest = eyes.snapshot.protocol, dossier.casebook.history(key)[-1]
    error = dossier.casebook.in_error.get(key)
    if error is not None:
        yield "error", f"entered in error: {error.reason} ({who_words(protocol, error.entry)})"
    for found, kind, words in (
        (dossier.verification.of(key).verified, "verified", "verified against the source"),
        (dossier.verification.of(key).changed, "changed", "changed since it was verified"),
    ):
        by_entry: dict[int, list[str]] = {}
        for item, verification in found.items():
            by_entry.setdefault(verification.entry.sequence, []).append(item)
        for sequence, items in by_entry.items():
            entry = next(v.entry for v in found.values() if v.entry.sequence == sequence)
            whole = kind == "verified" and set(items) >= set(newest.values)
            what = "the form" if whole else ", ".join(eyes.label(key.form, item) for item in items)
            yield kind, f"{words}: {what} ({who_words(protocol, entry)})"
    for signature in dossier.signatures.standing.get(key, ()):
        how = describe_method(signature.method)
        yield "signed", f"signed: “{signature.meaning}” ({who_words(protocol, signature.entry)}; {how})"
    for signature in dossier.signatures.earlier.get(key, ()):
        yield (
            "broken",
            (
                f"signature on an earlier version, which a correction broke: “{signature.meaning}” "
                f"({who_words(protocol, signature.entry)})"
            ),
        )
    lock = dossier.locks.of(key)
    if lock is not None:
        scope = {"form": "the form", "visit": "the visit", "participant": "the participant"}
        where = scope.get(lock.data["scope"], "the trial")
        reason = f": {lock.reason}" if lock.reason else ""
        yield "locked", f"locked with {where}{reason} ({who_words(protocol, lock)})"


def attachment_data(dossier: Dossier, eyes: Eyes) -> list[Data]:
    """Every file that was attached, withdrawn ones too, with its SHA-256."""
    return [_attachment(found, eyes) for found in dossier.attachments]


def _attachment(found: Attachment, eyes: Eyes) -> Data:
    protocol = eyes.snapshot.protocol
    form = eyes.form(found.key.form)
    encounter = protocol.encounters_by_id.get(found.key.encounter)
    where = [form.title if form else found.key.form]
    if encounter is not None:
        where.append(encounter.label)
    if found.item:
        where.append(eyes.label(found.key.form, found.item))
    name = SEALED if found.name is None else found.name
    if eyes.conceals(found.entry.data):
        name = CONCEALED
    withdrawn = found.withdrawn
    return {
        "form": ", ".join(where),
        "name": name,
        "words": f"{found.media_type}, {who_words(protocol, found.entry)}",
        "size": str(found.size),
        "sha256": found.sha256,
        "withdrawn": f"withdrawn: {withdrawn.reason} ({who_words(protocol, withdrawn)})" if withdrawn else "",
    }
