"""Signing on pages: what waits, bound to what was seen, proven again, and broken by a later correction."""

import re
from typing import Any

import pytest
from django.test import Client

from charcot.conduct import correct, record
from charcot.ledger import Actor, Kind
from faces.practice import PASSWORD, Practice

MEANING = "I approve"
COORDINATOR = Actor("coordinator-1", "coordinator")
HISTORY = {"participant": "S-01", "form": "vital_signs", "encounter": "screening"}


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def weigh(practice: Practice, pulse: str = "72") -> None:
    values = {"systolic": "120", "diastolic": "80", "pulse": pulse, "temperature": "36.6"}
    at = next(e.clinical_time for e in practice.folder.ledger.entries(subjects=["participant/S-01"]))
    record(practice.trial, COORDINATOR, at=at, values=values, **HISTORY)  # type: ignore[arg-type]


def mend(practice: Practice, pulse: str, based_on: int) -> None:
    correct(practice.trial, COORDINATOR, changes={"pulse": pulse}, based_on=based_on,
            reason="read from the wrong line", **HISTORY)  # fmt: skip


def signed(practice: Practice) -> list[Any]:
    return list(practice.folder.ledger.entries(kinds=[Kind.FORMS_SIGNED]))


def hidden(client: Client, participant: str = "S-01") -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', client.get(f"/signing/{participant}").content.decode())


def sent(practice: Practice, seen: list[str], person: str = "investigator-1", **more: Any) -> dict[str, Any]:
    return {"seen": seen, "meaning": MEANING, **practice.proof(person), **more}


def test_a_doctor_finds_what_waits_and_signs_the_whole_casebook_as_it_was_seen(practice: Practice) -> None:
    weigh(practice)
    doctor = practice.client("investigator-1")
    assert ">S-01</a>" in text(doctor.get("/signing"))
    page = text(doctor.get("/signing/S-01"))
    assert "The whole casebook: 3 forms" in page
    done = doctor.post("/signing/S-01", sent(practice, hidden(doctor), all="1"))
    assert done.status_code == 302
    (entry,) = signed(practice)
    assert {form["form"] for form in entry.data["forms"]} == {"consent", "identity", "vital_signs"}
    assert (entry.data["meaning"], entry.data["method"]) == (MEANING, "password+totp")
    assert entry.actor == Actor("investigator-1", "investigator")
    page = text(doctor.get("/signing"))
    assert "3 forms of S-01 are signed." in page
    assert ">S-01</a>" not in page
    assert ">S-02</a>" in page
    shown = text(doctor.get("/participants/S-01/forms/vital_signs/screening/1"))
    assert "on version 1, with password and second factor" in shown


def test_one_form_or_one_visit_can_be_ticked(practice: Practice) -> None:
    weigh(practice)
    doctor = practice.client("investigator-1")
    seen = hidden(doctor)
    vitals = next(name for name in seen if name.startswith("vital_signs|"))
    doctor.post("/signing/S-01", sent(practice, seen, form=[vitals]))
    assert [form["form"] for form in signed(practice)[0].data["forms"]] == ["vital_signs"]
    doctor.post("/signing/S-01", sent(practice, hidden(doctor), visit=["screening|1"]))
    assert [form["form"] for form in signed(practice)[1].data["forms"]] == ["identity"]


@pytest.mark.parametrize("wrong", [{"password": "not mine"}, {"token": "000000"}, {"meaning": "I like it"}])
def test_nothing_is_signed_unless_everything_is_right_and_the_ticks_stay(
    practice: Practice, wrong: dict[str, str]
) -> None:
    doctor = practice.client("investigator-1")
    seen = hidden(doctor)
    refused = doctor.post("/signing/S-01", sent(practice, seen, form=seen[:1]) | wrong)
    assert refused.status_code == 400
    assert 'role="alert"' in text(refused)
    assert re.search(rf'name="form" value="{re.escape(seen[0])}" data-form checked', text(refused))
    assert PASSWORD not in text(refused)
    assert not signed(practice)


def test_nothing_ticked_is_said_so(practice: Practice) -> None:
    doctor = practice.client("investigator-1")
    refused = doctor.post("/signing/S-01", sent(practice, hidden(doctor)))
    assert "No form is ticked." in text(refused)
    assert not signed(practice)


def test_a_form_that_changed_while_the_page_was_open_is_not_signed(practice: Practice) -> None:
    weigh(practice)
    doctor = practice.client("investigator-1")
    seen = hidden(doctor)
    mend(practice, "78", based_on=1)
    refused = doctor.post("/signing/S-01", sent(practice, seen, all="1"))
    assert refused.status_code == 400
    assert "Saved anew while this page was open" in text(refused)
    assert not signed(practice)
    again = doctor.post("/signing/S-01", sent(practice, hidden(doctor), all="1"))
    assert again.status_code == 302
    vitals = next(form for form in signed(practice)[0].data["forms"] if form["form"] == "vital_signs")
    assert vitals["version"] == 2


def test_a_correction_breaks_the_signature_and_says_what_changed_by_whom_and_why(practice: Practice) -> None:
    weigh(practice)
    doctor = practice.client("investigator-1")
    doctor.post("/signing/S-01", sent(practice, hidden(doctor), all="1"))
    mend(practice, "78", based_on=1)
    assert "1 form</span>" in text(doctor.get("/signing"))
    for page in ("/signing/S-01", "/participants/S-01/forms/vital_signs/screening/1"):
        shown = text(doctor.get(page))
        assert "Signature no longer holds" in shown, page
        assert "<del>72</del> → <ins>78</ins>" in shown, page
        assert "Broken by version 2, by coordinator-1" in shown, page
        assert "read from the wrong line" in shown, page
    doctor.post("/signing/S-01", sent(practice, hidden(doctor), all="1"))
    (form,) = signed(practice)[1].data["forms"]
    assert (form["form"], form["version"]) == ("vital_signs", 2)
    shown = text(doctor.get("/participants/S-01/forms/vital_signs/screening/1"))
    assert shown.index("<b>Signed</b>") < shown.index("Signature no longer holds")  # both stay readable


def test_nobody_signs_what_their_role_does_not_see(practice: Practice) -> None:
    sponsor = practice.client("sponsor-1")
    page = text(sponsor.get("/signing/S-01"))
    assert "Nobody signs what they cannot see" in page
    assert not [name for name in hidden(sponsor) if name.startswith("identity|")]
    forged = sent(practice, ["identity|screening|1|1"], "sponsor-1", all="1")
    assert "does not see" in text(sponsor.post("/signing/S-01", forged))
    assert not signed(practice)


def test_a_role_that_may_not_sign_finds_no_such_page_nor_link(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    assert client.get("/signing").status_code == 403
    assert client.post("/signing/S-01", {"all": "1"}).status_code == 403
    assert "/signing/" not in text(client.get("/participants/S-01"))
    assert "/signing/" in text(practice.client("investigator-1").get("/participants/S-01"))
