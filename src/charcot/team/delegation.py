"""The delegation log: who holds which role from when to when, and what the role may do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from charcot.ledger import Actor, Entry, Kind
from charcot.protocol import Protocol
from charcot.refusal import NotAllowed


@dataclass(frozen=True)
class Delegation:
    """A role given to a person."""

    person: str
    role: str
    since: date
    until: date | None
    entry: int

    def holds_on(self, day: date) -> bool:
        """Whether the person holds the role on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)


def fold_delegations(entries: Iterable[Entry]) -> tuple[Delegation, ...]:
    """The delegation log that the trial's own entries make."""
    log: list[Delegation] = []
    for entry in entries:
        if entry.kind is Kind.TRIAL_OPENED:
            opened = date.fromisoformat(entry.data["opened_on"])
            log += [
                Delegation(p["person"], p["role"], opened, None, entry.sequence) for p in entry.data["people"]
            ]
        elif entry.kind is Kind.ROLE_DELEGATED:
            until = entry.data["until"]
            log.append(
                Delegation(
                    entry.data["person"],
                    entry.data["role"],
                    date.fromisoformat(entry.data["since"]),
                    None if until is None else date.fromisoformat(until),
                    entry.sequence,
                )
            )
        elif entry.kind is Kind.DELEGATION_ENDED:
            until = date.fromisoformat(entry.data["until"])
            log = [
                replace(d, until=until)
                if (d.person, d.role) == (entry.data["person"], entry.data["role"])
                and d.since <= until
                and (d.until is None or d.until > until)
                else d
                for d in log
            ]
    return tuple(log)


def require_may(protocol: Protocol, log: Sequence[Delegation], actor: Actor, verb: str, day: date) -> None:
    """Raises NotAllowed unless the actor holds the role on `day` and the protocol lets the role do `verb`."""
    facts = {"person": actor.person, "role": actor.role, "verb": verb, "day": str(day)}
    role = protocol.role(actor.role)
    able = [r.label for r in protocol.roles if verb in r.may]
    who = ", ".join(able) if able else "nobody in this protocol"
    if role is None or not any(
        d.person == actor.person and d.role == actor.role and d.holds_on(day) for d in log
    ):
        raise NotAllowed(
            f"{actor.person} does not hold the role {actor.role!r} on {day}.",
            rule="Roles: every act needs a role from the delegation log",
            next_step=f"Ask the investigator to delegate the role. This act can be done by: {who}.",
            facts=facts,
        )
    if verb not in role.may:
        raise NotAllowed(
            f"The role {role.label} may not do this ({verb.replace('_', ' ')}).",
            rule=f"Roles: role {role.id!r} of the protocol",
            next_step=f"This act can be done by: {who}.",
            facts=facts,
        )
