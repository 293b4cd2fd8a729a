"""A site's dictionary from the official spreadsheet: what is read of it, and what is refused before it is unpacked."""

import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from charcot.exchange import spreadsheet
from charcot.exchange.spreadsheet import read_sheets
from charcot.refusal import BadValue
from charcot.safety.terms import find_heads, parse_dictionary, parse_terms

OFFICIAL = (
    "MedDRA Code", "MedDRA SOC", "CTCAE Term", "Grade 1 ", "Grade 2 ", "Grade 3 ", "Grade 4 ", "Grade 5 ", "Definition",
    "Navigational Note", "CTCAE v5.0 Change",
)  # fmt: skip
"""The heads of the spreadsheet that the NCI publishes, with their spaces; the rows below are made up."""
ROWS = (
    (10000001, "Blood", "Sleepy platelets", "a", "b", "c", "d", "Death", "A disorder of a test", "-", None),
    (
        10000002.0,
        "Cardiac",
        "Restless  heart,\nat night",
        "a\nb",
        "b",
        " -",
        "-",
        None,
        "Another",
        None,
        "New",
    ),
    (None, None, None, None, None, None, None, None, None, None, None),
    (10000001, "Blood", "Sleepy platelets", "a", "b", "c", "d", "Death", "Twice in the file", "-", None),
)


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def repacked(data: bytes, part: str, content: bytes) -> bytes:
    """The workbook with the content of one part replaced, or one part more."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return written.getvalue()


def test_the_official_columns() -> None:
    title = [("Common Terminology Criteria",), ()]
    _notes, terms = read_sheets(workbook([("Please note",)], [*title, OFFICIAL, *ROWS]), "ctcae.xlsx")
    assert find_heads(_notes.rows) is None
    sleepy, restless = parse_terms(terms.rows)
    assert (sleepy.term, restless.term) == ("Sleepy platelets", "Restless heart, at night")
    assert sleepy.grades == {1: "a", 2: "b", 3: "c", 4: "d", 5: "Death"}
    assert restless.grades == {1: "a\nb", 2: "b"}, "a grade that a term does not have is marked by a dash"
    assert terms.rows[3][0] == "10000002", "a number is kept with a fraction in a spreadsheet"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_text_parted_as_spreadsheets_part_it(sign: str) -> None:
    text = f"\ufeffCTCAE Term{sign}Grade 1\nRestless heart{sign}a\n"
    assert [(t.term, t.grades) for t in parse_dictionary(text)] == [("Restless heart", {1: "a"})]


def test_heads_without_terms_are_no_dictionary() -> None:
    with pytest.raises(BadValue, match="no terms"):
        parse_dictionary("CTCAE Term,Grade 1\n,\n")
    with pytest.raises(BadValue, match="It begins with: Code, Name"):
        parse_terms([["Code", "Name"], ["1", "Headache"]])


def refusal_of(data: bytes) -> str:
    with pytest.raises(BadValue) as refused:
        list(read_sheets(data, "terms.xlsx"))
    return refused.value.what


def test_what_is_no_workbook_is_refused_in_words() -> None:
    good = workbook([OFFICIAL, *ROWS])
    assert "older format .xls, or is protected by a password" in refusal_of(b"\xd0\xcf\x11\xe0" + bytes(600))
    assert "cannot be unpacked" in refusal_of(good[: len(good) // 2])
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "not a spreadsheet" in refusal_of(other.getvalue())
    assert "cannot be read as a spreadsheet" in refusal_of(repacked(good, "xl/workbook.xml", b"<workbook"))


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    good = workbook([OFFICIAL, *ROWS])
    bomb = repacked(good, "xl/worksheets/sheet2.xml", bytes(spreadsheet.MOST_UNPACKED))
    assert len(bomb) < 100_000
    assert "unpacks to more" in refusal_of(bomb)
    stated = bomb.replace(spreadsheet.MOST_UNPACKED.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert "cannot be unpacked" in refusal_of(stated), "a size that is stated too small"
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">]><sst>&a;</sst>'
    assert "declares entities" in refusal_of(repacked(good, "xl/sharedStrings.xml", laughs))
    wide = laughs.decode().encode("utf-16")
    assert "declares entities" in refusal_of(repacked(good, "xl/sharedStrings.xml", wide))
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 3)
    assert "more than" in refusal_of(good)


def test_the_spreadsheet_itself_where_one_is_at_hand() -> None:
    """CTCAE v5.0 has 837 terms (NCI, 27 November 2017); it is not shipped. Name the file in CHARCOT_CTCAE."""
    file = os.environ.get("CHARCOT_CTCAE")
    if file is None:
        pytest.skip("CHARCOT_CTCAE names no spreadsheet of CTCAE v5.0")
    data = Path(file).read_bytes()
    if spreadsheet.looks_packed(data):
        found = parse_terms(next(s.rows for s in read_sheets(data, file) if find_heads(s.rows) is not None))
    else:
        found = parse_dictionary(data.decode("utf-8-sig"))
    terms = {term.term: term for term in found}
    assert len(terms) == 837
    assert "160" in terms["Hypertension"].grades[3] and "100" in terms["Hypertension"].grades[3]
    assert 1 not in terms["Lung infection"].grades, "it begins at grade 2"
