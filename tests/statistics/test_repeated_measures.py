import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from charcot.statistics import repeated_measures_anova
from charcot.statistics.sphericity import compute_sphericity

# Winer 1971, Statistical Principles in Experimental Design, table 4.3: four drugs in five people
WINER = [[30, 28, 16, 34], [14, 18, 10, 22], [24, 20, 18, 30], [38, 34, 20, 44], [26, 28, 14, 30]]


@st.composite
def tables(draw, least_levels=2):
    k = draw(st.integers(least_levels, 4))
    n = draw(st.integers(k + 1, 9))
    rows = st.lists(st.integers(-9, 9), min_size=k, max_size=k)
    return np.array(draw(st.lists(rows, min_size=n, max_size=n)), dtype=float)


def analyse(values):
    try:
        return repeated_measures_anova(values)
    except ValueError:
        assume(False)  # constant data
        raise


def numbers(result):
    """All numbers that do not depend on the order of subjects or levels; NaN for None."""
    shape, effect = result.sphericity, result.within
    found = (
        effect.sum_of_squares,
        effect.error_sum_of_squares,
        result.subjects_sum_of_squares,
        result.total_sum_of_squares,
        effect.f,
        effect.p,
        effect.p_greenhouse_geisser,
        effect.p_huynh_feldt,
        shape.w,
        shape.p,
        shape.greenhouse_geisser,
        shape.huynh_feldt,
    )
    return [np.nan if number is None else number for number in found]


def close(found, reference):
    np.testing.assert_allclose(found, reference, rtol=1e-7, atol=1e-9)


def reaction_times(data):
    """md_12_1: 10 people x (noise absent, present) x (angle 0, 4, 8)."""
    table = np.full((10, 2, 3), np.nan)
    for row in data("md_12_1"):
        place = int(row["id"]) - 1, ["absent", "present"].index(row["noise"]), int(row["angle"]) // 4
        table[place] = float(row["rt"])
    return table


def test_maxwell_and_delaney_against_afex(expected, data):
    # rmanova.json: afex 1.2.1 / car 3.1.1, type III, two factors within. The rows of its table are one-factor
    # analyses of the means over the other factor, or of the differences between its two levels.
    reference = expected("rmanova")["md_12_1"]
    table = reaction_times(data)
    parts = {  # values, and the factor by which its sums of squares are smaller than those of the whole design
        "angle": (table.mean(axis=1), 2),
        "noise": (table.mean(axis=2), 3),
        "angle:noise": (table[:, 1] - table[:, 0], 0.5),
    }
    univariate = reference["univariate"]
    for term, (values, share) in parts.items():
        result = repeated_measures_anova(values)
        effect, shape = result.within, result.sphericity
        row = univariate["values"][univariate["rows"].index(term)]
        found = (
            share * effect.sum_of_squares,
            effect.df,
            share * effect.error_sum_of_squares,
            effect.error_df,
            effect.f,
            effect.p,
        )
        assert found == pytest.approx(row, rel=1e-8)
        if term == "noise":
            continue  # two levels: R has no row for them
        place = reference["mauchly"]["rows"].index(term)
        epsilon = {name: column[place] for name, column in reference["epsilon"].items()}
        assert shape.w == pytest.approx(reference["mauchly"]["W"][place], rel=1e-8)
        assert shape.p == pytest.approx(reference["mauchly"]["p"][place], rel=1e-8)
        assert shape.greenhouse_geisser == pytest.approx(epsilon["GG"], rel=1e-8)
        assert shape.huynh_feldt == pytest.approx(epsilon["HF"], rel=1e-8)  # above 1, as computed
        assert effect.p_greenhouse_geisser == pytest.approx(epsilon["p_GG"], rel=1e-8)
        assert effect.p_huynh_feldt == pytest.approx(epsilon["p_HF"], rel=1e-8)  # capped
    people = univariate["values"][univariate["rows"].index("(Intercept)")]
    whole = repeated_measures_anova(table.reshape(10, 6))
    assert (whole.subjects_sum_of_squares, whole.subjects_df) == pytest.approx(people[2:4], rel=1e-8)


