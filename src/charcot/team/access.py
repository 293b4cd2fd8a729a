"""Changes of access: accounts made, closed and opened again, passwords and second factors set anew."""

from collections.abc import Iterable
from dataclasses import dataclass

from charcot.ledger import Entry, Kind

CHANGES: tuple[str, ...] = (
    "account_created",
    "account_disabled",
    "account_enabled",
    "password_reset",
    "second_factor_set",
    "second_factor_reset",
    "account_unlocked",
)
"""What can change; the secrets themselves are never in the record."""
OWN_CHANGES: tuple[str, ...] = ("account_created", "password_reset", "second_factor_set")
"""What people may do to their own account without the right to administer."""


@dataclass(frozen=True)
class AccessChange:
    """One change of somebody's access, and who made it."""

    person: str
    what: str
    entry: Entry


def fold_access(entries: Iterable[Entry]) -> tuple[AccessChange, ...]:
    """Every change of access in the trial's own entries, in order."""
    return tuple(
        AccessChange(entry.data["person"], entry.data["what"], entry)
        for entry in entries
        if entry.kind is Kind.ACCESS_CHANGED
    )
