"""Accounts of a trial's site from a terminal: the first administrator, and what administrators do there."""

from typing import Literal

from django.contrib.auth.models import User

from charcot.conduct import delegate, read_charter
from charcot.ledger import Actor
from charcot.refusal import NotAllowed
from charcot.team import Signature
from charcot.wiring import accounts
from charcot.wiring.accounts import AccountLine
from charcot.wiring.acting import trial_in
from charcot.wiring.folder import TrialFolder
from charcot.wiring.second_factor import device_for, has_second_factor
from charcot.wiring.served import choose, open_site
from charcot.wiring.signing_in import not_proven


def list_administrators(folder: TrialFolder) -> list[Actor]:
    """Who holds a role today that may administer."""
    return _able(folder, "administer")


def make_first_account(folder: TrialFolder, person: str, password: str) -> None:
    """Makes the account of an administrator at the terminal, with a password. Raises NotAllowed, BadValue."""
    choose(open_site(folder))
    role = next((a.role for a in list_administrators(folder) if a.person == person), "")
    accounts.create_own_account(trial_in(folder), Actor(person, role), password)


def add_account(folder: TrialFolder, person: str, by: str) -> str:
    """Makes an account; gives the path of the link by which its password is set. Raises NotAllowed, BadValue."""
    actor = _administrator(folder, by)
    return f"/set-password/{accounts.create_account(trial_in(folder), actor, person)}"


def reset_account(folder: TrialFolder, person: str, by: str, *, second_factor: bool, reason: str) -> str:
    """Takes the password away, or the second factor; gives the path of a link for a new password, or nothing."""
    actor, trial = _administrator(folder, by), trial_in(folder)
    if second_factor:
        accounts.reset_second_factor(trial, actor, person, reason)
        return ""
    return f"/set-password/{accounts.reset_password(trial, actor, person, reason)}"


def close_account(folder: TrialFolder, person: str, by: str, reason: str) -> None:
    """Closes an account."""
    accounts.disable_account(trial_in(folder), _administrator(folder, by), person, reason)


def reopen_account(folder: TrialFolder, person: str, by: str, reason: str) -> None:
    """Opens a closed account again."""
    accounts.enable_account(trial_in(folder), _administrator(folder, by), person, reason)


def unlock_account(folder: TrialFolder, person: str, by: str, reason: str) -> None:
    """Lets somebody try again who was locked out by wrong tries."""
    accounts.unlock_account(trial_in(folder), _administrator(folder, by), person, reason)


def list_accounts(folder: TrialFolder) -> list[AccountLine]:
    """Every account of the trial's site."""
    choose(open_site(folder))
    return accounts.list_accounts()


def delegate_at_terminal(folder: TrialFolder, person: str, role: str, by: str) -> None:
    """Gives a role from today on, by somebody who may delegate. Raises NotAllowed, BadValue."""
    trial = trial_in(folder)
    charter = read_charter(folder.ledger)
    today = charter.site_time(trial.clock()).date()
    delegate(trial, _require(folder, by, "delegate"), person=person, role=role, since=today)


def find_signer(folder: TrialFolder, person: str) -> Literal["no account", "password", "password+totp"]:
    """How somebody can prove at this terminal who they are."""
    choose(open_site(folder))
    user = User.objects.filter(username=person, is_active=True).first()
    if user is None or not user.has_usable_password():
        return "no account"
    return "password+totp" if has_second_factor(user) else "password"


def sign_at_terminal(folder: TrialFolder, person: str, password: str, token: str, meaning: str) -> Signature:
    """The signature of whom password and code prove, as on a page. Raises NotSignedIn."""
    site = open_site(folder)
    choose(site)
    user = User.objects.filter(username=person, is_active=True).first()
    second = user is not None and has_second_factor(user)
    if (
        user is None
        or not user.check_password(password)
        or (second and device_for(site, user, token) is None)
    ):
        raise not_proven()
    return Signature("password+totp" if second else "password", meaning)


def _administrator(folder: TrialFolder, person: str) -> Actor:
    choose(open_site(folder))
    return _require(folder, person, "administer")


def _require(folder: TrialFolder, person: str, verb: str) -> Actor:
    able = _able(folder, verb)
    actor = next((actor for actor in able if actor.person == person), None)
    if actor is None:
        names = ", ".join(dict.fromkeys(a.person for a in able)) or "nobody"
        raise NotAllowed(
            f"{person} holds no role today that may do this ({verb}).",
            rule="Roles: every act needs a role from the delegation log",
            next_step=f"This can be done by: {names}.",
            facts={"person": person, "verb": verb},
        )
    return actor


def _able(folder: TrialFolder, verb: str) -> list[Actor]:
    charter = read_charter(folder.ledger)
    today = charter.site_time(trial_in(folder).clock()).date()
    protocol = charter.ruling_on(today).study.protocol
    able = {role.id for role in protocol.roles if verb in role.may}
    return [Actor(d.person, d.role) for d in charter.delegations if d.role in able and d.holds_on(today)]
