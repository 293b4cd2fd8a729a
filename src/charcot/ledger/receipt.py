"""Receipts: a line that proves how far a ledger had come, to be kept outside it."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from charcot.refusal import Refusal

_PATTERN = re.compile(r"charcot-receipt:([A-Za-z0-9_.~%-]+):([0-9]+):([0-9a-f]{64})")


class UnreadableReceipt(Refusal):
    """A text that is not a receipt."""


@dataclass(frozen=True)
class Receipt:
    """The trial, the number of entries it had, and the hash of the last."""

    trial: str
    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"charcot-receipt:{quote(self.trial, safe='')}:{self.sequence}:{self.hash}"


def parse_receipt(text: str) -> Receipt:
    """The receipt in a text, such as a printed page's last line; raises UnreadableReceipt."""
    match = _PATTERN.search("".join(text.split()))
    if match is None:
        raise UnreadableReceipt(
            "No receipt was found in that text.",
            rule="Ledger: a receipt reads charcot-receipt:TRIAL:ENTRIES:HASH",
            next_step="Copy the whole receipt line from a report or backup.",
        )
    return Receipt(unquote(match.group(1)), int(match.group(2)), match.group(3))
