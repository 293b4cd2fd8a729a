"""Everything wrong that can be typed on the pages about product, safety, laboratory, people and locks is refused in words; what is right is kept as typed."""

import html
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from django.test import Client

from charcot.conduct import record, report_event
from charcot.ledger import Actor, Kind
from faces.concealing import open_concealed
from faces.page_fields import AskedField, fields_of
from faces.practice import BEGAN, PASSWORD, Practice
from faces.test_bad_input import DATES, EVERYWHERE, NUMBERS
from product.laboratory import make_laboratory, open_laboratory

MOMENTS = {"at", "on", "due", "expires", "sampled_at", "received_at", "since", "until"}
ACTS_OF = {
    "tester-v": ("record_donor_test", "receive_material", "calibrate", "procure", "process", "count_cells", "request_test", "result_test",
                 "report_product_deviation", "prepare_dose", "print_labels", "reconcile_labels", "issue_dose", "hand_over_dose", "receive_dose",
                 "move_vial", "report_storage_excursion"),
    "person-q": ("decide_donor", "release_material", "recall_material", "review_test", "assess_product_deviation", "close_product_deviation",
                 "annul_product_entry", "certify", "open_recall", "notify_recall", "close_recall"),
    "dr-a": ("prescribe_dose", "check_bedside", "end_dose"),
    "blind-b": ("register_donor", "consent_donor", "screen_donor", "report_donor_reaction", "follow_donor_reaction"),
}  # fmt: skip
"""Every act on the product that has a page, by somebody who may do it."""


class Page(NamedTuple):
    """A page that takes what is sent: who opens it, and a field of its form. `beside`: whether each field has a place for words."""

    person: str
    address: str
    field: str
    beside: bool = True


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    path = tmp_path_factory.mktemp("wrong") / "laboratory"
    make_laboratory(path)
    return open_laboratory(path)


@pytest.fixture
def trial(concealed_made: Path, tmp_path: Path) -> Practice:
    """Two sites, a serious adverse event that a clock runs for, and a value far above its range."""
    practice = open_concealed(Path(shutil.copytree(concealed_made, tmp_path / "wrong")))
    day = f"{BEGAN + timedelta(days=7):%Y-%m-%d}"
    report_event(
        practice.trial, Actor("investigator-1", "investigator"), participant="S-01", at=day,
        values={"term": "Fever", "category": "other", "onset": day, "outcome": "not_recovered", "grade": "3", "serious_criteria": "hospitalisation", "aware_on": f"{day}T09:00", "serious": "yes",
                "relation_product": "possible"},
    )  # fmt: skip
    desk = Actor("coordinator-1", "coordinator")
    for form, values in (
        ("demography", {"sex": "M"}),
        ("laboratory_liver", {"collected_at": f"{day}T12:30", "alt": "500"}),
    ):
        record(
            practice.trial,
            desk,
            participant="S-01",
            form=form,
            encounter="screening",
            at=f"{day}T12:30",
            values=values,
        )
    return practice


def product_pages() -> Iterator[Page]:
    for person, acts in ACTS_OF.items():
        for verb in acts:
            about = "?lot=L2&step=sampling&node=L2.P0-harvest" if verb == "process" else "?lot=L2"
            yield Page(person, f"/product/acts/{verb}{about}", "token")


def other_pages(trial: Practice) -> list[Page]:
    given = next(iter(trial.folder.ledger.entries(kinds=[Kind.ROLE_DELEGATED]))).sequence
    person = "/participants/S-01"
    return [
        Page("investigator-1", "/safety/ranges/laboratory_liver/alt", "token"),
        Page("investigator-1", f"{person}/laboratory/laboratory_liver/screening/1/alt", "token"),
        Page("investigator-1", f"{person}/events/1/submit/sponsor", "token"),
        Page("safety_physician-1", f"{person}/events/1/relation", "token"),
        Page("safety_physician-1", f"{person}/events/1/narrative", "text", beside=False),
        Page("safety_board-1", "/safety/boundaries/emboli/review", "statement", beside=False),
        Page("investigator-1", "/people/delegate", "person", beside=False),
        Page("investigator-1", f"/people/delegations/{given}/end", "reason", beside=False),
        Page("administrator-1", "/people/accounts", "person", beside=False),
        Page("data_manager-1", "/record/cuts", "statement", beside=False),
        Page("data_manager-1", "/locks/trial", "statement", beside=False),
        Page("data_manager-1", f"{person}/lock?scope=participant", "reason"),
        *(
            Page("investigator-1", f"{person}/acts/{verb}", "token")
            for verb in ("withdraw", "lose_to_follow_up", "miss", "report_deviation", "decline")
        ),
        Page("coordinator-1", "/screening/new", "token"),
    ]


