"""What people change about their own account: the password, the second factor, its recovery codes."""

from dataclasses import dataclass

import django_otp
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from charcot.conduct import Trial, change_access
from charcot.ledger import Actor
from charcot.refusal import BadValue
from charcot.store.site_database import site_alias
from charcot.wiring import second_factor
from charcot.wiring.accounts import account_of, require_same, require_strong
from charcot.wiring.second_factor import Enrolment
from charcot.wiring.served import site_of
from charcot.wiring.signing_in import NotSignedIn, require_own_password
from charcot.wiring.tries import require_patience


@dataclass(frozen=True)
class SecondFactorState:
    """Whether somebody has a second factor, and how many recovery codes are left."""

    set_up: bool
    codes_left: int


def second_factor_of(request: HttpRequest) -> SecondFactorState:
    """The second factor of who is signed in."""
    user = _user(request)
    return SecondFactorState(second_factor.has_second_factor(user), second_factor.recovery_codes_left(user))


def enrolment_of(request: HttpRequest, trial: str) -> Enrolment:
    """What the app of who is signed in has to be told."""
    return second_factor.begin_enrolment(_user(request), trial)


def change_own_password(
    request: HttpRequest, trial: Trial, actor: Actor, old: str, password: str, again: str
) -> None:
    """Changes the password and enters that; other sessions of the person end. Raises BadValue, TooManyTries."""
    user = _user(request)
    _require_password(request, user, old, "old")
    require_same(password, again)
    require_strong(password, user.username)
    with transaction.atomic(using=site_alias()):
        user.set_password(password)
        user.save()
        change_access(trial, actor, person=actor.person, what="password_reset")
    update_session_auth_hash(request, user)


def set_up_second_factor(
    request: HttpRequest, trial: Trial, actor: Actor, password: str, token: str
) -> tuple[str, ...]:
    """Makes the app of who is signed in their second factor, and enters that; gives its recovery codes.

    Raises BadValue, TooManyTries.
    """
    user = _user(request)
    _require_password(request, user, password, "password")
    with transaction.atomic(using=site_alias()):
        device = second_factor.finish_enrolment(user, token)
        if device is not None:
            codes = second_factor.make_recovery_codes(site_of(request), user)
            change_access(trial, actor, person=actor.person, what="second_factor_set")
    if device is None:
        raise BadValue(
            "The six digits are not those that the app should show now.",
            rule="Second factor: it counts once a code of it was given",
            next_step="Check that the clock of your phone is right, wait for the next six digits, and write them.",
            facts={"fields": {"token": "write the six digits that the app shows now"}},
        )
    django_otp.login(request, device)  # type: ignore[no-untyped-call]  # django-otp has no types
    request.session.cycle_key()
    return codes


def renew_recovery_codes(request: HttpRequest, password: str, token: str) -> tuple[str, ...]:
    """New recovery codes in place of the earlier ones. Raises NotSignedIn, BadValue."""
    user = _user(request)
    require_own_password(request, password, token)
    if not second_factor.has_second_factor(user):
        raise NotSignedIn(
            "You have no second factor yet.",
            rule="Second factor: recovery codes stand in for it",
            next_step="Set up a second factor first.",
        )
    return second_factor.make_recovery_codes(site_of(request), user)


def _user(request: HttpRequest) -> User:
    return account_of(request.user.get_username())


def _require_password(request: HttpRequest, user: User, password: str, field: str) -> None:
    require_patience(request, user.username)
    if not user.check_password(password):
        raise BadValue(
            "This is not your present password.",
            rule="Accounts: who changes an account proves whose it is",
            next_step="Write the password that you signed in with.",
            facts={"fields": {field: "this is not your present password"}},
        )
