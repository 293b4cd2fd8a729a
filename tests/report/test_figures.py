import html
import re
import xml.etree.ElementTree as ET

import pytest

from charcot.report import Report
from charcot.report.document import Figure
from charcot.report.figures import spec_for_page


@pytest.fixture(scope="module")
def figures(report: Report) -> dict[str, Figure]:
    return {b.id: b for section in report.sections for b in section.blocks if isinstance(b, Figure)}


def test_drawings_are_well_formed_and_described(figures: dict[str, Figure]) -> None:
    assert set(figures) == {
        "flow",
        "figure2",
        "slopes-figure",
        "survival",
        "expected-survival",
        "swimmer",
        "profiles",
    }
    for figure in figures.values():
        for svg in figure.svgs:
            root = ET.fromstring(svg)
            assert root.get("role") == "img"
            assert root.get("aria-label")


def test_no_two_drawings_share_an_id(figures: dict[str, Figure]) -> None:
    svgs = "".join(svg for figure in figures.values() for svg in figure.svgs)
    ids = re.findall(r'\bid="([^"]+)"', svgs)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", svgs)) <= set(ids)


def test_the_descriptions_hold_the_numbers(figures: dict[str, Figure]) -> None:
    # paper.md: mean ALSFRS-R 35.352941 (SE 1.184896) of 48, so 73.7 % (2.5); mean FVC 71.0 %.
    assert "Screening 73.7 (2.5), n 17" in figures["figure2"].alt
    assert "Screening 71.0 (6.5), n 17" in figures["figure2"].alt
    assert "12 months 82.4 %, 14 at risk" in figures["survival"].alt  # 14 of 17
    assert "20 screened, 20 consented, 3 declined, 17 enrolled, 17 infused" in figures["flow"].alt


def test_under_each_axis_stand_the_numbers_measured(figures: dict[str, Figure]) -> None:
    for svg in figures["figure2"].svgs:
        texts = re.findall(r">([^<>]+)</text>", svg)
        assert [texts.count("17"), texts.count("16"), texts.count("14")] == [3, 1, 1]
        assert "synthetic follow-up" in texts


def test_the_flow_shows_each_number_with_its_result(figures: dict[str, Figure]) -> None:
    flow = figures["flow"]
    shown = re.findall(r'data-result="([^"]+)"', flow.svgs[0])
    assert shown
    assert set(shown) == {number.result.id for number in flow.drawn}


def test_colours_follow_the_page(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        for svg in figure.svgs:
            assert re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg) == []


def test_marks_name_the_participant_the_visit_and_the_value_with_its_unit(
    figures: dict[str, Figure],
) -> None:
    _, fvc = figures["figure2"].svgs
    assert re.search(r"<title>[\w-]+, Screening: FVC [\d.]+ % of predicted</title>", fvc)
    for name in ("figure2", "slopes-figure", "survival", "swimmer", "profiles"):
        for svg in figures[name].svgs:
            assert svg.count("<title>") >= 10, name


def test_a_drawing_and_its_specification_are_one(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        for drawing in figure.drawings:
            spec = spec_for_page(drawing)
            assert (spec is None) == (figure.id == "flow")
            if spec is None:
                continue
            assert spec["description"] in figure.alt
            assert "#0072b2" not in str(spec).replace("var(--fig-blue, #0072b2)", "")
            told = set(re.findall(r"'told': '([^']*)'", str(spec)))
            assert {
                html.unescape(title) for title in re.findall("<title>([^<]*)</title>", drawing.svg)
            } <= told