def filled_in(asked: AskedField) -> str:
    """What somebody could mean."""
    if asked.kind in ("list", "choice"):
        return asked.value or next(iter(asked.options), "")
    return asked.value or (
        "12" if asked.kind == "number" else "2014-03-14T09:30" if asked.name in MOMENTS else "x"
    )


def wrong_for(asked: AskedField) -> dict[str, str]:
    """What must be refused in a field."""
    if asked.kind not in ("text", "number"):
        return {}
    more = NUMBERS if asked.kind == "number" else DATES[1:] if asked.name in MOMENTS else ()
    return EVERYWHERE | {f"own {place}": text for place, text in enumerate(more)}


def sweep(practice: Practice, client: Client, page: Page) -> int:
    """Types everything wrong into every field of a page; says how many times."""
    before, tried = practice.folder.ledger.head(), 0
    shown = client.get(page.address)
    assert shown.status_code == 200, page.address
    asked = fields_of(shown.content.decode(), page.field)
    for kind in max((list(wrong_for(one)) for one in asked.values()), key=len):
        wrong = {name: wrong_for(one)[kind] for name, one in asked.items() if kind in wrong_for(one)}
        sent = {name: filled_in(one) for name, one in asked.items() if one.kind not in ("secret", "ticks")}
        answer = client.post(page.address, sent | wrong)
        text = answer.content.decode()
        assert answer.status_code in (400, 422), (page.address, kind, answer.status_code)
        places = (
            [rf'id="say-{name}"[^>]*>([^<]*)<' for name in wrong]
            if page.beside
            else [r'role="alert">(.*?)</div>']
        )
        for place in places:
            said = re.search(place, text, re.DOTALL)
            words = html.unescape(said.group(1)) if said else ""
            assert len(words) > 10, (page.address, kind, place)
            tried += 1
        assert "<script>alert" not in text, page.address
        assert "onerror=alert(1)>" not in text.replace("&gt;", ""), page.address
        assert practice.folder.ledger.head() == before, (page.address, kind)
    return tried


def test_no_page_about_the_product_takes_what_cannot_be_meant(laboratory: Practice) -> None:
    from charcot.web.product_acts import ACTS

    assert {verb for acts in ACTS_OF.values() for verb in acts} == set(ACTS)
    clients = {person: laboratory.client(person) for person in ACTS_OF}
    assert sum(sweep(laboratory, clients[page.person], page) for page in product_pages()) > 1500


def test_no_page_about_safety_laboratory_people_and_locks_takes_what_cannot_be_meant(trial: Practice) -> None:
    pages = other_pages(trial)
    clients = {person: trial.client(person) for person in {page.person for page in pages}}
    assert sum(sweep(trial, clients[page.person], page) for page in pages) > 250


def send(client: Client, verb: str, about: str = "", **fields: str) -> tuple[int, str]:
    """Sends the page of an act with some fields written; the others as they stand."""
    where = f"/product/acts/{verb}{about}"
    asked = fields_of(client.get(where).content.decode(), "token")
    answer = client.post(where, {name: filled_in(one) for name, one in asked.items()} | fields)
    return answer.status_code, html.unescape(answer.content.decode())


def beside(page: str, name: str) -> str:
    found = re.search(rf'id="say-{name}">(.*?)</p>', page, re.DOTALL)
    return found.group(1) if found else ""


DELIVERY = {"code": "MED7", "material": "medium", "lot_number": "X", "supplier": "S", "expires": "2030-12-31", "amount": "5", "at": "2014-01-04"}  # fmt: skip


def test_the_words_stand_beside_the_field_that_the_record_refuses(laboratory: Practice) -> None:
    tester, before = laboratory.client("tester-v"), laboratory.folder.ledger.head()
    refused = {
        "at": ("2099-01-01", "2099-01-01 lies in the future."),
        "code": ("a code with blanks", "'a code with blanks' cannot be the code of a material lot."),
        "amount": ("0", "The amount cannot be '0'."),
    }
    for name, (typed, words) in refused.items():
        status, page = send(tester, "receive_material", **DELIVERY | {name: typed})
        assert (status, beside(page, name).startswith(words)) == (422, True), (name, beside(page, name))
    status, page = send(tester, "receive_material", **DELIVERY | {"code": "MED1"})
    assert beside(page, "code").startswith("There is already")
    assert laboratory.folder.ledger.head() == before


