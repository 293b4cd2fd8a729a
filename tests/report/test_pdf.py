import io
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
import typst

from charcot import report as room
from charcot.analysis import Result, Selection
from charcot.ledger import Ledger
from charcot.report import Report, render_pdf
from charcot.report.document import Figure, Paragraph, Particulars, Points, Section
from charcot.report.pdf import STANDARDS, derive_typst_data, json
from charcot.report.table import Number, Table, TableCell, TableColumn, TableRow, Verbatim
from charcot.report.typst_drawing import resolve_drawing

EVIL = r'#panic("x") $a$ @ref *b* _c_ <d> \e `f` [g] {h} //i /*j*/ ~ -- "k" &amp; %'
PERSIAN = "متن فارسی"
NUMBER = Number(Result("made", "made", Selection("people"), "mean", -12345.678, 3))
POINTS_PER_MM = 72 / 25.4


def wide(columns: int, kind: str, rows: int = 5, text: str = "a phrase of words") -> Table:
    cell = TableCell((NUMBER, " to ", NUMBER)) if kind == "number" else TableCell((text,))
    return Table(
        f"wide-{columns}",
        f"{columns} columns of {kind}",
        "Label",
        tuple(TableColumn(f"Heading {place}", "unit", kind=kind) for place in range(columns)),  # type: ignore[arg-type]  # the two kinds are given by parameters
        tuple(TableRow(f"Row {line}", (cell,) * columns) for line in range(rows)),
        notes=("A note " + EVIL,),
    )


def with_blocks(report: Report, *blocks: object) -> Report:
    return replace(report, sections=(Section("made", "Made " + EVIL, blocks),))  # type: ignore[arg-type]  # one test hands over what is no block


def read_pdf(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def words_of(reader: pypdf.PdfReader) -> str:
    return "".join(re.sub(r"\s", "", page.extract_text()) for page in reader.pages)


@pytest.fixture(scope="module")
def pdf(report: Report) -> bytes:
    return render_pdf(report)


@pytest.fixture(scope="module")
def wide_report(report: Report) -> Report:
    figure = next(b for s in report.sections for b in s.blocks if isinstance(b, Figure))
    return with_blocks(
        report,
        *(wide(columns, "number", 3) for columns in (3, 6, 9, 14, 30)),
        *(wide(columns, "text") for columns in (4, 9, 20)),
        wide(2, "text", 2, "x" * 300),
        wide(1, "text", 16, "many words " * 60),
        replace(figure, drawings=figure.drawings * 4),
        Paragraph((Verbatim("y" * 400),)),
    )


def test_the_same_entries_give_the_same_bytes_here_and_elsewhere(
    pdf: bytes, report: Report, ledger: Ledger, tmp_path: Path
) -> None:
    assert render_pdf(report) == pdf
    (tmp_path / "entries").write_bytes(pickle.dumps(tuple(ledger.entries())))
    script = (
        "import pickle, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]); here = Path(sys.argv[1])\n"
        "from charcot.datasets import derive_datasets\n"
        "from charcot.report import make_report, render_docx, render_pdf\n"
        "from report.shipped_trial import snapshot_of_entries\n"
        "snapshot = snapshot_of_entries(pickle.loads((here / 'entries').read_bytes()))\n"
        "report = make_report(snapshot, derive_datasets(snapshot))\n"
        "(here / 'pdf').write_bytes(render_pdf(report)); (here / 'docx').write_bytes(render_docx(report))"
    )
    elsewhere = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "17", "LC_ALL": "C"}
    rooms = str(Path(__file__).parents[1])
    subprocess.run([sys.executable, "-c", script, str(tmp_path), rooms], check=True, env=elsewhere)
    assert (tmp_path / "pdf").read_bytes() == pdf
    assert (tmp_path / "docx").read_bytes() == room.render_docx(report)


def test_the_file_says_what_it_is(pdf: bytes, report: Report) -> None:
    reader = read_pdf(pdf)
    root = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == report.title
    assert str(report.receipt) in str(reader.metadata["/Keywords"])
    assert str(reader.metadata["/CreationDate"]).startswith(f"D:{report.cut:%Y%m%d}")
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    about = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part>1<", about) and re.search(r"pdfaid:part>2<", about)
    assert [entry.title for entry in reader.outline] == [section.title for section in report.sections]


