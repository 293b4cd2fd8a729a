"""Locks on pages: of forms, visits and participants, and the signed lock of the whole trial with its statement."""

import io
import re
from typing import Any

import pypdf

from charcot.ledger import Kind, Receipt, parse_receipt
from faces.practice import Practice
from faces.test_signing import hidden, sent, signed, text, weigh

FORM = "/participants/S-01/forms/vital_signs/screening/1"
PLACE = "scope=form&form=vital_signs&encounter=screening&instance=1"
STATEMENT = "The record is final for the analysis of the primary endpoint."


def fill(practice: Practice, pulse: str, based_on: str = "0") -> tuple[int, str]:
    """Sends the form; the answer."""
    day = practice.folder.ledger.entries(subjects=["participant/S-01"])
    sheet = {"at": next(iter(day)).clinical_time or "", "source": "paper", "based_on": based_on, "reason": "misread",
             "v.systolic": "120", "v.diastolic": "80", "v.pulse": pulse, "v.temperature": "36.6"}  # fmt: skip
    answer = practice.client("coordinator-1").post(f"{FORM}/fill", sheet)
    shown = re.search(r'name="shown" value="([^"]+)"', answer.content.decode())
    if shown:
        answer = practice.client("coordinator-1").post(f"{FORM}/fill", sheet | {"shown": shown.group(1)})
    return answer.status_code, text(answer)


def test_a_locked_form_takes_nothing_says_who_locked_it_and_opens_with_a_reason(practice: Practice) -> None:
    weigh(practice)
    manager = practice.client("data_manager-1")
    assert f"/participants/S-01/lock?{PLACE}" in text(manager.get(FORM)).replace("&amp;", "&")
    locked = manager.post(f"/participants/S-01/lock?{PLACE}", {"reason": "cleaned"})
    assert locked.status_code == 302
    desk = practice.client("coordinator-1")
    for page in (FORM, f"{FORM}/fill"):
        shown = text(desk.get(page))
        assert "This form is locked." in shown, page
        assert "Locked by data_manager-1" in shown, page
        assert "by: Data manager." in shown, page
        assert f'href="{FORM}/fill"' not in shown, page
        assert "data-save" not in shown, page
    status, answer = fill(practice, "90", based_on="1")
    assert status == 422
    assert "was locked by data_manager-1" in answer
    assert 'value="90"' in answer  # what was typed is not lost
    listed = text(manager.get("/locks"))
    assert "Vital signs" in listed
    assert "cleaned" in listed
    assert manager.post(f"/participants/S-01/unlock?{PLACE}", {"reason": ""}).status_code == 422
    assert "No signature is cancelled" in text(manager.get(f"/participants/S-01/unlock?{PLACE}"))
    assert manager.post(f"/participants/S-01/unlock?{PLACE}", {"reason": "typing error"}).status_code == 302
    assert f'href="{FORM}/fill"' in text(desk.get(FORM))
    assert "Nothing of a single participant is locked." in text(manager.get("/locks"))
    status, _answer = fill(practice, "90", based_on="1")
    assert status == 302


def test_a_locked_visit_and_participant_offer_no_entry_and_the_wider_is_opened_first(
    practice: Practice,
) -> None:
    manager, desk = practice.client("data_manager-1"), practice.client("coordinator-1")
    visit = "scope=visit&encounter=screening&instance=1"
    assert "/fill" in text(desk.get("/participants/S-01/visits/screening"))
    manager.post(f"/participants/S-01/lock?{visit}")
    shown = text(desk.get("/participants/S-01/visits/screening"))
    assert "Locked with the visit." in shown
    assert "/fill" not in shown
    manager.post("/participants/S-01/lock?scope=participant")
    shown = text(desk.get("/participants/S-01"))
    assert "Locked with the participant." in shown
    assert "/fill" not in shown
    refused = text(manager.post(f"/participants/S-01/unlock?{visit}", {"reason": "why not"}))
    assert "Unlock the participant first" in refused
    assert "/fill" in text(desk.get("/participants/S-02"))


