import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from charcot.statistics import compute_poisson_tail, estimate_proportion, estimate_rate

levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])
methods = st.sampled_from(["clopper-pearson", "wilson", "wilson-corrected"])


# shared/domain/als.md section 4, Clopper-Pearson 95 % (eight printed decimals)
@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [(0, 0, 0.19506432), (2, 0.01457932, 0.36440916), (5, 0.10313551, 0.55958272)],
)
def test_clopper_pearson_of_the_paper(events, lower, upper):
    result = estimate_proportion(events, 17)
    assert result.estimate == events / 17
    assert (result.lower, result.upper) == pytest.approx((lower, upper), abs=5.1e-9)
    assert (result.level, result.method) == (0.95, "clopper-pearson")


# Newcombe 1998, Stat Med 17:857, Table I: method 3 (score) and method 5 (Clopper-Pearson), four decimals
@pytest.mark.parametrize(
    ("events", "total", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (29, 29, (0.8830, 1.0), (0.8806, 1.0)),
    ],
)
def test_newcombe(events, total, wilson, exact):
    score = estimate_proportion(events, total, method="wilson")
    assert (score.lower, score.upper) == pytest.approx(wilson, abs=5.1e-5)
    clopper_pearson = estimate_proportion(events, total)
    assert (clopper_pearson.lower, clopper_pearson.upper) == pytest.approx(exact, abs=5.1e-5)


def test_wilson_against_r(expected):
    # exact.json: prop.test(correct = FALSE) of R 4.2.2
    rows = expected("exact")["wilson"]
    for events, total, lower, upper in zip(
        rows["x"], rows["n"], rows["wilson_l"], rows["wilson_u"], strict=True
    ):
        result = estimate_proportion(events, total, method="wilson")
        assert (result.lower, result.upper) == pytest.approx((lower, upper), abs=1e-10)


def test_wilson_with_correction_against_r(expected):
    # exact.json: prop.test() of R 4.2.2
    rows = expected("exact")["wilson"]
    for events, total, lower, upper in zip(
        rows["x"], rows["n"], rows["wilsoncc_l"], rows["wilsoncc_u"], strict=True
    ):
        result = estimate_proportion(events, total, method="wilson-corrected")
        assert (result.lower, result.upper) == pytest.approx((lower, upper), abs=1e-10)


def test_poisson_tails_against_r():
    # R 4.2.2: ppois(1, 2.9459 * c(.02, .112, .355), lower.tail = FALSE)
    found = [compute_poisson_tail(2, 2.9459 * rate) for rate in (0.02, 0.112, 0.355)]
    assert found == pytest.approx([0.00166897362983706, 0.04381739048557897, 0.28108221736109273], rel=1e-12)
    assert compute_poisson_tail(0, 0.3) == 1
    with pytest.raises(ValueError, match="above 0"):
        compute_poisson_tail(1, 0)


def test_poisson_rate_of_two_events():
    # shared/domain/als.md section 4: Poisson exact 95 % for 2 events
    result = estimate_rate(2, 1)
    assert (result.estimate, result.lower, result.upper) == pytest.approx((2, 0.242209, 7.224688), abs=5.1e-7)


def test_no_events_still_leave_an_upper_bound():
    # closed form: P(X = 0) = exp(-upper) = 0.025
    result = estimate_rate(0, 4)
    assert (result.estimate, result.lower) == (0, 0)
    assert result.upper == pytest.approx(-np.log(0.025) / 4, rel=1e-12)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels, methods)
def test_an_interval_contains_its_estimate_and_mirrors(counts, level, method):
    events, total = counts
    result = estimate_proportion(events, total, level=level, method=method)
    assert 0 <= result.lower <= result.estimate <= result.upper <= 1
    assert result.lower < result.upper
    mirror = estimate_proportion(total - events, total, level=level, method=method)
    assert (1 - mirror.upper, 1 - mirror.lower) == pytest.approx((result.lower, result.upper), abs=1e-12)
    wider = estimate_proportion(events, total, level=0.999, method=method)
    assert wider.lower <= result.lower and result.upper <= wider.upper


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels)
def test_clopper_pearson_inverts_the_binomial_tails(counts, level):
    # its definition: at each bound the tail beyond the data has probability (1 - level) / 2
    events, total = counts
    result = estimate_proportion(events, total, level=level)
    if events > 0:
        assert stats.binom.sf(events - 1, total, result.lower) == pytest.approx((1 - level) / 2, rel=1e-8)
    if events < total:
        assert stats.binom.cdf(events, total, result.upper) == pytest.approx((1 - level) / 2, rel=1e-8)


@given(st.integers(0, 300), st.floats(0.01, 1e4), levels)
def test_a_rate_inverts_the_poisson_tails(events, exposure, level):
    result = estimate_rate(events, exposure, level=level)
    assert result.lower <= result.estimate <= result.upper
    assert stats.poisson.cdf(events, result.upper * exposure) == pytest.approx((1 - level) / 2, rel=1e-8)
    if events > 0:
        assert stats.poisson.sf(events - 1, result.lower * exposure) == pytest.approx(
            (1 - level) / 2, rel=1e-8
        )


@pytest.mark.parametrize(
    ("events", "total", "options", "words"),
    [
        (3, 2, {}, "more than the total"),
        (-1, 2, {}, "at least 0"),
        (0, 0, {}, "at least 1"),
        (1.5, 2, {}, "whole number"),
        (np.nan, 2, {}, "whole number"),
        (1, 2, {"level": 95}, "between 0 and 1"),
        (1, 2, {"level": 1.0}, "between 0 and 1"),
        (1, 2, {"method": "wald"}, "wald"),
    ],
)
def test_proportions_that_make_no_sense_are_refused(events, total, options, words):
    with pytest.raises(ValueError, match=words):
        estimate_proportion(events, total, **options)


@pytest.mark.parametrize(
    ("events", "exposure"), [(1, 0), (1, -2), (1, np.nan), (1, np.inf), (-1, 1), (0.5, 1)]
)
def test_rates_that_make_no_sense_are_refused(events, exposure):
    with pytest.raises(ValueError, match=r"exposure|whole number"):
        estimate_rate(events, exposure)