def test_mauchly_of_six_levels_against_r(data):
    # R's example(mauchly.test) on the same data, as six levels: W 0.03108446, p 0.04765187
    shape = repeated_measures_anova(reaction_times(data).reshape(10, 6)).sphericity
    assert shape.w == pytest.approx(0.03108446, abs=5e-9)
    assert shape.p == pytest.approx(0.04765187, abs=5e-9)


def test_sphericity_of_four_levels_against_car():
    # car 2.x on simulated data of 10 people, four levels (Wollschlaeger, RExRepos, anovaRBp): the printed sums of
    # squares and products for error of the differences to the last level, and W, p, GG and HF from them
    products = np.array(
        [
            [41.37357, 29.39860, -16.70424],
            [29.39860, 85.74790, -16.52793],
            [-16.70424, -16.52793, 127.46877],
        ]
    )
    root = np.linalg.inv(np.linalg.cholesky(np.eye(3) + 1))  # the differences' own inner products
    shape = compute_sphericity(root @ products @ root.T, 9)
    assert shape.w == pytest.approx(0.30399, abs=5e-6)
    assert shape.p == pytest.approx(0.10403, abs=5e-6)
    assert shape.greenhouse_geisser == pytest.approx(0.58505, abs=5e-6)
    assert shape.huynh_feldt == pytest.approx(0.7155256, abs=1e-6)
    assert np.trace(root @ products @ root.T) == pytest.approx(192.859, abs=5e-4)


def test_winer_against_stata():
    # Stata manual [R] anova, example with t43.dta (Winer's table 4.3): Huynh-Feldt 1.0789 (reset to 1),
    # Greenhouse-Geisser 0.6049, F 24.76, p 0.0000, 0.0000 (HF), 0.0006 (GG)
    result = repeated_measures_anova(WINER)
    effect, shape = result.within, result.sphericity
    sums = effect.sum_of_squares, effect.error_sum_of_squares, result.subjects_sum_of_squares
    assert sums == pytest.approx((698.2, 112.8, 680.8), abs=1e-9)
    assert (effect.df, effect.error_df, result.subjects_df, result.total_df) == (3, 12, 4, 19)
    assert effect.f == pytest.approx(24.76, abs=0.005)
    assert shape.greenhouse_geisser == pytest.approx(0.6049, abs=5e-5)
    assert shape.huynh_feldt == pytest.approx(1.0789, abs=5e-5)
    assert effect.p_greenhouse_geisser == pytest.approx(0.0006, abs=5e-5)
    assert effect.p_huynh_feldt == effect.p


@given(tables())
def test_the_table_adds_up_and_the_epsilons_keep_their_bounds(values):
    result = analyse(values)
    effect, shape, k = result.within, result.sphericity, values.shape[1]
    parts = effect.sum_of_squares + effect.error_sum_of_squares + result.subjects_sum_of_squares
    assert result.total_sum_of_squares == pytest.approx(parts, rel=1e-9)
    assert result.total_df == effect.df + effect.error_df + result.subjects_df
    assert 1 / (k - 1) <= shape.greenhouse_geisser <= 1
    assert shape.huynh_feldt is not None and shape.huynh_feldt >= shape.greenhouse_geisser - 1e-12
    assert shape.w is None or 0 < shape.w <= 1 + 1e-12
    assert (shape.w is None) == (shape.p is None) == (shape.chi_squared is None)
    assert (shape.w is None) == (result.note != "")


@given(tables(), st.randoms(use_true_random=False))
def test_a_constant_per_subject_leaves_the_test(values, random):
    shifts = np.array([[random.randint(-50, 50)] for _ in values], dtype=float)
    one, other = analyse(values), repeated_measures_anova(values + shifts)
    keep = [0, 1, *range(4, 12)]  # all but the sums of squares between subjects
    close(np.array(numbers(other))[keep], np.array(numbers(one))[keep])


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_subjects_and_levels_does_not_matter(values, random):
    subjects, levels = list(range(values.shape[0])), list(range(values.shape[1]))
    random.shuffle(subjects)
    random.shuffle(levels)
    one = analyse(values)
    close(numbers(repeated_measures_anova(values[subjects])), numbers(one))
    close(repeated_measures_anova(values[subjects]).means, one.means)
    close(numbers(repeated_measures_anova(values[:, levels])), numbers(one))


