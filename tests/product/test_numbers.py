"""Numbers derived from counts: each against a printed value or arithmetic by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.product import (
    CellCount,
    Growth,
    compute_concentration,
    compute_count_cv,
    compute_cumulative_doublings,
    compute_doubling_time,
    compute_doublings,
    compute_endotoxin_limit,
    compute_hours,
    compute_rcf,
    compute_yield,
    estimate_viability,
    list_balances,
    list_growth,
    plan_culture,
)
from product.bench import Bench


def counted(*replicates: tuple[int, int]) -> CellCount:
    return CellCount("L1.x", "M", Decimal(1), Decimal(1), replicates, "2014-01-01T09:00", None)  # type: ignore[arg-type]  # no entry needed


def test_one_dose_of_70_kg() -> None:
    """Infusion of the paper: 2e6 cells/kg, 10 ml over five minutes."""
    dose = Decimal("2e6") * 70
    assert dose == Decimal("1.4e8")
    assert compute_concentration("2e6", "70", "10") == Decimal("14e6")
    assert dose / 5 == Decimal("28e6")  # cells a minute
    assert compute_doublings(dose, Decimal("1e6")) == pytest.approx(7.129283, abs=1e-6)  # log2(140)
    assert compute_doublings(dose, Decimal("1e4")) == pytest.approx(13.773139, abs=1e-6)  # log2(14000)


def test_endotoxin_limit_is_k_over_m_of_usp_85() -> None:
    assert compute_endotoxin_limit("70", "10") == 35
    assert compute_endotoxin_limit("70", "10", hours="2") == 70


def test_force_of_a_centrifuge_depends_on_its_radius() -> None:
    assert compute_rcf("8", "2000") == "358"
    assert compute_rcf("18.7", "2000") == "836"


def test_viability_has_the_score_interval() -> None:
    """81 of 263: Newcombe 1998, Statist Med 17:857, Table I, method 3: 0.2553 to 0.3662."""
    found = estimate_viability(counted((40, 100), (41, 82)))
    assert found.estimate == pytest.approx(81 / 263)
    assert (round(found.lower, 4), round(found.upper, 4)) == (0.2553, 0.3662)


def test_cv_of_replicates() -> None:
    """Viable 90, 100, 110: standard deviation 10, mean 100."""
    assert compute_count_cv(counted((90, 0), (100, 5), (110, 1))) == pytest.approx(0.1)
    assert compute_count_cv(counted((90, 0))) is None


@given(st.integers(10_000, 10**9), st.integers(1, 40))
def test_doublings_undo_doubling(seeded: int, times: int) -> None:
    assert compute_doublings(Decimal(seeded) * 2**times, Decimal(seeded)) == pytest.approx(times)


def test_a_culture_that_shrank_has_no_doubling_time() -> None:
    assert compute_doubling_time(96, -1.0) is None
    assert compute_doubling_time(96, 2.0) == 48


def test_numbers_of_a_lot_follow_from_its_entries() -> None:
    bench = Bench()
    bench.make_ready()
    lot = bench.lot()
    (growth,) = list_growth(lot)
    assert (growth.seeded, growth.harvested, growth.hours) == (Decimal(10**8), Decimal(2 * 10**8), 188.0)
    assert growth.doublings == 1.0
    assert compute_cumulative_doublings([growth]) == [(growth, 0.0, "P1+")]
    assert compute_cumulative_doublings([growth], with_p0=True) == [(growth, 1.0, "P0+")]
    assert compute_yield(lot) == Decimal(2 * 10**6)
    fraction, harvest = list_balances(lot)
    assert (fraction.taken, fraction.left) == ({"seed": Decimal(10**8)}, Decimal(10**8))
    assert (harvest.taken, harvest.left) == ({"formulate": Decimal(141_000_000)}, Decimal(59_000_000))
    assert compute_hours("2014-01-18T09:00", "2014-01-20T10:00") == 49


def test_a_plan_counts_back_from_the_infusion() -> None:
    """log2(140) = 7.129 doublings of 48 h are 14.3 days, 15 with the day begun; 7 days of tests; 1.4e8 / 4e6 a flask.

    Of 45, 48 and 51 h the upper quartile is 49.5 h (R 4.2.2, quantile): 14.7 days.
    """
    seen = [growth_of(2, hours) for hours in (96, 90, 102)]
    plan = plan_culture(
        per_kg="2e6",
        weight_kg="70",
        infusion=date(2014, 3, 31),
        growth=seen,
        seeded="1e6",
        cells_per_flask="4e6",
        test_days=7,
    )
    assert plan is not None
    assert (plan.days, plan.flasks, plan.start, plan.doubling_hours) == (15, 35, date(2014, 3, 9), 48)
    assert (plan.slow_hours, plan.slow_start) == (49.5, date(2014, 3, 9))
    assert (
        plan_culture(
            per_kg="2e6",
            weight_kg="70",
            infusion=date(2014, 3, 31),
            growth=[],
            seeded="1e6",
            cells_per_flask="4e6",
            test_days=7,
        )
        is None
    )


def growth_of(doublings: int, hours: int) -> Growth:
    """A culture of the first passage."""

    start = datetime(2014, 1, 1)
    return Growth(
        "L",
        1,
        "v",
        start,
        start + timedelta(hours=hours),
        Decimal(10**6),
        Decimal(10**6) * 2**doublings,
        None,
    )