def test_few_cells_are_questioned(laboratory: Practice) -> None:
    tester, before = laboratory.client("tester-v"), laboratory.folder.ledger.head()
    given = {"node": "L2.P0-harvest", "at": "2014-01-18T10:30", "viable_1": "1", "dead_1": "0", "factor": "1.06", "volume_ml": "100", "method": "NC-200",
             "viable_2": "", "dead_2": "", "viable_3": "", "dead_3": "", "reason": ""}  # fmt: skip
    status, page = send(tester, "count_cells", "?lot=L2", **given)
    assert status == 422
    assert "Only 106 cells" in page
    assert "possible lost superscript, such as 106 for 10^6" in page
    assert laboratory.folder.ledger.head() == before


def test_numbers_are_read_as_on_forms_and_words_are_kept_as_they_were_written(laboratory: Practice) -> None:
    tester, before = laboratory.client("tester-v"), laboratory.folder.ledger.head()
    words = "O'Brien & <5 °C – شرکت"
    status, page = send(tester, "receive_material", **DELIVERY | {"amount": "۱۲٫۵", "supplier": words, "expires": "31 Dec 2030"})  # fmt: skip
    assert status == 302, page
    counts = {"node": "L2.P0-harvest", "at": "2014-01-18T10:30", "viable_1": "۲۱۲", "dead_1": "٧", "viable_2": "", "dead_2": "", "viable_3": "",
              "dead_3": "", "factor": "10 000", "volume_ml": "100,5", "method": "NC-200", "reason": ""}  # fmt: skip
    assert send(tester, "count_cells", "?lot=L2", **counts)[0] == 302
    received, counted = laboratory.folder.ledger.entries(after=before.sequence)
    assert (received.data["amount"], received.data["expires"], received.data["supplier"]) == (
        "12.5",
        "2030-12-31",
        words,
    )
    assert (counted.data["factor"], counted.data["volume_ml"]) == ("10000", "100.5")
    assert counted.data["viable"] == "213060000"  # 212 cells x 10000 /ml x 100.5 ml
    shown = tester.get("/product/materials").content.decode()
    assert html.escape(words) in shown
    assert words not in shown


SECRETS = {
    "/account/password": ("old", "password", "again"),
    "/account/second-factor": ("password", "token"),
    "/account/recovery-codes": ("password", "token"),
    "/role": ("role", "next"),
    "/people/accounts/monitor-1": ("what", "reason", "password", "token"),
    "/set-password/nothing": ("password", "again"),
    "/participants": ("do", "view", "name"),
    "/queries": ("do", "pick", "text"),
    "/verification": ("do", "pick", "text"),
}
"""Addresses that take passwords, choices and names, with what they take."""


def test_what_takes_passwords_and_choices_never_breaks(trial: Practice) -> None:
    client, before = trial.client("administrator-1"), trial.folder.ledger.head()
    reader = trial.client("data_manager-1")
    for address, fields in SECRETS.items():
        for kind, typed in EVERYWHERE.items():
            who = client if address.startswith(("/account", "/role", "/people", "/set")) else reader
            answer = who.post(address, dict.fromkeys(fields, typed))
            assert answer.status_code in (302, 400, 401, 403, 422, 429), (address, kind, answer.status_code)
            assert "<script>alert" not in answer.content.decode(), (address, kind)
    for kind, typed in EVERYWHERE.items():
        given = {"what": "close", "reason": typed, "password": "x", "token": ""}
        answer = client.post("/people/accounts/monitor-1", given)
        assert (answer.status_code, "The reason" in answer.content.decode()) == (400, True), kind
    assert trial.folder.ledger.head() == before


