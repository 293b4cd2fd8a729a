"""Trace, certificate, cytometry and labels on the site, as people of the laboratory and inspectors see them."""

import html
import io
import re
from collections.abc import Iterator
from functools import cache

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from charcot.ledger import Kind
from charcot.product.flow_cytometry import parse_gating_ml
from charcot.product.labels import OWN_SCHEME, Label
from charcot.wiring.settings import configure_django
from faces.practice import PASSWORD, Practice


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    configure_django()
    from product.laboratory import make_laboratory, open_laboratory

    path = tmp_path_factory.mktemp("laboratory") / "trial"
    make_laboratory(path)
    yield open_laboratory(path)


@cache
def client_of(laboratory: Practice, person: str) -> Client:
    """One sign-in a person: many within a minute are refused."""
    return laboratory.client(person)


def page(laboratory: Practice, person: str, address: str) -> str:
    answer = client_of(laboratory, person).get(address)
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
    drawing = text.split("<figure")[1].split("</svg>")[0]
    path = text.split('class="layers"')[1].split("</section>")[0]
    boxes = re.findall(r'<a href="([^"]+)"([^>]*)>', drawing)
    assert len(boxes) > 5 and all('tabindex="-1"' in rest for _href, rest in boxes)
    assert all(
        f'href="{href}"' in path for href, _rest in boxes
    )  # what the drawing leads to, the list does too
    titles = re.findall(r"<h3>([^<]+)</h3>", path)
    assert titles[:3] == ["donor", "lot", "tissue"] and titles[-2:] == ["dose", "participant"]
    assert re.search(r"<summary>\d materials?", path) and "used to digest, entry" in path


