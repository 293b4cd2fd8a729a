"""Change who has access: what was done to an account, never its secrets."""

from charcot.conduct.trial import Situation, Trial, act_on_trial, require_one_of, require_text
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.team import CHANGES, OWN_CHANGES


def change_access(
    trial: Trial, actor: Actor, *, person: str, what: str, reason: str | None = None
) -> tuple[Entry, ...]:
    """Enters that the account of `person` was created, disabled, enabled, unlocked, or given a new password or second factor.

    People do what is in OWN_CHANGES to their own account in any role they hold; all else needs `administer`.
    """
    own = person == actor.person and what in OWN_CHANGES

    def judge(_situation: Situation) -> list[Draft]:
        require_text(person, "person")
        require_one_of(what, CHANGES, "change of access")
        data = {"person": person, "what": what}
        why = reason.strip() if reason is not None and reason.strip() else None
        return [Draft(Kind.ACCESS_CHANGED, TRIAL, "change_access", actor, data=data, reason=why)]

    return act_on_trial(trial, actor, "change_own_access" if own else "change_access", judge, of_site=own)
