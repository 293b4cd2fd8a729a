"""Commands that lead from a number to what it came from: explain, changes."""

from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say, say_json
from charcot.cli.report_kinds import ReportKind
from charcot.ledger import parse_receipt
from charcot.report.changes_section import changes_data, render_changes_text
from charcot.report.explain import explain_result, list_results
from charcot.report.explain_text import explanation_data, render_explanation
from charcot.wiring.changes import changes_since, write_comparison
from charcot.wiring.folder import open_folder
from charcot.wiring.looking import report_of, safety_report_of

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="ENTRY|TIME|CUT", help="As it was at an entry, a time or a named data cut."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For other programs.")]

OF_THE_BOARD = "safety."
"""How the ids begin of numbers that only the report to the safety board has."""


def explain(
    folder: Folder,
    result: Annotated[
        str | None,
        typer.Argument(metavar="RESULT-ID", help="Such as table1.age.mean; without it, all ids are listed."),
    ] = None,
    as_of: AsOf = None,
    every_row: Annotated[bool, typer.Option("--all", help="List every row, however many.")] = False,
    as_json: AsJson = False,
    kind: Annotated[
        ReportKind | None,
        typer.Option(
            help="Of which report; without it, that to the safety board for ids that begin with safety."
        ),
    ] = None,
) -> None:
    """Explain a number of a report: formula, rows that count or do not and why, and every value's entry."""
    if kind is None:
        kind = ReportKind.safety if (result or "").startswith(OF_THE_BOARD) else ReportKind.full
    with refusals_in_words():
        make = safety_report_of if kind is ReportKind.safety else report_of
        report, snapshot = make(open_folder(folder), as_of)
        if result is None:
            listed = list_results(report)
            if as_json:
                say_json([{"id": id, "label": label, "value": value} for id, label, value in listed])
                return
            widest = max((len(id) for id, _, _ in listed), default=0)
            for id, label, value in listed:
                say(f"{id:<{widest}}  {value:>14}  {label}")
            return
        explanation = explain_result(report, snapshot, result)
    if as_json:
        say_json(explanation_data(explanation))
    else:
        say(render_explanation(explanation, every_row=every_row))


def changes(
    folder: Folder,
    since: Annotated[str, typer.Option(metavar="RECEIPT", help="The receipt of the earlier report.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Say which numbers of the report changed since a receipt, and because of which entries; and write it down."""
    with refusals_in_words():
        trial = open_folder(folder)
        comparison, report = changes_since(trial, parse_receipt(since), as_of)
        if as_json:
            say_json(changes_data(comparison))
            return
        written = write_comparison(trial, comparison, report, as_of)
    say(render_changes_text(comparison))
    say()
    say(f"Written: {written}")
