"""The chain of hashes: how entries are linked, and how it is checked that none was altered."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from charcot import __version__
from charcot.ledger.entry import Draft, Entry, compose, format_moment
from charcot.ledger.receipt import Receipt
from charcot.refusal import Refusal

GENESIS = "0" * 64
"""What stands in place of the previous hash at the first entry."""

SOFTWARE = f"charcot {__version__}"
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clock may lie behind the last entry and still be taken for the skew of several machines."""


class ClockBehind(Refusal):
    """The clock of this computer lies far behind the last entry."""


@dataclass(frozen=True)
class Head:
    """Where the ledger ends: the last entry's sequence, hash and moment."""

    sequence: int = 0
    hash: str = GENESIS
    recorded_at: str = ""


@dataclass(frozen=True)
class Row:
    """An entry as a database holds it: the text, and copies of parts of it in columns of their own."""

    sequence: int
    previous_hash: str
    hash: str
    kind: str
    subject: str
    recorded_at: str
    text: str


COPIED = ("sequence", "kind", "subject", "recorded_at")
"""The columns of a row that repeat what the text says."""


@dataclass(frozen=True)
class Fault:
    """The first entry that does not fit, and why."""

    sequence: int
    what: str


def hash_entry(previous_hash: str, text: str) -> str:
    """SHA-256, as hexadecimal digits, over the previous hash followed by the text in UTF-8."""
    return hashlib.sha256((previous_hash + text).encode("utf-8", "surrogatepass")).hexdigest()


def link(drafts: Sequence[Draft], head: Head, now: datetime) -> tuple[Entry, ...]:
    """The entries that `drafts` become after `head`, all recorded at `now`.

    A clock a little behind the last entry (several machines write) is taken as the last entry's moment, so
    that the order of moments is the order of entries. Raises ClockBehind where it lies further back.
    """
    recorded_at = format_moment(now)
    if recorded_at < head.recorded_at:
        if format_moment(now + CLOCK_TOLERANCE) < head.recorded_at:
            raise ClockBehind(
                f"The clock says {recorded_at}, but the last entry was made at {head.recorded_at}.",
                rule="Ledger: entries are recorded in the order of time",
                next_step="Set the clock of this computer, then try again. Nothing was entered.",
                facts={"clock": recorded_at, "last_entry": head.recorded_at},
            )
        recorded_at = head.recorded_at
    entries: list[Entry] = []
    previous = head.hash
    for number, draft in enumerate(drafts, start=head.sequence + 1):
        text = compose(
            draft, sequence=number, began=head.sequence + 1, recorded_at=recorded_at, software=SOFTWARE
        )
        entries.append(Entry(text, previous, hash_entry(previous, text)))
        previous = entries[-1].hash
    return tuple(entries)


def row_of(entry: Entry) -> Row:
    """The row a database keeps of an entry."""
    return Row(
        entry.sequence,
        entry.previous_hash,
        entry.hash,
        str(entry.kind),
        entry.subject,
        entry.recorded_at,
        entry.text,
    )


def check_chain(rows: Iterable[Row], receipt: Receipt | None = None) -> tuple[Head, Fault | None]:
    """Recomputes the chain. Returns where it ends, or ended to hold, and the first fault found.

    With a receipt, an entry that is missing at its end or a chain that was rewritten before it is a fault too.
    """
    head = Head()
    for row in rows:
        fault = _fault_of(row, head, receipt)
        if fault is not None:
            return head, Fault(head.sequence + 1, fault)
        head = Head(row.sequence, row.hash, row.recorded_at)
    if receipt is not None and head.sequence < receipt.sequence:
        missing = receipt.sequence - head.sequence
        return head, Fault(
            head.sequence + 1,
            f"{missing} {'entry is' if missing == 1 else 'entries are'} missing at the end: the receipt counts {receipt.sequence}",
        )
    return head, None


def _fault_of(row: Row, head: Head, receipt: Receipt | None) -> str | None:
    if row.sequence != head.sequence + 1:
        return f"entry {head.sequence + 1} is missing: the next one found is {row.sequence}"
    if row.previous_hash != head.hash:
        return "its link to the entry before does not hold"
    if hash_entry(row.previous_hash, row.text) != row.hash:
        return "its text or its hash was altered"
    try:
        content: Any = json.loads(row.text)
    except (ValueError, RecursionError):
        return "its text is not readable"
    if not isinstance(content, dict):
        return "its text is not an entry"
    for column in COPIED:
        if content.get(column) != getattr(row, column):
            return (
                f"its column {column!r} says {getattr(row, column)!r}, its text says {content.get(column)!r}"
            )
    if row.recorded_at < head.recorded_at:
        return "it claims to be older than the entry before"
    if receipt is not None and row.sequence == receipt.sequence and row.hash != receipt.hash:
        return (
            "it is not the entry that the receipt was given for: the ledger was rewritten, "
            "or the receipt is of another trial"
        )
    return None
