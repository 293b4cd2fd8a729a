"""MMRM against R 4.2.2: nlme 3.1-162 (gls), clubSandwich 0.5.8, emmeans 1.8.4-1 and model.matrix, on fev_data.

The numbers of gls, clubSandwich and model.matrix are in mmrm_nlme.json, with how they were made.
"""

import numpy as np
import polars as pl
import pytest

from charcot.statistics import mmrm
from charcot.statistics.mixed.columns import take_column
from charcot.statistics.mixed.design import make_design, parse_formula
from exactness import arrange_fev, load_numbers

FULL = "FEV1 ~ RACE + SEX + ARMCD * AVISIT"


NLME = load_numbers("mmrm_nlme")


@pytest.fixture
def fev(data):
    seen = arrange_fev(data("fev_data")).filter(pl.col("FEV1").is_not_null())
    return seen.with_columns((pl.col("SEX") == "Male").cast(pl.Int64).alias("male"))


@pytest.mark.parametrize("row", NLME["gls"], ids=lambda row: row["covariance"])
def test_fits_of_nlme(fev, row):
    covariance, reml, ml, estimates, errors = row.values()
    options = {"subject": "USUBJID", "visit": "VISITN2" if covariance == "sp_exp" else "AVISIT"}
    result = mmrm(FULL, fev, covariance=covariance, **options)
    assert result.log_likelihood == pytest.approx(reml, abs=2e-6)
    assert result.log_likelihood >= reml - 1e-8
    np.testing.assert_allclose(result.coefficients["estimate"], estimates, rtol=2e-5, atol=5e-5)
    np.testing.assert_allclose(result.coefficients["standard_error"], errors, rtol=2e-5)
    by_ml = mmrm(FULL, fev, covariance=covariance, method="ml", **options)
    assert by_ml.log_likelihood == pytest.approx(ml, abs=2e-6)


@pytest.mark.parametrize("row", NLME["sandwich"], ids=lambda row: f"{row['vcov']}-{row['weights']}")
def test_sandwich_covariances_of_club_sandwich(fev, row):
    weights, vcov, errors, df = row.values()
    result = mmrm(
        "FEV1 ~ ARMCD * AVISIT",
        fev,
        subject="USUBJID",
        visit="AVISIT",
        covariance="ar1",
        weights=weights,
        vcov=vcov,
    )
    np.testing.assert_allclose(result.coefficients["standard_error"], errors, rtol=2e-6)
    np.testing.assert_allclose(result.coefficients["df"], df, rtol=2e-6)


def test_means_of_emmeans(fev):
    # emmeans(gls(FEV1 ~ FEV1_BL + male + RACE * ARMCD + ARMCD * AVISIT, cs)): FEV1_BL at its mean, male (0, 1) averaged
    formula = "FEV1 ~ FEV1_BL + male + RACE * ARMCD + ARMCD * AVISIT"
    result = mmrm(formula, fev, subject="USUBJID", visit="AVISIT", covariance="cs")
    by_visit = result.means("ARMCD | AVISIT")
    means = [
        33.37838899,
        37.07538386,
        38.19036618,
        42.02058409,
        43.63923362,
        46.42727922,
        48.59771771,
        52.76300609,
    ]
    errors = [0.8036098200, 0.7977386186, 0.7913211879, 0.7718128364]
    errors += [0.7791620105, 0.8545750334, 0.8016035379, 0.7905494646]
    np.testing.assert_allclose(by_visit.means["estimate"], means, rtol=1e-6)
    np.testing.assert_allclose(by_visit.means["standard_error"], errors, rtol=1e-6)
    assert by_visit.differences["contrast"].to_list() == ["TRT - PBO"] * 4
    gaps = by_visit.differences
    np.testing.assert_allclose(
        gaps["estimate"], [3.696994877, 3.830217910, 2.788045608, 4.165288377], rtol=1e-6
    )
    np.testing.assert_allclose(
        gaps["standard_error"], [1.132302650, 1.105607575, 1.156221504, 1.125346020], rtol=1e-6
    )
    # all pairs where nothing is given
    races = result.means("RACE")
    np.testing.assert_allclose(races.means["estimate"], [40.72236941, 41.38640748, 46.17570803], rtol=1e-6)
    assert races.differences["contrast"].to_list() == [
        "Black or African American - Asian",
        "White - Asian",
        "White - Black or African American",
    ]
    np.testing.assert_allclose(
        races.differences["estimate"], [0.6640380671, 5.453338621, 4.789300554], rtol=1e-6
    )
    np.testing.assert_allclose(
        races.differences["standard_error"], [0.7467144764, 0.8151140834, 0.8218305242], rtol=1e-6
    )


def test_an_expression_in_the_formula(fev):
    # gls(FEV1 ~ log(FEV1_BL) + ARMCD * AVISIT, cs); emmeans takes the logarithm of the mean
    result = mmrm(
        "FEV1 ~ log(FEV1_BL) + ARMCD * AVISIT", fev, subject="USUBJID", visit="AVISIT", covariance="cs"
    )
    expected = [7.079315018, 6.949286335, 4.455444135, 4.930118422, 10.33852150, 15.39487889]
    expected += [-0.01945912593, -0.9628447473, 0.5114487096]
    np.testing.assert_allclose(result.coefficients["estimate"], expected, rtol=1e-5)
    means = result.means("ARMCD").means
    np.testing.assert_allclose(means["estimate"], [40.42114828, 44.75887863], rtol=1e-6)
    np.testing.assert_allclose(means["standard_error"], [0.4838205579, 0.5048540784], rtol=2e-6)


@pytest.mark.parametrize("right", NLME["model_matrix"])
def test_designs_are_those_of_model_matrix(fev, right):
    parsed = parse_formula(f"FEV1 ~ {right}")
    design = make_design(parsed, lambda name: take_column(fev, name))
    # the sum over rows of row number times the column
    x, names = design.encode(lambda name: take_column(fev, name), fev.height)
    assert list(names) == list(NLME["model_matrix"][right])
    sums = (x * np.arange(1, fev.height + 1)[:, None]).sum(axis=0)
    np.testing.assert_allclose(sums, list(NLME["model_matrix"][right].values()), rtol=1e-9)
