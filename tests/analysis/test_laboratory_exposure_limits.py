import xml.etree.ElementTree as ET
from dataclasses import replace
from math import exp, log, sqrt

import polars as pl
import pytest

from charcot.analysis import Datasets, ReportPlan
from charcot.analysis.design_limits import derive_design_limits
from charcot.analysis.event_listing import derive_death_listing, derive_event_listing
from charcot.analysis.exposure_summary import derive_exposure_results
from charcot.analysis.joined_frames import derive_shifts
from charcot.analysis.laboratory_changes import derive_laboratory_results
from charcot.analysis.laboratory_courses import derive_laboratory_courses
from charcot.analysis.stage_counts import derive_stage_courses
from charcot.datasets import Snapshot
from charcot.report.figures import draw_laboratory
from charcot.statistics import Interval

GRADES = {3: 2, 4: 1, 10: 1}
"""By entry; where none is said it is 0."""
JUDGED = {3: True}
"""Of the abnormal values after the infusion, by entry: only one was judged."""
RESULTS = (  # participant, day, flag, entry
    ("P01", -20, "high", 1), ("P01", 0, "normal", 2), ("P01", 60, "low", 3), ("P01", 90, "high", 4), ("P01", 120, "normal", 5),
    ("P02", -20, "normal", 6), ("P02", 60, "normal", 7),
    ("P03", -20, "normal", 8),
    ("P04", 60, "low", 9),
    ("P05", -20, "low", 10), ("P05", 60, "normal", 11),
)  # fmt: skip


@pytest.fixture(scope="module")
def with_flags(datasets: Datasets) -> Datasets:
    """One test in five people: normal before (the last counts) and high at last; normal twice; no after; no before; low before."""
    laboratory = datasets["laboratory"]
    frame = pl.DataFrame(
        [
            {"participant": who, "day": day, "panel": "Liver", "test": "alt", "label": "ALT", "flag": flag, "grade": GRADES.get(entry, 0), "significant": JUDGED.get(entry),
             "origin": "entered", "entries": [entry]}
            for who, day, flag, entry in RESULTS
        ]
    )  # fmt: skip
    changed = {**datasets, "laboratory": replace(laboratory, frame=frame)}
    return {**changed, "laboratory_shifts": derive_shifts(changed)}


