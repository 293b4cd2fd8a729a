"""The commands of `charcot`, each in the file of what it is about."""

import typer

from charcot.cli import accounts, casebooks, checking, claims, cutting, explaining, giving, making, reading

app = typer.Typer(
    name="charcot",
    help="Runs an early-phase cell-therapy trial in ALS, from the protocol to the published tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("templates")(making.templates)
app.command("new")(making.new)
app.command("open")(making.open_trial)
app.command("activate")(making.activate)
app.command("demo")(making.demo)
app.command("serve")(making.serve)
app.command("delegate")(accounts.delegate)
app.add_typer(accounts.account, name="account")
app.command("check")(checking.check)
app.command("history")(reading.history)
app.command("verify")(reading.verify)
app.command("explain")(explaining.explain)
app.command("changes")(explaining.changes)
app.command("cut")(cutting.cut)
app.command("cuts")(cutting.cuts)
app.command("claims")(claims.claims)
app.command("report")(giving.report)
app.command("casebook")(casebooks.casebook)
app.command("export")(giving.export)
app.command("backup")(giving.backup)
app.command("restore")(giving.restore)
app.command("archive")(giving.archive)


def main() -> None:
    """The command `charcot`."""
    app()