def test_only_fonts_of_the_package_are_inside(pdf: bytes) -> None:
    names = {
        str(font.get_object()["/BaseFont"]).split("+")[1]
        for page in read_pdf(pdf).pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert names
    assert all(name.startswith(("Charcot", "Vazirmatn")) for name in names), names


def test_every_page_says_trial_cut_receipt_and_number_and_what_is_synthetic(
    pdf: bytes, report: Report
) -> None:
    pages = read_pdf(pdf).pages
    for place, page in enumerate(pages, 1):
        text = page.extract_text()
        assert report.short_title in text
        assert "demo: synthetic follow-up" in text
        assert f"receipt {report.receipt.sequence}:{report.receipt.hash[:16]}" in text
        assert f"{place} of {len(pages)}" in text
    assert pages[0].extract_text().count("demo: synthetic follow-up") == 2


def test_drawings_are_vectors_with_a_description(pdf: bytes, report: Report) -> None:
    reader = read_pdf(pdf)
    figures = [b for s in report.sections for b in s.blocks if isinstance(b, Figure)]
    described = {
        str(found.get_object().get("/Alt"))
        for found in reader.resolved_objects.values()
        if isinstance(found, dict) and found.get("/S") == "/Figure"
    } or {str(alt) for alt in alternatives(reader.trailer["/Root"]["/StructTreeRoot"])}
    assert {figure.alt for figure in figures} <= described
    assert not [image for page in reader.pages for image in page.images if image.name.endswith(".jpg")]


def alternatives(element: object) -> list[str]:
    """The descriptions in the tree of tags."""
    found = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(found, list):
        return [text for part in found for text in alternatives(part)]
    if not isinstance(found, dict):
        return []
    own = [str(found["/Alt"])] if "/Alt" in found else []
    return own + (alternatives(found["/K"]) if "/K" in found else [])


def test_no_colour_is_left_to_a_page(report: Report) -> None:
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                assert not [svg for svg in block.svgs if "var(" in resolve_drawing(svg)]


@pytest.mark.parametrize("which", ["report", "wide_report"])
def test_nothing_runs_off_a_page(which: str, request: pytest.FixtureRequest) -> None:
    """The pages as pictures: only the running header and footer stand in the margins, and nothing beside the text."""
    image = pytest.importorskip("PIL.Image")
    folder = Path(room.__file__).parent
    pages = typst.compile(
        folder / "templates" / "report.typ",
        root=folder / "templates",
        format="png",
        ppi=72,
        font_paths=[folder / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(derive_typst_data(request.getfixturevalue(which)))},
    )
    for place, page in enumerate(pages if isinstance(pages, list) else [pages], 1):
        seen = image.open(io.BytesIO(page)).convert("L")
        side, foot = int(17.4 * POINTS_PER_MM), int(8 * POINTS_PER_MM)
        right, below = seen.width - side, seen.height - foot
        for box in (
            (0, 0, side, seen.height),
            (right, 0, seen.width, seen.height),
            (0, below, right, seen.height),
        ):
            assert seen.crop(box).getextrema() == (255, 255), f"page {place}: something in the margin {box}"


def test_every_cell_of_a_wide_table_is_there(wide_report: Report) -> None:
    reader = read_pdf(render_pdf(wide_report))
    found = words_of(reader)
    for columns in (14, 20, 30):
        for place in range(columns):
            assert f"Heading{place}unit" in found
    assert found.count("−12346") == 2 * 3 * (3 + 6 + 9 + 14 + 30)
    assert found.count("aphraseofwords") == 5 * (4 + 9 + 20)
    assert found.count("x") >= 2 * 2 * 300
    assert found.count("manywords") == 16 * 60
    assert {page.mediabox.width > page.mediabox.height for page in reader.pages} == {True, False}


def test_texts_never_act_as_markup(report: Report) -> None:
    everywhere = (
        Paragraph((EVIL, NUMBER, Verbatim(EVIL))),
        Paragraph((EVIL,), "notice"),
        Paragraph((EVIL,), "small"),
        Points(((EVIL, (EVIL,)), ("", (EVIL,)))),
        Particulars(((EVIL, (EVIL,)),)),
        replace(wide(2, "text", 2, EVIL), title=EVIL, stub=EVIL, caption=(EVIL,)),
    )
    made = with_blocks(replace(report, short_title=EVIL, facts=((EVIL, EVIL),)), *everywhere)
    found = words_of(read_pdf(render_pdf(made)))
    # header of each page, title of the section twice, three paragraphs and code, points, particulars, table, facts
    assert found.count(re.sub(r"\s", "", EVIL)) >= 18


def test_persian_is_set_and_what_no_font_holds_is_printed_by_its_number(report: Report) -> None:
    made = with_blocks(
        report,
        Paragraph(
            (
                PERSIAN,
                " ≤ 5 µg, 中 and \x07",
            )
        ),
    )
    found = words_of(read_pdf(render_pdf(made)))
    assert all(word in found for word in PERSIAN.split())
    assert "5µg,[U+4E2D]and[U+0007]" in found
    persian = render_pdf(replace(made, language="fa", title=PERSIAN))
    assert read_pdf(persian).trailer["/Root"]["/Lang"] == "fa"


def test_a_block_of_an_unknown_kind_is_refused_loudly(report: Report) -> None:
    with pytest.raises(AssertionError):
        render_pdf(with_blocks(report, object()))
    assert STANDARDS == ("a-2a", "ua-1")
