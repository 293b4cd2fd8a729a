"""Data cuts on the site: signed with the password again, listed with who signed how, and a report on each."""

import re

import pytest
from django.contrib.auth.models import User
from django_otp.plugins.otp_totp.models import TOTPDevice

from charcot.conduct import open_query
from charcot.ledger import Actor, Kind
from charcot.wiring.cuts import make_cut
from charcot.wiring.served import choose, open_site
from faces.practice import Practice
from running import run_charcot

CUTS = "/record/cuts"


def asked(practice: Practice, person: str, **more: str) -> dict[str, str]:
    return {"name": "interim-1", "statement": "For the safety board.", **practice.proof(person)} | more


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())  # type: ignore[attr-defined]  # a response


def test_a_cut_is_made_with_a_password_and_listed_with_its_signature(practice: Practice) -> None:
    client, last = practice.client("statistician-1"), practice.folder.ledger.head()
    assert "No cut was made yet" in text(client.get(CUTS))
    answer = client.post(CUTS, asked(practice, "statistician-1"))
    assert answer.status_code == 302
    (entry,) = practice.folder.ledger.entries(after=last.sequence)
    assert entry.kind is Kind.DATA_CUT_MADE
    assert (entry.data["sequence"], entry.data["hash"]) == (last.sequence, last.hash)
    assert entry.data["signature"] == {
        "person": "statistician-1", "role": "statistician", "meaning": "I declare this data cut", "method": "password",
    }  # fmt: skip
    page = text(client.get(CUTS))
    assert "The data cut interim-1 was made and signed." in page
    assert "For the safety board." in page
    assert "with password" in page
    assert 'href="/report?as_of=interim-1"' in page
    assert client.get("/report?as_of=interim-1").status_code == 200
    assert "interim-1" in text(client.get("/"))


def test_a_wrong_password_makes_no_cut_and_loses_nothing_typed(practice: Practice) -> None:
    client, before = practice.client("data_manager-1"), practice.folder.ledger.head()
    answer = client.post(CUTS, asked(practice, "data_manager-1", password="not mine"))
    assert answer.status_code == 400
    assert "These do not fit together." in text(answer)
    assert "For the safety board." in text(answer)
    assert practice.folder.ledger.head() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "1st"}, "cannot be called"),
        ({"statement": " "}, "statement"),
        ({"at_entry": "last"}, "is no number of an entry"),
        ({"at_entry": "99999"}, "There is no entry 99999"),
    ],
)
def test_what_cannot_be_cut_is_said(practice: Practice, wrong: dict[str, str], said: str) -> None:
    client, before = practice.client("statistician-1"), practice.folder.ledger.head()
    answer = client.post(CUTS, asked(practice, "statistician-1", **wrong))
    assert answer.status_code == 400
    assert said in text(answer)
    assert practice.folder.ledger.head() == before


def test_only_roles_that_may_cut_do(practice: Practice) -> None:
    client, before = practice.client("coordinator-1"), practice.folder.ledger.head()
    assert "Make a cut" not in text(client.get(CUTS))
    assert client.post(CUTS, asked(practice, "coordinator-1")).status_code == 400
    assert practice.folder.ledger.head() == before


def test_a_name_stands_for_one_cut_for_ever(practice: Practice) -> None:
    client = practice.client("statistician-1")
    assert client.post(CUTS, asked(practice, "statistician-1")).status_code == 302
    again = client.post(CUTS, asked(practice, "statistician-1", name="Interim-1"))
    assert again.status_code == 400
    assert "There is a data cut" in text(again)


def test_a_report_on_a_cut_stays_while_the_record_goes_on(practice: Practice) -> None:
    client = practice.client("statistician-1")
    client.post(CUTS, asked(practice, "statistician-1"))
    before = client.get("/report.html?as_of=interim-1").content
    open_query(
        practice.trial, Actor("monitor-1", "monitor"), participant="S-01", form="consent", text="Is it?"
    )
    assert client.get("/report.html?as_of=interim-1").content == before


def test_a_cut_at_the_terminal_is_signed_with_the_password(practice: Practice) -> None:
    before, path = practice.folder.ledger.head(), practice.folder.path
    who = ("--person", "statistician-1", "--role", "statistician", "--statement", "For the board.")
    refused = run_charcot("cut", path, "by-hand", *who, typed="not mine\n\n")
    assert refused.status == 2 and "These do not fit together" in refused.err
    assert practice.folder.ledger.head() == before
    proof = practice.proof("statistician-1")
    made = run_charcot("cut", path, "by-hand", *who, typed=f"{proof['password']}\n{proof['token']}\n")
    assert made.status == 0, made.err
    assert "Signed with password by statistician-1 as statistician." in made.out
    (entry,) = practice.folder.ledger.entries(after=before.sequence)
    assert entry.data["signature"]["method"] == "password"


def test_a_cut_at_the_terminal_asks_for_the_code_of_whom_has_a_second_factor(practice: Practice) -> None:
    choose(open_site(practice.folder))
    account = User.objects.get(username="statistician-1")
    TOTPDevice.objects.create(user=account, name="app", confirmed=True)
    before, path = practice.folder.ledger.head(), practice.folder.path
    who = ("--person", "statistician-1", "--role", "statistician", "--statement", "For the board.")
    proof = practice.proof("statistician-1")
    for code in ("", "not a code"):
        refused = run_charcot("cut", path, "by-hand", *who, typed=f"{proof['password']}\n{code}\n")
        assert refused.status == 2 and "These do not fit together" in refused.err
    assert practice.folder.ledger.head() == before
    token = practice.token("statistician-1")
    made = run_charcot("cut", path, "by-hand", *who, typed=f"{proof['password']}\n{token}\n")
    assert made.status == 0, made.err
    (entry,) = practice.folder.ledger.entries(after=before.sequence)
    assert entry.data["signature"]["method"] == "password+totp"


def test_a_cut_of_the_terminal_says_that_it_was_declared(practice: Practice) -> None:
    make_cut(practice.folder, "statistician-1", "statistician", name="by-hand", statement="At the terminal.")
    assert "declared at a terminal" in text(practice.client("inspector-1").get(CUTS))
