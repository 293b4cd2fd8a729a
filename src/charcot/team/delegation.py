"""The delegation log: who holds which role from when to when, and what the role may do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from charcot.ledger import Actor, Entry, Kind
from charcot.protocol import Protocol, verbs_allowing
from charcot.protocol.plan import Role
from charcot.refusal import NotAllowed


@dataclass(frozen=True)
class Delegation:
    """A role given to a person."""

    person: str
    role: str
    since: date
    until: date | None
    entry: int
    site: str | None = None
    """The only site at which it holds; None where it holds at every site."""

    def holds_on(self, day: date) -> bool:
        """Whether the person holds the role on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)

    def holds_at(self, site: str | None) -> bool:
        """Whether it covers a site; where no site is concerned, it does."""
        return self.site is None or site is None or self.site == site


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
                    entry.data.get("site"),
                )
            )
        elif entry.kind is Kind.DELEGATION_ENDED:
            until = date.fromisoformat(entry.data["until"])
            log = [
                replace(d, until=until)
                if (d.person, d.role) == (entry.data["person"], entry.data["role"])
                and entry.data.get("site") in (None, d.site)
                and d.since <= until
                and (d.until is None or d.until > until)
                else d
                for d in log
            ]
    return tuple(log)


def require_may(
    protocol: Protocol,
    log: Sequence[Delegation],
    actor: Actor,
    act: str,
    day: date,
    site: str | None = None,
) -> None:
    """Raises NotAllowed unless the actor holds the role on `day`, at `site`, and the protocol lets the role do `act`."""
    verbs = verbs_allowing(act)
    facts = {"person": actor.person, "role": actor.role, "verb": act, "day": str(day)}
    role = protocol.role(actor.role)
    able = [r.label for r in protocol.roles if may_do(r, act)]
    who = ", ".join(able) if able else "nobody in this protocol"
    held = [d for d in log if d.person == actor.person and d.role == actor.role and d.holds_on(day)]
    if role is None or not held:
        raise NotAllowed(
            f"{actor.person} does not hold the role {actor.role!r} on {day}.",
            rule="Roles: every act needs a role from the delegation log",
            next_step=f"Ask the investigator to delegate the role. This act can be done by: {who}.",
            facts=facts,
        )
    if not may_do(role, act):
        raise NotAllowed(
            f"The role {role.label} may not do this ({act.replace('_', ' ')}).",
            rule=f"Roles: role {role.id!r} of the protocol",
            next_step=f"This act can be done by: {who}.",
            facts={**facts, "needs": list(verbs)},
        )
    if not any(d.holds_at(site) for d in held):
        raise NotAllowed(
            f"{actor.person} holds the role {role.label} at another site.",
            rule="Sites: a role delegated for one site is used for the participants of that site",
            next_step="Ask somebody of that site, or the investigator to delegate the role there.",
            facts=facts,
        )


def may_do(role: Role, act: str) -> bool:
    """Whether the protocol lets a role do an act."""
    verbs = verbs_allowing(act)
    return not verbs or any(verb in role.may for verb in verbs)


def sites_of(log: Sequence[Delegation], actor: Actor, day: date) -> frozenset[str] | None:
    """The sites at which the actor holds the role on `day`; None where it is every site."""
    held = [d for d in log if (d.person, d.role) == (actor.person, actor.role) and d.holds_on(day)]
    if any(d.site is None for d in held):
        return None
    return frozenset(d.site for d in held if d.site is not None)
