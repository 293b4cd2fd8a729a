"""Recalls: what was affected, who was told, and whether it may be closed."""

from collections.abc import Sequence
from dataclasses import dataclass

from charcot.ledger import Entry, Kind, name_in


@dataclass(frozen=True)
class Recall:
    """A recall as its entries say."""

    id: str
    opened: Entry
    notified: tuple[Entry, ...]
    closed: Entry | None

    @property
    def to_notify(self) -> tuple[str, ...]:
        """Everybody and everything that somebody has to be told about."""
        return tuple(self.opened.data["to_notify"])

    @property
    def open_notifications(self) -> tuple[str, ...]:
        """Those of them of which no notification is recorded."""
        return tuple(name for name, entry in self.told if entry is None)

    @property
    def told(self) -> tuple[tuple[str, Entry | None], ...]:
        """Everybody on the list, each with the entry by which they were told."""
        entries = {entry.data["whom"]: entry for entry in self.notified}
        return tuple((name, entries.get(name)) for name in self.to_notify)

    @property
    def status(self) -> str:
        """traced, notified or closed."""
        if self.closed is not None:
            return "closed"
        return "traced" if self.open_notifications else "notified"


def fold_recall(entries: Sequence[Entry]) -> Recall | None:
    """The recall that the entries of its subject make; None where there are none."""
    if not entries:
        return None
    return Recall(
        id=name_in(entries[0].subject, "recall") or "",
        opened=entries[0],
        notified=tuple(e for e in entries if e.kind is Kind.RECALL_NOTIFIED),
        closed=next((e for e in entries if e.kind is Kind.RECALL_CLOSED), None),
    )