SECOND = {"verifier": "reviewer-w|gmp_technician", "second_password": PASSWORD}
MADE = "2014-01-18T"
COURSE: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("tester-v", "receive_material", "", {"code": "COL8", "material": "collagenase", "lot_number": "X", "supplier": "S", "expires": "2014-11-30", "amount": "12.5", "at": "2014-01-04"}),
    ("person-q", "release_material", "?code=COL8", {"certificate": "C-8"}),
    ("tester-v", "calibrate", "", {"code": "CEN8", "equipment": "centrifuge", "label": "Eight", "on": "2014-01-04", "due": "2014-11-29", "rotor_radius_cm": "8.5"}),
    ("blind-b", "register_donor", "", {"donor": "D8", "participant": "S-2", "relation": "sibling"}),
    ("blind-b", "consent_donor", "?donor=D8", {"at": "2014-01-08T09:05", "form_version": "1"}),
    ("blind-b", "screen_donor", "?donor=D8", {"at": "2014-01-08T10:05", "q_healthy": "yes", "q_height": "170.5", "suitable": "yes"}),
    ("tester-v", "record_donor_test", "?donor=D8&test=hiv", {"sampled_at": "2014-01-09", "result": "negative", "method": "ELISA"}),
    ("tester-v", "record_donor_test", "?donor=D8&test=hcv", {"sampled_at": "2014-01-09", "result": "negative", "method": "ELISA"}),
    ("person-q", "decide_donor", "?donor=D8", {"at": "2014-01-09T12:05", "decision": "eligible"}),
    ("tester-v", "procure", "?donor=D8", {"lot": "L8", "at": "2014-01-10T09:05", "volume_ml": "100.5", "operator": "O", "anaesthetic": "A", "container": "B", "received_at": "2014-01-10T10:05", "transport_temperature": "-4.5"}),
    ("blind-b", "report_donor_reaction", "?donor=D8", {"at": "2014-01-10T10:30", "description": "Bruise", "severity": "mild", "outcome": "ongoing"}),
    ("blind-b", "follow_donor_reaction", "?donor=D8&reaction=r1", {"at": "2014-01-12T10:30", "found": "Gone", "outcome": "recovered"}),
    ("tester-v", "process", "?lot=L8&step=isolation&node=L8.tissue", {"children": "svf", "at": "2014-01-10T11:05", "p_minutes": "20.5", "p_speed": "2000", "m_collagenase": "COL8", "a_collagenase": "1.5", "e_centrifuge": "CEN8", **SECOND}),
    ("tester-v", "count_cells", "?lot=L8&node=L8.svf", {"at": "2014-01-10T12:05", "viable_1": "212", "dead_1": "7", "viable_2": "214", "dead_2": "9", "viable_3": "216", "dead_3": "11", "factor": "10000.0", "volume_ml": "100.5", "method": "NC-200"}),
    ("tester-v", "process", "?lot=L8&step=seeding&node=L8.svf", {"children": "P0", "at": "2014-01-10T13:05", "cells": "100000000", "vessels": "4", "area_cm2": "150.5", "m_medium": "MED1", "a_medium": "2.5", **SECOND}),
    ("tester-v", "process", "?lot=L8&step=feeding&node=L8.P0", {"at": "2014-01-14T09:05", **SECOND}),
    ("tester-v", "process", "?lot=L8&step=harvest&node=L8.P0", {"children": "P0-harvest", "at": f"{MADE}09:05", **SECOND}),
    ("tester-v", "count_cells", "?lot=L8&node=L8.P0-harvest", {"at": f"{MADE}10:05", "viable_1": "205", "dead_1": "5", "factor": "10000", "volume_ml": "100", "method": "NC-200"}),
    ("tester-v", "process", "?lot=L8&step=freezing&node=L8.P0-harvest", {"children": "V1", "places": "T8/R1/B1/A1", "cells": "20000000", "at": f"{MADE}12:05", **SECOND}),
    ("tester-v", "move_vial", "?node=L8.V1", {"at": f"{MADE}13:05", "place": "T8/R1/B1/A2"}),
    ("tester-v", "report_storage_excursion", "", {"place": "T8", "at": f"{MADE}14:05", "until": f"{MADE}15:05", "temperature": "-90.5", "severity": "minor", "description": "Door"}),
    ("tester-v", "request_test", "?lot=L8&node=L8.P0-harvest&test=cd90", {"sampled_at": f"{MADE}10:35"}),
    ("tester-v", "result_test", "?lot=L8&test=t1", {"value": "97.5", "at": "2014-01-19T09:05"}),
    ("tester-v", "report_product_deviation", "?lot=L8", {"at": "2014-01-19T09:06", "severity": "minor", "description": "Late"}),
    ("person-q", "assess_product_deviation", "?lot=L8&deviation=d2", {"severity": "minor", "impact": "None", "investigation": "Asked", "root_cause": "Traffic", "action": "None", "due": "2014-11-28"}),
    ("dr-a", "prescribe_dose", "?participant=S-2", {"dose": "X8", "at": "2014-01-20T07:05"}),
    ("tester-v", "prepare_dose", "?dose=X8&lot=L8&node=L8.P0-harvest", {"at": "2014-01-20T08:05", "viable": "141000000", "total": "148000000", "concentration": "14100000", "volume_ml": "10.0", **SECOND}),
    ("reviewer-w", "review_test", "?lot=L8&test=t1", {"verdict": "PASS"}),
    ("tester-v", "request_test", "?lot=L8&node=L8.P0-harvest&test=sterility", {"sampled_at": f"{MADE}10:36"}),
    ("tester-v", "result_test", "?lot=L8&test=t2", {"value": "negative", "at": "2014-01-19T10:05"}),
    ("reviewer-w", "review_test", "?lot=L8&test=t2", {"verdict": "PASS"}),
    ("person-q", "certify", "?lot=L8", {"outcome": "certified", "password": PASSWORD}),
    ("tester-v", "print_labels", "?dose=X8", {"copies": "2"}),
    ("tester-v", "reconcile_labels", "?dose=X8", {"used": "1", "destroyed": "1"}),
    ("tester-v", "issue_dose", "?dose=X8", {"at": "2014-01-20T08:35", "temperature": "8.5"}),
    ("tester-v", "hand_over_dose", "?dose=X8", {"at": "2014-01-20T08:45", "to": "reviewer-w|gmp_technician", "temperature": "8.5"}),
    ("reviewer-w", "receive_dose", "?dose=X8", {"at": "2014-01-20T09:05", "temperature": "9.5"}),
    ("dr-a", "check_bedside", "?dose=X8", {"at": "2014-01-20T09:55", "wristband": "S-2", "bag": "X8", "second": "blind-b|coordinator", "second_password": PASSWORD}),
    ("dr-a", "end_dose", "?dose=X8", {"at": "2014-01-20T10:05", "what": "returned", "reason": "Unwell", "witness": "blind-b|coordinator", "second_password": PASSWORD}),
    ("person-q", "annul_product_entry", "?about=dose/X8", {"entry": "", "reason": "It was not"}),
    ("person-q", "open_recall", "?lot=L8", {"recall": "R8", "at": "2014-01-21T09:05", "reason": "Growth"}),
    ("person-q", "notify_recall", "?recall=R8", {"whom": "lot L8", "at": "2014-01-21T09:06", "how": "By telephone", "answer": "Heard"}),
)  # fmt: skip
"""One product from its materials to the dose, page by page, with every field of a number and a date."""
PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


