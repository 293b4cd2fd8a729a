"""A coordinator's first day at the site, by hand and by keyboard alone, in a real browser."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from charcot.datasets import take_snapshot
from charcot.ledger import Kind
from faces.keyboard import Keys
from faces.practice import BEGAN, Practice
from faces.test_filling_browser import aside, page_of
from faces.test_pages_browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]


def on(days: int, time: str = "") -> str:
    return f"{BEGAN + timedelta(days=days):%Y-%m-%d}" + (f"T{time}" if time else "")


CONSENT = {"consent_form_version": "1.0", "copy_given": "yes", "time_to_decide": "yes", "signed_by": "participant", "long_term_contact": "yes"}  # fmt: skip
AGE = str(BEGAN.year - 1954)
SCREENING = {
    "Demography": {"birth_date": "1954", "sex": "M", "age_at_consent": AGE},
    "Diagnosis of ALS": {"als_form": "sporadic", "el_escorial": "definite", "onset_site": "limb", "onset_date": "2020-03", "diagnosis_date": "2021-01", "disease_duration": "60",
                  "riluzole": "no"},
    "Medical history": dict.fromkeys(
        ("neurological_disease", "psychiatric_disease", "systemic_disease", "corticosteroid_6m", "immunoglobulin_6m",
         "immunosuppressant_6m", "earlier_cell_therapy", "earlier_thrombosis", "anticoagulant"), "no") | {"smoking": "never"},
    "ALSFRS-R": {"instrument": "alsfrs_r_1999", "mode": "in_person", "rater": "FR", "gastrostomy": "no"} | dict.fromkeys(
        ("speech", "salivation", "swallowing", "handwriting", "cutting_food", "dressing_hygiene", "turning_in_bed", "walking",
         "climbing_stairs", "dyspnoea", "orthopnoea", "respiratory_insufficiency"), "3"),
    "Vital signs and weight": {"weight": "67.6", "height": "168", "pulse": "68", "systolic": "119", "diastolic": "75", "temperature": "36.6",
                    "respiratory_rate": "16", "oxygen_saturation": "95", "on_oxygen": "no"},
    "Spirometry": {"position": "sitting", "quality": "acceptable", "equation": "GLI_2012", "reference_group": "caucasian",
                   "fvc_litres": "2.60", "height_cm": "168", "fev1_litres": "2.10"},
}  # fmt: skip
VITALS = SCREENING["Vital signs and weight"]
NORMAL = dict.fromkeys(("general", "head_neck", "heart", "lungs", "abdomen", "legs", "skin"), "normal")
INFUSION = {
    "started_at": on(50, "09:37"), "ended_at": on(50, "09:42"), "given_dose": "135200000", "concentration": "13520000", "volume": "10",
    "count_basis": "unspecified", "access": "hand", "checked_by_two": "yes", "completed": "yes", "interrupted": "no", "premedication": "no",
    "rate": "2",
}  # fmt: skip
EVENT = {
    "term": "Headache", "category": "headache", "outcome": "recovered", "grade": "1", "serious": "no", "relation_product": "possible",
    "relation_procedure": "unlikely", "relation_disease": "unlikely", "expected": "yes", "action": "not_applicable",
}  # fmt: skip
"""What the forms on which eligibility rests are answered with; the other values are in `course/` of the shipped trial."""


@pytest.fixture
def address(practice: Practice) -> Iterator[str]:
    with practice.serving() as found:
        yield found


@pytest.fixture
def browser(address: str) -> Iterator[Any]:  # the server opens its trial before an event loop runs here
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"])  # fmt: skip
        yield found
        found.close()


def acts(practice: Practice, participant: str) -> list[str]:
    """What was done for somebody, in order, by whom."""
    entries = aside(lambda: list(practice.folder.ledger.entries(subjects=[f"participant/{participant}"])))
    return [f"{entry.verb} by {entry.actor.role}" for entry in entries if entry.sequence == entry.act]


def test_a_first_day(browser: Any, practice: Practice, address: str) -> None:
    desk = Keys(page_of(browser, practice, address, "coordinator-1"))
    screen_and_consent(desk)
    for title, answers in SCREENING.items():
        desk.follow(title)
        desk.fill({"at": on(20), **answers})
    assess(desk)
    refuse(desk)
    doctor = Keys(page_of(browser, practice, address, "investigator-1"))
    enrol_by_waiver(doctor)
    prepare(desk)
    infuse(doctor)
    see_after_a_day(desk)
    report_and_correct(desk)
    monitor = Keys(page_of(browser, practice, address, "monitor-1"))
    ask(monitor)
    reply(desk)
    verified = close_and_verify(monitor)
    sign(doctor, practice)
    lock(Keys(page_of(browser, practice, address, "data_manager-1")))
    assert_closed_to_changes(desk)
    assert acts(practice, "S-10") == [
        "screen by coordinator",
        "consent by coordinator",
        *["record by coordinator"] * len(SCREENING),
        "assess by coordinator",
        "waive by investigator",
        "enrol by investigator",
        *["record by coordinator"] * 3,
        "infuse by investigator",
        *["record by coordinator"] * 2,
        "report_event by coordinator",
        "correct by coordinator",
        "open_query by monitor",
        "answer_query by coordinator",
        "close_query by monitor",
        *["verify_source by monitor"] * verified,
        "sign by investigator",
        "lock by data_manager",
    ]
    kinds = [
        entry.kind
        for entry in aside(lambda: list(practice.folder.ledger.entries(subjects=["participant/S-10"])))
    ]
    assert (kinds.count(Kind.QUERY_ANSWERED), kinds.count(Kind.SOURCE_VERIFIED)) == (4, verified)
    assert verified > 2
    assert acts(practice, "S-11") == ["screen by coordinator", "decline by coordinator"]
    snapshot = aside(lambda: take_snapshot(practice.folder.ledger))
    standing = {d.participant: d.standing.status for d in snapshot.dossiers}
    assert (standing["S-10"], standing["S-11"]) == ("infused", "declined")


def screen_and_consent(desk: Keys) -> None:
    """From the home to the screening visit of a new person."""
    desk.follow("Screen a new person")
    desk.fill({"participant": "S-10", "at": on(20)}, save="Enter")
    desk.follow("Record the consent")
    desk.fill({"consented_on": on(20, "09:00"), **CONSENT})
    desk.follow("Screening")


def assess(desk: Keys) -> None:
    """The verdict on each criterion is entered: the person is too old."""
    desk.follow("S-10", whole=True)
    desk.follow("Eligibility and enrolment")
    row = desk.page.locator("tr", has_text="Aged 18 to 65 years")
    assert "not met" in row.inner_text()
    desk.follow("Enter the assessment")
    desk.fill({"at": on(22)}, save="Enter")


def refuse(desk: Keys) -> None:
    """Another person is screened and does not want to take part."""
    desk.follow("Home")
    desk.follow("Screen a new person")
    desk.fill({"participant": "S-11", "at": on(21)}, save="Enter")
    desk.follow("Not taking part")
    desk.answer({"at": on(21), "reason": "Lives too far away"})
    desk.follow("Close the course")
    desk.follow("Close the course")


def enrol_by_waiver(doctor: Keys) -> None:
    """The investigator waives the age in writing, and enrols."""
    doctor.follow("Participants")
    doctor.follow("S-10", whole=True)
    doctor.follow("Eligibility and enrolment")
    doctor.follow("waive")
    doctor.answer({"at": on(23), "justification": "In good health for his age; discussed with the sponsor"})
    doctor.follow("Waive it")
    doctor.follow("Waive it")
    doctor.follow("Enrol…")
    doctor.answer({"at": on(24)})
    doctor.follow("Enrol")
    doctor.follow("Enrol")
    refused = doctor.page.locator("#piece .refused")
    assert not refused.count(), refused.inner_text()


def prepare(desk: Keys) -> None:
    """MRI, the diagnosis confirmed, and the weight on the day of the infusion."""
    desk.follow("Home")
    desk.follow("S-10", whole=True)
    desk.follow("MRI, one week before")
    desk.follow("MRI of brain and spinal cord")
    desk.fill({"performed_on": on(44), "brain": "normal", "cervical_cord": "normal", "thoracic_lumbar_cord": "normal", "other_explanation": "no"})  # fmt: skip
    desk.follow("Diagnosis confirmed")
    desk.fill({"at": on(45), "confirmed": "yes", "mri_date": on(44)})
    desk.follow("S-10", whole=True)
    desk.follow("Infusion", whole=True)
    desk.follow("Vital signs and weight")
    desk.fill({"at": on(50), **VITALS})


def infuse(doctor: Keys) -> None:
    """The infusion, on the form that knows the weight and the planned dose."""
    doctor.follow("Record the infusion")
    doctor.fill(INFUSION)


def see_after_a_day(desk: Keys) -> None:
    """The visit after 24 hours."""
    desk.follow("S-10", whole=True)
    desk.follow("24 hours")
    desk.follow("Vital signs and weight")
    desk.fill({"at": on(51), **VITALS})
    desk.follow("Physical examination")
    desk.fill({"at": on(51), **NORMAL})


def report_and_correct(desk: Keys) -> None:
    """A headache, and a slip in it that is put right."""
    desk.follow("S-10", whole=True)
    desk.follow("Adverse event")
    desk.fill({"onset": on(51), **EVENT})
    desk.follow("Adverse event")
    desk.follow("1", whole=True)
    desk.fill({"grade": "2", "reason": "Took paracetamol for it"})


def ask(monitor: Keys) -> None:
    """The monitor asks about the treatment of the headache."""
    monitor.follow("Participants")
    monitor.follow("S-10", whole=True)
    monitor.follow("Adverse event")
    monitor.open("Ask about the whole form")
    monitor.answer({"text": "Which dose of paracetamol, and how often?"})
    monitor.follow("Ask")


def reply(desk: Keys) -> None:
    """The coordinator finds the questions at home, the monitor's and those of the checks, and answers all at once."""
    desk.follow("Home")
    desk.follow("4 wait for an answer")
    desk.tick("Tick all")
    desk.answer({"text": "500 mg, once; the rest is as in the patient file"})
    desk.follow("Answer", whole=True)


