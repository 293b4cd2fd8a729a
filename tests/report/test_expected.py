"""The paper's patients against what was to be expected of them; the numbers are those of shared/domain/als.md section 6."""

import math
import re

import pytest

from charcot.analysis import compute_again
from charcot.report import Report
from charcot.report.document import Points, Section
from charcot.report.explain import explain_result
from charcot.report.table import Table, text_of
from charcot.statistics import Interval
from report.shipped_trial import shipped_report

MONTHS = (12, 24, 36, 48, 60)


@pytest.fixture(scope="module")
def shipped() -> Report:
    return shipped_report()


@pytest.fixture(scope="module")
def section(shipped: Report) -> Section:
    return next(section for section in shipped.sections if section.id == "expected")


def value(report: Report, id: str) -> float:
    found = report.results[f"expected.{id}"].value
    assert isinstance(found, int | float)
    return float(found)


def test_between_three_and_five_were_to_be_expected_alive_and_five_were(shipped: Report) -> None:
    # als.md section 6: event-free at 60 months 3.1-5.0, the delay imputed three ways; observed alive 5
    expected = [
        value(shipped, f"survival.{name}.month_60.expected") for name in ("nine_months", "half", "whole")
    ]
    assert (round(min(expected), 1), round(max(expected), 1)) == (3.1, 5.0)
    assert value(shipped, "survival.month_60.observed") == 5
    assert value(shipped, "survival.predicted") == 17
    for name in ("nine_months", "half", "whole"):
        assert value(shipped, f"survival.{name}.chance") > 0.05


def test_what_is_expected_rests_on_published_values_alone(shipped: Report) -> None:
    for name in ("nine_months", "half", "whole", "definite", "pro_act"):
        for month in MONTHS:
            id = f"expected.survival.{name}.month_{month}.expected"
            assert id not in shipped.synthetic
            assert shipped.lineage[id].origins == {"published"}
    told = explain_result(shipped, shipped.snapshot, "expected.survival.half.month_60.expected")
    first = told.rows[0]
    assert {source.item for source in first.sources} >= {"age", "onset_site", "disease_duration", "alsfrs_r"}
    assert {source.origin for source in first.sources if source.origin} == {"published"}


def test_expectations_fall_with_time_and_pro_act_agrees_in_kind(shipped: Report) -> None:
    for name in ("nine_months", "half", "whole", "definite", "pro_act"):
        course = [value(shipped, f"survival.{name}.month_{month}.expected") for month in MONTHS]
        assert course == sorted(course, reverse=True)
        ratio = shipped.results[f"expected.survival.{name}.ratio"].value
        assert isinstance(ratio, Interval)
        assert ratio.estimate == pytest.approx(12 / value(shipped, f"survival.{name}.events"))
        assert ratio.lower < 1 < ratio.upper  # no evidence either way


def test_two_emboli_by_day_65_against_background_rates(shipped: Report) -> None:
    # als.md section 6: 2 in 2.9459 person-years; expected .06, .34 and 1.07 over all days followed
    assert value(shipped, "emboli_expected.day_65.events") == 2
    assert value(shipped, "emboli_expected.day_65.years") == pytest.approx(2.9459, abs=5e-5)
    rates = {"claims": (2, 0.06), "clinic": (11.2, 0.34), "clinic_leg_weakness": (35.5, 1.07)}
    years = value(shipped, "emboli_expected.day_65.years")
    for name, (rate, expected) in rates.items():
        stem = f"emboli_expected.day_65.{name}"
        assert value(shipped, f"rate.{name}") == pytest.approx(rate, abs=0.011)
        assert value(shipped, f"{stem}.expected_whole") == pytest.approx(expected, abs=0.005)
        assert value(shipped, f"{stem}.expected") == pytest.approx(
            years * value(shipped, f"rate.{name}") / 100
        )
        for kind in ("", "_whole"):  # closed form: P(N >= 2) = 1 - exp(-m) (1 + m)
            m = value(shipped, f"{stem}.expected{kind}")
            assert value(shipped, f"{stem}.chance{kind}") == pytest.approx(1 - math.exp(-m) * (1 + m))
    # als.md prints .0016 of the time at risk, .046 and .29 of all days followed
    assert value(shipped, "emboli_expected.day_65.claims.chance") == pytest.approx(0.0016, abs=6e-5)
    assert value(shipped, "emboli_expected.day_65.clinic.chance_whole") == pytest.approx(0.046, abs=5e-4)
    assert value(shipped, "emboli_expected.day_65.clinic_leg_weakness.chance_whole") == pytest.approx(
        0.29, abs=5e-3
    )
    # 17 people to day 65, in years of 365.25 days
    assert value(shipped, "emboli_expected.day_65.whole_years") == pytest.approx(17 * 65 / 365.25)


