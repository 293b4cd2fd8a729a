"""The report in a real browser: figures that answer to pointer and keys under a strict policy, and stay on paper."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from faces.test_pages_browser import address, browser, pytestmark

__all__ = ["address", "browser", "pytestmark"]
REACHED = 'g[class*="reach"] path'


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page on which nothing is refused by the policy and nothing fails."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    found = context.new_page()
    found.set_default_timeout(60_000)
    problems: list[str] = []
    found.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    found.on("pageerror", lambda error: problems.append(str(error)))
    yield found
    context.close()
    assert not [problem for problem in problems if "404" not in problem]


def live(page: Any, figure: str) -> Any:
    page.locator(f"#{figure}").scroll_into_view_if_needed()
    found = page.locator(f"#{figure} .figure-live").first
    found.locator(REACHED).first.wait_for(state="attached")
    return found


def test_the_policy_lets_nothing_in_but_the_sites_own_files(page: Any, address: str) -> None:
    for path in ("/report", "/report.html"):
        policy = page.goto(address + path).headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert re.search(r"style-src[^;]* 'sha256-", policy)


def test_a_mark_names_participant_visit_and_value_with_its_unit(page: Any, address: str) -> None:
    page.goto(f"{address}/report")
    marks = live(page, "figure2").locator(REACHED)
    # Table 1 of the publication prints an ALSFRS-R of 37 for its first patient: 77.1 % of 48.
    assert marks.first.get_attribute("aria-label") == "S-01, Screening: ALSFRS-R 77.1 % of 48"
    marks.first.hover(force=True)  # where marks lie on one another, the last drawn answers
    tip = page.locator(".figure-tip").inner_text().split("\n")
    assert tip[0::2] == ["Participant", "Visit", "ALSFRS-R"]
    assert f"{tip[1]}, {tip[3]}: ALSFRS-R {tip[5]}" in marks.evaluate_all(
        "all => all.map(one => one.ariaLabel)"
    )
    shown = live(page, "survival").locator(REACHED).first.get_attribute("aria-label")
    assert re.fullmatch(r"[\d.]+ months: .*alive [\d.]+ %.*at risk", shown)


def test_the_marks_of_a_figure_are_reached_by_one_tab_and_arrows(page: Any, address: str) -> None:
    page.goto(f"{address}/report")
    figure = live(page, "slopes-figure")
    assert figure.locator(f'{REACHED}[tabindex="0"]').count() == 1
    figure.locator(f'{REACHED}[tabindex="0"]').focus()
    before = focused(page)
    page.keyboard.press("ArrowRight")
    after = focused(page)
    assert before != after
    assert re.fullmatch(r"S-\d\d, (before|after) the infusion: ALSFRS-R −?\d\.\d\d points per month", after)
    assert page.locator(".figure-tip").inner_text().strip() == after
    page.keyboard.press("End")
    assert focused(page) not in (before, after)
    assert "the infusion: " in focused(page)
    page.keyboard.press("Escape")
    assert page.locator(".figure-tip").is_hidden()


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_every_drawing_but_the_diagram_comes_to_life_and_paper_keeps_its_own(page: Any, address: str) -> None:
    page.goto(f"{address}/report")
    drawn = page.locator("svg.figure").count()
    for figure in ("figure2", "slopes-figure", "survival", "swimmer", "profiles"):
        live(page, figure)
    for figure in ("marker-map", "expected-survival"):
        page.locator(f"#{figure}").scroll_into_view_if_needed()
        page.locator(f"#{figure} .figure-live svg").wait_for(state="attached")
    page.locator(".figure-live svg").nth(drawn - 2).wait_for(state="attached")
    assert page.locator("svg.figure.on-paper").count() == drawn - 1
    assert page.locator("svg.figure:visible").count() == 1
    page.emulate_media(media="print")
    assert page.locator("svg.figure:visible").count() == drawn
    assert page.locator(".figure-live:visible").count() == 0


def test_without_scripts_the_drawings_stand_and_name_their_marks(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/report")
    assert page.locator("#figure2 svg.figure:visible").count() == 2
    titles = page.locator("#figure2 svg.figure title").all_text_contents()
    assert any(re.fullmatch(r"S-07, Month 6: ALSFRS-R \d+\.\d % of 48", title) for title in titles)
    context.close()
