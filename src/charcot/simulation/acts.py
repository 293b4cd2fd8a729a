"""A planned act: which verb of the conduct, by whom, with what, and when it is entered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from charcot.ledger import Actor


@dataclass(frozen=True)
class AskedBy:
    """A query by the check that asks it and the form it is about; its number is known only once it was asked."""

    check: str
    form: str


@dataclass(frozen=True)
class PlannedAct:
    """One act to be played. `recorded_at` has its zone; `verb` is the name of a verb in `charcot.conduct`.

    `typed` is what was written for arguments that are kept otherwise, as `keep_typed` takes it.
    """

    recorded_at: datetime
    verb: str
    actor: Actor
    arguments: Mapping[str, Any]
    typed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.recorded_at.tzinfo is None:
            raise ValueError("the moment of an act needs its time zone")
