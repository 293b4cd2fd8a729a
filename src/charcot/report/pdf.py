"""The report as PDF, set by typst: tagged, archivable, its fonts inside; the same report gives the same bytes."""

import json
from datetime import UTC, datetime

from charcot.report.document import Report
from charcot.report.typst_data import derive_typst_data
from charcot.report.typst_setting import Standard, render_typst

STANDARDS: tuple[Standard, ...] = ("a-2a", "ua-1")
"""PDF/A-2a to be kept for decades, PDF/UA-1 to be read aloud."""


def render_pdf(report: Report) -> bytes:
    """The report on A4. Texts reach the template as data, so that nothing in them can act as markup."""
    made_on = datetime(report.cut.year, report.cut.month, report.cut.day, tzinfo=UTC)
    return render_typst(
        "report.typ",
        {
            "report": json.dumps(derive_typst_data(report), ensure_ascii=False),
            "direction": report.direction,
        },
        "pdf",
        standards=STANDARDS,
        timestamp=int(made_on.timestamp()),
    )