def test_only_roles_with_the_verb_lock_and_are_offered_it(practice: Practice) -> None:
    weigh(practice)
    desk = practice.client("coordinator-1")
    assert "/lock?" not in text(desk.get(FORM))
    assert desk.post(f"/participants/S-01/lock?{PLACE}").status_code == 403
    assert (
        practice.client("data_manager-1").get("/participants/S-01/lock?scope=form&form=x").status_code == 404
    )


def lock_trial(practice: Practice, **given: str) -> Any:
    client = practice.client("data_manager-1")
    sheet = {"statement": STATEMENT, "reason": "", **practice.proof("data_manager-1")} | given
    return client.post("/locks/trial", sheet)


def test_the_page_before_the_lock_lists_what_remains_with_links(practice: Practice) -> None:
    weigh(practice)
    page = text(practice.client("data_manager-1").get("/locks/trial"))
    assert "<b>4</b> forms not signed" in page  # three of S-01, the consent of S-02
    assert f'href="{FORM}">Vital signs and weight, Screening</a> <span class="quiet">not signed' in page
    doctor = practice.client("investigator-1")
    doctor.post("/signing/S-01", sent(practice, hidden(doctor), all="1"))
    page = text(practice.client("data_manager-1").get("/locks/trial"))
    assert "<b>1</b> form not signed" in page


def test_a_trial_is_locked_with_statement_reason_and_password_and_gives_receipt_and_pdf(
    practice: Practice,
) -> None:
    weigh(practice)
    assert "no reason is given" in text(lock_trial(practice))
    assert "The statement is missing" in text(lock_trial(practice, statement=" ", reason="it ends"))
    wrong = lock_trial(practice, reason="it ends", password="not mine")
    assert wrong.status_code == 400
    assert STATEMENT in text(wrong)
    assert not list(practice.folder.ledger.entries(kinds=[Kind.LOCKED]))
    head = practice.folder.ledger.head()
    done = lock_trial(practice, reason="the sponsor ended the trial")
    assert done.status_code == 302
    (entry,) = practice.folder.ledger.entries(kinds=[Kind.LOCKED])
    assert parse_receipt(entry.data["receipt"]).hash == head.hash
    manager = practice.client("data_manager-1")
    page = text(manager.get(done["Location"]))
    assert entry.data["receipt"] in page
    after = str(Receipt(parse_receipt(entry.data["receipt"]).trial, entry.sequence, entry.hash))
    assert after in page
    address = f"/locks/trial/{entry.sequence}/statement.pdf"
    made = manager.get(address)
    assert made["Content-Type"] == "application/pdf"
    said = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages)
    squeezed = re.sub(r"\s+", "", said)
    for words in (STATEMENT, "I lock the record of this trial", "data_manager-1", "Data manager", "signed with a password",
                  "the sponsor ended the trial", "Vital signs and weight, Screening", entry.data["receipt"], after):  # fmt: skip
        assert re.sub(r"\s+", "", words) in squeezed, words
    assert (
        manager.post("/locks/trial/unlock", {"reason": "late death report"}).status_code == 200
    )  # asked once more
    opened = manager.post("/locks/trial/unlock", {"reason": "late death report", "confirmed": "1"})
    assert opened.status_code == 302
    assert practice.client("inspector-1").get(address).content == made.content
    assert "opened again since" in text(manager.get(f"/locks/trial/{entry.sequence}"))


def test_while_the_trial_is_locked_nothing_is_entered_or_signed(practice: Practice) -> None:
    weigh(practice)
    doctor = practice.client("investigator-1")
    seen = hidden(doctor)
    lock_trial(practice, reason="the sponsor ended the trial")
    for page in (FORM, "/participants/S-01", "/signing/S-01", "/locks"):
        assert "Locked with the whole trial." in text(doctor.get(page)), page
    assert fill(practice, "90", based_on="1")[0] == 422
    refused = doctor.post("/signing/S-01", sent(practice, seen, all="1"))
    assert "was locked by data_manager-1" in text(refused)
    assert not signed(practice)
    again = lock_trial(practice, reason="once more")
    assert again.status_code == 400
