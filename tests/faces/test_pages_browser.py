"""The site in a real browser: from a number to its entry, by keyboard, without scripts, on paper, on a phone."""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdf
import pytest

from faces.served import served
from running import Demo

CHROMIUM = next(
    (
        p
        for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        if Path(p).exists()
    ),
    None,
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]
TABS = 12
"""How often Tab is pressed at most before something near the top of a page is reached."""


@pytest.fixture(scope="module")
def entry(demo: Demo) -> int:
    """The entry with the first row of Table 1: S-01's published baseline."""
    from charcot.wiring.folder import open_folder

    def found() -> int:
        entries = open_folder(demo.path).ledger.entries(subjects=["participant/S-01"])
        return next(e.sequence for e in entries if e.data.get("form") == "published_baseline")

    with ThreadPoolExecutor(1) as aside:  # Django reads no database where an event loop runs
        return aside.submit(found).result()


@pytest.fixture(scope="module")
def address(demo: Demo) -> Iterator[str]:
    from charcot.wiring.folder import open_folder
    from charcot.wiring.serving import site

    with served(site(open_folder(demo.path))) as found:
        yield found


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Any]:  # the server opens its trial before an event loop runs here
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        yield found
        found.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page that loads nothing from elsewhere and has no error in its console."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    found = context.new_page()
    found.set_default_timeout(60_000)
    problems: list[str] = []
    asked: list[str] = []
    found.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    found.on("pageerror", lambda error: problems.append(str(error)))
    found.on("request", lambda request: asked.append(request.url))
    yield found
    context.close()
    assert not [problem for problem in problems if "404" not in problem]
    assert all(url.startswith((address, "data:", "blob:")) for url in asked)


def test_from_a_number_in_the_report_to_the_entry_behind_it(page: Any, address: str, entry: int) -> None:
    page.goto(f"{address}/report")
    page.locator('a[data-result="table1.age.mean"]').first.click()
    page.get_by_role("heading", name="Age, mean").wait_for()
    page.get_by_role("link", name=f"entry {entry}", exact=True).first.click()
    panel = page.locator("#panel")
    panel.get_by_role("heading", name=f"Entry {entry}").wait_for()
    assert "published_baseline" in panel.locator("pre").inner_text()
    assert page.url.endswith("/results/table1.age.mean")  # the number stays in sight
    panel.get_by_role("link", name="Open as a page").click()
    page.wait_for_url(f"**/record/{entry}")


def test_the_same_way_without_scripts(browser: Any, address: str, entry: int) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/results")
    page.locator('a[data-result="table1.age.mean"]').first.click()
    page.get_by_role("link", name=f"entry {entry}", exact=True).first.click()
    page.wait_for_url(f"**/record/{entry}")
    page.goto(f"{address}/participants?q=S-07")
    assert page.locator("[data-matrix] tbody tr").count() == 1
    context.close()


def test_by_keyboard_alone(page: Any, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    _tab_to(page, "Participants")
    page.keyboard.press("Enter")
    page.wait_for_url("**/participants")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert _focused(page) == "S-02"
    page.keyboard.press("ArrowRight")
    assert "Screening: complete" in _focused(page)
    page.keyboard.press("Enter")
    page.locator("#panel:not([hidden])").wait_for()
    page.keyboard.press("Escape")
    page.locator("#panel").wait_for(state="hidden")
    assert "Screening: complete" in _focused(page)
    page.keyboard.press("/")
    page.keyboard.type("S-17")
    page.locator("#found", has_text="1 of 20").wait_for()
    assert page.locator("[data-matrix] tbody tr").count() == 1
    page.wait_for_url("**q=S-17**")
    page.locator("[data-filter]").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/participants/S-17")


def _focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def _tab_to(page: Any, name: str) -> None:
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if _focused(page) == name:
            return
    raise AssertionError(f"{name} was not reached by Tab")


def test_two_hundred_people_on_paper_have_the_head_of_the_table_on_each_sheet(
    browser: Any, address: str
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/participants?order=slope")
    page.evaluate(
        "for (let n = 0; n < 9; n++)"
        " document.querySelectorAll('[data-matrix] tbody tr:nth-child(-n + 20)').forEach(row => row.parentNode.append(row.cloneNode(true)))"
    )
    sheets = [
        sheet.extract_text()
        for sheet in pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    ]
    page.close()
    assert 3 <= len(sheets) <= 5
    assert sum(len(re.findall(r"\bS-\d\d\b", sheet)) for sheet in sheets) == 200
    for number, sheet in enumerate(sheets, 1):
        assert f"{number} / {len(sheets)}" in sheet
        assert "Month 12" in sheet or "S-" not in sheet
    assert "sorted by: fastest fall of ALSFRS-R" in sheets[0]
    assert not any(word in sheet for sheet in sheets for word in ("Sort by", "Safety", "As of"))


def test_the_report_is_not_wider_than_a_phone(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{address}/report")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
