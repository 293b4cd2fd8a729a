"""The report as a Word document: headings by style, tables to be edited; the same report gives the same bytes."""

import io
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from docx import Document
from docx.document import Document as WordDocument

from charcot.report.document import Figure, Report
from charcot.report.docx_blocks import BlockWriter
from charcot.report.docx_direction import set_directions
from charcot.report.docx_style import FONT_TABLE, set_page, set_running, set_styles
from charcot.report.docx_words import clean_text
from charcot.report.format import format_day
from charcot.report.typst_drawing import render_drawing_png


def render_docx(report: Report) -> bytes:
    """The report as a .docx on A4. Every time in the file is that of the data cut."""
    document = Document()
    set_styles(document, report.language)
    set_page(document.sections[0])
    set_running(document.sections[0], report)
    _set_properties(document, report)
    drawings = [svg for figure in _figures(report) for svg in figure.svgs]
    with ThreadPoolExecutor(1) as beside:  # drawing is not done in Python, so it does not wait for the tables
        pictures = {svg: beside.submit(render_drawing_png, svg) for svg in drawings}
        writer = BlockWriter(document, report, pictures)
        writer.add_front()
        for section in report.sections:
            document.add_heading(clean_text(section.title), 1)
            for block in section.blocks:
                writer.add_block(block)
    if report.direction == "rtl":
        set_directions(document)
    made = io.BytesIO()
    document.save(made)
    return _pack_again(made.getvalue(), report)


def _figures(report: Report) -> Iterator[Figure]:
    return (block for section in report.sections for block in section.blocks if isinstance(block, Figure))


def _set_properties(document: WordDocument, report: Report) -> None:
    cut = datetime(report.cut.year, report.cut.month, report.cut.day)  # noqa: DTZ001 # python-docx takes UTC without a zone
    about = document.core_properties
    about.title = clean_text(report.title)[:255]
    about.subject = clean_text(f"{report.short_title}, data cut {format_day(report.cut)}")[:255]
    about.keywords = clean_text(str(report.receipt))[:255]
    about.language = report.language
    about.author = about.last_modified_by = "Charcot"
    about.comments, about.category, about.revision = "", "clinical trial report", 1
    about.created = about.modified = cut


def _pack_again(data: bytes, report: Report) -> bytes:
    """The same parts in the same order, each dated with the cut; fonts named with what may stand for them."""
    moment = (max(report.cut.year, 1980), report.cut.month, report.cut.day, 0, 0, 0)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, moment)
            part.compress_type, part.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(part, FONT_TABLE if name == "word/fontTable.xml" else old.read(name))
    return made.getvalue()
