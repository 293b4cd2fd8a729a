"""The ledger as the acts see it, whatever holds it: memory, SQLite or PostgreSQL."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from charcot.ledger.chain import Head, Row
from charcot.ledger.entry import Draft, Entry
from charcot.ledger.kinds import TRIAL, Kind

Clock = Callable[[], datetime]
"""Tells the moment in a time zone; wiring supplies it."""


class PremiseChanged(Exception):
    """Something the act relied on was entered meanwhile: it has to be judged again. Never reaches a user."""


class Ledger(Protocol):
    """An append-only, hash-chained list of entries."""

    def head(self) -> Head:
        """Where the ledger ends."""
        ...

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        kinds: Collection[Kind] | None = None,
        person: str | None = None,
        form: str | None = None,
        after: int = 0,
        until: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """Entries in order, with `after` < sequence <= `until`: of all or some subjects, kinds, people or forms.

        With `newest_first` they come in the opposite order, and only as many are read as are asked for.
        """
        ...

    def rows(self, *, until: int | None = None) -> Iterator[Row]:
        """The entries exactly as they are held, to be verified and archived."""
        ...

    def append(
        self, drafts: Sequence[Draft], *, seen: int, watching: Collection[str], clock: Clock
    ) -> tuple[Entry, ...]:
        """Enters all drafts or none.

        The act was judged by the ledger as it was at `seen`. Raises PremiseChanged where a subject in
        `watching`, or the trial as a whole, has had an entry since; `{"*"}` watches everything.
        """
        ...


def require_premises(since: Iterable[str], watching: Collection[str]) -> None:
    """Raises PremiseChanged if one of the subjects entered since is watched."""
    for subject in since:
        if subject == TRIAL or subject in watching or "*" in watching:
            raise PremiseChanged(subject)
