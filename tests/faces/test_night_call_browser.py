"""A night call: a serious event entered on a phone, and its clock seen by the safety physician on every page."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from faces.practice import Practice
from faces.test_filling_browser import aside
from faces.test_pages_browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]
CHOSEN = {
    "outcome": "recovering", "grade": "3", "serious": "yes", "serious_criteria": "hospitalisation", "relation_product": "possible",
    "relation_procedure": "unlikely", "relation_disease": "possible", "expected": "no", "action": "not_applicable",
}  # fmt: skip


def test_a_serious_event_at_night(practice: Practice) -> None:
    from playwright.sync_api import sync_playwright

    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tehran"))
    known = now - timedelta(minutes=20)
    with practice.serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        phone = browser.new_context(
            viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
        ).new_page()
        phone.set_default_timeout(60_000)
        practice.sign_in(phone, address, "coordinator-1")
        began = time.monotonic()
        phone.goto(f"{address}/safety")
        phone.locator("[name=report]").fill("s-02")
        phone.get_by_role("button", name="Report an event").click()
        phone.wait_for_url(f"{address}/participants/S-02/forms/adverse_event/-/1/fill")
        assert phone.locator("#terms option[value='Pulmonary embolism']").count() == 1
        type_in(phone, "term", "Pulmonary embolism")
        phone.get_by_text("Grade 4: unstable circulation").wait_for()
        phone.locator("[data-row-of=onset] [data-fill-now]").click()
        assert phone.locator("[name='v.onset']").input_value() == f"{now:%Y-%m-%d}"
        phone.locator("[name='v.category']").select_option("pulmonary_embolism")
        for name, code in CHOSEN.items():
            answer = phone.locator(f"input[name='v.{name}'][value='{code}']")
            if answer.count():
                answer.check()
            else:
                phone.locator(f"select[name='v.{name}']").select_option(code)
        phone.locator("[data-row-of=aware_on] [data-fill-now]").click()
        said = datetime.fromisoformat(phone.locator("[name='v.aware_on']").input_value())
        assert abs(said.replace(tzinfo=now.tzinfo) - now) < timedelta(minutes=5), "the clock of the site"
        type_in(phone, "aware_on", f"{known:%Y-%m-%d %H:%M}")
        wide = phone.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, "nothing is cut off on a phone"
        phone.get_by_role("button", name="Save", exact=True).click()
        phone.wait_for_url(lambda where: "/fill" not in where)
        assert time.monotonic() - began < 120, "entered in under two minutes"
        entered = aside(lambda: [e for e in practice.folder.ledger.entries() if e.verb == "report_event"])
        assert [e.participant for e in entered] == ["S-02"]

        desk = browser.new_context().new_page()
        desk.set_default_timeout(60_000)
        practice.sign_in(desk, address, "safety_physician-1")
        for place in ("/", "/participants"):
            desk.goto(f"{address}{place}")
            band = desk.locator(".clock-band").inner_text()
            assert "S-02" in band
            assert "h" in band and "left" in band
            assert "embol" not in band.lower(), "what happened is not said on every page"
        desk.locator(".clock-band a").click()
        row = desk.get_by_role("row", name="Serious event to the sponsor").inner_text()
        assert "23 h" in row
        practice.sign_in(desk := browser.new_context().new_page(), address, "statistician-1")
        assert desk.locator(".clock-band").count() == 0, "it is shown to those whom it concerns"
        browser.close()


def type_in(page: Any, name: str, text: str) -> None:
    page.locator(f"[name='v.{name}']").fill(text)
