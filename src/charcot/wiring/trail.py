"""The audit trail a page at a time: what is asked of it, and the entries that fit, each with its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from charcot.ledger import Entry, Kind, Ledger, last_entry_by, participant_subject
from charcot.report.audit_trail import AuditLine, describe_alone
from charcot.wiring.reading import TrialReader


@dataclass(frozen=True)
class TrailAsked:
    """Which entries are looked for: of whom, by whom, of what kind, and recorded on which days (UTC)."""

    participant: str = ""
    form: str = ""
    person: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class TrailPage:
    """Some entries with their lines, the newest first, and whether there are newer and older ones that fit."""

    lines: Sequence[tuple[Entry, AuditLine]]
    has_newer: bool
    has_older: bool


class Trail:
    """The audit trail of a ledger up to entry `head`; nothing but the page that is asked for is read."""

    def __init__(self, ledger: Ledger, reader: TrialReader, head: int) -> None:
        self._ledger, self._reader, self._head = ledger, reader, head

    def page(
        self, asked: TrailAsked, most: int, *, before: int | None = None, after: int | None = None
    ) -> TrailPage:
        """At most so many entries that fit: the newest, or those next before or after an entry."""
        first, last = self._span(asked)
        choice: dict[str, Any] = {
            "subjects": [participant_subject(asked.participant)] if asked.participant else None,
            "kinds": [Kind(asked.kind)] if asked.kind in set(Kind) else None if not asked.kind else [],
            "person": asked.person or None,
            "form": asked.form or None,
        }
        if after is not None:
            newer = self._ledger.entries(**choice, after=max(first, after), until=last)
            found = list(islice(newer, most + 1))
            lines = self._described(found[:most][::-1])
            return TrailPage(lines, len(found) > most, bool(lines))
        end = last if before is None else min(last, before - 1)
        found = list(
            islice(self._ledger.entries(**choice, after=first, until=end, newest_first=True), most + 1)
        )
        return TrailPage(self._described(found[:most]), before is not None, len(found) > most)

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

    def _described(self, entries: Sequence[Entry]) -> list[tuple[Entry, AuditLine]]:
        return [(entry, describe_alone(entry, self._earlier(entry))) for entry in entries]

    def _earlier(self, entry: Entry) -> Sequence[Entry]:
        """The entries about the same subject, where the line of this one needs them."""
        if entry.kind is not Kind.FORM_RECORDED or int(entry.data["version"]) == 1:
            return ()
        return self._reader.entries(entry.subject, entry.sequence)
