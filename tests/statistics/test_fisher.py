from fractions import Fraction
from math import comb, inf, isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.statistics import estimate_odds_ratio

counts = st.integers(0, 12)
tables = st.tuples(st.tuples(counts, counts), st.tuples(counts, counts)).filter(
    lambda t: all((sum(t[0]), sum(t[1]), t[0][0] + t[1][0], t[0][1] + t[1][1]))
)


def ways(table):
    """The number of ways to each upper left cell, with the table's margins: whole numbers, no rounding."""
    (a, b), (c, d) = table
    return {
        k: comb(a + b, k) * comb(c + d, a + c - k)
        for k in range(max(0, a + c - (c + d)), min(a + b, a + c) + 1)
    }


def exact_p(table):
    count = ways(table)
    return float(Fraction(sum(w for w in count.values() if w <= count[table[0][0]]), sum(count.values())))


def weighted(table, odds_ratio):
    """Exact probability of each upper left cell at an odds ratio (noncentral hypergeometric)."""
    weights = {k: w * Fraction(odds_ratio) ** k for k, w in ways(table).items()}
    total = sum(weights.values())
    return {k: weight / total for k, weight in weights.items()}


def test_against_r(expected):
    # exact.json: fisher.test of R 4.2.2. Its p values are exact; its odds ratio and interval come from uniroot
    # with tolerance 1.2e-4, so they are good to four digits only (see test_the_conditional_equations_hold).
    for row in expected("exact")["fisher"]:
        a, c, b, d = row["table"]  # column by column, as in R; a transposed table has the same answer
        result = estimate_odds_ratio(((a, b), (c, d)))
        assert result.p_value == pytest.approx(row["p_two"], abs=1e-10)
        for found, value in zip(
            (result.odds_ratio.estimate, result.odds_ratio.lower, result.odds_ratio.upper),
            (row["cond_mle_or"], *row["ci"]),
            strict=True,
        ):
            assert found == pytest.approx(inf if value is None else value, rel=1e-3)


@pytest.mark.parametrize(
    "table", [((500, 400), (60, 41)), ((300, 1200), (410, 1300)), ((12000, 15000), (9100, 12000))]
)
def test_large_tables_against_scipy(table):
    from scipy.stats import fisher_exact
    from scipy.stats.contingency import odds_ratio

    result, theirs = estimate_odds_ratio(table), odds_ratio(table, kind="conditional")
    assert result.p_value == pytest.approx(fisher_exact(table).pvalue, rel=1e-6)
    assert result.odds_ratio.estimate == pytest.approx(theirs.statistic, rel=1e-6)
    bounds = theirs.confidence_interval(0.95)
    assert (result.odds_ratio.lower, result.odds_ratio.upper) == pytest.approx(
        (bounds.low, bounds.high), rel=1e-5
    )


def test_lady_tasting_tea():
    # Fisher 1935, The Design of Experiments: 3 of 4 right; p two-sided 34/70
    # R help page of fisher.test: conditional odds ratio 6.408309
    result = estimate_odds_ratio(((3, 1), (1, 3)))
    assert result.p_value == pytest.approx(34 / 70, rel=1e-12)
    assert result.odds_ratio.estimate == pytest.approx(6.408309, rel=1e-4)


# shared/domain/paper.md, disagreement 15: 5/17 against 0/12, p .0588; against the six given IV, p .27
@pytest.mark.parametrize(("table", "p"), [(((5, 12), (0, 12)), 0.0588), (((5, 12), (0, 6)), 0.27)])
def test_survivors_of_the_paper(table, p):
    assert estimate_odds_ratio(table).p_value == pytest.approx(p, abs=0.005 if p == 0.27 else 0.00005)


@settings(deadline=None)  # the first call imports scipy.stats
@given(tables)
def test_p_value_equals_exact_enumeration(table):
    assert estimate_odds_ratio(table).p_value == pytest.approx(exact_p(table), rel=1e-10)


@settings(deadline=None)  # the first call imports scipy.stats
@given(tables, st.sampled_from([0.9, 0.95]))
def test_the_conditional_equations_hold(table, level):
    result = estimate_odds_ratio(table, level=level).odds_ratio
    a, tail = table[0][0], (1 - level) / 2
    assert 0 <= result.lower <= result.estimate <= result.upper
    if len(ways(table)) > 1 and 0 < result.estimate < inf:  # the mean of the cell equals what was seen
        chance = weighted(table, result.estimate)
        assert float(sum(k * p for k, p in chance.items())) == pytest.approx(a, abs=1e-8)
    if result.lower > 0:
        chance = weighted(table, result.lower)
        assert float(sum(p for k, p in chance.items() if k >= a)) == pytest.approx(tail, rel=1e-7)
    if result.upper < inf:
        chance = weighted(table, result.upper)
        assert float(sum(p for k, p in chance.items() if k <= a)) == pytest.approx(tail, rel=1e-7)


@settings(deadline=None)  # the first call imports scipy.stats
@given(tables)
def test_exchanging_the_groups_inverts_the_odds_ratio(table):
    one, other = estimate_odds_ratio(table), estimate_odds_ratio(table[::-1])
    assert other.p_value == pytest.approx(one.p_value, rel=1e-10)
    if 0 < one.odds_ratio.estimate < inf:
        assert other.odds_ratio.estimate == pytest.approx(1 / one.odds_ratio.estimate, rel=1e-8)


def test_an_empty_column_says_nothing():
    result = estimate_odds_ratio(((0, 5), (0, 7)))
    assert (result.p_value, result.odds_ratio.lower, result.odds_ratio.upper) == (1, 0, inf)
    assert isnan(result.odds_ratio.estimate)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (((1, 2, 3), (4, 5, 6)), "two rows"),
        (((1, -2), (3, 4)), "whole numbers"),
        (((1, 2.5), (3, 4)), "whole numbers"),
        (((1, float("nan")), (3, 4)), "whole numbers"),
    ],
)
def test_other_tables_are_refused(table, words):
    with pytest.raises(ValueError, match=words):
        estimate_odds_ratio(table)
