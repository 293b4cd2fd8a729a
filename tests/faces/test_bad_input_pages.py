"""Everything wrong that can be typed on the pages about product, safety, laboratory, people and locks: refused in words, nothing entered."""

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
from faces.practice import BEGAN, Practice
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
