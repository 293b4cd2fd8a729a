import re
import time
from html.parser import HTMLParser

import pytest

from charcot.analysis import METHODS, compute_again
from charcot.report import Report, make_report, render_html
from charcot.statistics import SurvivalCurve

VOID = {"meta", "br", "hr", "img", "input", "link", "col", "wbr"}


class Page(HTMLParser):
    """Reads a page: elements in order, ids, results shown; raises where an element is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.shown: list[str] = []
        self.targets: list[str] = []
        self.addresses: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.shown += [value for name, value in attrs if name == "data-result" and value]
        self.targets += [value for name, value in attrs if name == "popovertarget" and value]
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href") and value]
        if tag == "script":
            self.scripts.append(dict(attrs))
        if tag == "button":
            assert found.get("type") == "button"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles.append(data)


@pytest.fixture(scope="module")
def read(page: str) -> Page:
    parser = Page()
    parser.feed(page)
    parser.close()
    return parser


def test_every_element_is_closed_and_every_id_is_its_own(read: Page) -> None:
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))


def test_the_page_loads_nothing(read: Page) -> None:
    assert [address for address in read.addresses if not address.startswith("#")] == []
    loads = re.findall(r"url\(([^)]{0,12})", " ".join(read.styles))
    assert loads and all(load.startswith("data:font") for load in loads)
    assert "@import" not in " ".join(read.styles)
    assert read.scripts == [{"type": "application/json", "id": "lineage"}, {}]  # data, and what shows it


def test_every_number_leads_to_a_result_and_every_result_to_its_card(read: Page, report: Report) -> None:
    assert set(read.shown) == set(report.results)
    assert {f"src-{id}" for id in report.results} <= set(read.ids)
    assert set(read.targets) <= set(read.ids)
    assert {address[1:] for address in read.addresses} <= set(read.ids)


def test_the_same_ledger_gives_the_same_bytes(page: str, page_again: str) -> None:
    assert page == page_again


def test_what_is_synthetic_is_said_before_any_number(page: str) -> None:
    assert page.index("demo: synthetic follow-up</p>") < page.index("<h1>")
    notice = page.index("Part of this report is imagined")
    assert notice < page.index('id="table1"')
    assert notice < page.index('id="figure2"')


def test_published_numbers_are_not_underlined_and_synthetic_ones_are(report: Report) -> None:
    assert "table1.age.mean" not in report.synthetic
    assert "course.alsfrs_r.month_12.mean" in report.synthetic
    assert "survival.median" in report.synthetic


def test_nothing_claims_an_effect(page: str) -> None:
    assert "There is no group without the treatment" in page
    assert not re.search(r"\bp\s*[<=]\s*0?\.\d", page)


def test_every_result_can_be_computed_again(report: Report) -> None:
    for result in report.results.values():
        again = compute_again(result, report.datasets)
        if isinstance(again, SurvivalCurve):
            continue
        assert repr(again) == repr(result.value), result.id
        assert result.method in METHODS
        assert report.parents(result.id), result.id


def test_text_from_the_record_is_escaped(report: Report) -> None:
    from dataclasses import replace

    evil = replace(report, title="<script>alert(1)</script>", short_title='"} </style><script>')
    page = render_html(evil)
    assert page.count("<script") == page.count("</script>") == 2
    assert "alert(1)</script>" not in page
    assert page.count("</style>") == 1


def test_the_report_is_made_quickly(report: Report) -> None:
    from charcot.report.make import make_report as make

    assert make is make_report
    began = time.process_time()
    render_html(report)
    assert time.process_time() - began < 5  # of this process alone: others may be busy
