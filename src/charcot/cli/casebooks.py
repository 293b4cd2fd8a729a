"""The command casebook: blank, annotated, of one participant, or of everybody."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say
from charcot.wiring import casebooks as made
from charcot.wiring.folder import TrialFolder, open_folder

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]


class CasebookFormat(StrEnum):
    """What casebooks are written as."""

    pdf = "pdf"


def casebook(
    folder: Folder,
    participant: Annotated[
        str | None, typer.Argument(metavar="[PARTICIPANT]", help="One participant; without it, everybody.")
    ] = None,
    blank: Annotated[bool, typer.Option("--blank", help="Every form, empty, to be filled by hand.")] = False,
    annotated: Annotated[
        bool, typer.Option("--annotated", help="Every form with names of items, codes, limits and rules.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="ENTRY|TIME|CUT", help="As it was at an entry, a time, or a named cut."
        ),
    ] = None,
    to: Annotated[CasebookFormat, typer.Option("--format", help="pdf.")] = CasebookFormat.pdf,
    person: Annotated[
        str | None, typer.Option(help="For whom: with --role, what that role sees is shown.")
    ] = None,
    role: Annotated[str | None, typer.Option(help="The role in which they read.")] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="Open personal values, for a role that sees them; into local/.")
    ] = False,
) -> None:
    """Write casebooks as PDF: blank, annotated, of one participant, or of everybody."""
    if blank + annotated + (participant is not None) > 1:
        raise typer.BadParameter("choose one of PARTICIPANT, --blank and --annotated.")
    if (person is None) != (role is None) or (personal and person is None):
        raise typer.BadParameter("--person and --role belong together, and --personal needs both.")
    with refusals_in_words():
        trial = open_folder(folder)
        written: tuple[Path, ...]
        if blank or annotated:
            written = (made.write_paper_casebook(trial, "blank" if blank else "annotated", as_of),)
        else:
            reader = _reader(trial, person, role, personal)
            written = made.write_casebooks(trial, [participant] if participant else [], as_of, reader)
    for path in written:
        say(f"Written: {path}")
    if not written:
        say("Nobody was screened yet, so there is no casebook to write. Try --blank.")


def _reader(trial: TrialFolder, person: str | None, role: str | None, personal: bool) -> made.CasebookReader:
    if person is None or role is None:
        return made.CasebookReader()
    return made.reader_in_role(trial, person, role, personal=personal)
