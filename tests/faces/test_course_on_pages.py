"""A participant's course on pages: screened, consented, assessed, waived, enrolled, infused, followed, ended; files attached."""

import hashlib
import io
import re
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from charcot.ledger import Entry, Kind
from charcot.wiring.serving import serve
from faces.practice import BEGAN, Practice

DAYS = [f"{BEGAN + timedelta(days=n):%Y-%m-%d}" for n in range(60)]
"""Days of the trial; it began 60 days ago."""
SCORES = ("speech", "salivation", "swallowing", "handwriting", "cutting_food", "dressing_hygiene", "turning_in_bed",
          "walking", "climbing_stairs", "dyspnoea", "orthopnoea", "respiratory_insufficiency")  # fmt: skip
SCREENING: dict[str, dict[str, str]] = {
    "demography": {"sex": "M", "age_at_consent": "67"},
    "diagnosis": {"als_form": "sporadic", "el_escorial": "definite", "onset_site": "limb", "disease_duration": "24", "riluzole": "no"},
    "medical_history": dict.fromkeys(
        ("neurological_disease", "psychiatric_disease", "systemic_disease", "corticosteroid_6m", "immunoglobulin_6m",
         "immunosuppressant_6m"), "no"),
    "alsfrs_r": dict.fromkeys(SCORES, "3") | {"instrument": "alsfrs_r_1999", "mode": "in_person", "rater": "FR", "gastrostomy": "no"},
    "spirometry": {"equation": "GLI_2022", "height_cm": "174", "fvc_litres": "3.1", "position": "sitting", "quality": "acceptable"},
    "vital_signs": {"weight": "70.5", "height": "174", "pulse": "72", "systolic": "130", "diastolic": "80", "temperature": "36.6",
                    "respiratory_rate": "16", "oxygen_saturation": "97", "on_oxygen": "no"},
}  # fmt: skip


class Hand:
    """Somebody at a browser without scripts, who saves once more where a question is asked."""

    def __init__(self, practice: Practice, person: str) -> None:
        self.practice, self.client = practice, practice.client(person)

    def fill(
        self, participant: str, place: str, values: dict[str, str], status: int = 302, **more: str
    ) -> Any:
        sent = {"source": "paper", "based_on": "0", **more} | {f"v.{n}": text for n, text in values.items()}
        address = f"/participants/{participant}/forms/{place}/fill"
        answer = self.client.post(address, sent)
        page = answer.content.decode()
        if answer.status_code == 422 and "save once more" in page:
            seen = re.search(r'name="seen" value="([^"]*)"', page)
            answer = self.client.post(address, sent | {"seen": seen.group(1) if seen else ""})
        assert answer.status_code == status, re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())[:1500]
        return answer

    def act(self, participant: str, verb: str, status: int = 302, **values: str) -> str:
        where = f"/participants/{participant}/acts/{verb}"
        assert self.client.get(where).status_code == 200
        answer = self.client.post(where, values)
        if answer.status_code == 200 and "Is this right?" in answer.content.decode():
            answer = self.client.post(where, values | {"confirmed": "1"})
        page = answer.content.decode()
        assert answer.status_code == status, re.sub(r"<[^>]+>|\s+", " ", page)[:1500]
        return page

    def page(self, where: str) -> str:
        answer = self.client.get(where)
        assert answer.status_code == 200
        return str(answer.content.decode())


def last(practice: Practice) -> Entry:
    return list(practice.folder.ledger.entries())[-1]


def kinds(practice: Practice, participant: str) -> list[Kind]:
    return [e.kind for e in practice.folder.ledger.entries(subjects=[f"participant/{participant}"])]


