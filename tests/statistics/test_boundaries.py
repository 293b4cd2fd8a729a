import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.statistics import (
    beta_binomial_boundary,
    boundary_of_steps,
    compute_exceedance,
    compute_operating_characteristics,
    compute_stopping_probability,
    compute_tite_exceedance,
    compute_tite_weights,
    pocock_boundary,
)


def test_pocock_of_ivanova_by_three_independent_routes(expected):
    # exact.json: R dynamic programme, stoppingrule 0.5.2; als.md section 4 has n = 17
    for run in expected("exact")["ivanova_pocock"]:
        boundary = pocock_boundary(run["n"], run["p0"], run["phi"])
        assert list(boundary.stop) == run["exact_dp"]["stop_if_tox_ge"]
        assert list(boundary.stop[1:]) == run["stoppingrule"]["bound"]
        assert boundary.level == pytest.approx(run["exact_dp"]["pointwise_alpha"], abs=1e-13)
        crossing = run["exact_dp"]["crossing_prob"]
        found = [compute_stopping_probability(boundary, p) for p in crossing["p"]]
        assert found == pytest.approx(crossing["prob"], abs=1e-12)


def test_the_expected_number_of_participants(expected):
    # clinfun 1.1.5: risk, ..., probability to cross, to stop before the last participant, expected number treated
    for run in expected("exact")["ivanova_pocock"]:
        boundary = pocock_boundary(run["n"], run["p0"], run["phi"])
        for risk, *_, crossing, early, people in run["clinfun_oc"]:
            found = compute_operating_characteristics(boundary, risk)
            assert found.stopping == pytest.approx(crossing, abs=1e-12)
            assert found.stopping_at[:-1].sum() == pytest.approx(early, abs=1e-12)
            assert found.people == pytest.approx(people, abs=1e-9)
            assert found.events == pytest.approx(found.people * risk)


@pytest.mark.parametrize(
    ("p0", "steps", "stopping"),
    [  # shared/domain/als.md section 4
        (0.10, ((2, 4), (3, 9), (4, 14), (5, 17)),
         {0.05: 0.02052726, 0.1: 0.09928984, 0.2: 0.41637923, 0.3: 0.74485732, 0.4: 0.92657800}),
        (0.03, ((1, 2), (2, 13), (3, 17)), {0.03: 0.09926351, 0.1: 0.45232959, 0.2: 0.82267076}),
    ],
)  # fmt: skip
def test_pocock_for_seventeen(p0, steps, stopping):
    boundary = pocock_boundary(17, p0, 0.10)
    assert boundary.steps == steps
    assert boundary_of_steps(steps, 17).stop == boundary.stop
    for risk, probability in stopping.items():
        assert compute_stopping_probability(boundary, risk) == pytest.approx(probability, abs=5.1e-9)


def test_a_look_says_what_stops_and_how_much_is_left():
    boundary = pocock_boundary(17, 0.03, 0.10)
    assert boundary.look(2, 17).left == 1 and not boundary.look(2, 17).crossed
    assert boundary.look(3, 17).crossed and boundary.look(3, 17).left == 0
    assert boundary.look(1, 2).crossed and not boundary.look(1, 3).crossed
    assert boundary.look(3, 18).crossed  # beyond the plan the last step holds
    assert boundary.look(0, 0).stop_at is None and not boundary.look(0, 0).crossed
    assert pocock_boundary(17, 0.10, 0.10).look(1, 1).left is None
    with pytest.raises(ValueError, match="0 <= events <= people"):
        boundary.look(4, 3)


def test_beta_binomial():
    # als.md section 4: Beta(1, 9) with 2 of 17
    assert compute_exceedance(2, 17, 0.10, a=1, b=9) == pytest.approx(0.5105052357, abs=5.1e-11)
    # R 4.2.2: for n in 1:17 the first k with 1 - pbeta(.1, 1 + k, 9 + n - k) > .9 (none for n = 1)
    stop = (2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5)
    assert beta_binomial_boundary(17, 0.10, 0.90, a=1, b=9).stop == stop


@pytest.mark.parametrize(
    ("weights", "events", "p0", "prior", "posterior"),
    [  # R 4.2.2, integrate(prior * likelihood) above p0 over that from 0 to 1
        ([1, 0.3, 0.7, 1, 0], [1, 0, 0, 0, 0], 0.10, (1, 9), 0.661947662838694),
        ([1, 1, 0.25, 0.5, *[1] * 10], [1, 1, *[0] * 12], 0.05, (0.5, 0.5), 0.942818663474918),
    ],
)
def test_tite_posterior_against_integration(weights, events, p0, prior, posterior):
    found = compute_tite_exceedance(weights, events, p0, a=prior[0], b=prior[1])
    assert found == pytest.approx(posterior, abs=1e-10)


def test_a_late_embolus_is_not_lost_in_a_day():
    # day 36 and 65 both lie outside a window of one day, and count whole within one of 90
    assert compute_tite_weights([36, 65, 45, 90], [1, 1, 0, 0], window=90).tolist() == [1, 1, 0.5, 1]
    with pytest.raises(ValueError, match="at least 0"):
        compute_tite_weights([-1], [False], window=90)


risks = st.floats(0.01, 0.6)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), risks, st.floats(0.02, 0.3), risks)
def test_pocock_keeps_its_level_and_stops_more_at_higher_risk(planned, p0, alpha, risk):
    boundary = pocock_boundary(planned, p0, alpha)
    assert compute_stopping_probability(boundary, p0) <= alpha * (1 + 1e-9)
    higher = compute_stopping_probability(boundary, min(1.0, risk + 0.2))
    assert higher >= compute_stopping_probability(boundary, risk) - 1e-12
    found = compute_operating_characteristics(boundary, risk)
    assert found.stopping_at.sum() == pytest.approx(found.stopping)
    assert 1 <= found.people <= planned + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=20), risks)
def test_tite_with_everybody_followed_is_beta_binomial(events, p0):
    whole = compute_tite_exceedance([1.0] * len(events), events, p0, a=1, b=9)
    assert whole == pytest.approx(compute_exceedance(sum(events), len(events), p0, a=1, b=9), abs=1e-12)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: pocock_boundary(0, 0.1, 0.1), "at least 1"),
        (lambda: pocock_boundary(10, 1.0, 0.1), "between 0 and 1"),
        (lambda: beta_binomial_boundary(10, 0.1, 0.9, a=0, b=1), "prior"),
        (lambda: boundary_of_steps([(2, 5), (2, 9)], 9), "rise"),
        (lambda: boundary_of_steps([(2, 10)], 9), "9 planned"),
        (lambda: compute_exceedance(3, 2, 0.1, a=1, b=1), "events"),
        (lambda: compute_tite_exceedance([1.2], [False], 0.1, a=1, b=1), "weight"),
    ],
)
def test_boundaries_that_make_no_sense_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
