"""A report with Persian words in page, PDF and Word: their direction, their letters, and time that still runs to the right."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from docx.oxml.ns import qn

from charcot.report import Report, render_docx, render_html, render_pdf
from report.persian_report import MONTH_12, SHORT, SPONSOR, TITLE, persian_report

CHROMIUM = next(
    (
        p
        for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        if Path(p).exists()
    ),
    None,
)


@pytest.fixture(scope="module")
def persian() -> Report:
    return persian_report()


def letters(text: str) -> str:
    """Arabic letters in their order, whatever forms and directions a file keeps them in."""
    import unicodedata

    return "".join(
        c for c in unicodedata.normalize("NFKC", text) if "\u0600" <= c <= "\u06ff" and c.isalpha()
    )


def test_the_protocol_says_the_language(persian: Report, report: Report) -> None:
    assert (persian.language, persian.direction) == ("fa", "rtl")
    assert (report.language, report.direction) == ("en", "ltr")


def test_the_page_is_written_from_the_right_with_its_own_font(persian: Report, page: str) -> None:
    written = render_html(persian, carries_lineage=False)
    assert '<html lang="fa" dir="rtl">' in written
    assert f"<h1>{TITLE}</h1>" in written
    assert 'font-family:"Vazirmatn"' in written
    assert '<html lang="en" dir="ltr">' in page
    assert 'font-family:"Vazirmatn"' not in page  # nobody carries what nobody reads


def test_the_pdf_has_the_persian_letters(persian: Report) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(persian)))
    assert reader.metadata is not None and reader.metadata.title == TITLE
    first = letters(reader.pages[0].extract_text())
    for word in " ".join(
        (TITLE, SPONSOR, SHORT)
    ).split():  # a reader may give the words of a line in either order
        found = letters(word)
        assert found in first or found[::-1] in first, word
    fonts = {str(font) for page in reader.pages[:1] for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]  # a page of typst has fonts
    assert fonts


def test_word_is_told_which_paragraphs_and_tables_run_from_the_right(persian: Report) -> None:
    made = render_docx(persian)
    document = docx.Document(io.BytesIO(made))
    assert TITLE in [paragraph.text for paragraph in document.paragraphs]
    for paragraph in document.paragraphs:
        if paragraph.text in (TITLE,):
            assert paragraph.style is not None
            assert any(run._r.find(f".//{qn('w:rtl')}") is not None for run in paragraph.runs)
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in document.tables)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        styles = parts.read("word/styles.xml").decode()
    assert re.search(r'w:lang [^>]*w:bidi="fa"', styles)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine")
def test_in_a_browser_words_begin_at_the_right_and_time_at_the_left(persian: Report, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    file = tmp_path / "report.html"
    file.write_text(render_html(persian, carries_lineage=False), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for wide in (360, 1100):
            page = browser.new_page(viewport={"width": wide, "height": 800})
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= wide
            title, words = page.locator("h1").bounding_box(), _box_of_words(page)
            assert words["x"] + words["width"] == pytest.approx(title["x"] + title["width"], abs=2)
            assert page.locator("#table1 thead :is(td, th)").first.bounding_box()["x"] > wide / 3
            ticks = list(_ticks(page))
            assert [text for text, _ in ticks] == ["0", "2", "4", "6", "12"]
            assert [x for _, x in ticks] == sorted(x for _, x in ticks)
        browser.close()


def _box_of_words(page: Any) -> Any:
    return page.evaluate(
        "(() => { const r = document.createRange(); r.selectNodeContents(document.querySelector('h1')); "
        "const b = r.getClientRects()[0]; return {x: b.x, width: b.width}; })()"
    )


def _ticks(page: Any) -> Iterator[tuple[str, float]]:
    labels = page.locator("#figure2 svg.figure").first.locator(
        ".role-axis-label text, g.role-axis-label text"
    )
    for label in labels.all():
        text = label.text_content()
        if text in ("0", "2", "4", "6", "12") and len(text) < 3:
            yield text, label.bounding_box()["x"]
        if text == "12":
            return


def test_visits_are_named_in_persian_in_the_tables(persian: Report) -> None:
    assert MONTH_12 in render_html(persian, carries_lineage=False)