ELSEWHERE = ("low", "high", "age_from", "age_to", "at_entry")
"""Fields of numbers on pages that do not say so to the browser."""


def is_read(asked: AskedField) -> bool:
    """Whether a field asks for a number or a date."""
    return (asked.kind == "number" and asked.name != "token") or asked.name in {*MOMENTS, *ELSEWHERE}


def take_in_persian(
    practice: Practice, client: Client, reader: Client, page: Page, **fields: str
) -> set[str]:
    """Sends a page with its numbers and dates in Persian digits, and finds each on the page of an entry as it is kept and was typed."""
    before = practice.folder.ledger.head().sequence
    asked = fields_of(client.get(page.address).content.decode(), page.field)
    sent = {name: one.value for name, one in asked.items()} | fields
    typed = {
        name: sent[name].translate(PERSIAN) for name, one in asked.items() if is_read(one) and sent[name]
    }
    answer = client.post(page.address, sent | typed)
    refused = re.findall(r'class="wrong">(.+?)<|role="alert">(.+?)</div>', answer.content.decode(), re.DOTALL)
    assert answer.status_code == 302, (page.address, refused)
    entered = practice.folder.ledger.entries(after=before)
    shown = [reader.get(f"/record/{entry.sequence}").content.decode() for entry in entered]
    for name, text in typed.items():
        kept_as = rf"<td>{re.escape(sent[name])}</td><td><bdi>{text}( [^<]+)?</bdi></td>"
        assert sum(len(re.findall(kept_as, one)) for one in shown) == list(typed.values()).count(text), (
            page.address,
            name,
        )
    return set(typed)


