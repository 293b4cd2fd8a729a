"""What the safety physician does on the pages: narrative, relation, submission, CIOMS form, the site's own terms."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from pypdf import PdfReader

from charcot.conduct import correct, record, report_event
from charcot.conduct.sign_narrative import NARRATING
from charcot.ledger import Actor, Entry, Kind
from charcot.wiring.dictionary import DICTIONARY
from faces.practice import Practice
from running import Charcot

EVENT = {
    "term": "Pulmonary embolism", "category": "pulmonary_embolism", "outcome": "recovering", "grade": "3", "serious": "yes",
    "serious_criteria": "hospitalisation", "relation_product": "possible", "relation_procedure": "unlikely",
    "relation_disease": "probable", "expected": "no", "action": "not_applicable",
}  # fmt: skip
TOLD = "The participant was brought in with dyspnoea.\nThe image showed an embolus; heparin was given."


def entered(practice: Practice, kind: Kind) -> Entry:
    return [entry for entry in practice.folder.ledger.entries() if entry.kind is kind][-1]


def test_an_event_from_its_report_to_the_authority(practice: Practice) -> None:
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tehran"))
    known = now - timedelta(hours=2)
    values = {**EVENT, "aware_on": f"{known:%Y-%m-%dT%H:%M}"}
    nurse = Actor("coordinator-1", "coordinator")
    report_event(practice.trial, nurse, participant="S-01", at=f"{known:%Y-%m-%d}", values=values)
    medicine = {
        "medicine": "Propranolol",
        "indication": "Tremor",
        "started_on": f"{known:%Y-%m-%d}",
        "ongoing": "yes",
    }
    at = f"{known:%Y-%m-%d}"
    record(practice.trial, nurse, participant="S-01", form="concomitant_medication", at=at, values=medicine)
    physician = practice.client("safety_physician-1")
    event = "/participants/S-01/events/1"

    page = physician.get(f"{event}/narrative").content.decode()
    assert "Pulmonary embolism began on" in page
    assert "Participant S-01 is a" in page
    proof = {"text": TOLD, "version": "1", **practice.proof("safety_physician-1")}
    refused = physician.post(f"{event}/narrative", {**proof, "password": "not the password"})
    assert refused.status_code == 400
    assert "The image showed an embolus" in refused.content.decode(), "what was written is not lost"
    refused = physician.post(f"{event}/narrative", {**proof, "version": "2"})
    assert refused.status_code == 400, "another version than the one that was seen"
    assert physician.post(f"{event}/narrative", {**proof, "text": " "}).status_code == 400
    proof |= practice.proof("safety_physician-1")
    assert physician.post(f"{event}/narrative", proof).status_code == 302
    narrative = entered(practice, Kind.NARRATIVE_SIGNED)
    assert (narrative.data["version"], narrative.data["text"]) == (1, TOLD)
    assert narrative.data["signature"]["meaning"] == NARRATING

    given = {"relation": "unlikely", "why": "A known risk of the disease"}
    assert physician.post(f"{event}/relation", {**given, "why": ""}).status_code == 422
    assert physician.post(f"{event}/relation", given).status_code == 302
    sheet = physician.get("/participants/S-01/forms/adverse_event/-/1").content.decode()
    assert "Unlikely: A known risk of the disease" in sheet
    assert "signed by safety_physician-1 for version 1" in sheet
    assert "before any infusion" in sheet
    assessed = entered(practice, Kind.RELATION_ASSESSED).data
    assert (assessed["relation"], assessed["version"]) == ("unlikely", 1)

    said = {"at": f"{now:%Y-%m-%dT%H:%M}", "reference": "Fax 12"}
    assert physician.post(f"{event}/submit/nobody", said).status_code == 404
    assert physician.post(f"{event}/submit/sponsor", {**said, "reference": ""}).status_code == 422
    assert "clock-band" in physician.get("/").content.decode()
    assert physician.post(f"{event}/submit/sponsor", said).status_code == 302
    assert physician.post(f"{event}/submit/authority_15", said).status_code == 302
    sent = entered(practice, Kind.SUBMISSION_RECORDED).data
    assert (sent["clock"], sent["version"], sent["reference"]) == ("authority_15", 1, "Fax 12")
    assert "clock-band" not in physician.get("/").content.decode(), "nothing is left to submit"

    answer = physician.get(f"{event}/cioms.pdf")
    assert answer["Content-Type"] == "application/pdf"
    read = " ".join(" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(answer.content)).pages)
    for words in (
        "S-01",
        "not passed on",
        "heparin was given",
        "Propranolol",
        "Investigator: Possible",
        "Sponsor: Unlikely",
    ):
        assert words in read
    assert "DRAFT, not signed" not in read
    assert "Farhad" not in read

    safety = physician.get("/safety").content.decode()
    assert "Propranolol is given, and no fast pulse" in safety
    assert "q1, open" in safety
    queries = physician.get("/queries").content.decode()
    assert "asked by the check reconciliation treated_without_event" in queries
    assert practice.client("monitor-1").post(f"{event}/relation", given).status_code in (403, 404)


def test_an_event_that_comes_back_is_reported_as_a_further_episode(practice: Practice) -> None:
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tehran"))
    began, ended, again = (f"{now - timedelta(days=n):%Y-%m-%d}" for n in (20, 15, 3))
    nurse, mild = Actor("coordinator-1", "coordinator"), {**EVENT, "serious": "no", "grade": "1"}
    mild |= {"term": "Headache", "category": "headache"}
    del mild["serious_criteria"]
    report_event(practice.trial, nurse, participant="S-01", at=began, values=mild)
    desk = practice.client("coordinator-1")
    fill = "/participants/S-01/forms/adverse_event/-/2/fill"
    page = desk.get(fill).content.decode()
    assert "event 1 has no end yet" in page
    assert "episode_of" not in page, "nothing comes back that is not over"
    assert "A further episode of this event" not in desk.get(fill.replace("2/fill", "1")).content.decode()

    correct(
        practice.trial, nurse, participant="S-01", form="adverse_event", based_on=1, reason="It is over.",
        changes={"ended": ended, "outcome": "recovered"},
    )  # fmt: skip
    offered = f"{fill}?episode_of=1"
    assert f'href="{offered}"' in desk.get(fill).content.decode()
    assert f'href="{offered}"' in desk.get("/participants/S-01/forms/adverse_event/-/1").content.decode()
    page = desk.get(offered).content.decode()
    assert 'name="v.term" value="Headache"' in page
    assert '<option value="headache" selected>' in page
    assert not re.search(r'name="v.grade"[^>]*checked', page), "the grade is judged anew"
    assert 'name="v.term" value=""' in desk.get(f"{fill}?episode_of=7").content.decode()

    report_event(practice.trial, nurse, participant="S-01", at=again, values=mild)
    again_page = desk.get("/participants/S-01/forms/adverse_event/-/2").content.decode()
    assert "this one" in again_page and 'href="/participants/S-01/forms/adverse_event/-/1"' in again_page
    for place in ("/safety", "/participants/S-01"):
        assert "episode 2 of 2" in desk.get(place).content.decode()


def test_an_event_is_reported_from_the_safety_page(practice: Practice) -> None:
    physician = practice.client("safety_physician-1")
    found = physician.get("/safety?report=s-02")
    assert (found.status_code, found["Location"]) == (302, "/participants/S-02/forms/adverse_event/-/1/fill")
    told = physician.get("/safety?report=S-99").content.decode()
    assert "Nobody who consented has the number S-99." in told and 'value="S-99"' in told
    assert "Report an event" not in practice.client("monitor-1").get("/safety?report=S-02").content.decode()


def test_a_site_loads_its_own_terms(practice: Practice, charcot: Charcot, tmp_path: Path) -> None:
    """The columns of the official CTCAE v5 spreadsheet, saved as CSV; two made-up terms stand for its rows."""
    source = tmp_path / "ctcae.csv"
    source.write_text(
        "MedDRA Code,MedDRA SOC,CTCAE Term,Grade 1,Grade 2,Grade 3,Grade 4,Grade 5,Definition\n"
        "1,Blood,Sleepy platelets,a,b,c,d,e,A disorder of a test\n"
        '2,Cardiac,"Restless heart, at night",a,b,-,-,-,Another\n',
        "utf-8",
    )
    done = charcot("terms", practice.folder.path, source)
    assert "Loaded: 2 terms" in done.out
    fill = "/participants/S-01/forms/adverse_event/-/1/fill"
    page = practice.client("coordinator-1").get(fill).content.decode()
    assert "Restless heart, at night" in page
    assert '<option value="Pulmonary embolism"' not in page
    book = Workbook()
    for row in csv.reader(io.StringIO(source.read_text("utf-8").replace("Sleepy", "Drowsy"))):
        book.active.append(row)
    book.save(tmp_path / "ctcae.xlsx")
    assert "Loaded: 2 terms" in charcot("terms", practice.folder.path, tmp_path / "ctcae.xlsx").out
    assert "Drowsy platelets" in practice.client("coordinator-1").get(fill).content.decode()
    broken = tmp_path / "broken.csv"
    broken.write_text("name;code\nx;1\n", "utf-8")
    refused = charcot("terms", practice.folder.path, broken)
    assert refused.status != 0
    assert "Term" in refused.out + refused.err
    assert "Drowsy platelets" in (practice.folder.path / DICTIONARY).read_text("utf-8"), (
        "the earlier one stays"
    )
