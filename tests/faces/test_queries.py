"""Queries and source verification on pages: who may do what, several at once, and what a correction clears."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from charcot.conduct import correct, open_query, record, verify_source
from charcot.ledger import Actor, Entry, Kind
from charcot.wiring.folder import open_folder
from faces.concealing import ASKED, AT_HERE, AT_THERE, open_concealed
from faces.practice import BEGAN, Practice
from faces.test_pages_browser import CHROMIUM

DESK, MONITOR = Actor("coordinator-1", "coordinator"), Actor("monitor-1", "monitor")
FORM = "/participants/S-01/forms/vital_signs/screening/1"
GOOD = {"weight": "70.5", "pulse": "72", "systolic": "130", "diastolic": "80", "temperature": "36.6",
        "respiratory_rate": "16", "oxygen_saturation": "97", "on_oxygen": "no"}  # fmt: skip


def fill(practice: Practice, participant: str = "S-01", **values: str) -> Entry:
    at = f"{BEGAN + timedelta(days=3):%Y-%m-%dT10:00}"
    return record(practice.trial, DESK, participant=participant, form="vital_signs", encounter="screening", at=at,
                  values=GOOD | values)[0]  # fmt: skip


def ask(practice: Practice, text: str, participant: str = "S-01", item: str = "weight") -> None:
    open_query(practice.trial, MONITOR, participant=participant, form="vital_signs", encounter="screening",
               item=item, text=text)  # fmt: skip


def entries(practice: Practice, kind: Kind) -> list[Entry]:
    return list(practice.folder.ledger.entries(kinds=[kind]))


def questions(answer: Any) -> list[str]:
    """The questions of a list."""
    return re.findall(r'<p class="question">(.*?)</p>', answer.content.decode())


def offered(answer: Any) -> set[str]:
    """What may be done to all that are ticked."""
    bulk = answer.content.decode().split('id="bulk"')
    return (
        set() if len(bulk) == 1 else set(re.findall(r'name="do" value="(\w+)"', bulk[1].split("</form>")[0]))
    )


def picks(answer: Any) -> list[str]:
    """The lines that may be ticked."""
    return re.findall(r'form="bulk" name="pick" value="([^"]+)"', answer.content.decode())


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_query_goes_from_question_to_closing_on_the_page_of_its_form(practice: Practice) -> None:
    fill(practice)
    monitor, desk = practice.client("monitor-1"), practice.client("coordinator-1")
    assert "Ask about this" in words(monitor.get(FORM))
    sent = monitor.post(
        f"{FORM}/queries", {"do": "ask", "item": "weight", "text": "Is it with shoes?", "token": "t"}
    )
    assert sent.status_code == 302
    page = words(desk.get(FORM))
    assert "Is it with shoes?" in page
    assert "Ask about this" not in page  # a coordinator answers, and does not ask
    assert (
        desk.post(f"{FORM}/queries", {"do": "answer", "pick": "S-01/q1", "text": "Without"}).status_code
        == 302
    )
    assert desk.post(f"{FORM}/queries", {"do": "close", "pick": "S-01/q1", "text": "x"}).status_code == 422
    assert (
        monitor.post(f"{FORM}/queries", {"do": "reopen", "pick": "S-01/q1", "text": "Says who?"}).status_code
        == 302
    )
    assert (
        desk.post(f"{FORM}/queries", {"do": "answer", "pick": "S-01/q1", "text": "The nurse"}).status_code
        == 302
    )
    assert monitor.post(f"{FORM}/queries", {"do": "close", "pick": "S-01/q1"}).status_code == 302
    listed = words(monitor.get("/queries?status=closed"))
    assert listed.index("Without") < listed.index("Says who?") < listed.rindex("The nurse")
    assert questions(monitor.get("/queries")) == []


def test_a_refusal_stands_on_the_page_with_what_was_typed(practice: Practice) -> None:
    fill(practice)
    ask(practice, "Is it with shoes?")
    client = practice.client("monitor-1")
    refused = client.post(f"{FORM}/queries", {"do": "close", "pick": "S-01/q1", "text": " "})
    assert refused.status_code == 422
    assert "closed for a stated reason" in words(refused)
    empty = client.post(f"{FORM}/queries", {"do": "ask", "item": "pulse", "text": "  "})
    assert empty.status_code == 422
    kept = practice.client("coordinator-1").post(
        "/queries", {"do": "close", "pick": "S-01/q1", "text": "seventy with shoes"}
    )
    assert kept.status_code == 422
    assert "seventy with shoes" in kept.content.decode()
    assert not entries(practice, Kind.QUERY_CLOSED)


def test_several_queries_are_answered_and_closed_at_once(practice: Practice) -> None:
    for participant in ("S-01", "S-02"):
        fill(practice, participant)
        ask(practice, "Is it with shoes?", participant)
        ask(practice, "Counted for a minute?", participant, "pulse")
    picked = ["S-01/q1", "S-01/q2", "S-02/q1"]
    desk, monitor = practice.client("coordinator-1"), practice.client("monitor-1")
    given = {"do": "answer", "pick": picked, "text": "As in the source", "token": "one"}
    assert desk.post("/queries", given).status_code == 302
    assert desk.post("/queries", given).status_code == 302  # the same page sent twice
    answered = entries(practice, Kind.QUERY_ANSWERED)
    assert [(e.participant, e.data["query"]) for e in answered] == [
        ("S-01", "q1"),
        ("S-01", "q2"),
        ("S-02", "q1"),
    ]
    left = monitor.post("/queries", {"do": "close", "pick": ["S-01/q1", "S-01/q2", "S-02/q2"], "text": ""})
    assert left.status_code == 422  # q2 of S-02 was never answered: closing it needs a reason
    assert "S-02: " in words(left)
    closed = entries(practice, Kind.QUERY_CLOSED)
    assert [(e.participant, e.data["query"]) for e in closed] == [("S-01", "q1"), ("S-01", "q2")]


def test_roles_are_offered_what_they_may_do_and_refused_the_rest(practice: Practice) -> None:
    fill(practice)
    ask(practice, "Is it with shoes?")
    pages = {
        role: practice.client(f"{role}-1").get("/queries")
        for role in ("monitor", "coordinator", "statistician", "inspector", "sponsor")
    }
    assert offered(pages["monitor"]) == {"answer", "close"}
    assert offered(pages["coordinator"]) == {"answer"}
    assert all(questions(page) == ["Is it with shoes?"] for page in pages.values())
    assert not offered(pages["statistician"]) | offered(pages["inspector"]) | offered(pages["sponsor"])
    head = practice.folder.ledger.head()
    for role in ("statistician", "inspector", "sponsor"):
        sent = practice.client(f"{role}-1").post(
            "/queries", {"do": "answer", "pick": "S-01/q1", "text": "Yes"}
        )
        assert sent.status_code == 422
    assert practice.folder.ledger.head() == head


def test_queries_are_listed_by_age_and_found_by_filters(practice: Practice) -> None:
    fill(practice, systolic="205")  # a check of the protocol may ask
    ask(practice, "Is it with shoes?")
    fill(practice, "S-02")
    ask(practice, "On which scale?", "S-02", "")
    client = practice.client("monitor-1")

    def found(query: str) -> list[str]:
        return questions(client.get(f"/queries?{query}"))

    assert {"Is it with shoes?", "On which scale?"} <= set(found(""))
    assert found("participant=S-02") == ["On which scale?"]
    assert set(found("by=monitor-1")) == {"Is it with shoes?", "On which scale?"}
    assert "Is it with shoes?" not in found("by=check")
    assert found("form=consent") == []
    assert found("status=closed") == []
    assert found("age=old") == []
    assert set(found("age=new&by=person")) == {"Is it with shoes?", "On which scale?"}


def test_a_query_grows_old_in_words(demo: Any) -> None:
    """In the demonstration, queries of checks are years old: as of the day after, the same ones were new."""
    folder = open_folder(demo.path)
    first = next(iter(folder.ledger.entries(kinds=[Kind.QUERY_OPENED])))
    client = Practice(folder).client()
    now, then = client.get("/queries"), client.get(f"/queries?as_of={first.sequence}")
    assert "long open" in words(now)
    assert "long open" not in words(then)
    assert "1 up to 7 days" in words(then)
    folder.close()


@pytest.fixture(scope="module")
def concealed(concealed_made: Any) -> Iterator[Practice]:
    yield open_concealed(concealed_made)


def test_a_question_about_a_concealed_field_is_not_shown_and_not_acted_on(concealed: Practice) -> None:
    monitor, physician = concealed.client("monitor-1"), concealed.client("safety_physician-1")
    page = monitor.get("/queries")
    assert ASKED not in page.content.decode()
    assert offered(page) == set()
    assert picks(page) == []
    assert ASKED in physician.get("/queries").content.decode()
    head = concealed.folder.ledger.head()
    blind = monitor.post("/queries", {"do": "answer", "pick": f"{AT_HERE}/q1", "text": "No"})
    assert blind.status_code == 422
    where = f"/participants/{AT_HERE}/forms/unscheduled_visit/unscheduled/1"
    assert ASKED not in monitor.get(where).content.decode()
    assert (
        monitor.post(f"{where}/queries", {"do": "ask", "item": "arm", "text": "Which arm?"}).status_code
        == 422
    )
    assert (
        monitor.post(f"{where}/verification", {"do": "verify", "version": "1", "pick": "arm"}).status_code
        == 422
    )
    assert concealed.folder.ledger.head() == head


def test_a_role_of_one_site_finds_the_queries_of_that_site(concealed: Practice) -> None:
    bound = concealed.client("safety_physician-2")
    assert {pick.split("/")[0] for pick in picks(bound.get("/queries"))} == {AT_THERE}
    head = concealed.folder.ledger.head()
    assert bound.post("/queries", {"do": "answer", "pick": f"{AT_HERE}/q1", "text": "No"}).status_code == 422
    assert concealed.folder.ledger.head() == head
    bound_monitor = concealed.client("monitor-2")
    listed = picks(bound_monitor.get("/verification?show=all"))
    assert {pick.split("/")[0] for pick in listed} == {AT_THERE}
    sent = bound_monitor.post("/verification", {"do": "verify", "pick": f"{AT_HERE}/consent/-/1/1"})
    assert sent.status_code == 404
    assert concealed.folder.ledger.head() == head


def test_what_the_plan_asks_for_is_verified_in_one_go(practice: Practice) -> None:
    client = practice.client("monitor-1")
    left = picks(client.get("/verification"))
    assert {"S-01/consent/-/1/1", "S-02/consent/-/1/1"} <= set(left)
    assert picks(practice.client("coordinator-1").get("/verification")) == []
    assert client.post("/verification", {"do": "verify", "pick": left, "token": "v"}).status_code == 302
    assert len(entries(practice, Kind.SOURCE_VERIFIED)) == len(left)
    assert picks(client.get("/verification")) == []
    assert "monitor-1" in words(client.get("/verification?show=all"))
    assert client.post("/verification", {"do": "verify"}).status_code == 422


def test_a_correction_clears_the_verification_of_what_it_changed(practice: Practice) -> None:
    fill(practice)
    client = practice.client("monitor-1")
    assert (
        client.post(f"{FORM}/verification", {"do": "verify", "version": "1", "pick": "pulse"}).status_code
        == 302
    )
    assert "verified by monitor-1" in words(client.get(FORM))
    assert client.post(f"{FORM}/verification", {"do": "verify_form", "version": "1"}).status_code == 302
    assert "Verified against the source" in words(client.get(FORM))
    correct(practice.trial, DESK, participant="S-01", form="vital_signs", encounter="screening", based_on=1,
            changes={"weight": "71.5"}, reason="Read off the scale again")  # fmt: skip
    page = words(client.get(FORM))
    assert "Weight: verification cleared by version 2 (coordinator-1)" in page
    assert "version 1 was verified by monitor-1" in page
    assert "Pulse: verification cleared" not in page
    stale = client.post(f"{FORM}/verification", {"do": "verify", "version": "1", "pick": "weight"})
    assert stale.status_code == 422  # what was compared is no longer the newest version
    assert (
        client.post(f"{FORM}/verification", {"do": "verify", "version": "2", "pick": "weight"}).status_code
        == 302
    )
    assert "cleared by version" not in words(client.get(FORM))


def test_a_verification_is_taken_back_for_a_reason(practice: Practice) -> None:
    fill(practice)
    verify_source(
        practice.trial, MONITOR, participant="S-01", form="vital_signs", encounter="screening", version=1
    )
    client = practice.client("monitor-1")
    assert client.post(f"{FORM}/verification", {"do": "withdraw", "text": ""}).status_code == 422
    assert client.post(f"{FORM}/verification", {"do": "withdraw", "text": "Wrong folder"}).status_code == 302
    assert entries(practice, Kind.VERIFICATION_WITHDRAWN)[0].reason == "Wrong folder"
    assert "Not verified against the source" in words(client.get(FORM))


def test_nothing_is_offered_in_the_past(practice: Practice) -> None:
    fill(practice)
    ask(practice, "Is it with shoes?")
    client, head = practice.client("monitor-1"), practice.folder.ledger.head().sequence
    assert questions(client.get(f"/queries?as_of={head}")) == ["Is it with shoes?"]
    assert offered(client.get(f"/queries?as_of={head}")) == set()
    assert questions(client.get(f"/queries?as_of={head - 1}")) == []
    assert picks(client.get(f"/verification?as_of={head}")) == []
    assert "Ask about" not in words(client.get(f"{FORM}?as_of={head}"))


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine")
def test_a_coordinator_answers_by_keyboard(practice: Practice) -> None:
    from playwright.sync_api import sync_playwright

    fill(practice)
    ask(practice, "Is it with shoes?")
    ask(practice, "Counted for a minute?", item="pulse")
    with practice.serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        practice.sign_in(page, address, "coordinator-1")
        page.goto(f"{address}/queries")
        for key in ("j", "x", "j", "x"):
            page.keyboard.press(key)
        page.get_by_label("Answer, for all that are ticked").fill("As in the source")
        page.locator("#bulk").get_by_role("button", name="Answer").click()
        page.locator(".told", has_text="Answered: 2 queries.").wait_for()
        browser.close()
