"""What every casebook shares: where it was made from, its running header, and its setting as PDF."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from charcot.ledger import Receipt
from charcot.protocol import Protocol
from charcot.report.format import direction_of, format_day
from charcot.report.pdf import STANDARDS
from charcot.report.typst_data import BANDS, cover_texts
from charcot.report.typst_setting import render_typst

Data = dict[str, Any]

WORKING_COPY = "working copy: this protocol is not in force"
"""What stands on every page where no trial runs by the protocol yet."""


@dataclass(frozen=True)
class CasebookSource:
    """What a casebook was made from: the record up to `receipt`, or, without one, a protocol that is not in force."""

    day: date
    receipt: Receipt | None
    purpose: str = ""
    language: str = "en"


def describe_source(protocol: Protocol, source: CasebookSource) -> Data:
    """The words of the running header and of the first page that say what this was made from."""
    language = source.language.split("-")[0]
    receipt = source.receipt
    return {
        "trial": protocol.trial.short_title,
        "trial_title": protocol.trial.title,
        "language": language,
        "direction": direction_of(language),
        "band": BANDS.get(source.purpose, "") if receipt else WORKING_COPY,
        "cut": format_day(source.day),
        "receipt": str(receipt) if receipt else "",
        "entry": f"entry {receipt.sequence}" if receipt else "",
        "receipt_short": f"receipt {receipt.sequence}:{receipt.hash[:16]}…" if receipt else "",
        "date": [source.day.year, source.day.month, source.day.day],
    }


def render_pages(data: Data, source: CasebookSource) -> bytes:
    """The casebook as PDF; the same data gives the same bytes, on any day."""
    made_on = datetime(source.day.year, source.day.month, source.day.day, tzinfo=UTC)
    return render_typst(
        "casebook.typ",
        {"casebook": json.dumps(cover_texts(data), ensure_ascii=False)},
        "pdf",
        standards=STANDARDS,
        timestamp=int(made_on.timestamp()),
    )
