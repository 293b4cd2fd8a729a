"""Locks: forms, visits, the participant or the whole trial closed to changes; a fold of entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from charcot.ledger import Entry, Kind
from charcot.participants.casebook import FormKey
from charcot.refusal import Refusal

Visit = tuple[str, int]
"""An encounter and which of several."""


class LockedAway(Refusal):
    """Something was to be changed that is locked."""


@dataclass(frozen=True)
class Locks:
    """What is locked of one participant, each with the entry that locked it."""

    forms: Mapping[FormKey, Entry] = field(default_factory=dict)
    visits: Mapping[Visit, Entry] = field(default_factory=dict)
    participant: Entry | None = None
    trial: Entry | None = None

    def of(self, key: FormKey) -> Entry | None:
        """The widest lock that keeps a form from being changed."""
        return self.of_visit(key.encounter, key.instance) or self.forms.get(key)

    def of_visit(self, encounter: str, instance: int = 1) -> Entry | None:
        """The widest lock that keeps a visit from being changed."""
        return self.whole or (self.visits.get((encounter, instance)) if encounter else None)

    @property
    def whole(self) -> Entry | None:
        """The lock of the trial, or else of the participant."""
        return self.trial or self.participant


def fold_locks(entries: Iterable[Entry], trial: Entry | None = None) -> Locks:
    """What the entries of one participant leave locked; `trial` is the lock of the whole trial."""
    forms: dict[FormKey, Entry] = {}
    visits: dict[Visit, Entry] = {}
    participant: Entry | None = None
    for entry in entries:
        if entry.kind not in (Kind.LOCKED, Kind.UNLOCKED):
            continue
        locked, data = entry.kind is Kind.LOCKED, entry.data
        if data["scope"] == "participant":
            participant = entry if locked else None
        elif data["scope"] == "visit":
            visit = (data["encounter"], int(data["instance"]))
            visits.pop(visit, None)
            if locked:
                visits[visit] = entry
        else:
            key = FormKey.of(data)
            forms.pop(key, None)
            if locked:
                forms[key] = entry
    return Locks(forms, visits, participant, trial)


def require_unlocked(lock: Entry | None, what: str) -> None:
    """Raises LockedAway where `lock` is one; `what` is what was to be changed, as a sentence begins with it."""
    if lock is None:
        return
    scope = lock.data["scope"]
    whole = {"form": "This form", "visit": "The visit", "participant": "The participant"}.get(
        scope, "The trial"
    )
    raise LockedAway(
        f"{what} cannot be changed. {whole} was locked by {lock.actor.person} on {lock.recorded_at[:10]} (entry {lock.sequence}).",
        rule="Locks: what is locked is not changed",
        next_step="Ask somebody who may unlock to open it again, with the reason.",
        facts={"scope": scope, "entry": lock.sequence},
    )