def test_where_much_is_reached_it_is_counted_and_listed_page_by_page(
    laboratory: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from charcot.web import trace

    whole = page(laboratory, "inspector-i", "/product/trace?node=material/MED1")
    cells = set(re.findall(r"node=(cells%2F[^&\"]+)", whole))
    monkeypatch.setattr(trace, "MOST_WHOLE", 3)
    monkeypatch.setattr(trace, "PAGE", 2)
    found, following = set[str](), "/product/trace?node=material/MED1"
    while following:
        text = page(laboratory, "inspector-i", following)
        assert f'cells <span class="quiet">{len(cells)}</span>' in text and "<figure" not in text
        found |= set(re.findall(r"node=(cells%2F[^&\"]+)\"", text))
        more = re.search(r'<a href="([^"]+kind=forward%3Acells[^"]+)">Next cells', text)
        following = more[1].replace("&amp;", "&") if more else ""
    assert found == cells and len(cells) > 4


def test_a_material_leads_to_everybody_who_got_it_and_to_every_lot(
    laboratory: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from charcot.web import trace

    text = page(laboratory, "inspector-i", "/product/trace?node=material/MED1")
    assert "L2.P0-harvest" in text and "S-1" in text and "Lots that it reached" not in text
    monkeypatch.setattr(trace, "MOST_LOTS", 1)
    _before, _heading, listed = page(
        laboratory, "inspector-i", "/product/trace?node=material/MED1"
    ).partition("Lots that it reached")
    assert re.findall(r"node=lot%2F(\w+)", listed.partition("</section>")[0]) == ["L1", "L2"]


def test_what_does_not_exist_is_said_and_who_does_not_see_the_product_is_kept_out(
    laboratory: Practice,
) -> None:
    answer = client_of(laboratory, "inspector-i").get("/product/trace?node=L9")
    assert answer.status_code == 404 and "Nothing on the record is called" in answer.content.decode()
    for address in ("/product/trace", "/product/lots/L1/certificate", "/product/lots/L1/certificate.pdf"):
        assert client_of(laboratory, "blind-b").get(address).status_code == 403
    assert client_of(laboratory, "inspector-i").get("/product/lots/L9/certificate").status_code == 404


def test_the_certificate_says_what_was_tested_and_what_cannot_be_assessed(laboratory: Practice) -> None:
    text = page(laboratory, "inspector-i", "/product/lots/L1/certificate")
    assert "Certified" in text and "ISCT 2006" in text and "Fed late – open" in text
    assert (
        text.count("pass</td>") == 4 and "use before 21 Jan 2014, 08:00" in text and "I certify" in text
    ) or "certify" in text
    found = re.search(r"synthetic_P0_stained.fcs <code>([0-9a-f]{64})</code>", text)
    assert found
    pdf = client_of(laboratory, "inspector-i").get("/product/lots/L1/certificate.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    flat = re.sub(r"\s+", "", words)
    assert "CertificateofanalysisL1"[:21] in flat and found[1] in flat and "ISCT2006" in flat
    waiting = page(laboratory, "inspector-i", "/product/lots/L2/certificate")
    assert "Not certified" in waiting and "not assessable" in waiting and "not tested" in waiting
    assert "Nobody has signed" in waiting


def test_raw_files_are_uploaded_a_panel_filled_in_and_the_analysis_shown(laboratory: Practice) -> None:
    from product.laboratory import tubes

    client = client_of(laboratory, "tester-v")
    where = "/product/lots/L2/cytometry/new"
    attached = laboratory.folder.path / "attachments"
    before = sorted(attached.rglob("*"))
    broken = client.post(
        where, {"upload": "1", "files": SimpleUploadedFile("a.fcs", b"FCS3.1 and nothing more")}
    )
    assert broken.status_code == 400 and "broken or cut off" in broken.content.decode()
    words = client.post(where, {"upload": "1", "files": SimpleUploadedFile("a.txt", b"Call the laboratory")})
    assert "is no FCS file" in words.content.decode()
    assert sorted(attached.rglob("*")) == before
    sent = [SimpleUploadedFile(name, content) for name, content in tubes(seed=8, cd90=0.9).items()]
    text = client.post(where, {"upload": "1", "files": sent}).content.decode()
    kept = re.findall(r'name="kept" value="([^"]+)"', text)
    assert len(kept) == 2 and "CD90" in text and "FITC-A" in text and "Sterility" not in text
    control, sample = (field.partition(" ")[2] for field in kept)
    panel = {"analyse": "1", "kept": kept, "node": "L2.P0-harvest", "sampled_at": "2014-01-18T10:30",
             "compensation": "file", "percentile": "۹۹٫۰", "judged": "subtracted",
             "channel cd90": "FITC-A", "sample cd90": sample}  # fmt: skip
    refused = client.post(where, panel)
    assert refused.status_code == 400 and "For CD90 something is missing" in refused.content.decode()
    assert f"<option selected>{sample}" in refused.content.decode()
    done = client.post(where, panel | {"control cd90": control})
    assert done.status_code == 302 and done["Location"] == "/product/lots/L2/cytometry/c1/1"
    (entered,) = laboratory.folder.ledger.entries(kinds=[Kind.CYTOMETRY_ANALYSED], subjects=["product/L2"])
    assert (entered.data["method"]["percentile"], entered.typed) == ("99", {"method.percentile": "۹۹٫۰"})
    shown = page(laboratory, "inspector-i", done["Location"])
    assert "<svg" in shown and ">fail</span>" in shown and "CD90" in shown and "median + 3 MAD" in shown
    copy = client_of(laboratory, "inspector-i").get("/product/lots/L2/cytometry/c1/1/files/1.fcs")
    assert copy.content[:6] == b"FCS3.1" and b"SYNTHETIC" not in copy.content and b"CLEANED" in copy.content
    again = client.post(where, panel | {"control cd90": control, "replaces": "c1", "reason": "Percentile agreed late",
                                        "percentile": "95"})  # fmt: skip
    assert again["Location"] == "/product/lots/L2/cytometry/c1/2"
    listed = page(laboratory, "inspector-i", "/product/lots/L2/cytometry")
    assert "c1, version 2" in listed and "Percentile agreed late" in listed and "At least 95 %" in listed
    assert client_of(laboratory, "inspector-i").post(where, panel).status_code == 403


def test_a_count_in_error_is_struck_out_and_the_certification_no_longer_stands(laboratory: Practice) -> None:
    client = laboratory.client("tester-v")
    lot = page(laboratory, "tester-v", "/product/lots/L1")
    where = re.findall(r'href="([^"]*annul_product_entry[^"]*)"', lot.partition('id="counts"')[2])[1]
    asked = client.get(html.unescape(where)).content.decode()
    entry = re.search(r'name="entry" value="(\d+)"', asked)
    assert entry and "It stays readable" in asked
    given = {"about": "product/L1", "entry": entry[1], "reason": "The factor was wrong"}
    assert client.post("/product/acts/annul_product_entry", given)["Location"] == "/product/lots/L1"
    lot = page(laboratory, "inspector-i", "/product/lots/L1")
    assert "no longer stands" in lot and "The factor was wrong" in lot and "annul_product_entry" not in lot
    assert "Count P0-harvest" in page(laboratory, "tester-v", "/product/lots/L1")
    assert "Not certified" in page(laboratory, "inspector-i", "/product/lots/L1/certificate")
    assert "no longer: what the certification rested on" in page(
        laboratory, "inspector-i", "/participants/S-1"
    )


def test_labels_are_printed_from_the_record_and_decode(laboratory: Practice) -> None:
    answer = client_of(laboratory, "tester-v").get("/product/doses/X1/labels.pdf")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert "S-1" in words and "X1" in words and "Small cells" in words
    assert client_of(laboratory, "tester-v").get("/product/doses/X9/labels.pdf").status_code == 404


def test_gates_are_typed_shown_counted_locked_and_used_again(laboratory: Practice) -> None:
    from product.laboratory import tubes

    client = client_of(laboratory, "tester-v")
    where = "/product/lots/L2/cytometry/new"
    sent = [SimpleUploadedFile(name, content) for name, content in tubes(seed=9, cd90=0.9).items()]
    kept = re.findall(
        r'name="kept" value="([^"]+)"', client.post(where, {"upload": "1", "files": sent}).content.decode()
    )
    control, sample = (field.partition(" ")[2] for field in kept)
    gate = {"gate 1 name": "cells", "gate 1 kind": "rectangle", "gate 1 x": "FSC-A", "gate 1 y": "SSC-A",
            "gate 1 x_scale": "linear", "gate 1 y_scale": "linear", "gate 1 numbers": "50000 * 20000 100000"}  # fmt: skip
    shown = client.post(where, {"plot": "1", "kept": kept, **gate}).content.decode()
    assert re.search(r"1[12]\d{3} of 12000 events", shown) and re.search(
        r'<th scope="row">cells</th><td class="number">(1[01]\d{3})</td>', shown
    )
    assert 'class="gate"' in shown and "data-gate-plot" in shown
    wrong = client.post(where, {"plot": "1", "kept": kept, **gate, "gate 1 numbers": "5"})
    assert (
        "The gate &#x27;cells&#x27; has 1 numbers" in wrong.content.decode()
        and 'value="5"' in wrong.content.decode()
    )
    panel = {"analyse": "1", "kept": kept, "node": "L2.P0-harvest", "sampled_at": "2014-01-18T10:30", "population": "cells",
             "compensation": "file", "percentile": "99", "judged": "subtracted",
             "channel cd90": "FITC-A", "sample cd90": sample, "control cd90": control}  # fmt: skip
    first = client.post(where, panel | gate)["Location"]
    analysis = first.split("/")[-2]
    xml = client.get(f"{first}/gates.xml").content
    assert parse_gating_ml(xml).ids == ("cells",)
    anew = {"replaces": analysis, "reason": "Debris was let in", "population": "cells"}
    both = client.post(where, panel | gate | anew | {"locked": f"{analysis}/1"})
    assert (
        both.status_code == 400
        and "drawn here and gates of a file or of an earlier analysis" in both.content.decode()
    )
    assert client.post(where, panel | anew | {"locked": f"{analysis}/1"})["Location"] == first[:-1] + "2"
    assert client.get(first[:-1] + "2/gates.xml").content == xml
    uploaded = {"plot": "1", "kept": kept, "gates": SimpleUploadedFile("g.xml", xml)}
    again = client.post(where, uploaded).content.decode()
    assert 'name="gating"' in again and '<th scope="row">cells</th>' in again  # kept while the form goes on
    for content, words in (
        (xml.decode().encode("utf-16"), "not written in UTF-8"),
        (xml + b" " * 200_000, "larger than 200000 characters"),
        (b"PK\x03\x04" + bytes(range(256)), "not written in UTF-8"),
    ):
        sent = client.post(where, {"plot": "1", "kept": kept, "gates": SimpleUploadedFile("g.xml", content)})
        assert sent.status_code == 400 and words in " ".join(sent.content.decode().split())
    marked = SimpleUploadedFile("g.xml", b"\xef\xbb\xbf" + xml)  # as some programs begin UTF-8
    assert client.post(where, {"plot": "1", "kept": kept, "gates": marked}).status_code == 200
    assert (
        'name="gating"'
        not in client.post(where, {"forget": "1", "kept": kept, "gating": xml.decode()}).content.decode()
    )


def test_a_plan_counts_back_from_weight_and_day_and_a_lot_shows_growth_and_balance(
    laboratory: Practice,
) -> None:
    asked = "/product/plan?weight=70&on=2014-03-31&seeded=1000000&flask=4000000&days=7"
    text = page(laboratory, "person-q", asked)
    assert 'type="date"' in text and "No doubling time was seen yet" in text  # the bench grows to P0 only
    wrong = page(laboratory, "person-q", asked.replace("weight=70", "weight=heavy"))
    assert 'role="alert"' in wrong and "Begin on" not in wrong
    lot = page(laboratory, "person-q", "/product/lots/L1")
    balance = lot.split('id="balance"')[1].split("</section>")[0]
    counted, taken, left = (int(n.replace(",", "")) for n in re.findall(r"([\d,]{7,})", balance)[-3:])
    assert counted - taken == left  # the harvest, the dose, and what is left of it


def act(client: Client, verb: str, about: str = "", **fields: str) -> tuple[int, str]:
    """Fills the page of an act and sends it, with the token that the page holds."""
    where = f"/product/acts/{verb}{about}"
    token = re.search(r'name="token" value="([^"]+)"', client.get(where).content.decode())
    assert token, where
    answer = client.post(where, {"token": token[1], **fields})
    return answer.status_code, re.sub(r"\s+", " ", answer.content.decode())


def test_a_recall_lists_everybody_is_told_of_each_and_is_not_closed_before(laboratory: Practice) -> None:
    client = client_of(laboratory, "person-q")
    opened = act(
        client,
        "open_recall",
        "?lot=L1",
        recall="R1",
        lots="L1",
        at="2014-01-20T12:00",
        reason="Medium contaminated",
    )
    assert opened[0] == 302, opened[1]
    affected = ["lot L1", "participant S-1", "dose X1"]
    text = page(laboratory, "person-q", "/product/recalls")
    assert "0 of 3 told" in text and text.count("not told yet") == 3 and all(one in text for one in affected)
    assert "3 still to be told" in page(laboratory, "person-q", "/product")
    for told, whom in enumerate(affected):
        status, refused = act(client, "close_recall", "?recall=R1", recall="R1", conclusion="All told")
        assert status == 422 and f"Not told yet: {', '.join(affected[told:])}." in refused
        asked = {
            "recall": "R1",
            "whom": whom,
            "at": "2014-01-20T12:30",
            "how": "Telephone",
            "answer": f"Answer {told}",
        }
        assert act(client, "notify_recall", "?recall=R1", **asked)[0] == 302
        again = act(client, "notify_recall", "?recall=R1", **asked)
        assert again[0] == 422  # each is told once
    text = page(laboratory, "person-q", "/product/recalls")
    assert "3 of 3 told" in text and "Answer 2" in text and "not told yet" not in text
    assert act(client, "close_recall", "?recall=R1", recall="R1", conclusion="Nothing was left")[0] == 302
    assert "Nothing was left" in page(laboratory, "inspector-i", "/product/recalls")
    traced = page(laboratory, "inspector-i", "/product/trace?node=S-1")
    assert traced.count('class="edge recalled"') > 2 and "<strong>recalled</strong>" in traced


def test_a_donors_reaction_waits_on_the_home_until_its_outcome_is_entered(laboratory: Practice) -> None:
    client = client_of(laboratory, "tester-v")
    assert "Reactions of donors" not in page(laboratory, "tester-v", "/")
    given = {"donor": "D2", "at": "2014-02-01", "description": "Fever of 39", "severity": "severe", "outcome": "ongoing"}  # fmt: skip
    assert client.post("/product/acts/report_donor_reaction", given).status_code == 302
    for person in ("tester-v", "person-q"):
        home = page(laboratory, person, "/")
        assert "Reactions of donors" in home and "Donor D2, r1" in home
        assert "severe, ongoing; last heard of on 1 Feb 2014" in home
    text = page(laboratory, "tester-v", "/product/donors/D2")
    assert "1 reaction of this donor has no outcome yet." in text and "Fever of 39" in text
    assert "reaction=r1" in text and "1 reaction without outcome" in page(laboratory, "tester-v", "/product")
    assert "D2/r1" in page(laboratory, "inspector-i", "/product/trace?node=donor/D2")
    asked = page(laboratory, "tester-v", "/product/acts/follow_donor_reaction?donor=D2&reaction=r1")
    assert "r1 · Fever of 39" in asked
    given = {"donor": "D2", "reaction": "r1", "at": "2014-02-09", "found": "None since", "severity": "severe", "outcome": "recovered"}  # fmt: skip
    assert client.post("/product/acts/follow_donor_reaction", given).status_code == 302
    text = page(laboratory, "tester-v", "/product/donors/D2")
    assert "resolved: recovered" in text and "None since" in text and "9 Feb 2014" in text
    assert "no outcome yet" not in text and "about=donor/D2" in text
    assert "Every reaction that was reported has its outcome." in page(laboratory, "person-q", "/")


def test_a_role_of_another_site_finds_no_donor_or_dose_and_is_offered_nothing_that_is_done_where_cells_are_made(
    laboratory: Practice,
) -> None:
    near, far = (page(laboratory, person, "/product") for person in ("tester-v", "far-f"))
    for shown in ("/product/donors/D1", "/product/doses/X1", "S-1", "acts/receive_material"):
        assert shown in near and shown not in far, shown
    assert "acts/register_donor" in far
    for address in ("/product/donors/D1", "/product/doses/X1"):
        assert client_of(laboratory, "far-f").get(address).status_code == 404
    asked = page(laboratory, "far-f", "/product/acts/report_donor_reaction?donor=D1")
    assert "<option" not in asked.split("Severity")[0].split("<form")[1]
    given = {
        "donor": "D1",
        "at": "2014-02-01",
        "description": "Pain",
        "severity": "mild",
        "outcome": "ongoing",
    }
    answer = client_of(laboratory, "far-f").post("/product/acts/report_donor_reaction", given)
    assert answer.status_code in (403, 422) and "at another site" in answer.content.decode()


def test_vials_are_frozen_to_places_moved_and_listed_as_stock(laboratory: Practice) -> None:
    client = client_of(laboratory, "tester-v")
    assert "No vial is frozen." in page(laboratory, "inspector-i", "/product/stock")
    where = "/product/acts/process?lot=L2&step=freezing&node=L2.P0-harvest"
    assert "T1/R2/B03/A7" in page(laboratory, "tester-v", where)
    given = {"parents": "L2.P0-harvest", "at": "2014-01-18T12:00", "cells": "20000000", "children": "V1, V2", "verifier": "reviewer-w|gmp_technician",
             "second_password": PASSWORD}  # fmt: skip
    short = client.post(where, {**given, "places": "T1/R1/B1/A1"})
    assert short.status_code == 422 and "1 places for 2 vials." in short.content.decode()
    taken = client.post(where, {**given, "places": "T1/R1/B1/A1, T1/R1/B1/A1"})
    assert taken.status_code == 422 and "would both lie at T1/R1/B1/A1" in taken.content.decode()
    assert client.post(where, {**given, "places": "T1/R1/B1/A1, T1/R1/B1/A2"}).status_code == 302
    moved = {"node": "L2.V1", "at": "2014-01-19T09:00", "place": "T2/R1/B1/A1"}
    assert client.post("/product/acts/move_vial", moved)["Location"] == "/product/stock"
    warm = {"place": "T1", "at": "2014-01-18T20:00", "until": "2014-01-18T21:00", "temperature": "-90", "severity": "minor",
            "description": "Lid open"}  # fmt: skip
    assert client.post("/product/acts/report_storage_excursion", warm)["Location"] == "/product/stock"
    text = page(laboratory, "inspector-i", "/product/stock")
    assert text.index("T1/R1/B1/A2") < text.index("T2/R1/B1/A1</th>") and "→ T2/R1/B1/A1" in text
    assert text.count("-90 °C") == 2 and "<dt>frozen</dt><dd>2</dd>" in text and "move…" not in text
    assert "strike out…" in page(laboratory, "tester-v", "/product/stock")
    given = {"parents": "L2.V2", "at": "2014-01-20T09:00", "children": "T1", "verifier": "reviewer-w|gmp_technician", "second_password": PASSWORD}  # fmt: skip
    assert client.post("/product/acts/process?lot=L2&step=thawing&node=L2.V2", given).status_code == 302
    text = page(laboratory, "inspector-i", "/product/stock")
    assert "<dt>thawed</dt><dd>1</dd>" in text and 'Taken out <span class="quiet">1</span>' in text


def test_the_label_of_a_bag_is_scanned_into_a_page(laboratory: Practice) -> None:
    scan = OWN_SCHEME.compose(
        Label("dose", {"trial": "SMALL-2", "dose": "X1", "participant": "S-1"}, "Cells")
    )
    given = {"dose": scan, "at": "2014-01-20T11:00", "what": "destroyed", "reason": "The rest", "witness": "reviewer-w|gmp_technician",
             "second_password": PASSWORD}  # fmt: skip
    answer = client_of(laboratory, "tester-v").post("/product/acts/end_dose", given)
    assert answer.status_code == 302 and answer["Location"] == "/product/doses/X1"
    foreign = client_of(laboratory, "tester-v").post("/product/acts/end_dose", {**given, "dose": "=1234W"})
    assert foreign.status_code == 422 and "another label scheme" in foreign.content.decode()