def test_shifts_go_from_the_last_before_to_the_worst_after(
    with_flags: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    found = derive_laboratory_results(with_flags, snapshot.protocol, plan)
    assert found is not None
    (test,) = found.tests
    assert test.n.value == 3
    assert {pair: r.value for pair, r in test.shifts.items() if r.value} == {
        ("normal", "high"): 1, ("normal", "normal"): 1, ("low", "normal"): 1,
    }  # fmt: skip
    assert not test.is_quiet
    (graded,) = found.grades
    # P01: 0 before, 2 at worst; P02: none; P05: 1 before, none after.
    assert {pair: r.value for pair, r in graded.shifts.items() if r.value} == {
        (0, 2): 1,
        (0, 0): 1,
        (1, 0): 1,
    }
    assert graded.n.value == 3
    said = (found.outside, found.judged, found.significant)
    assert [result.value for result in said if result is not None] == [3, 1, 1]  # entries 3, 4 and 9
    assert (found.pairs.value, found.normal.value, found.left.value) == (3, 1, 1)


def test_a_shift_rests_on_the_last_before_and_all_after(with_flags: Datasets) -> None:
    frame = with_flags["laboratory_shifts"].frame
    first = frame.filter(pl.col("participant") == "P01")
    assert first["entries"].to_list() == [[2, 3, 4, 5]]
    assert (first["last"].item(), first["worst"].item()) == ("normal", "high")


def test_exposure_is_what_the_small_trial_gave(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    # The small trial: 70 kg, 140 million cells, 10 ml; the paper's dose is 2 million cells per kilogram.
    found = derive_exposure_results(datasets, snapshot.protocol, plan)
    means = {line.measured.column: line.statistics["mean"].value for line in found.lines}
    assert means == pytest.approx(
        {
            "weight": 70,
            "planned_dose": 1.4e8,
            "given_dose": 1.4e8,
            "dose_ratio": 1,
            "dose_per_kg": 2e6,
            "volume": 10,
        }
    )
    assert (found.people.value, found.infusions.value, len(found.listed)) == (17, 17, 17)
    assert found.within is not None and isinstance(found.within.value, Interval)
    assert found.within.value.lower == pytest.approx(
        1 - 0.19506432
    )  # als.md: 0/17 has the upper end .19506432


def test_how_much_seventeen_leave_open(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> None:
    found = derive_design_limits(datasets, snapshot.protocol, plan)
    assert found is not None
    assert found.largest_risk.value == pytest.approx(0.19506432, abs=1e-8)  # als.md: Clopper-Pearson of 0/17
    s = (
        14 / 17
    )  # three of 17 died in the first year, nobody censored: Greenwood is s (1 - s) / n, on the log-log scale
    spread = 1.959963985 * sqrt((1 - s) / (17 * s)) / log(s)
    expected = (exp(log(s) * exp(spread)) - exp(log(s) * exp(-spread))) / 2
    assert dict(found.half_widths)[12].value == pytest.approx(expected, rel=1e-8)


def test_everybody_is_at_one_stage_or_dead(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> None:
    for course in derive_stage_courses(datasets, snapshot.protocol, plan):
        for visit in course.visits:
            counts = [result.value for result in visit.at_stage.values()]
            assert sum(count for count in counts if isinstance(count, int)) == visit.staged.value
        assert course.visits[0].staged.value == 17
        assert course.visits[-1].died.value == 3  # Table 2 of the paper: three deaths in the first year


def test_events_and_deaths_are_listed_one_by_one(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    _, events = derive_event_listing(datasets, snapshot.protocol, plan)
    emboli = [e for e in events if e.values["term"].value == "Pulmonary embolism"]
    # Abstract of the paper: emboli at days 36 and 65.
    assert [(e.participant, e.values["onset_day"].value) for e in emboli] == [("P03", 36), ("P08", 65)]
    deaths = derive_death_listing(datasets, snapshot.protocol, plan, events)
    assert [round(float(str(d.month.value))) for d in deaths[:3]] == [6, 7, 9]  # the paper's months of death
    assert len(deaths) == 12
    assert [e.values["term"].value for e in deaths[1].events] == ["Pulmonary embolism"]


def test_values_lie_where_their_range_puts_them(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    laboratory = datasets["laboratory"]
    values = (  # person, test, day, value, low, high, flag, grade, entry; place by hand
        ("P01", "alt", 0, 20.0, 10.0, 50.0, "normal", 0, 1),  # (20 - 10) / (50 - 10)
        ("P01", "alt", 61, 130.0, 10.0, 50.0, "high", 1, 2),  # (130 - 10) / 40, day 61 is month 2.004
        ("P01", "crp", 61, 2.0, None, 5.0, "normal", 0, 3),  # 2 / 5
        ("P01", "crp", 92, 8.0, None, 5.0, "high", 0, 6),  # 8 / 5, outside and without a grade
        ("P02", "egfr", 61, 45.0, 60.0, None, "low", 2, 4),  # 45 / 60 - 1
        ("P02", "esr", 61, 45.0, None, None, None, None, 5),
    )
    rows = [
        {
            "participant": who, "panel": "Liver", "test": test, "label": test.upper(), "encounter": f"day_{day}", "instance": 1,
            "day": day, "value": value, "text": f"{value:g}", "unit": "U/L", "low": low, "high": high, "flag": flag, "grade": grade,
            "significant": False if entry == 2 else None, "comment": "As before" if entry == 2 else None, "origin": "entered", "entries": [entry],
        }
        for who, test, day, value, low, high, flag, grade, entry in values
    ]  # fmt: skip
    changed = {**datasets, "laboratory": replace(laboratory, frame=pl.DataFrame(rows))}
    found = derive_laboratory_courses(changed, snapshot.protocol, plan)
    assert found is not None
    first, second = found.people
    assert [(p.test, round(p.month, 3), p.place) for p in first.points] == [
        ("ALT", 0, 0.25), ("ALT", 2.004, 3.0), ("CRP", 2.004, 0.4), ("CRP", 3.023, 1.6),
    ]  # fmt: skip
    assert [(p.test, p.place, p.words) for p in second.points] == [("EGFR", -0.25, "45 U/L (at least 60)")]
    assert [(c.values.value, c.outside.value, c.worst.value) for c in found.people] == [(4, 2, 1), (1, 1, 2)]
    told = [(who, one["value"].value, one["grade"].value, one["comment"].value) for who, one in found.outside]
    assert told == [("P01", 130.0, 1, "As before"), ("P01", 8.0, 0, None), ("P02", 45.0, 2, None)]
    assert derive_laboratory_courses(changed, snapshot.protocol, replace(plan, most_listed=1)) is None
    svg = draw_laboratory(found.people, synthetic=True).svg
    assert "<title>P01, month 2.0: ALT 130 U/L (10 to 50)</title>" in svg
    assert "Outside: P01 2 (ALT, CRP); P02 1 (EGFR)." in svg
    assert ET.fromstring(svg).get("role") == "img"
