"""Accounts of the site at hand: made, closed and opened again; passwords and second factors set anew."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum

from charcot.conduct import Trial, change_access, read_charter
from charcot.ledger import Actor
from charcot.refusal import BadValue, NotAllowed
from charcot.store.local.models import PasswordLink
from charcot.store.site_database import site_alias
from charcot.wiring.clock import real_clock
from charcot.wiring.second_factor import has_second_factor, remove_second_factor

LINK_HOLDS = timedelta(hours=48)


@dataclass(frozen=True)
class AccountLine:
    """An account as the administrator sees it."""

    person: str
    active: bool
    has_password: bool
    second_factor: bool
    locked: bool
    last_sign_in: datetime | None


def list_accounts() -> list[AccountLine]:
    """Every account, by code."""
    since = real_clock() - settings.AXES_COOLOFF_TIME
    tried = (
        AccessAttempt.objects.filter(attempt_time__gt=since)
        .values("username", "ip_address")
        .annotate(tries=Sum("failures_since_start"))
    )
    locked = {row["username"] for row in tried if row["tries"] >= settings.AXES_FAILURE_LIMIT}
    return [
        AccountLine(
            user.username,
            user.is_active,
            user.has_usable_password(),
            has_second_factor(user),
            user.username in locked,
            user.last_login,
        )
        for user in User.objects.order_by("username")
    ]


def account_of(person: str) -> User:
    """The account under a person's code; raises BadValue."""
    user = User.objects.filter(username=person).first()
    if user is None:
        raise BadValue(
            f"{person} has no account.",
            rule="Accounts: one for each person of the delegation log",
            next_step="Make the account first.",
            facts={"field": "person"},
        )
    return user


def make_account(person: str, password: str | None = None) -> User:
    """An account under a person's code; without a password nobody can sign in to it yet. Raises BadValue."""
    if User.objects.filter(username=person).exists():
        raise BadValue(
            f"{person} has an account already.",
            rule="Accounts: one for each person of the delegation log",
            next_step="Give a new password to that account, or choose another code.",
            facts={"field": "person"},
        )
    return User.objects.create_user(person, password=password)


def create_account(trial: Trial, actor: Actor, person: str) -> str:
    """Makes an account and enters that; gives the code with which its password is set, once. Raises BadValue."""
    _require_in_log(trial, person)
    _both(lambda: make_account(person), trial, actor, person, "account_created")
    return _make_link(person)


def create_own_account(trial: Trial, actor: Actor, password: str) -> None:
    """Makes the first account, of somebody at a terminal who may administer, and enters that. Raises NotAllowed."""
    require_strong(password, actor.person)
    charter = read_charter(trial.ledger)
    today = charter.site_time(trial.clock()).date()
    protocol = charter.ruling_on(today).study.protocol
    role = protocol.role(actor.role)
    held = any(
        d.person == actor.person and d.role == actor.role and d.holds_on(today) for d in charter.delegations
    )
    if not held or role is None or "administer" not in role.may:
        raise NotAllowed(
            f"{actor.person} does not hold a role today that may administer.",
            rule="Accounts: the first account is of somebody who may make those of the others",
            next_step="Delegate such a role first: charcot delegate DIR --person CODE --role administrator --by INVESTIGATOR",
            facts={"person": actor.person},
        )
    _both(lambda: make_account(actor.person, password), trial, actor, actor.person, "account_created")


def disable_account(trial: Trial, actor: Actor, person: str, reason: str = "") -> None:
    """Closes an account; whoever is signed in with it is so no longer."""
    if person == actor.person:
        raise BadValue(
            "Nobody closes their own account.",
            rule="Accounts: there is always somebody who can open one again",
            next_step="Ask another administrator to do it.",
            facts={"field": "person"},
        )
    user = account_of(person)
    user.is_active = False
    _both(user.save, trial, actor, person, "account_disabled", reason)


