"""Signing in and the pages about people in a real browser: a panel over the page, a phone."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore

from charcot.wiring.clock import real_clock
from charcot.wiring.served import choose, open_site
from faces.practice import PASSWORD, Practice, open_practice

CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if Path(p).exists()), None)  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]


@pytest.fixture(scope="module")
def served(practice_made: Path) -> Iterator[tuple[Practice, str]]:
    practice = open_practice(practice_made)
    with practice.serving() as address:
        yield practice, address


@pytest.fixture(scope="module")
def browser(served: Any) -> Iterator[Any]:  # the server opens its trial before an event loop runs here
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def test_a_session_that_ends_in_the_middle_of_typing_is_taken_up_again_over_the_page(
    browser: Any, served: tuple[Practice, str]
) -> None:
    practice, address = served
    context = browser.new_context()
    page = context.new_page()
    practice.sign_in(page, address, "monitor-1", "/participants")
    cookies = context.cookies()
    _aside(lambda: _leave_alone(practice, cookies))
    page.locator("[data-filter]").fill("S-02")
    panel = page.locator("dialog#sign-in")
    panel.wait_for()
    assert panel.get_by_label("Your code").input_value() == "monitor-1"
    panel.get_by_label("Password").fill("not this one")
    panel.get_by_role("button", name="Sign in").click()
    panel.get_by_text("These do not fit together.").wait_for()
    panel.get_by_label("Password").fill(PASSWORD)
    panel.get_by_role("button", name="Sign in").click()
    panel.wait_for(state="hidden")
    assert page.locator("[data-filter]").input_value() == "S-02"  # what was typed is still there
    page.locator("[data-filter]").press("Enter")
    page.locator("[data-matrix] tbody tr").nth(1).wait_for(state="detached")
    assert page.locator("[data-matrix] tbody tr").count() == 1
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/sign-in")
    context.close()


def _aside(act: Any) -> None:
    """In a thread of its own: Django reads no database where an event loop runs."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join(30)


def _leave_alone(practice: Practice, cookies: Any) -> None:
    choose(open_site(practice.folder))
    for cookie in cookies:
        session = SessionStore(cookie["value"])
        if "form" not in cookie["name"] and "seen_at" in session:
            session["seen_at"] = (real_clock() - timedelta(minutes=31)).isoformat()
            session.save()


def test_on_a_phone_one_can_sign_out(browser: Any, served: tuple[Practice, str]) -> None:
    practice, address = served
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    practice.sign_in(page, address, "administrator-1", "/people")
    page.get_by_role("link", name="administrator-1").first.click()
    page.wait_for_url("**/account")
    page.get_by_role("button", name="Sign out").last.click()
    page.wait_for_url("**/sign-in")
    context.close()
