"""The analysis of variance in the report, against sums of squares worked out here from the forms themselves."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from charcot.analysis import Datasets, ReportPlan
from charcot.analysis.time_effect import TimeEffect, derive_time_effect
from charcot.datasets import Snapshot
from charcot.participants import FormKey
from charcot.scales import ITEMS
from charcot.statistics import repeated_measures_anova

VISITS = ("screening", "month_2", "month_4", "month_6", "month_12")


@pytest.fixture(scope="module")
def effects(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> dict[str, TimeEffect]:
    found = (derive_time_effect(datasets, snapshot.protocol, plan, measure) for measure in plan.anovas)
    return {effect.measure.id: effect for effect in found if effect is not None}


@pytest.fixture(scope="module")
def matrices(snapshot: Snapshot) -> dict[str, NDArray[np.float64]]:
    """Participants by visits, read from the forms: item scores summed, per cent of 48; FVC per cent as on the form."""

    def alsfrs_r(casebook: object, visit: str) -> float:
        version = casebook.latest(FormKey("alsfrs_r", visit))  # type: ignore[attr-defined]  # a Casebook
        if version is None:
            return float("nan")
        return 100 * sum(float(version.text(item.id) or 0) for item in ITEMS) / 48

    def fvc(casebook: object, visit: str) -> float:
        version = casebook.latest(FormKey("spirometry", visit))  # type: ignore[attr-defined]  # a Casebook
        return float("nan") if version is None else float(version.text("fvc_percent"))

    treated = [d for d in snapshot.dossiers if d.standing.infusions]
    return {
        id: np.array([[get(d.casebook, visit) for visit in VISITS] for d in treated])
        for id, get in (("alsfrs_r", alsfrs_r), ("fvc", fvc))
    }


@pytest.mark.parametrize("id", ["alsfrs_r", "fvc"])
def test_the_table_is_that_of_the_matrix(
    id: str, effects: dict[str, TimeEffect], matrices: dict[str, NDArray[np.float64]]
) -> None:
    numbers, matrix = effects[id].numbers, matrices[id]
    y = matrix[~np.isnan(matrix).any(axis=1)]
    n, k = y.shape
    grand = y.mean()
    time = n * ((y.mean(axis=0) - grand) ** 2).sum()
    people = k * ((y.mean(axis=1) - grand) ** 2).sum()
    total = ((y - grand) ** 2).sum()
    error = total - time - people
    f = (time / (k - 1)) / (error / ((k - 1) * (n - 1)))
    expected = {
        "n": n, "n_dropped": 17 - n, "time_df": 4, "error_df": 4 * (n - 1), "people_df": n - 1, "total_df": 5 * n - 1,
        "time_ss": time, "error_ss": error, "people_ss": people, "total_ss": total, "f": f,
        "p": stats.f.sf(f, k - 1, (k - 1) * (n - 1)),
    }  # fmt: skip
    for name, value in expected.items():
        assert numbers[name].value == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("id", ["alsfrs_r", "fvc"])
def test_every_number_is_that_of_the_method(
    id: str, effects: dict[str, TimeEffect], matrices: dict[str, NDArray[np.float64]]
) -> None:
    # The method itself is tested against Maxwell and Delaney in tests/statistics.
    found, numbers = repeated_measures_anova(matrices[id]), effects[id].numbers
    expected = {
        "f": found.within.f, "p": found.within.p, "p_gg": found.within.p_greenhouse_geisser,
        "p_hf": found.within.p_huynh_feldt, "mauchly_w": found.sphericity.w,
        "mauchly_chi2": found.sphericity.chi_squared, "mauchly_df": found.sphericity.df,
        "mauchly_p": found.sphericity.p, "epsilon_gg": found.sphericity.greenhouse_geisser,
        "epsilon_hf": found.sphericity.huynh_feldt, "time_ms": found.within.mean_square,
        "error_ms": found.within.error_mean_square,
    }  # fmt: skip
    for name, value in expected.items():
        if (
            value is None
        ):  # the small trial's scores fall in straight lines, for which Mauchly's test is not defined
            assert numbers[name].value is None, name
        else:
            assert numbers[name].value == pytest.approx(value, rel=1e-9), name


def test_those_dropped_are_the_three_who_died_in_the_first_year(effects: dict[str, TimeEffect]) -> None:
    # Table 2 of the paper: deaths at 6, 7 and 9 months; in the small trial those of P12, P03 and P08.
    for effect in effects.values():
        assert effect.numbers["dropped"].value == "P03, P08, P12"
        assert effect.dropped_dead.value == 3
        assert [point.complete_n.value for point in effect.points] == [14] * 5
        assert effect.points[0].measured_n.value == 17


def test_the_screening_mean_of_all_is_that_of_table_1(effects: dict[str, TimeEffect]) -> None:
    # paper.md: mean ALSFRS-R 35.352941 of 48
    assert effects["alsfrs_r"].points[0].measured.value == pytest.approx(100 * 35.352941 / 48, abs=1e-5)


def test_before_two_have_come_to_every_visit_there_is_no_analysis(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    frame = datasets["function"].frame
    early = frame.filter(frame["encounter"] != "month_12")
    function = datasets["function"]
    cut = {
        **datasets,
        "function": type(function)(function.name, function.label, "x", function.columns, early),
    }
    assert derive_time_effect(cut, snapshot.protocol, plan, plan.anovas[0]) is None
