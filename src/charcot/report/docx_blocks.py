"""The blocks of a report as parts of a Word document: paragraphs, points, particulars, tables and figures."""

import io
from collections.abc import Mapping
from concurrent.futures import Future
from math import floor
from typing import assert_never

from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_UNDERLINE
from docx.shared import Mm

from charcot.report.document import Block, Figure, Paragraph, Particulars, Points, Report
from charcot.report.docx_columns import WordColumn, group_columns, least_width, measure_columns
from charcot.report.docx_style import LANDSCAPE, PORTRAIT, set_page, set_running
from charcot.report.docx_table import fill_particulars, fill_table
from charcot.report.docx_words import add_pieces, add_raised, add_text, clean_text
from charcot.report.format import format_day
from charcot.report.table import Pieces, Table, Verbatim, letter_notes
from charcot.report.typst_data import BANDS
from charcot.report.typst_drawing import size_of_drawing

PIXEL = 25.4 / 96
"""Size of a unit of a drawing [mm]."""

TALLEST, NARROW = 200.0, 88.0
"""Most that a drawing may measure from top to bottom, and across where it is a narrow one [mm]."""

GAP = 2.0
"""Space between two drawings beside each other [mm]."""

STYLES = {"plain": "Normal", "notice": "Notice", "small": "Small"}


class BlockWriter:
    """Adds the blocks of one report to a document. `pictures` has the PNG of each drawing, made or in the making."""

    def __init__(self, document: WordDocument, report: Report, pictures: Mapping[str, Future[bytes]]) -> None:
        self._pictures = pictures
        self._document, self._report, self._synthetic = document, report, report.synthetic

    def add_front(self) -> None:
        """Band, title, particulars, and what the dotted line means."""
        report = self._report
        if band := BANDS.get(report.purpose):
            self._document.add_paragraph(band, style="Band")
        self._document.add_paragraph("Trial report", style="Kicker")
        self._document.add_paragraph(clean_text(report.title), style="Title")
        facts: list[tuple[str, Pieces]] = [(name, (text,)) for name, text in report.facts]
        facts += [
            ("Protocol", (f"version {report.protocol_version}",)),
            ("Data cut", (f"{format_day(report.cut)}, entry {report.receipt.sequence}",)),
            ("Receipt", (Verbatim(str(report.receipt)),)),
        ]
        self._particulars(tuple(facts))
        if self._synthetic:
            legend = self._document.add_paragraph(style="Note")
            add_text(legend, "Numbers with a ")
            add_text(legend, "dotted underline").font.underline = WD_UNDERLINE.DOTTED
            add_text(legend, " rest on synthetic values.")

    def add_block(self, block: Block) -> None:
        """Adds one block of whatever kind."""
        match block:
            case Table():
                self._table(block)
            case Paragraph(pieces=pieces, kind=kind):
                paragraph = self._document.add_paragraph(style=STYLES[kind])
                add_pieces(paragraph, pieces, self._synthetic)
            case Points(points=points):
                self._points(points)
            case Particulars(facts=facts):
                self._particulars(facts)
            case Figure():
                self._figure(block)
            case _:
                assert_never(block)

    def _points(self, points: tuple[tuple[str, Pieces], ...]) -> None:
        for term, pieces in points:
            paragraph = self._document.add_paragraph(style="List Bullet")
            if term:
                add_text(paragraph, f"{term}. ", bold=True)
            add_pieces(paragraph, pieces, self._synthetic)

    def _particulars(self, facts: tuple[tuple[str, Pieces], ...]) -> None:
        if facts:
            fill_particulars(self._document.add_table(0, 2), facts, PORTRAIT, self._synthetic)
            self._space()

    def _space(self) -> None:
        """A thin paragraph, so that Word does not run two tables into one."""
        self._document.add_paragraph(style="Note")

    def _table(self, table: Table) -> None:
        columns = measure_columns(table)
        turned = PORTRAIT < least_width(columns) <= LANDSCAPE
        room = LANDSCAPE if turned else PORTRAIT
        if turned:
            self._turn(turned=True)
        self._document.add_heading(clean_text(table.title), 2)
        if table.caption:
            caption = self._document.add_paragraph(style="Table Caption")
            add_pieces(caption, table.caption, self._synthetic)
        for place, group in enumerate(group_columns(columns, room)):
            if place:
                self._space()
                self._document.add_paragraph("continued", style="Table Caption")
            self._group(table, [columns[0], *group], room)
        self._notes(table)
        if turned:
            self._turn(turned=False)

    def _group(self, table: Table, columns: list[WordColumn], room: float) -> None:
        grid = self._document.add_table(1, len(columns))
        fill_table(grid, table, columns, room, self._synthetic)

    def _notes(self, table: Table) -> None:
        """Footnotes; the thin paragraph after them keeps the next table apart."""
        for text, letter in letter_notes(table).items():
            paragraph = self._document.add_paragraph(style="Note")
            add_raised(paragraph, letter)
            add_text(paragraph, f" {text}")
        for text in table.notes:
            add_text(self._document.add_paragraph(style="Note"), text)
        self._space()

    def _turn(self, *, turned: bool) -> None:
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        set_page(section, turned=turned)
        set_running(section, self._report, turned=turned)

    def _figure(self, figure: Figure) -> None:
        self._document.add_heading(clean_text(figure.title), 2)
        if figure.svgs:
            self._drawings(figure)
        if figure.caption:
            caption = self._document.add_paragraph(style="Figure Caption")
            add_pieces(caption, figure.caption, self._synthetic)
        if figure.data is not None:
            self._table(figure.data)

    def _drawings(self, figure: Figure) -> None:
        """The drawings in one paragraph; those that fit beside each other stand so."""
        room = NARROW if figure.narrow else PORTRAIT
        sizes = [size_of_drawing(svg) for svg in figure.svgs]
        widest = max(width for width, _ in sizes) * PIXEL
        count = min(max(1, floor((room + GAP) / (0.76 * widest + GAP))), len(sizes))
        each = (room - GAP * (count - 1)) / count
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        for place, (svg, (width, height)) in enumerate(zip(figure.svgs, sizes, strict=True)):
            shown = min(each, width * PIXEL * 0.88, TALLEST * width / height)
            picture = io.BytesIO(self._pictures[svg].result())
            inline = paragraph.add_run().add_picture(picture, Mm(shown))._inline
            described = f"{figure.title}, part {place + 1}: described with part 1"
            inline.docPr.set("descr", clean_text(described if place else figure.alt))
            inline.docPr.set("title", clean_text(figure.title))
