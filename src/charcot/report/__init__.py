"""Report: results as tables, figures and documents; every number in them knows its result."""

from charcot.report.document import Report
from charcot.report.docx import render_docx
from charcot.report.html import render_html
from charcot.report.make import make_report
from charcot.report.pdf import render_pdf
from charcot.report.text import render_table_csv, render_table_text

__all__ = [
    "Report",
    "make_report",
    "render_docx",
    "render_html",
    "render_pdf",
    "render_table_csv",
    "render_table_text",
]
