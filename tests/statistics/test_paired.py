import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from charcot.statistics import estimate_mean_change

# Student 1908, Biometrika 6:1, in R as `sleep`: hours of sleep gained by two drugs in ten people
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

values = st.floats(-100, 100).map(lambda x: round(x, 2))
pairs = st.lists(st.tuples(values, values), min_size=2, max_size=30)


def test_students_sleep_against_r():
    # R: t.test(extra ~ group, data = sleep, paired = TRUE): mean 1.58, 95 % 0.7001142 to 2.4598858
    result = estimate_mean_change(FIRST, SECOND)
    assert result.change.estimate == pytest.approx(1.58, abs=1e-12)
    assert (result.change.lower, result.change.upper) == pytest.approx((0.7001142, 2.4598858), abs=5.1e-8)
    assert result.change.estimate / result.se == pytest.approx(4.0621, abs=5e-5)  # R's t
    assert (result.n, result.n_dropped, result.dropped, result.note) == (10, 0, (), "")


@given(pairs, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_the_interval_is_that_of_ttest_rel(table, level):
    before, after = (np.array(column) for column in zip(*table, strict=True))
    assume(np.ptp(after - before) > 1e-3)
    result = estimate_mean_change(before, after, level=level)
    bounds = stats.ttest_rel(after, before).confidence_interval(level)
    assert (result.change.lower, result.change.upper) == pytest.approx((bounds.low, bounds.high), rel=1e-9)
    mirror = estimate_mean_change(after, before, level=level).change
    assert (-mirror.upper, -mirror.lower) == pytest.approx((result.change.lower, result.change.upper))


def test_incomplete_pairs_are_dropped_and_named():
    result = estimate_mean_change([None, *FIRST, 3], [2, *SECOND, np.nan])
    assert (result.n, result.n_dropped, result.dropped) == (10, 2, (0, 11))
    assert result.change == estimate_mean_change(FIRST, SECOND).change


def test_one_pair_has_a_change_but_no_interval():
    result = estimate_mean_change([36], [33])
    assert (result.change.estimate, result.sd, result.se) == (-3, None, None)
    assert np.isnan([result.change.lower, result.change.upper]).all()
    assert "no interval" in result.note


@pytest.mark.parametrize(
    ("before", "after", "level", "words"),
    [
        ([1, 2], [1], 0.95, "one length"),
        ([[1, 2]], [[1, 2]], 0.95, "one length"),
        ([1, np.nan], [np.nan, 2], 0.95, "nobody"),
        ([], [], 0.95, "nobody"),
        ([1, 2], [3, np.inf], 0.95, "infinite"),
        ([1, 2], [3, 5], 95, "between 0 and 1"),
    ],
)
def test_changes_that_make_no_sense_are_refused(before, after, level, words):
    with pytest.raises(ValueError, match=words):
        estimate_mean_change(before, after, level=level)
