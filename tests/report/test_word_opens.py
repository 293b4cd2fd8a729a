"""The Word document opened by LibreOffice, where that is found: the same words, tables and pages as were written."""

import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest

from charcot.report import Report, render_docx
from charcot.report.format import format_day

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice was found on this machine")


@pytest.fixture(scope="module")
def opened(report: Report, tmp_path_factory: pytest.TempPathFactory) -> pypdf.PdfReader:
    place = tmp_path_factory.mktemp("word")
    (place / "report.docx").write_bytes(render_docx(report))
    command = [
        str(SOFFICE),
        f"-env:UserInstallation=file://{place}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(place), str(place / "report.docx")],
        check=True,
        capture_output=True,
        timeout=400,
    )
    return pypdf.PdfReader(Path(place / "report.pdf"))


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_libreoffice_shows_every_section_and_no_page_is_empty(
    report: Report, opened: pypdf.PdfReader
) -> None:
    pages = [squeezed(page.extract_text()) for page in opened.pages]
    whole = "".join(pages)
    for section in report.sections:
        assert squeezed(section.title) in whole
    assert squeezed(report.title) in pages[0]
    running = squeezed(f"{report.short_title} · data cut {format_day(report.cut)}")
    for number, page in enumerate(pages, 1):
        assert running in page, number
        assert len(page) > len(running) + 100, f"page {number} is empty"


def test_pages_stand_upright_or_on_their_side_and_fit_a4(opened: pypdf.PdfReader) -> None:
    sizes = {tuple(sorted(round(float(x)) for x in page.mediabox[2:])) for page in opened.pages}
    assert sizes == {(595, 842)}
