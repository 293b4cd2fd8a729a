"""Text, HTML, PDF and DOCX are read back: the same cells in every table, the same words in the same order."""

import csv
import io
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser

import docx
import pypdf
import pytest
import typer
from docx.document import Document
from docx.enum.text import WD_UNDERLINE

from charcot.cli.giving import _report_formats
from charcot.report import Report, render_docx, render_pdf, render_table_csv, render_table_text
from charcot.report.document import Block, Figure, Paragraph, Particulars, Points, numbers_shown
from charcot.report.format import format_day
from charcot.report.table import Table, letter_notes, text_of, walk_rows
from charcot.wiring.writing import render_csv_tables

Grid = list[list[str]]


def squeezed(text: str) -> str:
    """Without white space, and without the point that sets off a unit."""
    return re.sub(r"[\s·]+", "", text)


def tables_of(report: Report) -> list[Table]:
    found: list[Table] = []
    for section in report.sections:
        for block in section.blocks:
            table = block.data if isinstance(block, Figure) else block
            if isinstance(table, Table):
                found.append(table)
    return found


def grid_of(table: Table) -> Grid:
    """The rows below the head: labels with unit and letter, then a text for each column."""
    letters = letter_notes(table)
    return [
        [
            squeezed(f"{row.label}{row.unit}{letters.get(row.note, '')}"),
            *(squeezed(row.cells[i].text) if i < len(row.cells) else "" for i in range(len(table.columns))),
        ]
        for _, row in walk_rows(table.rows)
    ]


class PageReader(HTMLParser):
    """Reads the sections of a page: words outside drawings, and the body of every table."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.grids: list[Grid] = []
        self._open: list[str] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag == "tbody":
            self.grids.append([])
        elif tag == "tr" and "tbody" in self._open:
            self.grids[-1].append([])
        elif tag in ("td", "th") and "tbody" in self._open:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        if tag in ("td", "th") and self._cell is not None:
            self.grids[-1][-1].append(squeezed("".join(self._cell)))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if "main" in self._open and "svg" not in self._open:
            self.words.append(data)
            if self._cell is not None:
                self._cell.append(data)


@pytest.fixture(scope="module")
def page_reader(page: str) -> PageReader:
    reader = PageReader()
    reader.feed(page)
    return reader


@pytest.fixture(scope="module")
def word(report: Report) -> Document:
    return docx.Document(io.BytesIO(render_docx(report)))


@pytest.fixture(scope="module")
def paper(report: Report) -> str:
    """The words of the PDF, its running header and footer taken away."""
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(report)))
    words = []
    for place, page in enumerate(reader.pages, 1):
        text = squeezed(page.extract_text())
        text = text.replace(squeezed(f"{report.short_title} · data cut {format_day(report.cut)}"), "", 1)
        text = text.replace(squeezed("· demo: synthetic follow-up"), "", 1)
        text = text.replace(squeezed(f"receipt {report.receipt.sequence}:{report.receipt.hash[:16]}…"), "", 1)
        words.append(text.removesuffix(f"{place}of{len(reader.pages)}"))
    return "".join(words)


def word_tables(word: Document) -> list[Grid]:
    """The bodies of the tables with a head; particulars have none."""
    return [
        [[squeezed(cell.text) for cell in row.cells] for row in table.rows[1:]]
        for table in word.tables
        if table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    ]


def require_words_in_order(report: Report, found: str) -> None:
    """Every piece of the report stands in `found`, one after the other."""
    place = 0
    for section in report.sections:
        place = after(found, section.title, place)
        for block in section.blocks:
            place = after_block(found, block, place)


def after(found: str, text: str, place: int) -> int:
    at = found.find(squeezed(text), place)
    assert at >= 0, f"not found after {found[max(0, place - 60) : place]!r}: {squeezed(text)!r}"
    return at + len(squeezed(text))


def after_block(found: str, block: Block, place: int) -> int:
    match block:
        case Paragraph(pieces=pieces):
            return after(found, text_of(pieces), place)
        case Points(points=parts) | Particulars(facts=parts):
            for name, pieces in parts:
                place = after(found, text_of(pieces), after(found, name, place))
            return place
        case Figure():
            place = after(found, block.title, place)
            caption = after(found, text_of(block.caption), place)  # beside its numbers it may follow them
            return max(caption, place if block.data is None else after_table(found, block.data, place))
        case Table():
            return after_table(found, block, place)


def after_table(found: str, table: Table, place: int) -> int:
    place = after(found, table.title, place)
    for row in grid_of(table):
        place = after(found, "".join(row), place)
    for note in table.notes:
        place = after(found, note, place)
    return place


def test_the_page_has_the_cells_of_every_table(report: Report, page_reader: PageReader) -> None:
    assert page_reader.grids == [grid_of(table) for table in tables_of(report)]


def test_the_word_document_has_the_cells_of_every_table(report: Report, word: Document) -> None:
    assert word_tables(word) == [grid_of(table) for table in tables_of(report)]


def test_csv_and_text_have_the_cells_of_every_table(report: Report) -> None:
    for table in tables_of(report):
        lines = list(csv.reader(io.StringIO(render_table_csv(table))))[1:]
        assert [[squeezed(text) for text in line[1:]] for line in lines] == [
            row[1:] for row in grid_of(table)
        ]
        place = 0
        for row in grid_of(table):
            place = after(squeezed(render_table_text(table)), "".join(row[1:]), place)


def test_the_tables_are_packed_as_csv_once_each(report: Report) -> None:
    packed = render_csv_tables(report)
    assert render_csv_tables(report) == packed
    with zipfile.ZipFile(io.BytesIO(packed)) as parts:
        assert {name: parts.read(name).decode() for name in parts.namelist()} == {
            f"{table.id}.csv": render_table_csv(table) for table in tables_of(report)
        }


def test_formats_are_asked_for_by_name() -> None:
    assert _report_formats("html, PDF,docx") == ("html", "pdf", "docx")
    with pytest.raises(typer.BadParameter, match="xls is no format"):
        _report_formats("pdf,xls")


def test_the_page_has_all_words_in_order(report: Report, page_reader: PageReader) -> None:
    require_words_in_order(report, squeezed("".join(page_reader.words)))


def test_the_pdf_has_all_words_and_cells_in_order(report: Report, paper: str) -> None:
    require_words_in_order(report, paper)


def test_the_word_document_has_all_words_in_order(report: Report, word: Document) -> None:
    texts = [text.text or "" for text in word.element.body.iter() if text.tag.endswith("}t")]
    require_words_in_order(report, squeezed("".join(texts)))


def test_the_word_document_underlines_what_is_synthetic_and_nothing_else(
    report: Report, word: Document
) -> None:
    paragraphs = [*word.paragraphs, *(p for t in word.tables for c in t._cells for p in c.paragraphs)]
    dotted = Counter(
        run.text for p in paragraphs for run in p.runs if run.font.underline == WD_UNDERLINE.DOTTED
    )
    blocks = [
        number
        for section in report.sections
        for block in section.blocks
        for number in numbers_outside_drawings(block)
    ]
    expected = Counter(number.text for number in blocks if number.result.id in report.synthetic)
    assert dotted == expected + Counter(["dotted underline"])
    assert {n.result.id for n in blocks} <= {n.result.id for n in numbers_shown(report.sections)}


def numbers_outside_drawings(block: Block):  # type: ignore[no-untyped-def]  # tests are not typed strictly
    from dataclasses import replace

    from charcot.report.document import Section

    plain = replace(block, drawn=(), whole=None) if isinstance(block, Figure) else block
    return numbers_shown((Section("one", "", (plain,)),))
