"""What pages offer is what is allowed: under each lock every act that is offered is tried, and no lock refuses it."""

import re
from html import unescape

from django.test import Client

from charcot.conduct import lock, open_query, unlock
from charcot.ledger import Actor
from charcot.team import Signature
from faces.practice import Practice
from faces.test_queries import FORM, ask, fill, words

MANAGER = Actor("data_manager-1", "data_manager")
PERSON = "/participants/S-01"
VISIT = f"{PERSON}/visits/screening"
DESK, MONITOR, MANAGING = "coordinator-1", "monitor-1", "data_manager-1"
PAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "form": {DESK: (FORM, VISIT), MONITOR: (FORM,)},
    "visit": {DESK: (VISIT,), MANAGING: ("/queries?status=all",)},
    "participant": {DESK: (PERSON,), MONITOR: (FORM, "/verification?show=all"), MANAGING: (PERSON,)},
    "trial": {DESK: (FORM, PERSON, "/participants"), MONITOR: (FORM, "/queries?status=all", "/verification?show=all"),
              MANAGING: (FORM, "/queries")},
}  # fmt: skip
SCOPES: dict[str, dict[str, str]] = {
    "form": {"form": "vital_signs", "encounter": "screening"},
    "visit": {"encounter": "screening"},
    "participant": {},
}
ACTING = re.compile(
    r"/participants/S-01/(forms/.*/(fill|attach|in-error)|files/.*/withdraw|do/|lock)|/screening/new"
)


def try_everything(client: Client, where: str, done: set[str]) -> tuple[set[str], list[str]]:
    """Sends every form and follows every act that a page offers; what was tried, and what a lock refused of it."""
    tried, refused = set(), []
    page = client.get(where).content.decode()
    main = page.split("<main")[1].split("</main>")[0]
    for found in re.finditer(r'<form([^>]*method="post"[^>]*)>(.*?)</form>', main, re.S):
        action = (re.findall(r'action="([^"]*)"', found[1]) or [where])[0]
        sheet = {unescape(n): unescape(v) for n, v in re.findall(r'name="([^"]+)" value="([^"]*)"', found[2])}
        if "pick" not in sheet:
            sheet["pick"] = next(iter(re.findall(r'name="pick" value="([^"]+)"', main)), "")
        for do in re.findall(r'<button name="do" value="(\w+)"', found[2]) or [sheet.get("do", "")]:
            answer = client.post(unescape(action), sheet | {"do": do, "text": "as in the source"})
            tried.add(do)
            if "was locked by" in words(answer):
                refused.append(f"{where}: {do}")
    for link in sorted({unescape(href) for href in re.findall(r'href="([^"]+)"', main)}):
        near = "/screening/1/" not in link or re.search(r"/(vital_signs|spirometry|identity)/", link)
        if ACTING.match(link) and near and link not in done:
            tried.add(link)
            if re.search(r"is locked\.|Locked with", words(client.get(link))):
                refused.append(f"{where}: {link}")
    return tried, refused


def walk(clients: dict[str, Client], scope: str) -> tuple[set[str], list[str]]:
    tried: set[str] = set()
    refused: list[str] = []
    for person, pages in PAGES[scope].items():
        for where in pages:
            done, not_done = try_everything(clients[person], where, tried)
            tried |= done
            refused += not_done
    return tried, refused


def test_under_each_lock_nothing_is_offered_that_it_refuses_and_notes_still_are(practice: Practice) -> None:
    fill(practice)
    clients = {person: practice.client(person) for person in (DESK, MONITOR, MANAGING)}
    for item in ("weight", "pulse", "systolic", "diastolic", "temperature"):
        ask(practice, "Is it so?", item=item)
    for scope, place in SCOPES.items():
        lock(practice.trial, MANAGER, scope=scope, participant="S-01", **place)  # type: ignore[arg-type]
        tried, refused = walk(clients, scope)
        assert not refused, scope
        assert {"answer", "close", "reopen"} & tried, scope
        assert {"ask", "reopen", "verify"} <= tried or scope != "form"
        assert f"{FORM}/fill" not in tried, scope
        unlock(practice.trial, MANAGER, scope=scope, participant="S-01", reason="a typing error", **place)  # type: ignore[arg-type]
    assert f'href="{FORM}/fill"' in clients[DESK].get(FORM).content.decode()
    signature = Signature("password", "I lock the record of this trial")
    lock(practice.trial, MANAGER, scope="trial", statement="Final.", reason="it ends", signature=signature)
    tried, refused = walk(clients, "trial")
    assert not refused
    assert not {"ask", "answer", "close", "reopen", "verify", "verify_form", "/screening/new"} & tried


def test_a_query_about_a_form_that_is_not_filled_leads_to_where_it_is_filled(practice: Practice) -> None:
    open_query(practice.trial, Actor("monitor-1", "monitor"), participant="S-01", form="vital_signs",
               encounter="screening", text="Was the weight taken?")  # fmt: skip
    desk, monitor = practice.client("coordinator-1"), practice.client("monitor-1")
    assert f'href="{FORM}#queries"' in desk.get("/queries").content.decode()
    shown = desk.get(FORM)
    assert shown.status_code == 200
    assert "Was the weight taken?" in words(shown)
    assert f'href="{FORM}/fill"' in shown.content.decode()
    assert f'href="{FORM}/fill"' not in monitor.get(FORM).content.decode()
    given = {"do": "answer", "pick": "S-01/q1", "text": "It comes with the visit"}
    assert desk.post(f"{FORM}/queries", given).status_code == 302
    assert "It comes with the visit" in words(monitor.get(FORM))
    empty = monitor.post(f"{FORM}/queries", {"do": "close", "pick": "S-01/q1", "text": "\x07"})
    assert empty.status_code == 422
    assert "Was the weight taken?" in words(empty)
    assert monitor.get("/participants/S-01/forms/spirometry/screening/1").status_code == 404
