"""Saved views of the matrix: named, renamed, deleted, opened first; each person's own; by keyboard in a browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from charcot.web import participants, signing, verification
from faces.practice import Practice, open_practice
from faces.test_pages_browser import CHROMIUM


@pytest.fixture(scope="module")
def practice(practice_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return open_practice(Path(shutil.copytree(practice_made, tmp_path_factory.mktemp("views") / "trial")))


def tabs(client: Client, address: str = "/participants?view=everybody") -> dict[str, str]:
    """The saved views that a page names, with their addresses."""
    page = client.get(address).content.decode()
    found = re.search(r'<nav class="tabs views".*?</nav>', page, re.S)
    links = re.findall(r'href="([^"]+)" data-view="[1-9]"[^>]*>([^<]+?)\s*<', found.group()) if found else []
    return {name: href.replace("&amp;", "&") for href, name in links}


def send(client: Client, address: str = "/participants", **sent: str) -> Any:
    return client.post(address, sent)


def test_filters_get_a_name_that_leads_back_to_them_for_oneself_only(practice: Practice) -> None:
    client, other = practice.client("coordinator-1"), practice.client("monitor-1")
    asked = "/participants?q=S-02&status=overdue&need=&order=slope&page=1"
    assert (
        "The view is saved."
        in client.post(asked, {"do": "save", "name": "  Late,\u00a0falling "}, follow=True).content.decode()
    )
    assert tabs(client) == {"Late, falling": "/participants?q=S-02&status=overdue&order=slope"}
    assert tabs(other) == {}
    page = client.get(tabs(client)["Late, falling"]).content.decode()
    assert "1 of 2" in page
    assert re.search(r'aria-current="page">Late, falling', page)
    send(
        client, "/participants?q=S-01", do="save", name="Late, falling"
    )  # the name stands for something else now
    assert tabs(client) == {"Late, falling": "/participants?q=S-01"}
    send(client, "/participants?q=S-01", do="rename", view="Late, falling", name="پیگیری\u200cها")
    assert list(tabs(client)) == ["پیگیری\u200cها"]
    assert (
        "nothing else is"
        in client.post(
            "/participants?q=S-01", {"do": "delete", "view": "پیگیری\u200cها"}, follow=True
        ).content.decode()
    )
    assert tabs(client) == {}


def test_the_list_opens_with_a_view_and_shows_everybody_when_asked(practice: Practice) -> None:
    client = practice.client("investigator-1")
    send(client, "/participants?status=overdue", do="save", name="Overdue", opens="on")
    send(client, "/participants?q=S-02", do="save", name="Second", opens="on")
    assert (
        client.get("/participants")["Location"] == "/participants?q=S-02"
    )  # one at a time: the last that was chosen
    assert "2 of 2" in client.get("/participants?view=everybody").content.decode()
    assert practice.client("coordinator-1").get("/participants").status_code == 200
    send(client, "/participants?status=overdue", do="open_with", view="Overdue")
    assert client.get("/participants")["Location"] == "/participants?status=overdue"
    send(client, "/participants?status=overdue", do="open_plain", view="Overdue")
    assert client.get("/participants").status_code == 200
    assert len(tabs(client)) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "The view has no name. Write a name"),
        ("x" * 61, "The name has 61 characters. Shorten it."),
        ("a\u202eb", "The name contains"),
        ("a\x07b", "The name contains an invisible control character."),
    ],
)
def test_a_name_that_cannot_be_is_refused_beside_its_field_and_stays_there(
    practice: Practice, name: str, said: str
) -> None:
    client = practice.client("data_manager-1")
    answer = send(client, "/participants?q=S-02", do="save", name=name)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert 'aria-describedby="view-wrong"' in page
    assert "1 of 2" in page
    assert tabs(client) == {}


def test_two_views_have_two_names_and_there_is_room_for_twenty(practice: Practice) -> None:
    client = practice.client("sponsor-1")
    for number in range(20):
        send(client, f"/participants?q={number}", do="save", name=f"View {number:02}")
    assert (
        "There are 20 saved views already."
        in send(client, "/participants?q=21", do="save", name="More").content.decode()
    )
    taken = send(client, "/participants?q=3", do="rename", view="View 03", name="View 04").content.decode()
    assert "Another of your views is called &#x27;View 04&#x27;." in taken
    assert len(tabs(client)) == 9  # the keys 1 to 9
    assert (
        "no such view any more"
        in send(client, "/participants?q=3", do="rename", view="Gone", name="Back").content.decode()
    )


def test_a_list_of_several_pages_is_given_on_one_to_be_printed(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (participants, signing, verification):
        monkeypatch.setattr(module, "ROWS", 1)
    for person, address in (
        ("investigator-1", "/participants"),
        ("investigator-1", "/signing"),
        ("monitor-1", "/verification"),
    ):
        client = practice.client(person)
        page = client.get(f"{address}?page=2").content.decode()
        assert "S-02" in page
        assert ">S-01</a>" not in page
        whole = re.search(r'class="whole" href="([^"]+)"', page)
        assert whole is not None
        page = client.get(address + whole.group(1).replace("&amp;", "&")).content.decode()
        assert ">S-01</a>" in page
        assert ">S-02</a>" in page
        assert 'class="leaves"' not in page


@pytest.fixture(scope="module")
def address(practice: Practice) -> Iterator[str]:
    with practice.serving() as found:
        yield found


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine")
def test_by_keyboard(practice: Practice, address: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        practice.sign_in(page, address, "qualified_person-1", "/participants")
        page.keyboard.press("/")
        page.keyboard.type("S-02")
        page.locator("#found", has_text="1 of 2").wait_for()
        page.locator(".saving summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("The second")
        page.keyboard.press("Enter")
        page.locator(".told", has_text="The view is saved.").wait_for()
        page.keyboard.press("0")
        page.locator("#found", has_text="2 of 2").wait_for()
        page.keyboard.press("1")
        page.locator("#found", has_text="1 of 2").wait_for()
        assert page.locator(".views [aria-current]").inner_text() == "The second"
        browser.close()
