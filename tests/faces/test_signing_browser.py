"""Signing in a real browser: a tick for the casebook ticks its forms."""

from collections.abc import Iterator
from typing import Any

import pytest

from faces.practice import PASSWORD, Practice
from faces.test_pages_browser import CHROMIUM
from faces.test_signing import hidden, mend, sent, weigh

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]


@pytest.fixture
def address(practice: Practice) -> Iterator[str]:
    weigh(practice)
    doctor = practice.client("investigator-1")
    doctor.post("/signing/S-01", sent(practice, hidden(doctor), all="1"))
    mend(practice, "78", based_on=1)
    visit = "scope=visit&encounter=screening&instance=1"
    practice.client("data_manager-1").post(f"/participants/S-02/lock?{visit}", {"reason": "cleaned"})
    with practice.serving() as found:
        yield found


@pytest.fixture
def browser(address: str) -> Iterator[Any]:  # the server opens its trial before an event loop runs here
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def test_a_tick_for_the_casebook_ticks_its_forms_and_one_taken_away_takes_it_back(
    browser: Any, practice: Practice, address: str
) -> None:
    page = browser.new_context().new_page()
    page.set_default_timeout(60_000)
    practice.sign_in(page, address, "investigator-1")
    page.goto(f"{address}/signing/S-01?signed=1")
    whole = page.get_by_label("The whole casebook")
    whole.check()
    form = page.get_by_label("Vital signs and weight", exact=True)
    assert form.is_checked()
    form.uncheck()
    assert not whole.is_checked()
    assert page.get_by_label("Identity").is_checked()
    assert PASSWORD not in page.content()
