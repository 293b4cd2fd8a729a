"""Accounts of the site at hand: made, closed and opened again; passwords and second factors set anew."""

from django.contrib.auth.models import User

from charcot.refusal import BadValue


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