def test_from_screening_to_the_infusion_and_after(practice: Practice) -> None:
    doctor, nurse = Hand(practice, "investigator-1"), Hand(practice, "coordinator-1")
    answer = nurse.client.post("/screening/new", {"participant": "S-03", "at": DAYS[20]})
    assert answer.status_code == 302
    assert "Record the consent" in nurse.page("/participants/S-03")
    consent = {"consent_form_version": "1.0", "consented_on": f"{DAYS[20]} 10:30", "signed_by": "participant",
               "copy_given": "yes", "time_to_decide": "yes", "long_term_contact": "yes"}  # fmt: skip
    nurse.fill("S-03", "consent/-/1", consent)
    assert last(practice).verb == "consent"
    assert last(practice).clinical_time == f"{DAYS[20]}T10:30"
    page = nurse.page("/participants/S-03/eligibility")
    assert "7 not known yet" in page
    for form, values in SCREENING.items():
        nurse.fill("S-03", f"{form}/screening/1", values, at=DAYS[21])
    page = doctor.page("/participants/S-03/eligibility")
    assert "1 not met" in page  # 67 years: I1 says 18 to 65
    assert "0 not known yet" in page
    refused = doctor.act("S-03", "enrol", 422, at=DAYS[22])
    assert "I1 (Aged 18 to 65 years at consent) is not met" in refused
    nurse.act("S-03", "assess", at=DAYS[22])
    assert "waive…" in doctor.page("/participants/S-03/eligibility")
    assert "This is needed." in doctor.act(
        "S-03", "waive", 422, criterion="I1", at=DAYS[22], justification=" "
    )
    doctor.act(
        "S-03", "waive", criterion="I1", at=DAYS[22], justification="Fit, as participant 12 of the paper"
    )
    assert nurse.client.post("/participants/S-03/acts/enrol", {"at": DAYS[22]}).status_code == 404  # not hers
    doctor.act("S-03", "enrol", at=DAYS[22])
    assert last(practice).data["waived"] == ["I1"]
    infusion = {"started_at": f"{DAYS[30]} 10:00", "ended_at": f"{DAYS[30]} 10:05", "given_dose": "141000000",
                "count_basis": "viable", "volume": "10", "concentration": "14100000", "rate": "2", "access": "forearm",
                "interrupted": "no", "completed": "yes", "premedication": "no", "checked_by_two": "yes"}  # fmt: skip
    refused = doctor.fill("S-03", "infusion/infusion_day/1", infusion, 422).content.decode()
    assert "The diagnosis was confirmed again after the MRI" in refused
    doctor.fill(
        "S-03",
        "diagnosis_confirmation/baseline_mri/1",
        {"mri_date": DAYS[24], "confirmed": "yes"},
        at=DAYS[25],
    )
    place = "/participants/S-03/forms/infusion/infusion_day/1"
    assert "from the record, for the date given" in doctor.page(f"{place}/fill")
    told = doctor.client.post(f"{place}/judge", {"v.started_at": f"{DAYS[30]} 10:00"}).json()
    assert told["computed"]["weight"] == "70.5"
    late = doctor.client.post(f"{place}/judge", {"v.started_at": f"{DAYS[58]} 10:00"}).json()
    assert late["computed"]["weight"] == ""  # weighed more than 35 days before
    small = infusion | {"given_dose": "106", "concentration": "11"}
    refused = doctor.fill("S-03", "infusion/infusion_day/1", small, 422).content.decode()
    assert "106 cells given, 141000000 planned" in refused
    doctor.fill("S-03", "infusion/infusion_day/1", infusion)
    given = next(e for e in reversed(list(practice.folder.ledger.entries())) if e.verb == "infuse")
    assert given.data["values"]["planned_dose"]["value"] == "141000000"  # 2 million cells for each of 70.5 kg
    nurse.fill("S-03", "adverse_event/-/1", {"term": "Headache", "category": "other", "onset": DAYS[31][:7], "outcome": "recovered",
               "grade": "1", "serious": "no", "relation_product": "unlikely", "relation_procedure": "unlikely"})  # fmt: skip
    events = nurse.page("/participants/S-03/forms/adverse_event/-/2/fill")
    assert "Headache" in events  # what is there stands above the new one
    nurse.fill(
        "S-03",
        "unscheduled_visit/unscheduled/1",
        {"reason": "other", "details": "Came to ask", "contact": "in_person"},
        at=DAYS[33],
    )
    nurse.act("S-03", "miss", what="hour_24", at=DAYS[32], reason="Went home early")
    nurse.act(
        "S-03",
        "report_deviation",
        at=DAYS[33],
        category="visit",
        section="hour_24",
        description="Sent home too early",
    )
    nurse.act("S-03", "withdraw", scope="treatment", at=DAYS[34])
    nurse.act("S-03", "lose_to_follow_up", at=DAYS[40], reason="Telephone, letter, family")
    nurse.fill(
        "S-03",
        "survival_contact/-/1",
        {"contacted_on": DAYS[45], "alive": "yes", "mode": "telephone", "informant": "family"},
    )
    nurse.fill("S-03", "death/-/1", {"died_on": DAYS[50][:7], "cause": "Respiratory failure", "cause_category": "disease",
               "informant": "family"})  # fmt: skip
    found = kinds(practice, "S-03")
    for kind in (Kind.WAIVER_GRANTED, Kind.PARTICIPANT_ENROLLED, Kind.FORM_MISSED, Kind.DEVIATION_REPORTED,
                 Kind.PARTICIPANT_WITHDREW, Kind.PARTICIPANT_LOST):  # fmt: skip
        assert kind in found
    assert "died" in nurse.page("/participants/S-03")


