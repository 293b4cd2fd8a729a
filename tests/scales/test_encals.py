import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.scales import (
    compute_conditional_survival,
    compute_linear_predictor,
    compute_median_survival,
    compute_survival,
)


def test_the_two_people_of_the_reference():
    # shared/domain/als.md section 6 (Westeneng 2018): predictor, median, and S(12), S(36) of the first
    predictor = compute_linear_predictor(
        slope=[0.8, 1.5],
        age_at_onset=[60, 70],
        diagnostic_delay=[12, 8],
        fvc=[90, 70],
        bulbar=[0, 1],
        definite=[0, 1],
    )
    assert predictor == pytest.approx([-4.24445618159, -2.36796644494], abs=1e-10)
    assert compute_median_survival(predictor) == pytest.approx([33.699415, 20.048441], abs=5.1e-7)
    assert compute_survival(predictor[0], [12, 36]) == pytest.approx([0.97362459, 0.44145640], abs=5.1e-9)


def test_dementia_and_the_expansion_count_against():
    # Westeneng 2018: the two coefficients
    known = {
        "slope": 1.0,
        "age_at_onset": 60.0,
        "diagnostic_delay": 10.0,
        "fvc": 90.0,
        "bulbar": 0,
        "definite": 0,
    }
    alone = compute_linear_predictor(**known)
    assert compute_linear_predictor(**known, ftd=1) - alone == pytest.approx(0.388313226407)
    assert compute_linear_predictor(**known, c9orf72=1) - alone == pytest.approx(0.256078493763062)


def test_what_is_missing_stays_missing():
    predictor = compute_linear_predictor(
        slope=[np.nan, 1.0], age_at_onset=60, diagnostic_delay=[10, np.nan], fvc=90, bulbar=0, definite=0
    )
    assert np.isnan(predictor).all() and np.isnan(compute_median_survival(predictor)).all()


@given(st.floats(-8, 0), st.floats(0, 60), st.floats(0, 60))
def test_having_lived_is_part_of_what_is_expected(predictor, lived, later):
    whole = compute_survival(predictor, lived + later)
    given_lived = compute_conditional_survival(predictor, lived, later)
    assert whole <= given_lived + 1e-12 and given_lived <= 1
    assert given_lived * compute_survival(predictor, lived) == pytest.approx(float(whole), abs=1e-12)
    assert compute_survival(predictor, 0) == 1
    median = compute_median_survival(predictor, lived)
    half = compute_conditional_survival(predictor, lived, median - lived)
    assert half == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"fvc": 0}, "FVC must be above 0"),
        ({"slope": -0.1}, "at least 0"),
        ({"diagnostic_delay": 0}, "delay must be above 0"),
        ({"bulbar": 2}, "1 or 0"),
    ],
)
def test_impossible_predictors_are_refused(wrong, words):
    known = {"slope": 1.0, "age_at_onset": 60, "diagnostic_delay": 10, "fvc": 90, "bulbar": 0, "definite": 0}
    with pytest.raises(ValueError, match=words):
        compute_linear_predictor(**(known | wrong))
    with pytest.raises(ValueError, match="at least 0"):
        compute_survival(-3, -1)
