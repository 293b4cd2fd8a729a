"""The signed statement under the lock of a trial as PDF: what was locked, what remained and why, who signed and how."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from charcot.datasets.overview import TrialCounts
from charcot.ledger import Entry, Receipt, parse_receipt
from charcot.protocol import Protocol
from charcot.report.format import format_clinical
from charcot.report.oversight_words import describe_method
from charcot.report.pdf import STANDARDS
from charcot.report.typst_data import BANDS, cover_texts
from charcot.report.typst_setting import render_typst

_FORM = re.compile(r"(?P<who>\S+) (?P<form>[a-z]\w*)(?: at (?P<at>\w+))?(?: no\. (?P<no>\d+))?")
_GROUPS = {
    "queries": "Queries not closed",
    "unsigned": "Forms not signed",
    "missing": "Forms missing or incomplete",
    "unverified": "Forms not verified against the source",
}


@dataclass(frozen=True)
class LockStatement:
    """The lock of a trial with what its statement says of the record as it was then.

    `at` is the site's time in `zone`; `after` the receipt of the record with the lock as its last entry.
    """

    protocol: Protocol
    version: str
    entry: Entry
    at: datetime
    zone: str
    purpose: str
    after: Receipt
    counts: TrialCounts


@dataclass(frozen=True)
class RemainingGroup:
    """What remained of one kind, by participant, in words."""

    title: str
    number: int
    lines: tuple[tuple[str, str], ...]
    """A participant, and what remained of theirs."""


def list_remaining_words(statement: LockStatement) -> tuple[RemainingGroup, ...]:
    """What remained when the trial was locked, with forms and visits under their names."""
    found = []
    for kind, listed in statement.entry.data.get("remaining", {}).items():
        by_participant: dict[str, list[str]] = {}
        for text in listed:
            who, words = _say(statement.protocol, text)
            by_participant.setdefault(who, []).append(words)
        if listed:
            lines = tuple((who, "; ".join(words)) for who, words in by_participant.items())
            found.append(RemainingGroup(_GROUPS.get(kind, kind), len(listed), lines))
    return tuple(found)


def _say(protocol: Protocol, text: str) -> tuple[str, str]:
    found = _FORM.fullmatch(text)
    form = protocol.forms_by_id.get(found["form"]) if found else None
    if found is None or form is None:
        who, _, rest = text.partition(" ")
        return who, rest
    where = protocol.encounters_by_id.get(found["at"] or "")
    words = form.title + (f", {where.label}" if where else "")
    return found["who"], words + (f" no. {found['no']}" if found["no"] else "")


def list_counts(statement: LockStatement) -> list[tuple[str, int]]:
    """The record in numbers when it was locked."""
    counts = statement.counts
    return [
        ("Persons screened", counts.screened),
        ("enrolled", counts.enrolled),
        ("infused", counts.infused),
        ("Forms on record", counts.forms),
        ("not signed", counts.unsigned),
        ("to be verified, and not verified", counts.unverified),
        ("with required fields empty", counts.incomplete),
        ("Queries not closed", counts.queries),
    ]


def render_lock_statement(statement: LockStatement) -> bytes:
    """The statement on A4; the same entry gives the same bytes, on any day."""
    made_on = datetime(statement.at.year, statement.at.month, statement.at.day, tzinfo=UTC)
    return render_typst(
        "lock_statement.typ",
        {"statement": json.dumps(cover_texts(_data(statement)), ensure_ascii=False)},
        "pdf",
        standards=STANDARDS,
        timestamp=int(made_on.timestamp()),
    )


def _data(statement: LockStatement) -> dict[str, Any]:
    entry, protocol = statement.entry, statement.protocol
    role = protocol.role(entry.actor.role)
    before, signed = parse_receipt(entry.data["receipt"]), entry.data["signature"]
    day = f"{statement.at:%Y-%m-%d}"
    moment = f"{format_clinical(day)}, {statement.at:%H:%M} ({statement.zone})"
    return {
        "trial": protocol.trial.short_title,
        "trial_title": protocol.trial.title,
        "band": BANDS.get(statement.purpose, ""),
        "said": entry.data["statement"],
        "facts": [
            {"name": "Trial", "text": f"{before.trial}"},
            {"name": "Protocol", "text": f"version {statement.version}"},
            {"name": "Locked", "text": moment},
            {"name": "Record up to", "text": f"entry {before.sequence}"},
            {"name": "Locked by", "text": f"entry {entry.sequence}"},
        ],
        "receipts": [
            {"name": f"Record up to entry {before.sequence}", "text": str(before)},
            {"name": f"With the lock, entry {entry.sequence}", "text": str(statement.after)},
        ],
        "short": f"entry {entry.sequence}, {entry.hash[:16]}…",
        "counts": [{"name": name, "n": str(n)} for name, n in list_counts(statement)],
        "reason": entry.reason or "",
        "remaining": [
            {
                "title": group.title,
                "n": str(group.number),
                "lines": [{"who": who, "words": words} for who, words in group.lines],
            }
            for group in list_remaining_words(statement)
        ],
        "signature": {
            "person": signed["person"],
            "role": role.label if role else entry.actor.role,
            "meaning": signed["meaning"],
            "how": describe_method(signed["method"]),
            "when": moment,
            "utc": f"{entry.recorded_at[:19].replace('T', ' ')} UTC",
        },
        "date": [statement.at.year, statement.at.month, statement.at.day],
    }