def test_what_cannot_be_undone_is_asked_once_more(practice: Practice) -> None:
    nurse = Hand(practice, "coordinator-1")
    before = practice.folder.ledger.head()
    where = "/participants/S-02/acts/decline"
    sent = {"at": DAYS[20], "reason": "Lives too far away"}
    page = nurse.client.post(where, sent).content.decode()
    assert "Is this right?" in page
    assert "Lives too far away" in page
    assert practice.folder.ledger.head() == before
    nurse.client.post(where, sent | {"confirmed": "1", "token": "t1"})
    assert last(practice).kind is Kind.PARTICIPANT_DECLINED
    after = practice.folder.ledger.head()
    nurse.client.post(where, sent | {"confirmed": "1", "token": "t1"})  # sent twice
    assert practice.folder.ledger.head() == after


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("participant", "Farhad Rostami", "cannot be a participant number"),
        ("participant", "S-01", "already in use"),
        ("participant", "\u202e10-S", "direction of writing"),
        ("participant", "", "This is needed."),
        ("at", "2031-01-01", "lies in the future"),
        ("at", "1393-01-01", "another calendar"),
        ("at", "someday", "is not a date"),
    ],
)
def test_bad_input_in_the_screening_log(practice: Practice, field: str, text: str, said: str) -> None:
    nurse, before = Hand(practice, "coordinator-1"), practice.folder.ledger.head()
    answer = nurse.client.post("/screening/new", {"participant": "S-09", "at": DAYS[20]} | {field: text})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert practice.folder.ledger.head() == before


def test_a_form_entered_in_error_stays_readable_and_can_count_again(practice: Practice) -> None:
    nurse = Hand(practice, "coordinator-1")
    nurse.fill("S-02", "vital_signs/screening/1", SCREENING["vital_signs"], at=DAYS[5])
    place = "/participants/S-02/forms/vital_signs/screening/1"
    assert nurse.client.post(f"{place}/error", {"reason": ""}).status_code == 422
    assert nurse.client.post(f"{place}/error", {"reason": "Another participant"}).status_code == 302
    page = nurse.page(place)
    assert "Entered in error." in page
    assert "Another participant" in page
    assert nurse.client.post(f"{place}/reinstate", {"reason": "It was right"}).status_code == 302
    assert "Entered in error." not in nurse.page(place)
    nurse.client.post(f"{place}/error", {"reason": "Another participant after all"})
    nurse.fill(
        "S-02",
        "vital_signs/screening/1",
        SCREENING["vital_signs"] | {"weight": "80"},
        at=DAYS[6],
        based_on="1",
    )
    entry = next(e for e in reversed(list(practice.folder.ledger.entries())) if e.kind is Kind.FORM_RECORDED)
    assert (entry.data["version"], entry.data["values"]["weight"]["value"]) == (2, "80")


def upload(hand: Hand, name: str, content: bytes, **more: str) -> Any:
    file = io.BytesIO(content)
    file.name = name
    place = "/participants/S-02/forms/consent/-/1/attach"
    return hand.client.post(place, {"file": file, "item": "", **more})


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_a_file_is_kept_by_its_hash_and_given_out_safely(practice: Practice) -> None:
    nurse = Hand(practice, "coordinator-1")
    assert upload(nurse, "consent form.pdf", PDF).status_code == 302
    digest = hashlib.sha256(PDF).hexdigest()
    entry = last(practice)
    assert entry.kind is Kind.FILE_ATTACHED
    assert (entry.data["sha256"], entry.data["size"]) == (digest, len(PDF))
    assert (practice.folder.path / "attachments" / digest[:2] / digest).read_bytes() == PDF
    answer = nurse.client.get("/participants/S-02/files/a1")
    assert answer.content == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="consent form.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "consent form.pdf" in nurse.page("/participants/S-02/forms/consent/-/1")
    assert practice.client("monitor-1").get("/participants/S-02/files/a1").status_code == 200
    assert practice.client("administrator-1").get("/participants/S-02/files/a1").status_code == 403
    assert practice.client().get("/participants/S-02/files/a1").status_code == 302  # to the sign-in
    assert (
        nurse.client.post(
            "/participants/S-02/files/a1/withdraw", {"reason": "Wrong person", "confirmed": "1"}
        ).status_code
        == 302
    )
    assert nurse.client.get("/participants/S-02/files/a1").status_code == 404