def test_every_number_and_date_of_an_act_on_the_product_is_kept_as_typed(laboratory: Practice) -> None:
    people = {person for person, *_rest in COURSE} | {"inspector-i"}
    clients = {person: laboratory.client(person) for person in people}
    reader = clients["inspector-i"]
    asked_for = {(page.address.partition("?")[0], name) for page in product_pages()
                 for name, one in fields_of(clients[page.person].get(page.address).content.decode(), "token").items() if is_read(one)}  # fmt: skip
    assert len(asked_for) > 50
    for person, verb, about, fields in COURSE:
        where = f"/product/acts/{verb}"
        last = {"entry": str(laboratory.folder.ledger.head().sequence)} if "entry" in fields else {}
        page = Page(person, where + about, "token")
        taken = take_in_persian(laboratory, clients[person], reader, page, **(fields | last))
        asked_for -= {(where, name) for name in taken}
    assert not asked_for
    beside = {"/product/lots/L8": ("۲۰٫۵", "۱٫۵", "۱۰۰۰۰۰۰۰۰", "۱۰۰٫۵", "۹۷٫۵"), "/product/materials": ("۲۰۱۴-۱۱-۳۰",), "/product/doses/X8": ("۸٫۵", "۱۰٫۰"), "/product/donors/D8": ("۲۰۱۴-۰۱-۰۹",)}  # fmt: skip
    for address, texts in beside.items():
        shown = reader.get(address).content.decode()
        assert all(f"typed as <bdi>{text}</bdi>" in shown for text in texts), address
    received = next(e for e in laboratory.folder.ledger.entries(subjects=["material/COL8"]))
    assert received.typed["amount"] == "۱۲٫۵"
    concealed = clients["blind-b"].get(f"/record/{received.sequence}").content.decode()
    assert "material_received" in concealed and "۱۲٫۵" not in concealed
    trails = {who: b"".join(clients[who].get("/record.csv?kind=material_received")).decode() for who in ("blind-b", "inspector-i")}  # fmt: skip
    assert "۱۲٫۵" not in trails["blind-b"] and "amount: ۱۲٫۵" in trails["inspector-i"]


def test_every_number_and_date_of_other_acts_is_kept_as_typed(trial: Practice) -> None:
    day, person = f"{BEGAN + timedelta(days=8):%Y-%m-%d}", "/participants/S-01"
    head = trial.folder.ledger.head().sequence
    given = next(iter(trial.folder.ledger.entries(kinds=[Kind.ROLE_DELEGATED]))).sequence
    acts: tuple[tuple[Page, dict[str, str]], ...] = (
        (Page("investigator-1", "/safety/ranges/laboratory_liver/alt", "token"),
         {"site": "tehran", "since": day, "low": "7.5", "high": "41.5", "age_from": "18", "age_to": "65", "source": "List 3"}),
        (Page("investigator-1", f"{person}/events/1/submit/sponsor", "token"), {"at": f"{day}T09:30", "reference": "R-1"}),
        (Page("coordinator-1", f"{person}/acts/miss", "token"), {"what": "month_2", "at": day, "reason": "Snow"}),
        (Page("investigator-1", f"{person}/acts/report_deviation", "token"),
         {"at": day, "category": "visit", "section": "5.1", "description": "Late"}),
        (Page("coordinator-1", "/screening/new", "token"), {"participant": "S-90", "at": day, "site": "tehran"}),
        (Page("investigator-1", f"{person}/acts/decline", "token"), {"at": day, "reason": "Moved away"}),
        (Page("investigator-1", "/people/delegate", "person"),
         {"person": "coordinator-9", "role": "coordinator", "since": day, "until": "2040-12-31"}),
        (Page("investigator-1", f"/people/delegations/{given}/end", "reason"), {"until": day, "reason": "Left"}),
        (Page("data_manager-1", "/record/cuts", "statement"), {"name": "First", "statement": "All of it", "at_entry": str(head)}),
    )  # fmt: skip
    clients = {who: trial.client(who) for who in {page.person for page, _fields in acts}}
    for page, fields in acts:
        extra = {"confirmed": "1"} if page.field == "token" else trial.proof(page.person)
        assert take_in_persian(
            trial, clients[page.person], clients["investigator-1"], page, **fields, **extra
        )
