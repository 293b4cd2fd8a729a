"""Commands around safety: a site's dictionary of event terms, and mail about reporting clocks."""

from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say
from charcot.wiring.dictionary import load_dictionary
from charcot.wiring.folder import open_folder
from charcot.wiring.reminding import send_reminders

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]


def terms(
    folder: Folder,
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="An .xlsx or CSV file with a column CTCAE Term or Term.")
    ],
) -> None:
    """Load a site's own dictionary of event terms, such as the official CTCAE spreadsheet (.xlsx or CSV).

    It is kept in local/, and never copied with the trial.
    """
    with refusals_in_words():
        loaded = load_dictionary(open_folder(folder), source)
    say(f"Loaded: {loaded.terms} terms. The form of an adverse event offers them from now on.")
    for each in loaded.left_out:
        why = "holds no term" if each.same_as is None else f"repeats the term of row {each.same_as}"
        say(f"Left out: row {each.row} {why}.")
    if loaded.more_left_out:
        say(f"Left out: {loaded.more_left_out} more rows.")


def remind(folder: Folder) -> None:
    """Send mail about reporting clocks that run or have run out; to be run every few minutes."""
    with refusals_in_words():
        sent = send_reminders(open_folder(folder))
    say(f"Sent: {sent} messages.")
