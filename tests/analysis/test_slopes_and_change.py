import numpy as np
import pytest
from scipy import stats

from charcot.analysis import Datasets, ReportPlan
from charcot.analysis.slope_comparison import SlopeResults, derive_slope_results
from charcot.analysis.visit_scores import ScoreCourse, derive_visit_scores
from charcot.datasets import Snapshot
from charcot.participants import Dossier, FormKey
from charcot.scales import ITEMS
from charcot.statistics import Interval

MONTHS = ("month_2", "month_4", "month_6", "month_12")


@pytest.fixture(scope="module")
def slopes(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> SlopeResults:
    found = derive_slope_results(datasets, snapshot.protocol, plan)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def courses(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> dict[str, ScoreCourse]:
    return {c.score.id: c for c in derive_visit_scores(datasets, snapshot.protocol, plan)}


def score(dossier: Dossier, visit: str, items: range = range(13)) -> float | None:
    version = dossier.casebook.latest(FormKey("alsfrs_r", visit))
    if version is None:
        return None
    return sum(float(version.text(ITEMS[i].id) or 0) for i in items)


def treated(snapshot: Snapshot) -> list[Dossier]:
    return [dossier for dossier in snapshot.dossiers if dossier.standing.infusions]


def test_slopes_before_are_minus_delta_fs(slopes: SlopeResults) -> None:
    # paper.md, recomputed from Table 1: deltaFS mean .772539, SD .622449, here of all 17; two score for a slope after.
    assert slopes.known.value == 17
    assert slopes.statistics["before"]["mean"].value == pytest.approx(-0.772539, abs=5e-7)
    assert slopes.statistics["before"]["sd"].value == pytest.approx(0.622449, abs=5e-7)
    first = next(one for one in slopes.listed if one.participant == "P01")
    assert first.before.value == pytest.approx(-(48 - 37) / 17)  # Table 1: ALSFRS-R 37, 17 months


def test_slopes_after_are_least_squares_through_the_visits(slopes: SlopeResults, snapshot: Snapshot) -> None:
    listed = {one.participant: one for one in slopes.listed}
    for dossier in treated(snapshot):
        start = dossier.standing.infusions[0].clinical_time.day
        points = [
            ((version.clinical_time.day - start).days / 30.4375, score(dossier, visit))
            for visit in MONTHS
            if (version := dossier.casebook.latest(FormKey("alsfrs_r", visit))) is not None
        ]
        line = np.polyfit(*zip(*points, strict=True), 1)
        assert listed[dossier.participant].after.value == pytest.approx(line[0], rel=1e-9)
        assert listed[dossier.participant].visits.value == len(points)


def test_no_p_value_stands_beside_slopes(slopes: SlopeResults) -> None:
    assert set(slopes.statistics["difference"]) == {"mean", "sd", "median", "minimum", "maximum"}


def test_scores_at_screening_are_those_of_table_1(courses: dict[str, ScoreCourse]) -> None:
    # paper.md: ALSFRS-R mean 35.352941, SD 4.885453, SE 1.184896, median 36, range 26-45
    found = courses["total"].visits[0].statistics
    expected = {"mean": 35.352941, "sd": 4.885453, "se": 1.184896, "median": 36, "minimum": 26, "maximum": 45}
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=5e-7), name


def test_subscores_add_up_to_the_total(courses: dict[str, ScoreCourse]) -> None:
    for place, visit in enumerate(courses["total"].visits):
        parts = [
            courses[id].visits[place].statistics["mean"].value
            for id in ("bulbar", "fine_motor", "gross_motor", "respiratory")
        ]
        assert sum(part for part in parts if isinstance(part, float)) == pytest.approx(
            visit.statistics["mean"].value
        )


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_change_is_a_paired_t_interval(
    place: int, courses: dict[str, ScoreCourse], snapshot: Snapshot
) -> None:
    pairs = [(score(d, "screening"), score(d, MONTHS[place - 1])) for d in treated(snapshot)]
    changes = [after - before for before, after in pairs if before is not None and after is not None]
    low, high = stats.ttest_1samp(changes, 0).confidence_interval(0.95)
    visit = courses["total"].visits[place]
    assert visit.change is not None and visit.pairs is not None
    assert isinstance(visit.change.value, Interval)
    assert visit.change.value.estimate == pytest.approx(np.mean(changes))
    assert (visit.change.value.lower, visit.change.value.upper) == pytest.approx((low, high))
    assert visit.pairs.value == len(changes)
