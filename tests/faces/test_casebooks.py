"""Casebooks by the command and on the site: one person, everybody, blank and annotated, and for whom."""

import io
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest

from charcot.wiring.folder import open_folder
from faces.served import served
from running import Charcot, Demo


def words_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "".join(re.sub(r"\s", "", page.extract_text()) for page in pages)


def before_correction(place: Path) -> int:
    """The entry just before the first that S-02's record was corrected by."""
    entries = open_folder(place).ledger.entries(subjects=["participant/S-02"])
    return next(e.sequence for e in entries if e.verb == "correct") - 1


def test_one_casebook_a_participant_and_the_same_bytes_again(copy_of_demo: Path, charcot: Charcot) -> None:
    ran = charcot("casebook", copy_of_demo, "S-02")
    path = copy_of_demo / "reports" / "casebooks" / "S-02.pdf"
    assert ran.status == 0, ran.err
    assert f"Written: {path}" in ran.out.replace("\n", " ")
    first = path.read_bytes()
    assert "68.3untilversion2" in words_of(first)
    assert charcot("casebook", copy_of_demo, "S-02").status == 0
    assert path.read_bytes() == first


def test_as_of_an_entry_the_file_says_so(copy_of_demo: Path, charcot: Charcot) -> None:
    entry = before_correction(copy_of_demo)
    assert charcot("casebook", copy_of_demo, "S-02", "--as-of", entry).status == 0
    text = words_of((copy_of_demo / "reports" / "casebooks" / f"S-02-as-of-{entry}.pdf").read_bytes())
    assert "68.3kg" in text and "untilversion2" not in text


def test_the_annotated_casebook_can_be_had_before_the_trial_is_opened(
    tmp_path: Path, charcot: Charcot
) -> None:
    folder = tmp_path / "new"
    assert charcot("new", folder, "--from", "royan-admsc").status == 0
    assert charcot("casebook", folder, "--annotated").status == 0
    text = words_of((folder / "reports" / "casebooks" / "annotated.pdf").read_bytes())
    assert "alsfrs_r.speech" in text
    assert "workingcopy:thisprotocolisnotinforce" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("S-99",), "There is no participant S-99"),
        (("S-02", "--blank"), "choose one of"),
        (("S-02", "--personal"), "needs both"),
        (("S-02", "--person", "statistician-1", "--role", "statistician", "--personal"), "does not see personal"),
        (("S-02", "--person", "nobody-1", "--role", "investigator"), "does not hold the role"),
        (("S-02", "--format", "docx"), "pdf"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_said(
    demo: Demo, charcot: Charcot, arguments: tuple[str, ...], words: str
) -> None:
    ran = charcot("casebook", demo.path, *arguments)
    assert ran.status != 0
    assert words in " ".join((ran.err + ran.out).split())
    assert not (demo.path / "reports" / "casebooks").exists()


def test_opened_personal_values_never_lie_where_the_trial_is_copied_from(
    copy_of_demo: Path, charcot: Charcot
) -> None:
    ran = charcot(
        "casebook", copy_of_demo, "S-02", "--person", "coordinator-1", "--role", "coordinator", "--personal"
    )
    assert ran.status == 0, ran.err
    assert (copy_of_demo / "local" / "casebooks" / "S-02.pdf").is_file()
    assert not (copy_of_demo / "reports" / "casebooks").exists()


@pytest.fixture(scope="module")
def address(demo: Demo) -> Iterator[str]:
    from charcot.wiring.serving import site

    with served(site(open_folder(demo.path))) as found:
        yield found


def fetch(url: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def test_the_page_of_a_participant_links_their_casebook(address: str, demo: Demo) -> None:
    _status, _type, page = fetch(f"{address}/participants/S-02")
    assert b'href="/participants/S-02/casebook.pdf"' in page
    status, content_type, content = fetch(f"{address}/participants/S-02/casebook.pdf")
    assert (status, content_type) == (200, "application/pdf")
    assert "68.3untilversion2" in words_of(content)
    _status, _type, earlier = fetch(
        f"{address}/participants/S-02/casebook.pdf?as_of={before_correction(demo.path)}"
    )
    assert "untilversion2" not in words_of(earlier)


def test_names_are_not_opened_for_somebody_who_did_not_sign_in(address: str) -> None:
    _status, _type, plain = fetch(f"{address}/participants/S-02/casebook.pdf")
    _status, _type, asked = fetch(f"{address}/participants/S-02/casebook.pdf?personal=1")
    assert asked == plain


@pytest.mark.parametrize(("kind", "words"), [("blank", "Filledby"), ("annotated", "SDTMQS")])
def test_the_site_gives_the_casebook_on_paper(address: str, kind: str, words: str) -> None:
    _status, _type, page = fetch(f"{address}/participants")
    assert f'href="/casebook-{kind}.pdf"'.encode() in page
    status, content_type, content = fetch(f"{address}/casebook-{kind}.pdf")
    assert (status, content_type) == (200, "application/pdf")
    assert words in words_of(content)


def test_there_is_no_casebook_of_nobody_on_the_site(address: str) -> None:
    assert fetch(f"{address}/participants/S-99/casebook.pdf")[0] == 404
