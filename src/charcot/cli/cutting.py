"""Commands about named data cuts: cut, cuts."""

from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.accounts import ask_signature
from charcot.cli.output import refusals_in_words, say, say_json
from charcot.conduct.cut import MEANING
from charcot.team.charter import DataCut
from charcot.wiring.cuts import list_cuts, make_cut
from charcot.wiring.folder import open_folder

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]


def cut(
    folder: Folder,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A letter, then letters, digits, hyphens: interim-1.")
    ],
    person: Annotated[str, typer.Option(help="The code of who declares the cut, such as stat-1.")],
    role: Annotated[str, typer.Option(help="In which role; the protocol says which roles may cut.")],
    statement: Annotated[str, typer.Option(help="What the cut is for; kept with the entry.")],
    at_entry: Annotated[int | None, typer.Option(help="Cut at this entry; without it, at the last.")] = None,
) -> None:
    """Name a data cut: the record up to an entry, for reports that can be made again for ever.

    Who has an account on the trial's site signs it with their password, and the code of their second factor.
    """
    with refusals_in_words():
        trial = open_folder(folder)
        made = make_cut(
            trial,
            person,
            role,
            name=name,
            statement=statement,
            at_entry=at_entry,
            signature=ask_signature(trial, person, MEANING),
        )
    say(f"Made the data cut {made.name}: entries 1 to {made.sequence}, hash {made.hash}")
    say(f"{_said(made)} as {role}.")
    say(f"Next: charcot report {folder} --as-of {made.name}")


def cuts(
    folder: Folder, as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False
) -> None:
    """List the data cuts."""
    with refusals_in_words():
        made = list_cuts(open_folder(folder))
    if as_json:
        say_json(
            [
                {**found.entry.data, "entry": found.entry.sequence, "recorded_at": found.entry.recorded_at}
                for found in made
            ]
        )
        return
    for found in made:
        actor = found.entry.actor
        say(f"{found.name}: entries 1 to {found.sequence}, hash {found.hash}")
        say(f"    {found.statement}")
        how = _WAYS.get(str(found.entry.data["signature"]["method"]), "declared")
        say(
            f"    {how} {found.entry.recorded_at[:16].replace('T', ' ')} UTC by {actor.person} as {actor.role}, entry {found.entry.sequence}"
        )
    if not made:
        say("There is no data cut yet. Make one: charcot cut DIR NAME --person … --role … --statement …")


_WAYS = {"password": "signed with password", "password+totp": "signed with password and second factor"}


def _said(made: DataCut) -> str:
    """How it was proven who made a cut."""
    person, method = made.entry.actor.person, str(made.entry.data["signature"]["method"])
    if method in _WAYS:
        way = _WAYS[method]
        return f"{way[:1].upper()}{way[1:]} by {person}"
    return f"Declared, not signed, since {person} has no account on the site: by {person}"
