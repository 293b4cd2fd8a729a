import io
import zipfile
from dataclasses import replace
from datetime import datetime

import docx
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from charcot.analysis import Result, Selection
from charcot.report import Report, render_docx
from charcot.report.document import Figure, Paragraph, Section
from charcot.report.format import Format
from charcot.report.table import Number, Table, TableCell, TableColumn, TableRow

EVIL = '<w:t>a</w:t> & "b" ]]> \x07 متن فارسی'


def with_blocks(report: Report, *blocks: object) -> Report:
    return replace(report, sections=(Section("made", EVIL, blocks),))  # type: ignore[arg-type]  # one test hands over what is no block


def wide(columns: int) -> Table:
    heads = tuple(TableColumn(f"Heading {place}", kind="text") for place in range(columns))
    cells = (TableCell(("a phrase of a few words",)),) * columns
    return Table(
        "wide", f"{columns} columns", "Label", heads, tuple(TableRow(f"{i}", cells) for i in range(3))
    )


@pytest.fixture(scope="module")
def made(report: Report) -> bytes:
    return render_docx(report)


@pytest.fixture(scope="module")
def document(made: bytes) -> Document:
    return docx.Document(io.BytesIO(made))


def test_the_same_report_gives_the_same_bytes(made: bytes, report: Report) -> None:
    assert render_docx(report) == made
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {part.date_time[:3] for part in parts.infolist()} == {
            (report.cut.year, report.cut.month, report.cut.day)
        }


def test_the_document_says_what_it_is(document: Document, report: Report) -> None:
    about = document.core_properties
    assert about.title == report.title[:255]
    assert about.keywords == str(report.receipt)
    assert about.created == about.modified
    assert about.created is not None and about.created.replace(tzinfo=None) == datetime(
        report.cut.year, report.cut.month, report.cut.day
    )


def test_headings_are_styles(document: Document, report: Report) -> None:
    found = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert found == [section.title for section in report.sections]


def test_heads_of_tables_repeat_and_rows_stay_whole(document: Document, report: Report) -> None:
    headed = [t for t in document.tables if t.rows[0]._tr.xpath("./w:trPr/w:tblHeader")]
    assert len(headed) == len(
        [b for s in report.sections for b in s.blocks if isinstance(b, Table) or getattr(b, "data", None)]
    )
    for table in headed:
        assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)
        borders = table._tbl.tblPr.find(qn("w:tblBorders"))
        assert [side.tag.split("}")[1] for side in borders] == ["top", "bottom"]


def test_the_running_header_and_footer(document: Document, report: Report) -> None:
    for section in document.sections:
        above = section.header.paragraphs[0].text
        assert report.short_title in above and report.receipt.hash[:16] in above
        assert "demo: synthetic follow-up" in above
        codes = [found.text for found in section.footer._element.iter(qn("w:instrText"))]
        assert codes == [" PAGE ", " NUMPAGES "]


def test_drawings_are_described(document: Document, report: Report) -> None:
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    figures = [b for s in report.sections for b in s.blocks if isinstance(b, Figure) and b.svgs]
    assert len(described) == sum(len(figure.svgs) for figure in figures)
    assert [text for text in described if "described with part 1" not in text] == [f.alt for f in figures]


def test_numbers_of_unlike_precision_stand_on_a_decimal_tab(report: Report) -> None:
    values = (
        Number(Result("a", "a", Selection("people"), "mean", value, 3), Format(2, trim=True))
        for value in (5.0, 12.25)
    )
    table = Table(
        "t", "T", "", (TableColumn("Mean"),), tuple(TableRow("r", (TableCell((v,)),)) for v in values)
    )
    found = docx.Document(io.BytesIO(render_docx(with_blocks(report, table)))).tables[-1]
    for row in found.rows[1:]:
        stops = row.cells[1].paragraphs[0].paragraph_format.tab_stops
        assert [str(stop.alignment).split()[0] for stop in stops] == ["DECIMAL"]
        assert 0 < stops[0].position < found.columns[1].width


@pytest.mark.parametrize("columns", [3, 9, 30])
def test_no_table_is_wider_than_its_page(report: Report, columns: int) -> None:
    found = docx.Document(io.BytesIO(render_docx(with_blocks(report, wide(columns)))))
    turned = [s for s in found.sections if s.orientation == WD_ORIENT.LANDSCAPE]
    section = turned[0] if turned else found.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    tables = [t for t in found.tables if t.rows[0]._tr.xpath("./w:trPr/w:tblHeader")]
    assert all(sum(column.width for column in table.columns) <= room * 1.001 for table in tables)
    heads = [cell.text for table in tables for cell in table.rows[0].cells[1:]]
    assert heads == [f"Heading {place}" for place in range(columns)]
    assert bool(turned) == (columns == 9)


def test_texts_never_act_as_markup(report: Report) -> None:
    made = with_blocks(replace(report, title=EVIL, short_title=EVIL), Paragraph((EVIL,)), wide(2))
    found = docx.Document(io.BytesIO(render_docx(made)))
    shown = EVIL.replace("\x07", "[U+0007]")
    assert [p.text for p in found.paragraphs].count(shown) == 3
    assert found.core_properties.title == shown


def test_a_block_of_an_unknown_kind_is_refused_loudly(report: Report) -> None:
    with pytest.raises(AssertionError):
        render_docx(with_blocks(report, object()))
