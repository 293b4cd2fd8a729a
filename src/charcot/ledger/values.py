"""A value as it was written down: its text, where it came from, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """Where a value came from."""

    PUBLISHED = "published"
    DERIVED = "derived"
    SYNTHETIC = "synthetic"
    ENTERED = "entered"
    IMPORTED = "imported"


class Absence(StrEnum):
    """Why there is no value."""

    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Value:
    """One value of a form. Exactly one of `text`, `absent` and `sealed` is given.

    `sealed` is the ciphertext of a personal value; only the vault of the trial can open it. `typed` is what was
    written where that was not `text` itself: other digits, a decimal comma, another unit (`typed_unit`).
    """

    text: str | None = None
    origin: Origin = Origin.ENTERED
    absent: Absence | None = None
    why: str | None = None
    sealed: str | None = None
    typed: str | None = None
    typed_unit: str | None = None

    def as_data(self) -> dict[str, Any]:
        """The value as it stands in an entry."""
        data: dict[str, Any] = {"origin": str(self.origin)}
        if self.text is not None:
            data["value"] = self.text
        if self.absent is not None:
            data["absent"] = str(self.absent)
        if self.why is not None:
            data["why"] = self.why
        if self.sealed is not None:
            data["sealed"] = self.sealed
        if self.typed is not None:
            data["typed"] = self.typed
        if self.typed_unit is not None:
            data["typed_unit"] = self.typed_unit
        return data

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> "Value":
        """The value that stands in an entry."""
        absent = data.get("absent")
        return Value(
            text=data.get("value"),
            origin=Origin(data["origin"]),
            absent=None if absent is None else Absence(absent),
            why=data.get("why"),
            sealed=data.get("sealed"),
            typed=data.get("typed"),
            typed_unit=data.get("typed_unit"),
        )
