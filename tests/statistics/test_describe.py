import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.statistics import count_by, describe

finite = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


# mean, SD, SE, median, Q1, Q3, minimum, maximum: shared/domain/paper.md, "Recomputed (n = 17)"
@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        ("age", (49.117647, 13.322361, 3.231147, 52, 36, 56, 25, 71)),
        ("duration_m", (26.529412, 19.805674, 4.803581, 22, 17, 30, 4, 90)),
        ("alsfrs_r", (35.352941, 4.885453, 1.184896, 36, 33, 37, 26, 45)),
        ("fvc_pct", (71.012353, 26.612504, 6.454480, 57.7, 50, 100, 41, 111.3)),
    ],
)
def test_table_1_of_the_paper(table_1, column, numbers):
    result = describe([float(row[column]) for row in table_1])
    assert (result.n, result.n_missing) == (17, 0)
    found = (
        result.mean,
        result.sd,
        result.se,
        result.median,
        result.q1,
        result.q3,
        result.minimum,
        result.maximum,
    )
    assert found == pytest.approx(numbers, abs=5.1e-7)


def test_survivors_with_a_reported_mean_of_18_and_sd_of_4_243():
    # shared/domain/paper.md, disagreement 14: 18 +/- 4.243 equals two patients at 15 and 21
    result = describe([15, 21])
    assert (result.mean, round(result.sd, 3)) == (18, 4.243)


def test_quartiles_are_type_7():
    # R help page of quantile(), type 7: position 1 + (n - 1) p; so for 1..4: 1.75, 2.5, 3.25
    result = describe([4, 1, 3, 2])
    assert (result.q1, result.median, result.q3) == (1.75, 2.5, 3.25)


def test_one_value_has_no_spread():
    result = describe([7.0])
    assert (result.n, result.mean, result.median, result.minimum, result.maximum) == (1, 7, 7, 7, 7)
    assert np.isnan([result.sd, result.se]).all()


@pytest.mark.parametrize("values", [[], [None], [np.nan, np.nan]])
def test_nothing_known_gives_nothing(values):
    result = describe(values)
    assert (result.n, result.n_missing) == (0, len(values))
    numbers = [
        result.mean,
        result.sd,
        result.se,
        result.median,
        result.q1,
        result.q3,
        result.minimum,
        result.maximum,
    ]
    assert np.isnan(numbers).all()


def test_an_infinite_value_is_refused():
    with pytest.raises(ValueError, match="infinite"):
        describe([1.0, np.inf])


@given(st.lists(finite, min_size=2), st.integers(0, 5), st.randoms())
def test_order_and_missing_values_do_not_change_a_description(values, missing, random):
    shuffled = [*values, *[np.nan] * missing]
    random.shuffle(shuffled)
    one, other = describe(values), describe(shuffled)
    assert (other.n, other.n_missing) == (len(values), missing)
    for name in ("median", "q1", "q3", "minimum", "maximum"):
        assert getattr(one, name) == getattr(other, name)
    assert other.mean == pytest.approx(one.mean, rel=1e-9, abs=1e-6)
    assert other.sd == pytest.approx(one.sd, rel=1e-9, abs=1e-6)
    assert one.minimum <= one.q1 <= one.median <= one.q3 <= one.maximum


@given(st.lists(finite, min_size=2), finite)
def test_a_shift_moves_the_place_but_not_the_spread(values, shift):
    one, other = describe(values), describe(np.array(values) + shift)
    assert other.median == pytest.approx(one.median + shift, abs=1e-6)
    assert other.mean == pytest.approx(one.mean + shift, abs=1e-6)
    assert other.sd == pytest.approx(one.sd, abs=1e-6)


def test_counts_of_table_1(table_1):
    # shared/domain/paper.md: 10 men, 7 women; 12 limb, 5 bulbar
    sex = count_by([row["sex"] for row in table_1])
    assert (sex.levels, sex.counts.tolist(), sex.n, sex.n_missing) == (("F", "M"), [7, 10], 17, 0)
    onset = count_by((row["onset"] for row in table_1), levels=("limb", "bulbar", "respiratory"))
    assert onset.counts.tolist() == [12, 5, 0]
    assert onset.percents == pytest.approx([100 * 12 / 17, 100 * 5 / 17, 0])


def test_missing_words_are_counted_apart():
    result = count_by(["a", "", None, np.nan, "b", "a"])
    assert (result.levels, result.counts.tolist(), result.n, result.n_missing) == (("a", "b"), [2, 1], 3, 3)


def test_no_denominator_gives_no_percent():
    assert np.isnan(count_by([None], levels=("yes", "no")).percents).all()


@pytest.mark.parametrize(
    ("values", "levels", "words"), [(["c"], ("a", "b"), "none of"), (["a"], ("a", "a"), "twice")]
)
def test_bad_levels_are_refused(values, levels, words):
    with pytest.raises(ValueError, match=words):
        count_by(values, levels)


@given(st.lists(st.sampled_from(["a", "b", "c", None])))
def test_counts_add_up(values):
    result = count_by(values)
    assert result.counts.sum() == result.n == len(values) - result.n_missing
    assert all(
        count == values.count(level) for level, count in zip(result.levels, result.counts, strict=True)
    )
