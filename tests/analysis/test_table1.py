import pytest

from charcot.analysis import Datasets, ReportPlan
from charcot.analysis.table1 import BaselineResults, derive_table1
from charcot.datasets import Snapshot
from charcot.statistics import Interval

# paper.md, "Recomputed (n = 17)": mean, SD, SE, median, Q1, Q3, minimum, maximum.
RECOMPUTED = {
    "age": (49.117647, 13.322361, 3.231147, 52, 36, 56, 25, 71),
    "disease_duration": (26.529412, 19.805674, 4.803581, 22, 17, 30, 4, 90),
    "alsfrs_r": (35.352941, 4.885453, 1.184896, 36, 33, 37, 26, 45),
    "fvc_percent": (71.012353, 26.612504, 6.454480, 57.7, 50, 100, 41, 111.3),
}


@pytest.fixture(scope="module")
def table1(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> dict[str, BaselineResults]:
    return {r.line.column: r for r in derive_table1(datasets, snapshot.protocol, plan)}


@pytest.mark.parametrize("column", RECOMPUTED)
def test_measurements_are_those_recomputed_from_the_paper(
    table1: dict[str, BaselineResults], column: str
) -> None:
    names = ("mean", "sd", "se", "median", "q1", "q3", "minimum", "maximum")
    found = [table1[column].statistics[name].value for name in names]
    assert found == pytest.approx(RECOMPUTED[column], abs=5e-7)
    assert table1[column].n.value == 17


def test_progression_rate_is_that_of_the_paper(table1: dict[str, BaselineResults]) -> None:
    found = table1["delta_fs"].statistics
    assert found["mean"].value == pytest.approx(0.772539, abs=5e-7)  # paper.md: deltaFS mean
    assert found["sd"].value == pytest.approx(0.622449, abs=5e-7)  # paper.md: deltaFS SD


def test_counts_are_those_of_the_paper(table1: dict[str, BaselineResults]) -> None:
    counts = {level.label: level.count.value for c in ("sex", "onset_site") for level in table1[c].levels}
    assert counts == {"Male": 10, "Female": 7, "Limb": 12, "Bulbar": 5}  # paper.md: 10 men, 7 women; 12, 5


def test_shares_carry_exact_intervals(table1: dict[str, BaselineResults]) -> None:
    bulbar = next(level for level in table1["onset_site"].levels if level.code == "bulbar")
    assert isinstance(bulbar.share.value, Interval)
    bounds = (bulbar.share.value.lower, bulbar.share.value.upper)
    assert bounds == pytest.approx((0.10313551, 0.55958272), abs=5e-9)  # als.md section 4: 5/17


def test_ids_are_readable_and_point_to_the_form(table1: dict[str, BaselineResults]) -> None:
    mean = table1["age"].statistics["mean"]
    assert (mean.id, mean.dataset, mean.column) == ("table1.age.mean", "form_published_baseline", "age")
    assert mean.rows.population is not None
    assert mean.rows.population.id == "treated"
