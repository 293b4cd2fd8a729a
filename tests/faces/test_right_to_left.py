"""The site with Persian as its language: pages run from the right, nothing overflows, and time in charts runs to the right."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from faces.served import served
from faces.test_pages_browser import browser, pytestmark
from running import Demo

__all__ = ["browser", "pytestmark"]
PAGES = ("/", "/participants", "/participants/S-10", "/participants/S-10/visits/month_6", "/participants/S-02/forms/vital_signs/screening/1",
         "/safety", "/results", "/results/table1.age.mean", "/record", "/record/70", "/record/verify", "/record/compare?from=60&to=80",
    "/product", "/product/donors/D02", "/product/lots/L02", "/product/doses/X02", "/product/materials", "/product/recalls", "/product/plan?weight=70&on=2015-12-01",
    "/claims", "/?as_of=500", "/nothing")  # fmt: skip


@pytest.fixture(scope="module")
def address(demo: Demo) -> Iterator[str]:
    from django.utils import translation

    from charcot.wiring.folder import open_folder
    from charcot.wiring.serving import site

    shipped = site(open_folder(demo.path))

    def in_persian(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with translation.override("fa"):
            return shipped(environ, start_response)

    with served(in_persian) as found:
        yield found


@pytest.mark.parametrize("wide", [360, 1200])
def test_nothing_overflows(browser: Any, address: str, wide: int) -> None:
    context = browser.new_context(viewport={"width": wide, "height": 800})
    page = context.new_page()
    page.set_default_timeout(120_000)
    for path in (*PAGES, "/report"):
        page.goto(address + path)
        if path != "/report":
            assert page.evaluate("document.documentElement.dir") == "rtl", path
        found = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollLeft]")
        assert found[0] <= wide, path
        assert found[1] == 0, path
    context.close()


def test_the_rail_stands_at_the_right_and_time_runs_to_the_right(browser: Any, address: str) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/participants/S-10")
    rail, sheet = page.locator(".rail").bounding_box(), page.locator(".sheet").bounding_box()
    assert rail["x"] > sheet["x"]
    charts = page.evaluate(
        "[...document.querySelectorAll('main svg')].map(svg => [...svg.querySelectorAll('text')]"
        ".filter(t => /^\\d+$/.test(t.textContent.trim())).map(t => [Math.round(t.getBoundingClientRect().y), "
        "Number(t.textContent), t.getBoundingClientRect().x]))"
    )
    rows = [
        [(number, x) for y, number, x in chart if y == line]
        for chart in charts
        for line in {y for y, _, _ in chart}
    ]
    timed = [row for row in rows if len(row) >= 3]
    assert timed, "no axis of time was found"
    for row in timed:
        assert [n for n, _ in sorted(row, key=lambda at: at[1])] == sorted(n for n, _ in row)
    context.close()
