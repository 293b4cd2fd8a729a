"""The commands of `charcot`, each in the file of what it is about; a file is read when its command is used."""

import gc
from importlib import import_module
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "templates": ("making", "templates", "List the trials to begin from."),
    "new": ("making", "new", "Make a new trial's folder, with the protocol of a template to be edited."),
    "open": (
        "making",
        "open_trial",
        "Open a trial: its protocol, its first investigator and its administrator enter the ledger.",
    ),
    "activate": (
        "making",
        "activate",
        "Activate the folder's working copy of the protocol as a new version.",
    ),
    "demo": (
        "making",
        "demo",
        "Play the shipped trial from its protocol to its report, and serve it on this computer.",
    ),
    "serve": ("making", "serve", "Serve the trial's site on this computer."),
    "delegate": ("accounts", "delegate", "Delegate a role from today on."),
    "account": ("accounts", "account", "Make, close and reset accounts of the trial's site."),
    "check": (
        "checking",
        "check",
        "Check the protocol, then the data: deviations, missing forms, failed edit checks.",
    ),
    "history": ("reading", "history", "Print the audit trail: who did what, when, for when, and why."),
    "verify": ("reading", "verify", "Recompute the whole chain and print the receipt."),
    "trace": (
        "tracing",
        "trace",
        "Trace a donor, material, lot, vessel, dose, participant or event: what it came from, and what came of it.",
    ),
    "explain": (
        "explaining",
        "explain",
        "Explain a number of a report: formula, rows that count or do not and why, and every value's entry.",
    ),
    "changes": (
        "explaining",
        "changes",
        "Say which numbers of the report changed since a receipt, and because of which entries; and write it down.",
    ),
    "cut": (
        "cutting",
        "cut",
        "Name a data cut: the record up to an entry, for reports that can be made again for ever.",
    ),
    "cuts": ("cutting", "cuts", "List the data cuts."),
    "claims": (
        "claims",
        "claims",
        "Judge the numbers and statements of the trial's publication by its published values and by each other.",
    ),
    "adopt-claims": (
        "claims",
        "adopt_claims",
        "Put the folder's claims.yaml on the record: reports from now on judge that copy, earlier ones stay as they are.",
    ),
    "report": (
        "giving",
        "report",
        "Write the report into the folder's reports/: a web page, PDF, a Word document, its tables as CSV.",
    ),
    "terms": (
        "safety",
        "terms",
        "Load a site's own dictionary of event terms, such as the official CTCAE spreadsheet (.xlsx or CSV).",
    ),
    "remind": (
        "safety",
        "remind",
        "Send mail about reporting clocks that run or have run out; to be run every few minutes.",
    ),
    "casebook": (
        "casebooks",
        "casebook",
        "Write casebooks as PDF: blank, annotated, of one participant, or of everybody.",
    ),
    "export": ("giving", "export", "Write the tidy datasets with labels and a data dictionary."),
    "backup": ("giving", "backup", "Write a backup, also while the trial is in use."),
    "restore": ("giving", "restore", "Make a trial's folder again from a backup, verified before and after."),
    "archive": ("giving", "archive", "Write the whole trial for an inspector who has no Charcot."),
}
"""Each command with its file, its function, and what it says about itself in the list."""


class Commands(TyperGroup):
    """The list of commands, of which only the one that is used is read. Typer brings its own copy of click's types."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        module, function, _help = COMMANDS[cmd_name]
        found = getattr(_read(f"charcot.cli.{module}"), function)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
            alone.command(cmd_name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list, without reading the files."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_module, _function, help) in COMMANDS.items()])


def _read(module: str) -> ModuleType:
    """A module with all that it needs; the collector of garbage rests meanwhile, as nothing of it is garbage."""
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()


app = typer.Typer(
    name="charcot",
    help="Runs an early-phase cell-therapy trial in ALS, from the protocol to the published tables.",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def charcot() -> None:
    """Runs an early-phase cell-therapy trial in ALS, from the protocol to the published tables."""


def main() -> None:
    """The command `charcot`."""
    app()
