"""Two moments of one record compared: what became of each participant, form and value between them, and who did it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from charcot.ledger import Entry, Kind, Value
from charcot.participants import Dossier, FormKey, FormVersion


@dataclass(frozen=True)
class ChangedValue:
    """A value that differs between the two moments; None where there was, or is, none."""

    item: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True)
class ChangedForm:
    """A form that was entered, corrected, taken out or reinstated; None where it did not count."""

    key: FormKey
    before: FormVersion | None
    after: FormVersion | None
    values: tuple[ChangedValue, ...]
    entries: tuple[Entry, ...]
    """The versions saved between the two moments, in order, and what said that the form was entered in error."""


@dataclass(frozen=True)
class ChangedParticipant:
    """What became of a participant; `before` is their standing then, None where they were not screened yet."""

    participant: str
    before: str | None
    after: str
    forms: tuple[ChangedForm, ...]
    events: tuple[tuple[str, tuple[Entry, ...]], ...]
    """All other entries, by what they are about: queries, verification, signatures, locks, files, course."""

    @property
    def first(self) -> Entry:
        """One of the entries about them between the two moments."""
        return self.forms[0].entries[0] if self.forms else self.events[0][1][0]

    @property
    def is_new(self) -> bool:
        """Whether they were screened between the two moments."""
        return self.before is None


GROUPS = {
    "queries": (Kind.QUERY_OPENED, Kind.QUERY_ANSWERED, Kind.QUERY_REOPENED, Kind.QUERY_CLOSED),
    "verification": (Kind.SOURCE_VERIFIED, Kind.VERIFICATION_WITHDRAWN),
    "signatures": (Kind.FORMS_SIGNED,),
    "locks": (Kind.LOCKED, Kind.UNLOCKED),
    "files": (Kind.FILE_ATTACHED, Kind.FILE_WITHDRAWN),
}
_OF_FORMS = (Kind.FORM_RECORDED, Kind.ENTERED_IN_ERROR, Kind.REINSTATED)


def compare_dossiers(before: Dossier | None, after: Dossier) -> ChangedParticipant:
    """What became of one participant from an earlier dossier to a later one of the same record."""
    seen = len(before.entries) if before is not None else 0
    since = after.entries[seen:]
    return ChangedParticipant(
        after.participant,
        before.standing.status if before is not None else None,
        after.standing.status,
        tuple(_forms(before, after, since)),
        tuple(_events(since)),
    )


def group_of(kind: Kind) -> str:
    """What an entry that is not about a form's values is about."""
    return next((name for name, kinds in GROUPS.items() if kind in kinds), "course")


def _forms(before: Dossier | None, after: Dossier, since: Iterable[Entry]) -> Iterator[ChangedForm]:
    touched: dict[FormKey, list[Entry]] = {}
    for entry in since:
        if entry.kind in _OF_FORMS:
            touched.setdefault(FormKey.of(entry.data), []).append(entry)
    for key, entries in touched.items():
        old = before.casebook.latest(key) if before is not None else None
        new = after.casebook.latest(key)
        yield ChangedForm(key, old, new, tuple(_values(old, new)), tuple(entries))


def _values(old: FormVersion | None, new: FormVersion | None) -> Iterator[ChangedValue]:
    was, now = old.values if old else {}, new.values if new else {}
    for item in dict.fromkeys((*now, *was)):
        if was.get(item) != now.get(item):
            yield ChangedValue(item, was.get(item), now.get(item))


def _events(since: Iterable[Entry]) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    order = [*GROUPS, "course"]
    others = [entry for entry in since if entry.kind not in _OF_FORMS]
    others.sort(key=lambda entry: (order.index(group_of(entry.kind)), entry.sequence))
    for name, found in groupby(others, key=lambda entry: group_of(entry.kind)):
        yield name, tuple(found)
