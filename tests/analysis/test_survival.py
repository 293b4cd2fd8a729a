from math import exp, log, nan, sqrt

import pytest

from charcot.analysis import Datasets, ReportPlan
from charcot.analysis.function_course import derive_function_course
from charcot.analysis.survival import SurvivalResults, derive_survival_results
from charcot.datasets import Snapshot
from charcot.statistics import Interval

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution (any table)."""


@pytest.fixture(scope="module")
def survival(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> SurvivalResults:
    return derive_survival_results(datasets, snapshot.protocol, plan)


def by_hand(deaths: int) -> tuple[float, float, float]:
    """Survival and log-log bounds after single deaths among 17 without censoring, by Greenwood's formula."""
    alive = (17 - deaths) / 17
    variance = sum(1 / (n * (n - 1)) for n in range(17, 17 - deaths, -1))
    reach = Z * sqrt(variance) / log(alive)
    return alive, alive ** exp(-reach), alive ** exp(reach)


@pytest.mark.parametrize(("month", "deaths"), [(12, 3), (24, 6), (36, 8), (48, 12), (60, 12)])
def test_survival_is_that_computed_by_hand(survival: SurvivalResults, month: int, deaths: int) -> None:
    time = next(time for time in survival.times if time.month == month)
    assert (time.deaths.value, time.at_risk.value) == (deaths, 17 - deaths)
    found = time.survival.value
    assert isinstance(found, Interval)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(by_hand(deaths), abs=1e-12)


def test_nothing_is_claimed_at_the_start(survival: SurvivalResults) -> None:
    found = survival.times[0].survival.value
    assert isinstance(found, Interval)
    assert (found.estimate, found.lower, found.upper) == pytest.approx((1.0, nan, nan), nan_ok=True)


def test_median_is_the_ninth_death_of_seventeen(survival: SurvivalResults) -> None:
    # After the ninth death 8 of 17 live, the first time that fewer than half do; it is invented for month 40.
    found = survival.median.value
    assert isinstance(found, Interval)
    assert found.estimate == pytest.approx(round(40 * 30.4375) / 30.4375)


def test_means_of_the_course_are_those_of_the_scores_written(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    course = derive_function_course(datasets, snapshot.protocol, plan, plan.measures[0])
    first, last = course.points[0], course.points[-1]
    # paper.md: mean ALSFRS-R 35.352941 at baseline, SE 1.184896; here as per cent of 48.
    assert first.mean.value == pytest.approx(35.352941 * 100 / 48, abs=5e-6)
    assert first.se.value == pytest.approx(1.184896 * 100 / 48, abs=5e-6)
    assert [point.n.value for point in course.points] == [17, 17, 17, 16, 14]
    assert (last.died.value, sum(track.died for track in course.tracks)) == (3, 3)


def test_the_mean_of_the_first_visit_splits_into_those_who_stayed_and_the_others(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    course = derive_function_course(datasets, snapshot.protocol, plan, plan.measures[1])
    kept, gone = course.first_of_last, course.first_of_others
    assert (kept.n, gone.n) == (14, 3)
    assert isinstance(kept.value, float) and isinstance(gone.value, float)
    assert (14 * kept.value + 3 * gone.value) / 17 == pytest.approx(course.points[0].mean.value)