def enable_account(trial: Trial, actor: Actor, person: str, reason: str = "") -> None:
    """Opens a closed account again."""
    user = account_of(person)
    user.is_active = True
    _both(user.save, trial, actor, person, "account_enabled", reason)


def reset_password(trial: Trial, actor: Actor, person: str, reason: str = "") -> str:
    """Takes a password away and gives the code with which a new one is set, once. Sessions of the person end."""
    user = account_of(person)
    user.set_unusable_password()
    _both(user.save, trial, actor, person, "password_reset", reason)
    return _make_link(person)


def reset_second_factor(trial: Trial, actor: Actor, person: str, reason: str = "") -> None:
    """Takes a second factor away with its recovery codes; the person sets up another at the next sign-in."""
    user = account_of(person)
    _both(lambda: remove_second_factor(user), trial, actor, person, "second_factor_reset", reason)


def unlock_account(trial: Trial, actor: Actor, person: str, reason: str = "") -> None:
    """Lets somebody sign in again who was locked out by too many wrong tries."""
    tries = AccessAttempt.objects.filter(username=account_of(person).username)
    _both(tries.delete, trial, actor, person, "account_unlocked", reason)


def person_of_link(code: str) -> str:
    """Whose password can be set with a code; raises BadValue where it was used, has expired or never was."""
    link = PasswordLink.objects.filter(digest=_digest(code), expires_at__gt=real_clock()).first()
    if link is None or not User.objects.filter(username=link.person, is_active=True).exists():
        raise BadValue(
            "This link can no longer be used.",
            rule=f"Accounts: a link sets a password once, within {LINK_HOLDS.total_seconds() // 3600:.0f} hours",
            next_step="Ask the administrator for a new one.",
        )
    return link.person


def set_password_by_link(code: str, password: str, again: str) -> str:
    """Sets the password of whom the code was made for, and tells who that is. Raises BadValue."""
    with transaction.atomic(using=site_alias()):
        person = person_of_link(code)
        require_same(password, again)
        require_strong(password, person)
        user = account_of(person)
        user.set_password(password)
        user.save()
        PasswordLink.objects.filter(person=person).delete()
    return person


def require_same(password: str, again: str) -> None:
    """Raises BadValue where a password was not written twice alike."""
    if password != again:
        raise BadValue(
            "The two passwords are not the same.",
            rule="Accounts: a new password is written twice",
            next_step="Write the same password in both fields.",
            facts={"fields": {"again": "this is not the same as above"}},
        )


def require_strong(password: str, person: str) -> None:
    """Raises BadValue, with what is wrong, where a password is easily guessed."""
    try:
        validate_password(password, User(username=person))
    except ValidationError as error:
        raise BadValue(
            " ".join(str(message) for message in error.messages),
            rule="Accounts: a password has at least 12 characters and is not easily guessed",
            next_step="Choose another, such as four words that do not belong together.",
            facts={"fields": {"password": " ".join(str(message) for message in error.messages)}},
        ) from None


def _both(
    change: Callable[[], object], trial: Trial, actor: Actor, person: str, what: str, reason: str = ""
) -> None:
    """Changes the account and enters that; where either fails, neither is done."""
    with transaction.atomic(using=site_alias()):
        change()
        change_access(trial, actor, person=person, what=what, reason=reason or None)


def _make_link(person: str) -> str:
    code = secrets.token_urlsafe(24)
    PasswordLink.objects.update_or_create(
        person=person, defaults={"digest": _digest(code), "expires_at": real_clock() + LINK_HOLDS}
    )
    return code


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _require_in_log(trial: Trial, person: str) -> None:
    if all(d.person != person for d in read_charter(trial.ledger).delegations):
        raise BadValue(
            f"{person or 'Nobody'} is not in the delegation log.",
            rule="Accounts: codes of accounts are those of the delegation log",
            next_step="Delegate a role to this person first, or correct the code.",
            facts={"field": "person", "fields": {"person": "nobody in the delegation log has this code"}},
        )
