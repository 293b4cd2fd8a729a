"""Commands that read the record: history and verify."""

from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say
from charcot.ledger import parse_receipt
from charcot.report.audit_trail import AuditLine, list_history
from charcot.wiring.folder import open_folder
from charcot.wiring.looking import verify_folder

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]
DOES_NOT_HOLD = 1


def history(
    folder: Folder,
    participant: Annotated[str | None, typer.Option(help="One participant only.")] = None,
    form: Annotated[str | None, typer.Option(help="One form only.")] = None,
) -> None:
    """Print the audit trail: who did what, when, for when, and why."""
    with refusals_in_words():
        lines = list_history(open_folder(folder).ledger.entries(), participant=participant, form=form)
        found = False
        for line in lines:
            _say_line(line)
            found = True
    if not found:
        say(
            "There is no such entry. Check the participant's number and the form's id, as the protocol writes them."
        )


def verify(
    folder: Folder,
    against: Annotated[str | None, typer.Option(help="A receipt that was kept outside.")] = None,
) -> None:
    """Recompute the whole chain and print the receipt. Exit status 1 where it does not hold."""
    with refusals_in_words():
        receipt = parse_receipt(against) if against else None
        found = verify_folder(open_folder(folder), receipt)
    if found.fault is not None:
        say("The record does NOT hold.", style="bold")
        say(f"First entry that does not fit: {found.fault.sequence}: {found.fault.what}.")
        say(f"Entries 1 to {found.receipt.sequence} before it hold.")
        say("Keep this folder as it is, and compare it with the last backup and its receipt.")
        raise typer.Exit(DOES_NOT_HOLD)
    say(f"The record holds: {found.receipt.sequence} entries, each linked to the one before.")
    if against:
        say("It contains everything that the receipt was given for, unchanged.")
    say(f"Receipt: {found.receipt}")


def _say_line(line: AuditLine) -> None:
    about = f" {line.participant}:" if line.participant else ""
    happened = f" (for {line.clinical_time})" if line.clinical_time else ""
    say(f"{line.sequence:>6}  {line.recorded_at[:16].replace('T', ' ')} UTC  {line.person} as {line.role}")
    say(f"        {about.strip()} {line.what}{happened}".rstrip())
    if line.reason:
        say(f"        Reason: {line.reason}")
    for change in line.changes:
        before = "—" if change.before is None else change.before
        after = "—" if change.after is None else change.after
        value = after if change.before is None else f"{before} → {after}"
        say(f"          {change.item}: {value}" + (f"  [{change.origin}]" if change.origin else ""))
    for one in line.typed:
        say(f"        Typed as {one.typed}: {one.place} {one.kept}")
