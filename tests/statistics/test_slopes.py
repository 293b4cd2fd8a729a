import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from charcot.statistics import estimate_slopes

# coef(lmList(Reaction ~ Days | Subject, sleepstudy)) of R's lme4: intercept and slope per subject
LMLIST = {
    "308": (244.1927, 21.764702),
    "309": (205.0549, 2.261785),
    "310": (203.4842, 6.114899),
    "330": (289.6851, 3.008073),
    "331": (285.7390, 5.266019),
    "332": (264.2516, 9.566768),
    "333": (275.0191, 9.142045),
    "334": (240.1629, 12.253141),
    "335": (263.0347, -2.881034),
    "337": (290.1041, 19.025974),
    "349": (215.1118, 13.493933),
    "350": (225.8346, 19.504017),
    "351": (261.1470, 6.433498),
    "352": (276.3721, 13.566549),
    "369": (254.9681, 11.348109),
    "370": (210.4491, 18.056151),
    "371": (253.6360, 9.188445),
    "372": (267.0448, 11.298073),
}

times = st.integers(-24, 60).map(lambda x: x / 2)
rows = st.lists(st.tuples(times, st.integers(0, 48), st.sampled_from("ABCD")), min_size=1, max_size=30)


def test_sleepstudy_against_lme4(data):
    days, reaction, subject = zip(
        *((float(r["Days"]), float(r["Reaction"]), r["Subject"]) for r in data("sleepstudy")), strict=True
    )
    result = estimate_slopes(days, reaction, subject)
    assert [slope.subject for slope in result] == list(LMLIST)
    for slope in result:
        intercept, per_day = LMLIST[str(slope.subject)]
        assert slope.intercept == pytest.approx(intercept, abs=5.1e-5)
        assert slope.slope == pytest.approx(per_day, abs=5.1e-7)
        assert (slope.n, slope.n_missing, slope.note) == (10, 0, "")


@given(rows)
def test_each_line_is_that_of_linregress(table):
    time, value, subject = (list(column) for column in zip(*table, strict=True))
    result = estimate_slopes(time, value, subject)
    assert [slope.subject for slope in result] == list(dict.fromkeys(subject))
    for slope in result:
        own = [(t, v) for t, v, s in table if s == slope.subject]
        assert slope.n == len(own)
        if len({t for t, _ in own}) < 2:
            assert (slope.slope, slope.intercept, slope.standard_error) == (None, None, None)
            assert slope.note
            continue
        line = stats.linregress(*zip(*own, strict=True))
        assert slope.slope == pytest.approx(line.slope, rel=1e-9, abs=1e-10)
        assert slope.intercept == pytest.approx(line.intercept, rel=1e-9, abs=1e-9)
        if len(own) < 3:
            assert slope.standard_error is None and "two values" in slope.note
        elif len({v for _, v in own}) == 1:  # where linregress has no correlation, and so no error
            assert (slope.slope, slope.standard_error) == pytest.approx((0, 0), abs=1e-12)
        else:  # linregress takes 1 - r squared, which loses half the digits on a perfect line
            assert slope.standard_error == pytest.approx(line.stderr, rel=1e-6, abs=1e-6)
            assert slope.note == ""


@given(rows, st.integers(-9, 9), st.integers(-9, 9))
def test_a_line_added_to_all_values_adds_to_each_slope(table, level, slope):
    time, value, subject = (np.array(column) for column in zip(*table, strict=True))
    before = estimate_slopes(time, value, subject)
    after = estimate_slopes(time, value + level + slope * time, subject)
    for one, other in zip(before, after, strict=True):
        if one.slope is not None:
            assert other.slope == pytest.approx(one.slope + slope, abs=1e-8)
            assert other.intercept == pytest.approx(one.intercept + level, abs=1e-7)


def test_missing_values_are_left_out_and_counted():
    time = [0, 1, 2, 3, None, 0, 6]
    value = [40, 39, None, 36, 30, None, np.nan]
    one, other = estimate_slopes(time, value, ["A"] * 5 + ["B"] * 2)
    alone = estimate_slopes([0, 1, 3], [40, 39, 36], ["A"] * 3)[0]
    assert (one.slope, one.intercept, one.standard_error) == (
        alone.slope,
        alone.intercept,
        alone.standard_error,
    )
    assert (one.n, one.n_missing) == (3, 2)
    assert (other.n, other.n_missing, other.slope, other.note) == (0, 2, None, "no values have no slope")


def test_one_time_only_has_no_slope_even_where_rounding_hides_it():
    (slope,) = estimate_slopes([0.1, 0.1, 0.1], [1, 2, 3], ["A"] * 3)
    assert (slope.slope, slope.standard_error) == (None, None)
    assert "one time" in slope.note


def test_nobody_has_no_slopes():
    assert estimate_slopes([], [], []) == ()


@pytest.mark.parametrize(
    ("time", "value", "subject", "words"),
    [
        ([0, 1], [1, 2], ["A"], "one length"),
        ([0, 1], [1], ["A", "A"], "one length"),
        ([0, 1], [1, 2], ["A", None], "subject is missing"),
        ([0, 1], [1, 2], np.array([1, np.nan]), "subject is missing"),
        ([0, np.inf], [1, 2], ["A", "A"], "infinite"),
    ],
)
def test_slopes_that_make_no_sense_are_refused(time, value, subject, words):
    with pytest.raises(ValueError, match=words):
        estimate_slopes(time, value, subject)
