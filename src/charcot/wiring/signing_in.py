"""Signing in: who somebody is, by password and by the six digits of a second factor; and what limits the tries."""

from datetime import UTC, datetime, timedelta
from typing import Any

from axes.utils import reset as reset_attempts
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser, User
from django.http import HttpRequest

from charcot.refusal import Refusal
from charcot.team import Signature
from charcot.wiring.clock import real_clock
from charcot.wiring.second_factor import device_for, has_second_factor
from charcot.wiring.served import site_of
from charcot.wiring.settings import LOCKED_FOR, LONGEST_SESSION
from charcot.wiring.tries import require_patience

SINCE, SEEN, ROLE = "signed_in_at", "seen_at", "role"
EVERY = timedelta(seconds=30)
"""How often it is noted that somebody did something."""


class NotSignedIn(Refusal):
    """Who it is was not proven, or too many tries were made."""


class PasswordAndCode(ModelBackend):
    """Proves who somebody is: by the password, and where they have a second factor by its code as well."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        token: str = "",
        **_rest: Any,
    ) -> AbstractBaseUser | None:
        """The account, if everything fits."""
        user = super().authenticate(request, username=username, password=password)
        if not isinstance(user, User):
            return None
        if not has_second_factor(user):
            return user
        device = None if request is None else device_for(site_of(request), user, token)
        if device is None:
            return None
        user.otp_device = device  # type: ignore[attr-defined]  # django-otp notes it in the session at sign-in
        return user


def sign_in(request: HttpRequest, person: str, password: str, token: str) -> None:
    """Signs somebody in; the session gets a new key. Raises NotSignedIn, which does not say what was wrong."""
    user = _prove(request, person, password, token)
    carried = request.session.get(ROLE) if request.user == user else None
    login(request, user)
    request.session.cycle_key()
    now = real_clock().isoformat()
    request.session[SINCE] = request.session[SEEN] = now
    if carried:
        request.session[ROLE] = carried


def check_signature(request: HttpRequest, password: str, token: str, meaning: str) -> Signature:
    """A signature of who is signed in, proven by the password again, and by a code where they have a second factor.

    Raises NotSignedIn, TooManyTries.
    """
    user = _prove(request, request.user.get_username(), password, token)
    reset_attempts(username=user.username)
    return Signature("password+totp" if has_second_factor(user) else "password", meaning)


def require_own_password(request: HttpRequest, password: str, token: str) -> None:
    """Raises NotSignedIn unless who is signed in proves it again."""
    _prove(request, request.user.get_username(), password, token)


def prove_second(request: HttpRequest, person: str, password: str, token: str) -> None:
    """Proves that a second person stands beside who is signed in; raises NotSignedIn, TooManyTries."""
    _prove(request, person, password, token)
    reset_attempts(username=person)


def sign_out(request: HttpRequest) -> None:
    """Signs out; nothing of the session is left."""
    logout(request)


def still_signed_in(request: HttpRequest, *, active: bool) -> str | None:
    """The code of who is signed in, if somebody is and did something lately; `active`: this request counts as that."""
    user = request.user
    if not user.is_authenticated:
        return None
    now = real_clock()
    since, seen = (_moment(request.session.get(key)) for key in (SINCE, SEEN))
    if since is None or seen is None or now - seen > site_of(request).idle or now - since > LONGEST_SESSION:
        return None
    if active and now - seen >= EVERY:
        request.session[SEEN] = now.isoformat()
    return user.get_username()


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None


def accounts_exist() -> bool:
    """Whether anybody has an account at the site at hand."""
    return User.objects.exists()


def address_of(request: HttpRequest) -> str | None:
    """The network address that a request came from."""
    return request.META.get("REMOTE_ADDR") or None


def _prove(request: HttpRequest, person: str, password: str, token: str) -> User:
    """The account of whom password and code prove; raises NotSignedIn, TooManyTries."""
    require_patience(request, person)
    user = authenticate(request, username=person, password=password, token=token)
    if isinstance(user, User):
        return user
    if getattr(request, "axes_locked_out", False):
        raise locked_out()
    raise not_proven()


def not_proven() -> NotSignedIn:
    """What is said where password and code do not fit; not which of them."""
    return NotSignedIn(
        "These do not fit together.",
        rule="Sign-in: code, password and, if you have set one up, the six digits of your second factor",
        next_step="Try again. If you have forgotten your password, ask the administrator for a new one.",
    )


def locked_out() -> NotSignedIn:
    """What is said after too many tries."""
    return NotSignedIn(
        "There were too many wrong tries.",
        rule=f"Sign-in: after {settings.AXES_FAILURE_LIMIT} wrong tries it is closed for a while",
        next_step=f"Wait {LOCKED_FOR.seconds // 60} minutes, or ask the administrator to unlock your account.",
        facts={"locked": True},
    )
