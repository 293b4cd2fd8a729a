"""Delegate a role to a person, or end a delegation."""

from datetime import date, timedelta

from charcot.conduct.trial import (
    Situation,
    Trial,
    act_on_trial,
    require_every_site,
    require_one_of,
    require_reason,
    require_text,
    signing,
)
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.refusal import BadValue, OutOfOrder
from charcot.team import Signature, sites_of

DELEGATING = "I delegate this, or end it"


def delegate(
    trial: Trial,
    actor: Actor,
    *,
    person: str,
    role: str,
    since: date,
    until: date | None = None,
    site: str | None = None,
    signature: Signature | None = None,
) -> tuple[Entry, ...]:
    """Gives `person` a role from `since` to `until` (both days count; no end where `until` is not given).

    `site`: the only site at which it holds, by its id; every site where it is not given.
    """

    def judge(situation: Situation) -> list[Draft]:
        protocol = situation.charter.ruling_on(situation.now.date()).study.protocol
        roles = protocol.roles
        require_text(person, "person")
        if site is not None:
            require_one_of(site, [s.id for s in protocol.trial.design.sites], "site")
        _require_own_site(situation, actor, site)
        require_one_of(role, [r.id for r in roles], "role")
        if until is not None and until < since:
            raise BadValue(
                f"The delegation would end on {until}, before it begins on {since}.",
                rule="Roles: a delegation ends after it begins",
                next_step="Correct one of the two dates.",
            )
        data = {
            "person": person,
            "role": role,
            "since": str(since),
            "until": None if until is None else str(until),
            **({} if site is None else {"site": site}),
            **signing(situation, actor, signature, DELEGATING),
        }
        return [Draft(Kind.ROLE_DELEGATED, TRIAL, "delegate", actor, data=data)]

    return act_on_trial(trial, actor, "delegate", judge, of_site=True)


def end_delegation(
    trial: Trial,
    actor: Actor,
    *,
    person: str,
    role: str,
    until: date,
    reason: str,
    site: str | None = None,
    signature: Signature | None = None,
) -> tuple[Entry, ...]:
    """Ends a delegation: `until` is its last day. With `site`, only what was delegated for that site."""

    def judge(situation: Situation) -> list[Draft]:
        held = [d for d in situation.charter.delegations if (d.person, d.role) == (person, role)]
        held = [d for d in held if site is None or d.site == site]
        for one in held:
            _require_own_site(situation, actor, one.site)
        if not any(d.since <= until and (d.until is None or d.until > until) for d in held):
            raise BadValue(
                f"{person} does not hold the role {role!r} beyond {until}.",
                rule="Roles: delegation log",
                next_step="Check the person and the role in the delegation log.",
            )
        _require_successor(situation, {d.entry for d in held}, until, person, role)
        why = require_reason(reason, "Roles: a delegation is ended for a stated reason")
        data = {
            "person": person,
            "role": role,
            "until": str(until),
            **({} if site is None else {"site": site}),
            **signing(situation, actor, signature, DELEGATING),
        }
        return [Draft(Kind.DELEGATION_ENDED, TRIAL, "end_delegation", actor, data=data, reason=why)]

    return act_on_trial(trial, actor, "delegate", judge, of_site=True)


def _require_own_site(situation: Situation, actor: Actor, site: str | None) -> None:
    """A role that holds at one site delegates for that site only; raises NotAllowed."""
    held = sites_of(situation.charter.delegations, actor, situation.now.date())
    if held is None or site not in held:
        require_every_site(situation, actor)


def _require_successor(situation: Situation, ended: set[int], until: date, person: str, role: str) -> None:
    """Somebody must remain who may delegate, or nobody could ever be given a role again."""
    day = max(until, situation.now.date()) + timedelta(days=1)
    roles = situation.charter.ruling_on(day).study.protocol.roles
    able = {r.id for r in roles if "delegate" in r.may}
    others = [
        d
        for d in situation.charter.delegations
        if d.role in able
        and d.holds_on(day)
        and d.site is None
        and (d.entry not in ended or (d.person, d.role) != (person, role))
    ]
    if role in able and not others:
        raise OutOfOrder(
            f"{person} is the last who may delegate a role.",
            rule="Roles: there is always somebody who may delegate",
            next_step="Delegate such a role to somebody else first.",
            facts={"person": person, "role": role, "until": str(until)},
        )
