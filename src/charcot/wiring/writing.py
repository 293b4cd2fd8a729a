"""What a trial gives out: reports, datasets, backups and archives."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Literal

from charcot.conduct import read_charter
from charcot.datasets import Dataset, derive_datasets
from charcot.exchange.archive import ArchiveWritten, write_archive
from charcot.exchange.backup import BackupWritten, write_backup
from charcot.exchange.casebooks import casebook_tables
from charcot.exchange.csv_tables import CsvTable, dataset_tables
from charcot.exchange.datasets import write_datasets
from charcot.exchange.oversight import oversight_tables
from charcot.ledger import Kind, Receipt
from charcot.refusal import OutOfOrder
from charcot.report import Report, make_report, render_docx, render_html, render_pdf, render_table_csv
from charcot.report.document import Figure
from charcot.report.figures.beside import drawing_beside
from charcot.report.safety_report import make_safety_report
from charcot.report.table import Table
from charcot.wiring.claims import CLAIMS
from charcot.wiring.collecting import collector_paused
from charcot.wiring.folder import TrialFolder
from charcot.wiring.kept_forms import KEPT, form_tables
from charcot.wiring.looking import require_receipt, snapshot_of, trial_id, verify_folder
from charcot.wiring.whole_files import WRITING, write_whole

DEMO_NOTE = (
    "This is a demonstration. The baseline is as published; what the publication does not print is synthetic. "
    "The column `origin` says which."
)


ReportFormat = Literal["html", "pdf", "docx", "csv"]


def render_csv_tables(report: Report) -> bytes:
    """A .zip with one CSV a table, named by the table's id; numbers of figures are tables too."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as together:
        for table in tables_of(report):
            part = zipfile.ZipInfo(f"{table.id}.csv", (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            together.writestr(part, render_table_csv(table))
    return made.getvalue()


def tables_of(report: Report) -> Iterator[Table]:
    """Every table of a report in reading order, with those of its figures."""
    for section in report.sections:
        for block in section.blocks:
            table = block.data if isinstance(block, Figure) else block
            if isinstance(table, Table):
                yield table


RENDERERS: Mapping[ReportFormat, Callable[[Report], str | bytes]] = {
    "html": render_html,
    "pdf": render_pdf,
    "docx": render_docx,
    "csv": render_csv_tables,
}
"""What each format is made by."""

ENDINGS: Mapping[ReportFormat, str] = {"csv": "csv.zip"}
"""How the file of a format ends, where not as the format is called."""


def write_report(folder: TrialFolder, moment: str | None = None) -> Path:
    """Writes `reports/report.html`, or `report-as-of-N.html`; the same entries give the same bytes."""
    return write_reports(folder, ("html",), moment)[0]


def write_reports(
    folder: TrialFolder, formats: Sequence[ReportFormat], moment: str | None = None
) -> tuple[Path, ...]:
    """Writes the report in each of `formats`, from one and the same computation; no file is ever half written."""
    with collector_paused(), drawing_beside():
        snapshot = snapshot_of(folder, moment)
        report = make_report(snapshot, derive_datasets(snapshot))
        made = _render_all(report, tuple(dict.fromkeys(formats)))
    name = "report" if moment is None else f"report-as-of-{snapshot.head.sequence}"
    return tuple(
        write_whole(folder.path / "reports" / f"{name}.{ENDINGS.get(each, each)}", content)
        for each, content in made.items()
    )


def _render_all(report: Report, formats: Sequence[ReportFormat]) -> dict[ReportFormat, bytes]:
    """Each format; the PDF, most of whose work is not done in Python, beside the others."""
    with ThreadPoolExecutor(1) as beside:
        pdf = beside.submit(render_pdf, report) if "pdf" in formats else None
        made: dict[ReportFormat, str | bytes] = {
            each: RENDERERS[each](report) for each in formats if each != "pdf"
        }
        if pdf is not None:
            made["pdf"] = pdf.result()
    return {each: _as_bytes(made[each]) for each in formats}


def _as_bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def write_safety_reports(
    folder: TrialFolder,
    formats: Sequence[ReportFormat],
    moment: str | None = None,
    since: Receipt | None = None,
) -> tuple[Path, ...]:
    """Writes the report to the safety board; `since`: the receipt of the last one, which the record must still hold."""
    if since is not None:
        require_receipt(folder.ledger, since)
    snapshot = snapshot_of(folder, moment)
    before = None if since is None else snapshot_of(folder, str(since.sequence))
    name = "safety" if moment is None else f"safety-as-of-{snapshot.head.sequence}"
    written = []
    with collector_paused():
        report = make_safety_report(snapshot, before)
        for each in dict.fromkeys(formats):
            made = render_safety_html(report) if each == "html" else RENDERERS[each](report)
            path = folder.path / "reports" / f"{name}.{ENDINGS.get(each, each)}"
            written.append(write_whole(path, _as_bytes(made)))
    return tuple(written)


def render_safety_html(report: Report) -> str:
    """The page of the safety report as a file; it carries what is behind its numbers where not too many people are in it."""
    return render_html(report, carries_lineage=len(report.snapshot.dossiers) <= MOST_CARRIED)


MOST_CARRIED = 200
"""Participants up to whom the page of the safety report carries the rows behind its numbers."""


def export_datasets(
    folder: TrialFolder,
    out: Path,
    file_format: Literal["csv", "parquet", "sav", "dta"],
    moment: str | None = None,
    *,
    forms_only: bool = False,
) -> tuple[Path, ...]:
    """Writes every tidy dataset into the new folder `out`, with a data dictionary.

    With `forms_only` only the tables of forms; of the present they come from rows that are kept beside the record.
    """
    datasets: Mapping[str, Dataset] | Mapping[str, CsvTable]
    if forms_only and moment is None:
        datasets, snapshot = form_tables(folder.ledger, folder.path / "local" / KEPT)
    else:
        snapshot = snapshot_of(folder, moment)
        with collector_paused():
            datasets = derive_datasets(snapshot)
        if forms_only:
            datasets = {name: made for name, made in datasets.items() if name.startswith("form_")}
    return write_datasets(
        datasets,
        out,
        file_format,
        cut=datetime.fromisoformat(snapshot.head.recorded_at),
        receipt=snapshot.receipt,
        note=DEMO_NOTE if snapshot.charter.purpose == "demo" else "",
    )


def back_up(folder: TrialFolder, target: Path) -> BackupWritten:
    """Writes a backup while the trial goes on; it holds all entries up to its receipt."""
    head = folder.ledger.head()
    receipt = Receipt(_require_trial_id(folder), head.sequence, head.hash)
    return write_backup(
        target, folder=folder.path, rows=folder.ledger.rows(until=head.sequence), receipt=receipt
    )


def archive_trial(folder: TrialFolder, target: Path) -> ArchiveWritten:
    """Writes the archive for an inspector. A record that does not hold is archived as it is, without tables."""
    head = folder.ledger.head()
    receipt = Receipt(_require_trial_id(folder), head.sequence, head.hash)
    holds = verify_folder(folder).fault is None
    return write_archive(
        target,
        rows=folder.ledger.rows(until=head.sequence),
        receipt=receipt,
        protocol_files=(_protocols(folder) if holds else folder.protocol_files()) | _claims(folder),
        tables=_tables(folder) if holds else {},
        documents={
            p.name: p.read_bytes()
            for p in sorted((folder.path / "reports").iterdir())
            if p.suffix != WRITING and p.is_file()
        },
        attachments=_attachments(folder.path / "attachments"),
    )


def _tables(folder: TrialFolder) -> Mapping[str, str]:
    snapshot = snapshot_of(folder)
    datasets = dataset_tables(derive_datasets(snapshot))
    return {**casebook_tables(snapshot), **oversight_tables(snapshot), **datasets}


def _protocols(folder: TrialFolder) -> dict[str, str]:
    """Every activated version as the ledger holds it, in a folder of its own."""
    return {
        f"{entry.data['version']}/{name}": text
        for entry in folder.ledger.entries(subjects=["trial"])
        if entry.kind is Kind.PROTOCOL_ACTIVATED
        for name, text in entry.data["files"].items()
    }


def _claims(folder: TrialFolder) -> dict[str, str]:
    """The working copy of the claims, and every version that was adopted, under the number of its entry."""
    path = folder.path / CLAIMS
    working = {CLAIMS: path.read_text(encoding="utf-8")} if path.is_file() else {}
    if verify_folder(folder).fault is not None:
        return working
    adopted = read_charter(folder.ledger).claims
    return working | {f"claims-adopted-{found.entry.sequence}.yaml": found.text for found in adopted}


def _attachments(directory: Path) -> dict[str, Path]:
    return {str(path.relative_to(directory)): path for path in sorted(directory.rglob("*")) if path.is_file()}


def _require_trial_id(folder: TrialFolder) -> str:
    name = trial_id(folder)
    if name is None:
        raise OutOfOrder(
            "No trial has been opened in this folder yet, so there is nothing to copy.",
            rule="Ledger: the first entry opens the trial",
            next_step="Open the trial first: charcot open DIR.",
        )
    return name
