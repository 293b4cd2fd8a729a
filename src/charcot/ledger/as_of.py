"""The ledger as it was: a view that ends at an earlier entry and takes no new ones."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from charcot.ledger.chain import Head, Row
from charcot.ledger.entry import Draft, Entry, format_moment
from charcot.ledger.kinds import Kind
from charcot.ledger.port import Clock, Ledger
from charcot.refusal import Refusal


class PastIsClosed(Refusal):
    """Something was to be entered into the past."""


class NoSuchMoment(Refusal):
    """The ledger has no such entry, or none at that time yet."""


class LedgerAsOf:
    """`ledger` up to and including entry `sequence`."""

    def __init__(self, ledger: Ledger, sequence: int) -> None:
        self._ledger = ledger
        self._sequence = sequence

    def head(self) -> Head:
        """Where the view ends."""
        (last,) = self._ledger.entries(after=self._sequence - 1, until=self._sequence)
        return Head(last.sequence, last.hash, last.recorded_at)

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        kinds: Collection[Kind] | None = None,
        person: str | None = None,
        form: str | None = None,
        after: int = 0,
        until: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """Entries of the view."""
        return self._ledger.entries(
            subjects=subjects,
            kinds=kinds,
            person=person,
            form=form,
            after=after,
            until=self._until(until),
            newest_first=newest_first,
        )

    def rows(self, *, until: int | None = None) -> Iterator[Row]:
        """Rows of the view."""
        return self._ledger.rows(until=self._until(until))

    def append(
        self, drafts: Sequence[Draft], *, seen: int, watching: Collection[str], clock: Clock
    ) -> tuple[Entry, ...]:
        """Refused: the past takes no new entries."""
        raise PastIsClosed(
            f"This is the trial as it was at entry {self._sequence}; nothing can be entered there.",
            rule="Ledger: entries are only added at the end",
            next_step="Go back to the present and enter it there, with the clinical time at which it happened.",
        )

    def _until(self, until: int | None) -> int:
        return self._sequence if until is None else min(until, self._sequence)


def view_as_of(ledger: Ledger, moment: int | datetime) -> LedgerAsOf:
    """The ledger as of an entry number, or as of a moment (the last entry recorded by then)."""
    head = ledger.head()
    sequence = (
        moment if isinstance(moment, int) else last_entry_by(ledger, format_moment(moment), head.sequence)
    )
    if not 1 <= sequence <= head.sequence:
        raise NoSuchMoment(
            f"There is no entry {sequence} to look back to."
            if isinstance(moment, int)
            else "The trial had no entry yet at that time.",
            rule=f"As of: the trial has entries 1 to {head.sequence}, the last recorded at {head.recorded_at or '-'}",
            next_step="Give an entry number or a time within that span.",
            facts={"last": head.sequence},
        )
    return LedgerAsOf(ledger, sequence)


def last_entry_by(ledger: Ledger, moment: str, last: int) -> int:
    """The last of entries 1 to `last` recorded by `moment` (as in entries), 0 where there is none; entries are in the order of time."""
    first = 0
    while first < last:
        middle = (first + last + 1) // 2
        (entry,) = ledger.entries(after=middle - 1, until=middle)
        first, last = (middle, last) if entry.recorded_at <= moment else (first, middle - 1)
    return first


def holds_entry(ledger: Ledger, sequence: int, hash_of_it: str) -> bool:
    """Whether a ledger has this very entry: what was made of one record may lie beside another, restored or copied."""
    found = next(iter(ledger.entries(after=sequence - 1, until=sequence)), None)
    return found is not None and found.hash == hash_of_it
