"""A site's dictionary of event terms, loaded on the site: what was read is shown with its row numbers before it is used."""

import gzip
import hashlib
import html
import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import Workbook

from charcot.wiring.dictionary import DICTIONARY, MOST_OFFERED, OFFERED
from faces.practice import Practice

PLACE = "/safety/terms/load"
ROWS = (
    ("Common Terminology Criteria for Adverse Events", "CTCAE v5.0"),
    (),
    ("MedDRA Code", "CTCAE Term", "Grade 1 ", "Grade 2 "),
    (1, "Sleepy platelets", "a", "b"),
    (2, "Restless heart", "c", "-"),
    (),
    (3, "", "a meaning without a term", ""),
    (4, "Sleepy  platelets", "twice", ""),
)
"""Made up. Row 7 holds no term, row 8 that of row 4; the empty rows 2 and 6 count as rows, as in a spreadsheet program."""


def workbook() -> bytes:
    book, packed = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in ROWS:
        book.active.append(list(row))
    book.save(packed)
    return packed.getvalue()


def table() -> bytes:
    return "".join(";".join(str(cell) for cell in row) + "\n" for row in ROWS).encode()


def send(client: Client, name: str, content: bytes) -> tuple[HttpResponse, str]:
    answer = client.post(PLACE, {"file": SimpleUploadedFile(name, content)})
    return answer, plain(answer)


def plain(answer: HttpResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def offered(practice: Practice, term: str) -> bool:
    """Whether the form of an adverse event offers a term."""
    form = practice.client("coordinator-1").get("/participants/S-01/forms/adverse_event/-/1/fill")
    assert form.status_code == 200
    return f'<option value="{term}">' in form.content.decode()


@pytest.mark.parametrize(("name", "content"), [("ctcae.xlsx", workbook()), ("CTCAE.csv", table())])
def test_what_was_read_is_shown_and_used_once_it_is_confirmed(
    practice: Practice, name: str, content: bytes
) -> None:
    manager, monitor = practice.client("data_manager-1"), practice.client("monitor-1")
    head = practice.folder.ledger.head()
    assert 'href="/safety/terms"' in manager.get("/safety").content.decode()
    assert f'href="{PLACE}"' in manager.get("/safety/terms").content.decode()
    shipped = monitor.get("/safety/terms").content.decode()
    assert "Pulmonary embolism" in shipped and PLACE not in shipped

    answer, seen = send(manager, name, content)
    assert answer.status_code == 200
    assert f"File {name}" in seen and "Version CTCAE 5.0" in seen and "Terms 2" in seen
    assert "2 rows were left out" in seen
    assert "Row 7 holds no term." in seen and "Row 8 repeats the term of row 4." in seen
    digest = hashlib.sha256(content).hexdigest()
    assert digest in seen
    assert offered(practice, "Pulmonary embolism") and not offered(practice, "Restless heart")

    assert manager.post(PLACE, {"digest": digest}).status_code == 302
    assert offered(practice, "Restless heart") and not offered(practice, "Pulmonary embolism")
    used = plain(monitor.get("/safety/terms"))
    assert "2 terms in use" in used and "data_manager-1" in used and digest in used
    assert practice.folder.ledger.head() == head, "a dictionary stands beside the record, not in it"


def bomb() -> bytes:
    """70 MB of spaces in an archive of 70 kB that calls itself a workbook."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 70_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("terms.xlsx", bomb(), "terms.xlsx unpacks to more than a spreadsheet of terms can hold."),
        ("terms.xlsx", workbook()[:2000], "terms.xlsx cannot be unpacked"),
        ("terms.xls", b"\xd0\xcf\x11\xe0 old", "terms.xls is in the older format .xls"),
        ("terms.csv.gz", gzip.compress(table()), "is neither a spreadsheet (.xlsx) nor text in UTF-8."),
        ("terms.csv", table().decode().encode("utf-16"), "is neither a spreadsheet (.xlsx) nor text in UTF-8."),
        ("terms.csv", b"CTCAE Term\nA\x00B\n", "is neither a spreadsheet (.xlsx) nor text in UTF-8."),
        ("terms.csv", b"Term\n" + b"x" * 200_000 + b"\n", "cannot be taken apart into rows and columns"),
        ("terms.csv", b"Term\n" + b"fever\n" * 2_000_000, "terms.csv is larger than 10 MB."),
        ("terms.csv", b"Code,Name\n1,Fever\n", "No column of this file holds terms. It begins with: Code, Name."),
        ("terms.csv", b"Term\n\n", "This file names its columns, and holds no terms."),
        ("../../terms.csv", b"", "No column of this file holds terms. It is empty."),
    ],
)  # fmt: skip
def test_what_is_no_dictionary_is_refused_and_that_of_before_stays(
    practice: Practice, name: str, content: bytes, said: str
) -> None:
    manager = practice.client("data_manager-1")
    send(manager, "site.csv", table())
    assert manager.post(PLACE, {"digest": hashlib.sha256(table()).hexdigest()}).status_code == 302
    before = (practice.folder.path / DICTIONARY).read_bytes()
    answer, seen = send(manager, name, content)
    assert answer.status_code == 422 and said in seen
    assert (practice.folder.path / DICTIONARY).read_bytes() == before
    assert len(list((practice.folder.path / OFFERED).glob("*.csv"))) == 1


@pytest.mark.parametrize("digest", ["", "../event-terms", "0" * 64, "A" * 64])
def test_only_what_was_read_here_can_be_confirmed(practice: Practice, digest: str) -> None:
    manager = practice.client("data_manager-1")
    answer = manager.post(PLACE, {"digest": digest})
    assert answer.status_code == 422
    assert "This file was not read here, or others were since. Choose the file again." in plain(answer)
    assert not (practice.folder.path / DICTIONARY).exists()


def test_only_the_newest_files_wait(practice: Practice) -> None:
    manager = practice.client("data_manager-1")
    files = [f"Term\nFever {number}\n".encode() for number in range(MOST_OFFERED + 1)]
    for content in files:
        assert send(manager, "terms.csv", content)[0].status_code == 200
    digests = {file.stem for file in (practice.folder.path / OFFERED).iterdir()}
    assert digests == {hashlib.sha256(content).hexdigest() for content in files[1:]}
    first, last = (hashlib.sha256(content).hexdigest() for content in (files[0], files[-1]))
    assert manager.post(PLACE, {"digest": first}).status_code == 422
    assert manager.post(PLACE, {"digest": last}).status_code == 302
