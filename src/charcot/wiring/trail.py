"""The audit trail a page at a time: what is asked of it, and the entries that fit, each with its line."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from charcot.ledger import Entry, Kind, Ledger, last_entry_by, participant_subject
from charcot.report.audit_trail import AuditLine, describe_alone
from charcot.wiring.reading import TrialReader


def told_plainly(_entry: Entry, line: AuditLine) -> str:
    """An entry in words, for a reader who sees everything."""
    return line.what


@dataclass(frozen=True)
class TrailAsked:
    """Which entries are looked for: of whom, by whom, of what kind, recorded on which days (UTC), about what.

    `item` is one of `form`; `text` stands in the reason or in the words of the entry, in capitals or not.
    """

    participant: str = ""
    form: str = ""
    person: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None
    role: str = ""
    item: str = ""
    text: str = ""


Say = Callable[[Entry, AuditLine], str]
"""An entry in words, as the reader may see them."""


@dataclass(frozen=True)
class TrailPage:
    """Some entries with their lines, the newest first, and whether there are newer and older ones that fit.

    `looked_to` is the entry at which the search stopped for this page before it was full; there may be older ones.
    """

    lines: Sequence[tuple[Entry, AuditLine]]
    has_newer: bool
    has_older: bool
    looked_to: int | None = None


LOOKED = 20_000
"""Entries that are looked at for one page, where the database cannot choose them itself."""


class Trail:
    """The audit trail of a ledger up to entry `head`; nothing but the page that is asked for is read."""

    def __init__(self, ledger: Ledger, reader: TrialReader, head: int) -> None:
        self._ledger, self._reader, self._head = ledger, reader, head

    def page(
        self,
        asked: TrailAsked,
        most: int,
        *,
        before: int | None = None,
        after: int | None = None,
        say: Say = told_plainly,
        seen: Callable[[Entry], bool] = lambda _entry: True,
    ) -> TrailPage:
        """At most so many entries that fit: the newest, or those next before or after an entry.

        `say` gives the words in which a text is looked for, `seen` whether the reader may see an entry at all.
        """
        first, last = self._span(asked)
        choice = _choice(asked)
        if after is not None:
            newer = self._ledger.entries(**choice, after=max(first, after), until=last)
            found = list(islice(self._fitting(newer, asked, say, seen), most + 1))
            return TrailPage(found[:most][::-1], len(found) > most, bool(found))
        end = last if before is None else min(last, before - 1)
        older = self._ledger.entries(**choice, after=first, until=end, newest_first=True)
        lines: list[tuple[Entry, AuditLine]] = []
        for looked, entry in enumerate(older, 1):
            lines += self._fitting([entry], asked, say, seen)
            if len(lines) > most:
                return TrailPage(lines[:most], before is not None, True)
            if looked == LOOKED:
                return TrailPage(lines, before is not None, True, entry.sequence)
        return TrailPage(lines, before is not None, False)

    def all(
        self,
        asked: TrailAsked,
        *,
        say: Say = told_plainly,
        seen: Callable[[Entry], bool] = lambda _entry: True,
    ) -> Iterator[tuple[Entry, AuditLine]]:
        """Every entry that fits, in order, one read after the other."""
        first, last = self._span(asked)
        return self._fitting(
            self._ledger.entries(**_choice(asked), after=first, until=last), asked, say, seen
        )

    def line(self, sequence: int) -> tuple[Entry, AuditLine] | None:
        """One entry with its line; None where there is none."""
        if not 1 <= sequence <= self._head:
            return None
        entry = next(iter(self._ledger.entries(after=sequence - 1, until=sequence)), None)
        return None if entry is None else self._described([entry])[0]

    def same_act(self, entry: Entry, most: int = 40) -> list[int]:
        """The other entries of the same act."""
        end = min(self._head, entry.act + most)
        together = self._ledger.entries(after=entry.act - 1, until=end)
        return [e.sequence for e in together if e.act == entry.act and e.sequence != entry.sequence]

    def _span(self, asked: TrailAsked) -> tuple[int, int]:
        """The entries recorded on the days asked for: after the first number, up to the second."""
        first, last = 0, self._head
        if asked.since is not None:
            first = last_entry_by(self._ledger, f"{asked.since}T", last)
        if asked.until is not None:
            last = last_entry_by(self._ledger, f"{asked.until}U", last)  # U: after every moment of the day
        return first, last

    def _fitting(
        self, entries: Iterable[Entry], asked: TrailAsked, say: Say, seen: Callable[[Entry], bool]
    ) -> Iterator[tuple[Entry, AuditLine]]:
        """The one place where entries are chosen that the database did not choose."""
        text = asked.text.casefold()
        for entry in entries:
            if asked.role not in ("", entry.actor.role) or not seen(entry):
                continue
            ((_, line),) = self._described([entry])
            if asked.item and not _is_about(entry, line, asked.item):
                continue
            if text and text not in say(entry, line).casefold():
                continue
            yield entry, line

    def _described(self, entries: Sequence[Entry]) -> list[tuple[Entry, AuditLine]]:
        return [(entry, describe_alone(entry, self._earlier(entry))) for entry in entries]

    def _earlier(self, entry: Entry) -> Sequence[Entry]:
        """The entries about the same subject, where the line of this one needs them."""
        if entry.kind is not Kind.FORM_RECORDED or int(entry.data["version"]) == 1:
            return ()
        return self._reader.entries(entry.subject, entry.sequence)


def _choice(asked: TrailAsked) -> dict[str, Any]:
    """What the database chooses by."""
    return {
        "subjects": [participant_subject(asked.participant)] if asked.participant else None,
        "kinds": [Kind(asked.kind)] if asked.kind in set(Kind) else None if not asked.kind else [],
        "person": asked.person or None,
        "form": asked.form or None,
    }


def _is_about(entry: Entry, line: AuditLine, item: str) -> bool:
    """Whether an entry changed an item, or is a query, a verification or a file of it."""
    named = [entry.data.get("item"), *entry.data.get("items", [])]
    return item in named or any(change.item == item for change in line.changes)
