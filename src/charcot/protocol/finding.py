"""A mistake in a protocol: where it stands, what is wrong, and what to write instead."""

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One mistake. Lines and columns count from 1; `path` is for people: `criteria › I2 › rule`."""

    code: str
    file: str
    line: int
    column: int
    path: str
    what: str
    instead: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}. Instead: {self.instead}"

    def as_data(self) -> dict[str, Any]:
        """The finding as plain data, for the facts of a refusal."""
        return asdict(self)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like `name`, where one is like it at all."""
    close = difflib.get_close_matches(name.lower(), list(names), n=1, cutoff=0.6)
    return close[0] if close else None


def one_of(name: str, names: Iterable[str], most: int = 12) -> str:
    """What to write for an unknown `name`: the nearest, or the names there are (none beyond `most`)."""
    known = list(dict.fromkeys(names))
    if not known:
        return "there is none yet: define it first"
    close = nearest(name, known)
    if close is not None:
        return f"did you mean {close}?"
    shown = ", ".join(known[:most])
    return f"write one of: {shown}" + (", …" if len(known) > most else "")