@given(tables(), st.data())
def test_incomplete_subjects_are_dropped_and_named(values, draw):
    n, k = values.shape
    one = analyse(values)
    holes = draw.draw(st.sets(st.integers(0, n + 2), min_size=3, max_size=3), label="rows")
    wider = np.full((n + 3, k), np.nan)
    wider[[row for row in range(n + 3) if row not in holes]] = values
    wider[sorted(holes)[0], 1:] = 5.0  # part of a row is there
    result = repeated_measures_anova(wider)
    assert (result.n, result.n_dropped, result.dropped) == (n, 3, tuple(sorted(holes)))
    assert numbers(result) == pytest.approx(numbers(one), nan_ok=True, rel=0, abs=0)


@given(tables().map(lambda values: values[:, :2]))
def test_two_levels_are_a_paired_t_test(values):
    result = analyse(values)
    test = stats.ttest_rel(values[:, 0], values[:, 1])
    assert result.within.f == pytest.approx(test.statistic**2, rel=1e-9, abs=1e-12)
    assert result.within.p == pytest.approx(test.pvalue, rel=1e-9)
    shape = result.sphericity
    assert (shape.w, shape.p, shape.greenhouse_geisser, shape.huynh_feldt) == (None, None, 1, 1)
    assert "two levels" in result.note
    assert "by definition" in result.methods_sentence


def test_too_few_subjects_leave_out_what_is_not_defined_with_the_reason():
    three = repeated_measures_anova(WINER[:3])
    assert three.sphericity.w is None
    assert three.sphericity.huynh_feldt is not None
    assert "4 levels need 3 degrees of freedom of error, and there are 2" in three.note
    two = repeated_measures_anova(WINER[:2])
    assert (two.sphericity.huynh_feldt, two.within.p_huynh_feldt) == (None, None)
    assert two.sphericity.greenhouse_geisser == pytest.approx(1 / 3)
    assert "Huynh–Feldt" in two.note and "nan" not in str(two)


def test_a_level_that_copies_another_leaves_mauchly_undefined():
    values = np.array(WINER, dtype=float)[:, [0, 1, 2, 2]]
    result = repeated_measures_anova(values)
    assert result.sphericity.w is None
    assert "the same in everyone" in result.note


def test_print_and_sentence_warn_of_the_dropped():
    values = np.array([*WINER, [22, np.nan, 12, 24]])
    result = repeated_measures_anova(values, levels=["baseline", "month 1", "month 2", "month 3"])
    assert "dropped as incomplete: 1 (rows 5)" in str(result)
    assert "baseline to month 3" in str(result)
    assert "the 5 of 6 participants" in result.methods_sentence
    assert "missing value (such as those who died) are left out (1 here)" in result.methods_sentence
    assert "are left out (none here)" in repeated_measures_anova(WINER).methods_sentence


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        ([1, 2, 3], {}, "table of subjects by levels"),
        ([[1], [2], [3]], {}, "at least two levels"),
        ([[1, 2, 3]], {}, "1 of 1 subjects"),
        ([[1, 2, 3], [1, np.nan, 3]], {}, "1 of 2 subjects"),
        (np.empty((0, 3)), {}, "0 of 0 subjects"),
        ([[1, 2], [3, np.inf]], {}, "infinite"),
        ([[7, 7, 7]] * 4, {}, "constant"),
        ([[0.1, 0.4, 0.7], [1.1, 1.4, 1.7], [2.1, 2.4, 2.7]], {}, "constant"),
        (WINER, {"levels": ["a", "b", "c"]}, "3 labels do not fit 4 levels"),
        (WINER, {"levels": ["a", "b", "c", "c"]}, "named twice"),
    ],
)
def test_data_that_cannot_be_tested_are_refused(values, options, words):
    with pytest.raises(ValueError, match=words):
        repeated_measures_anova(values, **options)
