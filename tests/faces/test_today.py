"""The home says to each role what is to be done next, and every number of it leads to the list behind it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from charcot.conduct import (
    Trial,
    answer_query,
    close_query,
    correct,
    open_query,
    record,
    report_event,
    sign,
    verify_source,
)
from charcot.datasets import take_snapshot
from charcot.ledger import Actor
from charcot.participants import FormKey, list_verification
from charcot.team import Signature
from charcot.wiring.clock import SimulatedClock
from faces.practice import BEGAN, Practice

COORDINATOR = Actor("coordinator-1", "coordinator")
MANAGER = Actor("data_manager-1", "data_manager")
MONITOR = Actor("monitor-1", "monitor")
DOCTOR = Actor("investigator-1", "investigator")
REVIEWED = "I have reviewed these forms; they are complete and agree with what happened"
EVENT = {
    "term": "Pneumonia", "category": "other", "onset": "", "outcome": "recovering", "grade": "3", "serious": "yes", "serious_criteria": "hospitalisation",
    "relation_product": "unlikely", "relation_procedure": "unlikely", "relation_disease": "possible", "expected": "no", "action": "not_applicable",
}  # fmt: skip
SCORES = ("speech", "salivation", "swallowing", "handwriting", "cutting_food", "dressing_hygiene", "turning_in_bed", "walking",
          "climbing_stairs", "dyspnoea", "orthopnoea", "respiratory_insufficiency")  # fmt: skip
ROLES = ("investigator", "coordinator", "data_manager", "monitor", "gmp_technician", "qualified_person", "safety_physician",
         "safety_board", "statistician", "inspector", "sponsor", "administrator")  # fmt: skip


WORK = {
    "Queries": {"investigator", "coordinator", "data_manager", "monitor", "gmp_technician", "qualified_person", "safety_physician"},
    "To verify": {"monitor"},
    "To sign": {"investigator", "qualified_person", "safety_physician", "sponsor"},
    "Locks": {"data_manager"},
}  # fmt: skip
"""The lists of work in the rail, and the roles that have a hand in them."""


def home(practice: Practice, person: str) -> str:
    answer = practice.client(person).get("/")
    assert answer.status_code == 200, answer
    return re.sub(r"\s+", " ", answer.content.decode())


def desk(page: str, name: str) -> str:
    """One heap of the home, as HTML."""
    found = re.search(rf'aria-labelledby="desk-{name}">(.*?)</section>', page)
    assert found is not None, f"no heap {name!r}"
    return found.group(1)


def numbers(page: str, name: str) -> dict[str, int]:
    return {words: int(number) for number, words in re.findall(r"<b>(\d+)</b> ([^<]+)</a>", desk(page, name))}


def trial_on(practice: Practice, days: int) -> Trial:
    """The trial, so many days after it began."""
    clock = SimulatedClock(BEGAN + timedelta(days=days))
    return Trial(practice.folder.ledger, practice.folder.vault, clock)


def on(days: int) -> str:
    return f"{BEGAN + timedelta(days=days):%Y-%m-%d}"


def score(practice: Practice, days: int, answer: str) -> None:
    """Every question of the ALSFRS-R answered alike."""
    values = {"instrument": "alsfrs_r_1999", "mode": "in_person", "rater": "FR", "gastrostomy": "no"}
    record(trial_on(practice, days), COORDINATOR, participant="S-01", form="alsfrs_r", encounter="unscheduled",
           instance=days, at=on(days), values=values | dict.fromkeys(SCORES, answer))  # fmt: skip


def count_of(client: Client, address: str) -> int:
    """How many participants a filtered list says it has."""
    answer = client.get(address.replace("&amp;", "&"))
    assert answer.status_code == 200, address
    found = re.search(r"(\d+) of \d+</p>", answer.content.decode())
    assert found is not None, address
    return int(found.group(1))


@pytest.mark.parametrize("role", ROLES)
def test_every_number_of_every_role_leads_to_a_page_that_opens(practice: Practice, role: str) -> None:
    client = practice.client(f"{role}-1")
    page = client.get("/").content.decode()
    piece = page.split('<div id="piece">')[1].split("<footer")[0]
    addresses = {found.replace("&amp;", "&") for found in re.findall(r'href="(/[^"]*)"', piece)}
    assert addresses or role == "inspector"
    for address in sorted(addresses):
        if not address.startswith("/report"):
            assert client.get(address).status_code == 200, (role, address)


def rail_of(page: str) -> dict[str, int]:
    """The places in the rail, and how much is said to wait at each."""
    found = re.search(r'<nav class="rail".*?</ul>', page, re.S)
    assert found is not None
    items = re.findall(r'</svg><span>([^<]+)</span>(?:<b class="waiting">(\d+))?', found.group())
    return {name: int(number or 0) for name, number in items}


def test_the_rail_leads_to_the_work_of_a_role_and_says_how_much_waits(practice: Practice) -> None:
    open_query(practice.trial, MANAGER, participant="S-01", form="consent", text="Which copy?")
    open_query(practice.trial, MANAGER, participant="S-02", form="consent", text="And here?")
    answer_query(practice.trial, COORDINATOR, participant="S-01", query="q1", text="The second.")
    for role in ROLES:
        client = practice.client(f"{role}-1")
        page = re.sub(r"\s+", " ", client.get("/", follow=True).content.decode())
        found = rail_of(page)
        assert {name for name in WORK if name in found} == {n for n, roles in WORK.items() if role in roles}
        asks = role in WORK["Queries"] - {"coordinator", "gmp_technician"}
        assert found.get("Queries", 0) == (0 if role not in WORK["Queries"] else 2 if asks else 1), role
        for name, desk_id, words in (
            ("To verify", "verify", "forms"),
            ("To sign", "sign", "forms not signed"),
        ):
            if name in found:
                assert found[name] == numbers(page, desk_id)[words] > 0, role
        head = practice.folder.ledger.head().sequence
        if role != "administrator":
            assert not any(rail_of(client.get(f"/?as_of={head}").content.decode()).values()), role
    manager = practice.client("data_manager-1")
    assert 'aria-current="true"><svg aria-hidden="true" viewBox="0 0 24 24"><use href="#rail-locks"' in (
        manager.get("/locks").content.decode()
    )


def test_a_number_above_zero_leads_to_those_it_counts_and_zero_to_nobody(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    found = re.findall(
        r'href="(/participants\?[^"]*)"><b>(\d+)</b>', desk(home(practice, "coordinator-1"), "visits")
    )
    assert len(found) == 4
    for address, number in found:
        assert (count_of(client, address) > 0) == (int(number) > 0), address


def test_the_coordinator_sees_the_visits_overdue_by_name(practice: Practice) -> None:
    page = home(practice, "coordinator-1")
    assert numbers(page, "visits")["overdue"] == 2  # screening of S-01 and S-02, sixty days ago
    assert "S-02, Screening</a>" in desk(page, "visits")
    assert "Screen a new person" in page
    assert "No query waits for an answer." in desk(page, "answer")


def test_queries_are_counted_by_age(practice: Practice) -> None:
    for days, text in ((10, "Old"), (40, "Older than a week"), (59, "Fresh"), (59, "Closed")):
        open_query(trial_on(practice, days), MANAGER, participant="S-01", form="consent", text=text)
    now = practice.trial
    answer_query(now, COORDINATOR, participant="S-01", query="q1", text="It was so.")
    close_query(now, MANAGER, participant="S-01", query="q4", reason="Asked twice")
    manager = home(practice, "data_manager-1")
    assert numbers(manager, "queries") == {
        "older than 28 days": 1, "8 to 28 days": 1, "7 days or less": 1, "wait for an answer": 2,
    }  # fmt: skip
    assert numbers(home(practice, "coordinator-1"), "answer") == {"wait for an answer": 2}


def test_the_monitor_sees_what_a_correction_cleared(practice: Practice) -> None:
    trial = practice.trial
    before = numbers(home(practice, "monitor-1"), "verify")
    verify_source(trial, MONITOR, participant="S-01", form="consent", version=1)
    verified = home(practice, "monitor-1")
    assert numbers(verified, "verify")["forms"] == before["forms"] - 1
    assert numbers(verified, "verify")["cleared by a correction"] == 0
    correct(trial, DOCTOR, participant="S-01", form="consent", changes={"time_to_decide": "no"}, based_on=1, reason="Misread")  # fmt: skip
    cleared = home(practice, "monitor-1")
    assert numbers(cleared, "verify")["cleared by a correction"] == 1
    assert re.search(r"S-01</a> <span>\d forms? · 1 changed since</span>", desk(cleared, "verify"))
    assert count_of(practice.client("monitor-1"), "/participants?need=changed") == 1


def test_the_investigator_sees_new_serious_events_and_whose_function_falls(practice: Practice) -> None:
    old = EVENT | {"term": "A fall", "onset": on(12), "aware_on": on(12) + "T10:00"}
    new = EVENT | {"onset": on(58), "aware_on": on(58) + "T10:00"}
    score(practice, 10, "4")
    report_event(trial_on(practice, 41), DOCTOR, participant="S-02", at=on(12), values=old)
    score(practice, 50, "3")
    report_event(practice.trial, DOCTOR, participant="S-02", at=on(58), values=new)
    page = home(practice, "investigator-1")
    assert numbers(page, "serious") == {"in the last 14 days": 1}
    assert "S-02, Pneumonia</a>" in desk(page, "serious")
    assert "A fall" not in page
    # twelve points in forty days: 12 / 40 x 30.4375 = 9.13125 points a month
    assert "−9.13 points a month, over 2 visits: few" in desk(page, "falling")
    assert "Two or three visits say little" in desk(page, "falling")


def test_a_signature_that_a_correction_broke_is_to_be_given_again(practice: Practice) -> None:
    trial = practice.trial
    before = numbers(home(practice, "investigator-1"), "sign")["forms not signed"]
    sign(trial, DOCTOR, participant="S-01", signature=Signature("password+totp", REVIEWED), versions={FormKey("consent"): 1})  # fmt: skip
    assert numbers(home(practice, "investigator-1"), "sign")["forms not signed"] == before - 1
    correct(trial, DOCTOR, participant="S-01", form="consent", changes={"time_to_decide": "no"}, based_on=1, reason="Misread")  # fmt: skip
    page = numbers(home(practice, "investigator-1"), "sign")
    assert page == {"forms not signed": before, "of them corrected after they were signed": 1}


def test_who_is_ready_to_lock(practice: Practice) -> None:
    trial, client = practice.trial, practice.client("data_manager-1")
    assert numbers(home(practice, "data_manager-1"), "data")["participants ready to lock"] == 0
    dossier = next(d for d in take_snapshot(practice.folder.ledger).dossiers if d.participant == "S-02")
    for due in list_verification(dossier):
        key = due.version.key
        verify_source(trial, MONITOR, participant="S-02", form=key.form, encounter=key.encounter,
                      instance=key.instance, version=due.version.version)  # fmt: skip
    sign(trial, DOCTOR, participant="S-02", signature=Signature("password+totp", REVIEWED))
    assert numbers(home(practice, "data_manager-1"), "data")["participants ready to lock"] == 1
    assert count_of(client, "/participants?need=ready_to_lock") == 1


def test_the_administrator_sees_accounts_and_nothing_of_the_trial(practice: Practice) -> None:
    for _ in range(20):
        practice.client().post("/sign-in", {"person": "monitor-1", "password": "wrong"})
    page = home(practice, "administrator-1")
    assert numbers(page, "accounts")["locked out"] == 1
    assert "monitor-1</a> <span>locked out by wrong tries" in page
    assert numbers(page, "accounts")["without a second factor"] == 6
    assert "S-01" not in page
    assert "data-matrix" not in page


def test_names_are_on_no_home(practice: Practice) -> None:
    for role in ROLES:
        page = home(practice, f"{role}-1")
        assert "Farhad" not in page


def test_looking_back_shows_the_trial_and_not_the_work_of_today(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    last = practice.folder.ledger.head().sequence
    page = client.get(f"/?as_of={last}").content.decode()
    assert "As it was at entry" in page
    assert 'id="desk-' not in page
