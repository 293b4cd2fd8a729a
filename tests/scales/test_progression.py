import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.scales import DAYS_PER_MONTH, compute_delta_fs, compute_progression_class

TABLE_1 = Path(__file__).parents[1] / "statistics" / "nabavi2021_table1.csv"
totals = st.integers(0, 48)
months = st.floats(0.1, 600)


def test_a_month():
    # shared/domain/als.md section 1: one month is 30.4375 days
    assert DAYS_PER_MONTH == 30.4375


def test_delta_fs_of_the_17():
    # shared/domain/paper.md, Recomputed: deltaFS mean .772539, SD .622449
    rows = list(csv.DictReader(TABLE_1.read_text(encoding="utf-8").splitlines()))
    rate = compute_delta_fs([float(r["alsfrs_r"]) for r in rows], [float(r["duration_m"]) for r in rows])
    assert rate.size == 17
    assert (rate.mean(), rate.std(ddof=1)) == pytest.approx((0.772539, 0.622449), abs=5.1e-7)


def test_no_rate_without_a_duration():
    rate = compute_delta_fs([36, 36, 36, np.nan, 48], [12, 0, -3, 12, np.nan])
    np.testing.assert_array_equal(rate, [1, np.nan, np.nan, np.nan, np.nan])


@pytest.mark.parametrize("total", [-1, 49])
def test_a_total_outside_the_scale_is_refused(total):
    with pytest.raises(ValueError, match="0 to 48"):
        compute_delta_fs([total], [12])


# shared/domain/als.md section 1: Kimura < 0.5, 0.5 to < 1, >= 1; Labra 2016 < 0.47, 0.47 to < 1.11, >= 1.11
@pytest.mark.parametrize(
    ("scheme", "rates"),
    [("kimura", [0, 0.499, 0.5, 0.999, 1, 4]), ("labra", [0, 0.469, 0.47, 1.109, 1.11, 4])],
)
def test_classes(scheme, rates):
    found = compute_progression_class([*rates, np.nan], scheme)
    np.testing.assert_array_equal(found, [1, 1, 2, 2, 3, 3, np.nan])


def test_an_unknown_scheme_is_refused():
    with pytest.raises(ValueError, match="kimura, labra"):
        compute_progression_class([1], "elsewhere")


@given(totals, totals, months, months)
def test_fewer_points_or_less_time_is_faster(one, other, short, long):
    lower, higher = sorted((one, other))
    short, long = sorted((short, long))
    assert compute_delta_fs(lower, short) >= compute_delta_fs(higher, short) >= 0
    assert compute_delta_fs(lower, short) >= compute_delta_fs(lower, long)
    classes = compute_progression_class([compute_delta_fs(lower, long), compute_delta_fs(lower, short)])
    assert classes[0] <= classes[1]


@given(totals, months)
def test_the_rate_times_the_time_gives_the_points_lost(total, duration):
    assert compute_delta_fs(total, duration) * duration == pytest.approx(48 - total, abs=1e-9)
