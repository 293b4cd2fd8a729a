"""Repeated-measures ANOVA with groups, and Friedman's test, against afex, car and R's stats."""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from charcot.statistics import friedman, repeated_measures_anova

HERE = Path(__file__).parent
SCRIPT = HERE / "rm_reference.R"


def load(path):
    """Values (subjects x levels, NaN missing) and groups (None missing) of a file with id, group and levels."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    levels = [name for name in rows[0] if name not in ("id", "group")]
    values = [[float(row[name]) if row[name] else np.nan for name in levels] for row in rows]
    return np.array(values), [row["group"] or None for row in rows]


def compare(values, groups, reference):
    result = repeated_measures_anova(values, between=groups)
    shape, between = result.sphericity, result.between
    for name, effect in (
        ("time", result.within),
        ("group", between.effect),
        ("group:time", between.interaction),
    ):
        found = (
            effect.sum_of_squares, effect.df, effect.error_sum_of_squares, effect.error_df, effect.f, effect.p,
        )  # fmt: skip
        assert found == pytest.approx(reference["univariate"][name], rel=1e-8)
    for name, effect in (("time", result.within), ("group:time", between.interaction)):
        assert (shape.w, shape.p) == pytest.approx(reference["mauchly"][name], rel=1e-8)
        found = (
            shape.greenhouse_geisser, effect.p_greenhouse_geisser, shape.huynh_feldt, effect.p_huynh_feldt,
        )  # fmt: skip
        assert found == pytest.approx(reference["corrected"][name], rel=1e-8)
    ranks = friedman(values[[group is not None for group in groups]])
    assert (ranks.chi_squared, ranks.df, ranks.p) == pytest.approx(reference["friedman"], rel=1e-8)


def test_unbalanced_groups_as_afex():
    # rm_unbalanced.json: afex 1.2-1 and car 3.1-1 in R 4.2.2 by rm_reference.R; groups of 4, 3 and 11 complete
    values, groups = load(HERE / "rm_unbalanced.csv")
    compare(values, groups, json.loads((HERE / "rm_unbalanced.json").read_text()))
    result = repeated_measures_anova(values, between=groups)
    assert result.n_dropped == 5 and result.dropped == (2, 9, 12, 15, 20)
    assert sum(result.between.n) == result.n == 18
    assert "one between participants (a " in result.methods_sentence
    assert "x groups" in str(result) and "interaction F(6, 45)" in repr(result)


def test_obrien_and_kaiser_as_afex(data):
    # afex 1.2-1: aov_car(value ~ treatment + Error(id / phase)) on the means over hours of obk.long, groups of 5, 4, 7
    rows = data("obk_long")
    ids, phases = list(dict.fromkeys(row["id"] for row in rows)), ["pre", "post", "fup"]
    values = np.array(
        [[np.mean([float(r["value"]) for r in rows if r["id"] == i and r["phase"] == p]) for p in phases] for i in ids]
    )  # fmt: skip
    groups = [next(row["treatment"] for row in rows if row["id"] == i) for i in ids]
    reference = {
        "univariate": {
            "time": [27.3578313253012, 2, 18.4333333333333, 26, 19.293949759254, 7.28934375076986e-06],
            "group": [37.35, 2, 83.3166666666667, 13, 2.91388277655531, 0.0900408753878441],
            "group:time": [15.4, 4, 18.4333333333333, 26, 5.43037974683544, 0.00257810789313108],
        },
        "mauchly": {key: [0.851511891409344, 0.381192461781021] for key in ("time", "group:time")},
        "corrected": {
            "time": [0.87070992944553, 2.37528250515754e-05, 0.993903216212772, 7.70607224087556e-06],
            "group:time": [0.87070992944553, 0.00430132703636544, 0.993903216212772, 0.00264081702597073],
        },
        "friedman": [14.7719298245614, 2, 0.00061989223330649],  # R 4.2.2, friedman.test
    }
    compare(values, groups, reference)


@st.composite
def grouped(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    sizes = draw(st.lists(st.integers(2, 6), min_size=2, max_size=3))
    groups = [name for name, size in zip("abc", sizes, strict=False) for _ in range(size)]
    return rng.normal(size=(len(groups), draw(st.integers(2, 4)))).round(3), groups


@given(grouped())
def test_groups_of_one_size_add_up_and_shifts_between_groups_leave_the_time(made):
    values, groups = made
    result = repeated_measures_anova(values, between=groups)
    between = result.between
    if len(set(between.n)) == 1:
        parts = result.within.sum_of_squares + between.interaction.sum_of_squares
        parts += result.within.error_sum_of_squares + between.effect.sum_of_squares
        assert result.total_sum_of_squares == pytest.approx(parts + result.subjects_sum_of_squares)
    shifted = values + np.array([[{"a": 0.0, "b": 5.0, "c": -2.0}[group]] for group in groups])
    other = repeated_measures_anova(shifted, between=groups)
    assert other.within.f == pytest.approx(result.within.f, rel=1e-7)
    assert other.between.interaction.f == pytest.approx(between.interaction.f, rel=1e-7)
    # the test of groups is an ordinary analysis of variance of the subjects' means
    means = [values.mean(axis=1)[[g == name for g in groups]] for name in between.groups]
    assert between.effect.f == pytest.approx(stats.f_oneway(*means).statistic, rel=1e-8)


@given(grouped())
def test_two_groups_at_two_levels_change_alike_as_a_t_test_says(made):
    values, groups = made
    values, groups = values[:, :2], ["a" if group == "a" else "b" for group in groups]
    result = repeated_measures_anova(values, between=groups)
    change = values[:, 1] - values[:, 0]
    test = stats.ttest_ind(change[np.array(groups) == "a"], change[np.array(groups) == "b"])
    assert result.between.interaction.f == pytest.approx(test.statistic**2, rel=1e-8)
    assert result.between.interaction.p == pytest.approx(test.pvalue, rel=1e-8)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (["a", "a", "a", "a"], "needs two groups, not 1"),
        (["a", "b"], "2 groups do not fit 4 subjects"),
        (["a", "a", "b", "c"], "nobody in group c"),
        (["a", "b", "c", None], "nobody in group c|leave nothing as error"),
    ],
)
def test_groups_that_cannot_be_tested_are_refused(groups, words):
    with pytest.raises(ValueError, match=words):
        repeated_measures_anova([[1, 2], [3, 5], [2, 2], [4, None]], between=groups)


@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(3, 5))
def test_friedman_as_scipy_and_unmoved_by_what_keeps_the_order(seed, n, k):
    values = np.random.default_rng(seed).integers(0, 4, (n, k)).astype(float)
    assume((values != values[:, :1]).any())
    found = friedman(values)
    assert found.chi_squared == pytest.approx(
        stats.friedmanchisquare(*values.T).statistic, rel=1e-9, abs=1e-12
    )
    assert friedman(np.exp(values) + np.arange(n)[:, None]).chi_squared == found.chi_squared
    assert 0 <= found.kendall_w <= 1 + 1e-12
    holes = np.vstack([values, np.full((1, k), np.nan)])
    assert friedman(holes).dropped == (n,) and friedman(holes).p == found.p


def test_complete_agreement_is_kendalls_w_of_1():
    assert friedman([[1, 2, 3], [4, 6, 9], [0, 1, 5]]).kendall_w == pytest.approx(1)
    with pytest.raises(ValueError, match="the same value at all levels"):
        friedman([[1, 1], [2, 2]])
    with pytest.raises(ValueError, match="1 of 2 subjects"):
        friedman([[1, 2], [2, None]])


def test_live_r_agrees_on_new_groups(tmp_path):
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript here: the fixed numbers of rm_unbalanced.json stand alone")
    ready = subprocess.run(
        [rscript, "-e", "for (p in c('afex', 'jsonlite')) stopifnot(requireNamespace(p))"],
        capture_output=True,
        timeout=120,
    )
    if ready.returncode:
        pytest.skip("R is here without afex and jsonlite")
    rng = np.random.default_rng(21)
    groups = list("aaaaabbbbbbbccc")
    values = (rng.normal(size=(15, 5)) + np.arange(5)).round(1)
    path = tmp_path / "data.csv"
    with path.open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "group", "a", "b", "c", "d", "e"])
        writer.writerows([i, group, *row] for i, (group, row) in enumerate(zip(groups, values, strict=True)))
    run = subprocess.run(
        [rscript, str(SCRIPT), str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    compare(*load(path), json.loads(run.stdout))
