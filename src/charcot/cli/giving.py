"""Commands that give something out: report, export, backup, restore, archive."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say
from charcot.cli.report_kinds import ReportKind
from charcot.cli.summary import say_summary
from charcot.ledger import parse_receipt
from charcot.wiring import writing
from charcot.wiring.changes import write_changes
from charcot.wiring.folder import open_folder, restore_folder
from charcot.wiring.looking import receipt_of

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="ENTRY|TIME|CUT", help="As it was at an entry, a time, or a named cut."),
]


class FileFormat(StrEnum):
    """What datasets are written as."""

    csv = "csv"
    parquet = "parquet"
    sav = "sav"
    dta = "dta"


def report(
    folder: Folder,
    formats: Annotated[
        str,
        typer.Option("--format", metavar="html,pdf,docx,csv", help="One or more, with commas between."),
    ] = "html",
    as_of: AsOf = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="RECEIPT|CUT", help="Write also what changed since this receipt or data cut."),
    ] = None,
    kind: Annotated[
        ReportKind, typer.Option(help="The whole report, or the one to the safety board.")
    ] = ReportKind.full,
) -> None:
    """Write the report into the folder's reports/: a web page, PDF, a Word document, its tables as CSV."""
    with refusals_in_words():
        trial = open_folder(folder)
        chosen = _report_formats(formats)
        if kind is ReportKind.safety:
            last = receipt_of(trial, since) if since else None
            for path in writing.write_safety_reports(trial, chosen, as_of, last):
                say(f"Written: {path}")
            return
        changes = [write_changes(trial, receipt_of(trial, since), as_of)] if since else []
        for path in (*writing.write_reports(trial, chosen, as_of), *changes):
            say(f"Written: {path}")


def _report_formats(text: str) -> tuple[writing.ReportFormat, ...]:
    """The formats that `text` names; those that do not exist are said, with those that do."""
    asked = [part.strip().lower() for part in text.split(",") if part.strip()]
    known = {str(each): each for each in writing.RENDERERS}
    unknown = [each for each in asked if each not in known]
    if unknown or not asked:
        raise typer.BadParameter(
            f"{', '.join(unknown) or 'nothing'} is no format of the report; choose from {', '.join(known)}.",
            param_hint="--format",
        )
    return tuple(known[each] for each in asked)


def export(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder for the datasets.")],
    to: Annotated[FileFormat, typer.Option(help="csv, parquet, sav (SPSS) or dta (Stata).")],
    as_of: AsOf = None,
    forms: Annotated[
        bool, typer.Option("--forms", help="Only the tables of forms, as they were filled: the quickest.")
    ] = False,
) -> None:
    """Write the tidy datasets with labels and a data dictionary."""
    with refusals_in_words():
        written = writing.export_datasets(open_folder(folder), out, to.value, as_of, forms_only=forms)
    say(f"Written: {len(written)} files in {out}. Begin with README.txt and data-dictionary.csv.")


def backup(
    folder: Folder,
    target: Annotated[Path | None, typer.Argument(metavar="FILE", help="The backup to write (.zip).")] = None,
) -> None:
    """Write a backup, also while the trial is in use."""
    with refusals_in_words():
        trial = open_folder(folder)
        head = trial.ledger.head().sequence
        written = writing.back_up(trial, target or Path(f"{trial.path.name}-backup-{head}.zip"))
    say(f"Written: {written.path}")
    say(f"Receipt: {written.receipt}")
    say(str(written.not_copied))


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup to read.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for the trial.")],
    against: Annotated[str | None, typer.Option(help="A receipt that was kept outside.")] = None,
) -> None:
    """Make a trial's folder again from a backup, verified before and after."""
    with refusals_in_words():
        trial = restore_folder(source, folder, against=parse_receipt(against) if against else None)
        say_summary(trial)


def archive(
    folder: Folder,
    target: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="A new folder for the archive.")
    ] = None,
) -> None:
    """Write the whole trial for an inspector who has no Charcot."""
    with refusals_in_words():
        trial = open_folder(folder)
        written = writing.archive_trial(trial, target or trial.path.with_name(f"{trial.path.name}-archive"))
    say(
        f"Written: {written.path} ({written.files} files). It explains and verifies itself: README.txt, verify.py."
    )
    say(f"Receipt: {written.receipt}")
    say(f"Note this elsewhere: SHA-256 of manifest.csv {written.manifest_sha256}")