def test_a_personal_file_is_sealed_and_its_name_too(practice: Practice) -> None:
    nurse = Hand(practice, "coordinator-1")
    assert upload(nurse, "Farhad-Rostami-passport.pdf", PDF, personal="on").status_code == 302
    assert "Rostami" not in last(practice).text
    for file in (practice.folder.path / "attachments").rglob("*"):
        assert not file.is_file() or PDF not in file.read_bytes()
    answer = nurse.client.get("/participants/S-02/files/a1")
    assert answer.content == PDF
    assert "Farhad-Rostami-passport.pdf" in answer["Content-Disposition"]
    assert (
        practice.client("monitor-1").get("/participants/S-02/files/a1").status_code == 404
    )  # does not see names


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", b"PK\x03\x04" + b"\0" * 200, "Files of this kind are not kept here"),
        ("a.pdf", b"PK\x03\x04" + b"\0" * 200, "Files of this kind are not kept here"),
        ("a.txt", b"\x1f\x8b\x08" + b"\0" * 100, "Files of this kind are not kept here"),
        ("a.pdf", b"MZ\x90\0" + b"\0" * 100, "Files of this kind are not kept here"),
        ("a.png", PDF, "its name does not end in .pdf"),
        ("a.html", b"<!doctype html><script>alert(1)</script>", "Files of this kind are not kept here"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "Files of this kind are not kept here"),
        ("a.txt", b"<script>alert(1)</script>", "Files of this kind are not kept here"),
        ("a.csv", b"a,b\n1,\x00\n", "Files of this kind are not kept here"),
        ("a.txt", b"", "empty"),
        ("a.exe", b"plain words", "its name does not end in .txt"),
    ],
)  # fmt: skip
def test_what_is_not_attached(practice: Practice, name: str, content: bytes, said: str) -> None:
    nurse, before = Hand(practice, "coordinator-1"), practice.folder.ledger.head()
    answer = upload(nurse, name, content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert practice.folder.ledger.head() == before
    assert not [f for f in (practice.folder.path / "attachments").rglob("*") if f.is_file()]


def test_a_file_that_is_too_long_leaves_nothing_behind(practice: Practice) -> None:
    nurse, before = Hand(practice, "coordinator-1"), practice.folder.ledger.head()
    answer = upload(nurse, "long.pdf", b"%PDF-1.7\n" + b"x" * 25_000_001)
    assert answer.status_code == 422
    assert "longer than 25 MB" in answer.content.decode()
    assert practice.folder.ledger.head() == before
    assert not [f for f in (practice.folder.path / "attachments").rglob("*") if f.is_file()]


def test_a_gigabyte_is_refused_before_it_is_sent(practice: Practice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ready = threading.Event()
    threading.Thread(
        target=serve, args=(practice.folder, port, lambda _address: ready.set()), daemon=True
    ).start()
    assert ready.wait(60)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        head = f"POST /x HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 1000000000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 1000)
        answer = connection.recv(200).decode()
    assert " 413 " in answer.splitlines()[0]


def test_an_act_whose_process_died_is_neither_taken_for_entered_nor_lost(practice: Practice) -> None:
    from charcot.store.local.models import SavedSheet

    client = practice.client("coordinator-1")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    SavedSheet.objects.create(
        token="once", person="coordinator-1", saved_at=datetime.now(UTC), process=gone.pid
    )
    sent = {"participant": "S-77", "at": f"{BEGAN + timedelta(days=3):%Y-%m-%d}", "token": "once"}
    told = client.post("/screening/new", sent)
    assert "may or may not have entered it" in told.content.decode()
    assert not list(practice.folder.ledger.entries(subjects=["participant/S-77"]))
    for _again in range(2):
        assert client.post("/screening/new", sent).status_code == 302
    assert len(list(practice.folder.ledger.entries(subjects=["participant/S-77"]))) == 1
