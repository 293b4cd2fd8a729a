"""Commands that make trials and serve them: templates, new, open, demo, serve."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from charcot.cli.accounts import make_first
from charcot.cli.output import console, refusals_in_words, say
from charcot.cli.summary import say_summary
from charcot.wiring import opening, serving, writing
from charcot.wiring import templates as shipped
from charcot.wiring.folder import TrialFolder, open_folder

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]


class Purpose(StrEnum):
    """What a trial is for."""

    live = "live"
    practice = "practice"


def templates() -> None:
    """List the trials to begin from."""
    for template in shipped.list_templates():
        say(template.id, style="bold")
        say(f"  {template.title}")
        say(f"  {template.description}")


def new(
    folder: Folder,
    template: Annotated[str, typer.Option("--from", help="A template; see `charcot templates`.")],
) -> None:
    """Make a new trial's folder, with the protocol of a template to be edited."""
    with refusals_in_words():
        opening.new_folder(folder, template)
    say(f"Made {folder}. Next:")
    say(f"  1. Edit the protocol in {folder / 'protocol'} and check it: charcot check {folder}")
    say(
        f"  2. Open the trial: charcot open {folder} --investigator YOUR-CODE --administrator ADMIN-CODE --purpose practice"
    )
    say(f"  3. Serve its site: charcot serve {folder}")


def open_trial(
    folder: Folder,
    investigator: Annotated[
        str, typer.Option(help="The code of the first investigator, such as inv-1; not a name.")
    ],
    purpose: Annotated[Purpose, typer.Option(help="`practice` to try things out, `live` for people.")],
    administrator: Annotated[
        str | None, typer.Option(help="The code of who makes accounts, such as admin-1.")
    ] = None,
) -> None:
    """Open a trial: its protocol, its first investigator and its administrator enter the ledger."""
    with refusals_in_words():
        trial = open_folder(folder)
        opening.open_trial_in(trial, investigator, purpose.value, administrator)
        say_summary(trial)


def activate(
    folder: Folder,
    person: Annotated[str, typer.Option(help="The code of who activates, such as inv-1.")],
    reason: Annotated[str, typer.Option(help="Why there is a new version; kept with the entry.")],
    role: Annotated[str, typer.Option(help="In which role.")] = "investigator",
) -> None:
    """Activate the folder's working copy of the protocol as a new version."""
    with refusals_in_words():
        trial = open_folder(folder)
        opening.activate_working_copy(trial, person, role, reason)
        say_summary(trial)


def demo(
    folder: Folder,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Write the report and stop.")] = False,
    port: Annotated[int, typer.Option(help="Where to serve.")] = 8000,
) -> None:
    """Play the shipped trial from its protocol to its report, and serve it on this computer."""
    with refusals_in_words():
        trial = _play(folder)
        report = writing.write_report(trial)
        say_summary(trial)
        say(f"Report:    {report}")
        if not no_serve:
            _serve(trial, port)


def serve(
    folder: Folder,
    port: Annotated[int, typer.Option(help="Where to serve.")] = 8000,
    host: Annotated[
        str,
        typer.Option(help="The address to listen at; any but this computer's own needs a proxy with HTTPS."),
    ] = serving.HERE,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that serve, for many people at once.")
    ] = 1,
) -> None:
    """Serve the trial's site on this computer. Where nobody has an account yet, it asks for the first one."""
    with refusals_in_words():
        trial = open_folder(folder)
        if serving.wants_account(trial) and sys.stdin.isatty():
            make_first(trial)
        _serve(trial, port, host, workers)


def _play(folder: Path) -> TrialFolder:
    columns = (
        TextColumn("Playing the shipped trial"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TextColumn("acts"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("play", total=None)
        return opening.make_demo(folder, lambda done, of: progress.update(task, completed=done, total=of))


def _serve(trial: TrialFolder, port: int, host: str = serving.HERE, workers: int = 1) -> None:
    reach = "this computer only" if host == serving.HERE else "through its proxy"
    serving.serve(
        trial, port, lambda address: say(f"Serving:   {address}  ({reach}; Ctrl-C stops)"), host, workers
    )
