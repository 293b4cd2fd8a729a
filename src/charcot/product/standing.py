"""Which entries about the product stand: all but those that were entered in error, which stay readable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charcot.ledger import Entry, Kind


@dataclass(frozen=True)
class Annulled:
    """An entry that was entered in error, and the entry that says so, with its reason."""

    entry: Entry
    by: Entry


def standing_entries(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries without those that a later one says were entered in error, and without these."""
    kept = tuple(entries)
    gone = {int(e.data["entry"]) for e in kept if e.kind is Kind.PRODUCT_ENTRY_ANNULLED}
    if not gone:
        return kept
    return tuple(e for e in kept if e.sequence not in gone and e.kind is not Kind.PRODUCT_ENTRY_ANNULLED)


def list_annulled(entries: Sequence[Entry]) -> tuple[Annulled, ...]:
    """What was entered in error, in the order in which that was said."""
    by_sequence = {entry.sequence: entry for entry in entries}
    return tuple(
        Annulled(by_sequence[int(e.data["entry"])], e)
        for e in entries
        if e.kind is Kind.PRODUCT_ENTRY_ANNULLED
    )
