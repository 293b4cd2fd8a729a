"""The audit trail as CSV: a row for each value that an entry changed, one for an entry that changed none."""

import re
from collections.abc import Iterable, Iterator, Sequence

from charcot.exchange.csv_tables import BYTE_ORDER_MARK, csv_text
from charcot.ledger import Entry
from charcot.report.audit_trail import AuditLine, Change

HEADER = (
    "entry", "recorded_at", "clinical_time", "person", "role", "participant", "form", "encounter", "instance",
    "version", "what", "reason", "item", "before", "after", "typed", "origin", "protocol", "hash",
)  # fmt: skip
_FORMULA = re.compile(r"[=+\-@\t\r](?![0-9.]*$)")

Told = tuple[Entry, AuditLine, str, Sequence[Change]]
"""An entry, its line, its words and its changes, as the reader may see them."""


def write_trail_csv(trail: Iterable[Told]) -> Iterator[str]:
    """The text, entry by entry. What a spreadsheet would run as a formula begins with an apostrophe."""
    yield BYTE_ORDER_MARK + csv_text([HEADER])
    for entry, line, what, changes in trail:
        rows: Sequence[Change | None] = changes or [None]
        yield csv_text([[_harmless(cell) for cell in _row(entry, line, what, change)] for change in rows])


def _row(entry: Entry, line: AuditLine, what: str, change: Change | None) -> tuple[object, ...]:
    data = entry.data
    return (
        line.sequence, line.recorded_at, line.clinical_time, line.person, line.role, line.participant,
        line.form, data.get("encounter"), data.get("instance"), data.get("version"), what, line.reason,
        change and change.item, change and change.before, change and change.after, _typed(line, change), change and change.origin,
        line.protocol, line.hash,
    )  # fmt: skip


def _typed(line: AuditLine, change: Change | None) -> str:
    """What was typed otherwise for the value of a row; for the entry as a whole in each of its rows, with its place."""
    return "; ".join(
        one.typed if one.item is not None else str(one)
        for one in line.typed
        if one.item is None or (change is not None and change.item in (one.item, one.place))
    )


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
