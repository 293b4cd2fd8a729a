"""What changed in a trial since a receipt was given: the report then against the report now."""

from pathlib import Path

from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Receipt, view_as_of
from charcot.report import Report, make_report, render_html
from charcot.report.changes_section import make_changes_report
from charcot.report.compare import ReportComparison, compare_reports
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import report_of, require_receipt
from charcot.wiring.whole_files import write_whole


def changes_since(
    folder: TrialFolder, receipt: Receipt, moment: str | None = None
) -> tuple[ReportComparison, Report]:
    """The comparison of the report that ended with the receipt's entry with that as of `moment`, and the latter.

    Raises BadValue for a receipt of another trial, BrokenRecord where the record was rewritten since.
    """
    require_receipt(folder.ledger, receipt)
    then = take_snapshot(view_as_of(folder.ledger, receipt.sequence))
    report, snapshot = report_of(folder, moment)
    earlier = make_report(then, derive_datasets(then))
    return compare_reports(earlier, report, then, snapshot), report


def write_changes(folder: TrialFolder, receipt: Receipt, moment: str | None = None) -> Path:
    """Writes `reports/changes-since-N.html`, or `changes-since-N-as-of-M.html`; the same entries give the same bytes."""
    return write_comparison(folder, *changes_since(folder, receipt, moment), moment)


def write_comparison(
    folder: TrialFolder, comparison: ReportComparison, later: Report, moment: str | None = None
) -> Path:
    """Writes a comparison that was made already, as `write_changes` does."""
    html = render_html(make_changes_report(comparison, later))
    until = "" if moment is None else f"-as-of-{comparison.later.sequence}"
    path = folder.path / "reports" / f"changes-since-{comparison.earlier.sequence}{until}.html"
    return write_whole(path, html.encode())