def test_the_signal_does_not_outlast_a_window_that_nobody_chose(shipped: Report) -> None:
    assert value(shipped, "emboli_expected.day_365.events") == 2
    assert value(shipped, "emboli_expected.day_365.clinic.chance") > 0.4


def test_survivors_beside_the_centres_earlier_trial(shipped: Report) -> None:
    # paper.md 15 and R 4.2.2 fisher.test: 5/17 against 0/12 and against 0/6
    assert value(shipped, "earlier.nabavi_2019.p_value") == pytest.approx(0.058776472569576)
    assert value(shipped, "earlier.nabavi_2019_iv.p_value") == pytest.approx(0.272489524205771)
    assert value(shipped, "earlier.month_60.alive") == 5


def test_function_is_held_against_each_baseline(shipped: Report) -> None:
    stem = "alsfrs_r_total.month_12"
    assert value(shipped, f"{stem}.seen") == 14 and value(shipped, f"{stem}.died") == 3
    # those who live are expected to be better than all would be
    assert value(shipped, f"{stem}.living") > value(shipped, f"{stem}.regressed")
    gap = shipped.results[f"expected.{stem}.gap"].value
    assert isinstance(gap, Interval)
    assert gap.estimate == pytest.approx(
        value(shipped, f"{stem}.observed") - value(shipped, f"{stem}.living")
    )
    assert "expected.fvc.month_12.gap" in shipped.results
    assert "expected.fvc.month_12.living" not in shipped.results


@pytest.mark.parametrize(("measure", "slope"), [("alsfrs_r_total", -1.02), ("fvc", -2.24)])
def test_the_line_falls_as_pro_act_fell(shipped: Report, measure: str, slope: float) -> None:
    # als.md section 6 (Atassi 2014): points, and % of predicted, a month
    frame = shipped.datasets["expected_function"].frame.filter(measure=measure)
    fallen = (frame["line"] - frame["baseline"]).to_numpy()
    assert fallen == pytest.approx(slope * frame["elapsed"].to_numpy())
    seen = frame.filter(encounter="month_12").drop_nulls("observed")
    mean = seen["baseline"].mean() + slope * seen["elapsed"].mean()
    assert value(shipped, f"{measure}.month_12.line") == pytest.approx(mean)


def test_the_registry_says_of_each_number_what_was_compared(shipped: Report, section: Section) -> None:
    told = {trial.id: trial for trial in shipped.snapshot.protocol.earlier_trials}
    assert "abstract read (33 % and 28 %" in told["cudkowicz_2022"].source
    assert "not the paper" in told["petrou_2016"].source and "no paper" in told["alsummit"].source
    assert all(trial.misleads for trial in told.values() if trial.alive is not None)
    (table,) = [
        block for block in section.blocks if isinstance(block, Table) and block.id == "earlier-trials"
    ]
    assert [row.note for row in table.rows] == [f"{trial.source}." for trial in told.values()]


def test_every_number_is_post_hoc_planned_and_opens(shipped: Report) -> None:
    mine = [id for id in shipped.results if id.startswith("expected.")]
    assert len(mine) > 80
    planned = {result.id for result in shipped.snapshot.protocol.analysis}
    for id in mine:
        result = shipped.results[id]
        assert result.status == "post_hoc"
        assert result.planned is None or result.planned in planned
        assert compute_again(result, shipped.datasets) == result.value
    for id in mine[:: len(mine) // 12]:
        assert explain_result(shipped, shipped.snapshot, id).parents


def test_the_closing_words_follow_from_the_numbers(section: Section) -> None:
    points = [block for block in section.blocks if isinstance(block, Points)][-1]
    said = {term: text_of(pieces) for term, pieces in points.points}
    assert "no evidence of a survival benefit" in said["Survival"]
    assert re.search(r"5 alive at 60 months, 3\.1 to 5\.0 expected", said["Survival"])
    assert "signal to be watched" in said["Pulmonary emboli"]
    assert "5/17 against 0/12" in said["Earlier trials"]
    assert "allotted by chance" in said["Cannot"]
