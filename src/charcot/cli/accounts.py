"""Commands about accounts: the first administrator, accounts made and closed, and a role delegated at the terminal."""

import getpass
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say
from charcot.refusal import BadValue
from charcot.team import Signature
from charcot.wiring.folder import TrialFolder, open_folder

account = typer.Typer(help="Make, close and reset accounts of the trial's site.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]
Person = Annotated[str, typer.Argument(metavar="CODE", help="The person's code in the delegation log.")]
By = Annotated[str, typer.Option(help="The code of the administrator who does it.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the entry.")]


@account.command("add")
def add(
    folder: Folder,
    person: Person,
    by: Annotated[str, typer.Option(help="The administrator; not needed for the first account.")] = "",
) -> None:
    """Make an account. The first is an administrator's, and asks for a password; others get a link to set theirs."""
    with refusals_in_words():
        trial = open_folder(folder)
        if by:
            _say_link(person, _terminal().add_account(trial, person, by))
        elif _terminal().list_accounts(trial):
            raise BadValue(
                "There are accounts already; another is made by an administrator.",
                rule="Accounts: only the first is made without one",
                next_step="Say who makes it: --by CODE",
            )
        else:
            make_first(trial, person)


@account.command("list")
def list_all(folder: Folder) -> None:
    """List the accounts."""
    with refusals_in_words():
        for line in _terminal().list_accounts(open_folder(folder)):
            state = "closed" if not line.active else "locked" if line.locked else "open"
            waiting = "" if line.has_password else ", waiting for its password"
            factor = ", second factor" if line.second_factor else ""
            say(f"{line.person}  {state}{waiting}{factor}")


@account.command("reset")
def reset(
    folder: Folder,
    person: Person,
    by: By,
    second_factor: Annotated[bool, typer.Option("--second-factor", help="Instead of the password.")] = False,
    reason: Reason = "",
) -> None:
    """Take a password away, and print a link to set a new one; or take a second factor away."""
    with refusals_in_words():
        link = _terminal().reset_account(
            open_folder(folder), person, by, second_factor=second_factor, reason=reason
        )
    if link:
        _say_link(person, link)
    else:
        say(f"{person} sets up another second factor at the next sign-in.")


@account.command("disable")
def disable(folder: Folder, person: Person, by: By, reason: Reason = "") -> None:
    """Close an account; whoever is signed in with it is so no longer."""
    with refusals_in_words():
        _terminal().close_account(open_folder(folder), person, by, reason)
    say(f"The account of {person} is closed.")


@account.command("enable")
def enable(folder: Folder, person: Person, by: By, reason: Reason = "") -> None:
    """Open a closed account again."""
    with refusals_in_words():
        _terminal().reopen_account(open_folder(folder), person, by, reason)
    say(f"The account of {person} is open.")


@account.command("unlock")
def unlock(folder: Folder, person: Person, by: By, reason: Reason = "") -> None:
    """Let somebody try again who was locked out by wrong tries."""
    with refusals_in_words():
        _terminal().unlock_account(open_folder(folder), person, by, reason)
    say(f"{person} may try again.")


def delegate(
    folder: Folder,
    person: Annotated[str, typer.Option(help="The code of who gets the role.")],
    role: Annotated[str, typer.Option(help="The role, as the protocol calls it.")],
    by: Annotated[str, typer.Option(help="The code of who gives it, such as the investigator's.")],
) -> None:
    """Delegate a role from today on. On the site it can be signed; here it is entered without a signature."""
    with refusals_in_words():
        _terminal().delegate_at_terminal(open_folder(folder), person, role, by)
    say(f"{person} holds the role {role}.")


def make_first(trial: TrialFolder, person: str | None = None) -> None:
    """Makes the first account, of an administrator, with what is typed; a password is never shown."""
    able = list(dict.fromkeys(actor.person for actor in _terminal().list_administrators(trial)))
    if not able:
        raise BadValue(
            "Nobody in this trial may administer yet.",
            rule="Accounts: the first account is of somebody who may make those of the others",
            next_step="Delegate the role first: charcot delegate DIR --person CODE --role administrator --by INVESTIGATOR",
        )
    if person is None:
        say(f"The site has no account yet. The first is an administrator's: {', '.join(able)}")
        person = typer.prompt("Code", default=able[0])
    _terminal().make_first_account(trial, person, _password())
    say(f"Made the account of {person}.")


def _password() -> str:
    """A new password: typed twice at a terminal, or one line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password (at least 12 characters): ")
    if getpass.getpass("The same again: ") != password:
        raise BadValue(
            "The two passwords are not the same.",
            rule="Accounts: a new password is written twice",
            next_step="Begin again.",
        )
    return password


def ask_signature(trial: TrialFolder, person: str, meaning: str) -> Signature | None:
    """The signature of somebody who has an account, with password and code as typed; None for anybody else."""
    way = _terminal().find_signer(trial, person)
    if way == "no account":
        return None
    say(f"{person} signs: {meaning}.")
    password = _ask("Password: ")
    token = _ask("Six digits of the second factor: ") if way == "password+totp" else ""
    signed: Signature = _terminal().sign_at_terminal(trial, person, password, token, meaning)
    return signed


def _ask(prompt: str) -> str:
    """What is typed unseen at a terminal, or the next line of what is piped in."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _say_link(person: str, link: str) -> None:
    say(f"{person} sets a password once, within 48 hours, at this address of the site:")
    say(f"  {link}")


def _terminal() -> ModuleType:
    from charcot.wiring.settings import configure_django

    configure_django()
    from charcot.wiring import administration  # reads models, so Django's settings come first

    return administration
