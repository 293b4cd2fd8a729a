"""Trace, certificate, cytometry and labels on the site, as people of the laboratory and inspectors see them."""

import re
from collections.abc import Iterator

import pypdf
import pytest

from charcot.wiring.settings import configure_django
from faces.practice import Practice


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    configure_django()
    from product.laboratory import make_laboratory, open_laboratory

    path = tmp_path_factory.mktemp("laboratory") / "trial"
    make_laboratory(path)
    yield open_laboratory(path)


def page(laboratory: Practice, person: str, address: str) -> str:
    answer = laboratory.client(person).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_inspector_finds_donor_reagents_people_release_and_others_from_the_participant(
    laboratory: Practice,
) -> None:
    text = page(laboratory, "inspector-i", "/product/trace?node=S-1")
    assert "D1" in text and "COL1" in text and "MED1" in text
    assert "tech-t" in text and "tech-u" in text  # who did it, and who checked
    assert "version 1.0, in force that day" in text and "person-q" in text
    assert "nobody else" in text
    assert "<svg" in text and "cells/L1.P0-harvest" in text


def test_a_material_leads_to_everybody_who_got_it(laboratory: Practice) -> None:
    text = page(laboratory, "inspector-i", "/product/trace?node=material/MED1")
    assert "L2.P0-harvest" in text and "S-1" in text


def test_what_does_not_exist_is_said_and_who_does_not_see_the_product_is_kept_out(
    laboratory: Practice,
) -> None:
    answer = laboratory.client("inspector-i").get("/product/trace?node=L9")
    assert answer.status_code == 404 and "Nothing on the record is called" in answer.content.decode()
    for address in ("/product/trace", "/product/lots/L1/certificate", "/product/lots/L1/certificate.pdf"):
        assert laboratory.client("blind-b").get(address).status_code == 403
    assert laboratory.client("inspector-i").get("/product/lots/L9/certificate").status_code == 404


def test_the_certificate_says_what_was_tested_and_what_cannot_be_assessed(laboratory: Practice) -> None:
    text = page(laboratory, "inspector-i", "/product/lots/L1/certificate")
    assert "Certified" in text and "ISCT 2006" in text and "Fed late – open" in text
    assert (
        (text.count("pass</td>") == 4
        and "use before 21 Jan 2014, 08:00" in text
        and "I certify" in text)
        or "certify" in text
    )
    found = re.search(r"P0 stained <code>([0-9a-f]{64})</code>", text)
    assert found
    pdf = laboratory.client("inspector-i").get("/product/lots/L1/certificate.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    import io

    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    flat = re.sub(r"\s+", "", words)
    assert "CertificateofanalysisL1"[:21] in flat and found[1] in flat and "ISCT2006" in flat
    waiting = page(laboratory, "inspector-i", "/product/lots/L2/certificate")
    assert "Not certified" in waiting and "not assessable" in waiting and "not tested" in waiting
    assert "Nobody has signed" in waiting