def close_and_verify(monitor: Keys) -> int:
    """The monitor reads the answer, closes the query, and confirms what agrees with its source; gives how many forms."""
    monitor.follow("Home")
    monitor.follow("Participants")
    monitor.follow("S-10", whole=True)
    monitor.follow("Adverse event")
    assert "500 mg, once" in monitor.page.locator("#queries").inner_text()
    monitor.open("Close, or open again")
    monitor.answer({"text": "Agrees with the patient file"})
    monitor.follow("Close", whole=True)
    monitor.follow("Home")
    monitor.follow(monitor.words("forms"))
    monitor.tick("Tick all")
    ticked = monitor.page.locator("[name=pick][data-of='S-10']:checked").count()
    monitor.follow("Ticked ones agree with their source")
    return int(ticked)


def sign(doctor: Keys, practice: Practice) -> None:
    """The investigator signs the casebook, with the password again and the digits of the second factor."""
    doctor.follow("Home")
    doctor.follow(doctor.words("forms not signed"))
    doctor.follow("S-10", whole=True)
    meaning = doctor.page.locator("[name=meaning]").first.get_attribute("value")
    proof = aside(lambda: practice.proof("investigator-1"))
    doctor.answer({"all": "1", "meaning": meaning, **{k: v for k, v in proof.items() if v}})
    doctor.follow("Sign what is ticked")


def lock(manager: Keys) -> None:
    """The data manager locks the participant."""
    manager.follow("Participants")
    manager.follow("S-10", whole=True)
    manager.follow("Lock this participant")
    manager.answer({"reason": "Clean up to the first day"})
    manager.follow("Lock")


def assert_closed_to_changes(desk: Keys) -> None:
    """What is locked is read and not corrected."""
    desk.follow("Home")
    desk.follow("S-10", whole=True)
    desk.follow("Demography")
    main = desk.page.locator("main")
    assert "Locked with the participant" in main.inner_text()
    assert not main.get_by_role("link", name="Correct", exact=True).count()
    assert "investigator-1, Investigator, on version 1" in main.inner_text()
