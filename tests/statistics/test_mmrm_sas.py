"""MMRM against SAS PROC MIXED on fev_data: its results as printed in the tests of R's mmrm (openpharma/mmrm, tests/testthat).

SAS stops its iterations early and prints five digits: three to four digits are asked for. Long tables are in
mmrm_sas.json, which exactness.md lists too; the file of each shorter number stands beside it.
"""

import numpy as np
import pytest

from charcot.statistics import mmrm
from exactness import arrange_fev, load_numbers

SAS = load_numbers("mmrm_sas")


def each(table):
    return pytest.mark.parametrize(
        "row", SAS[table], ids=lambda row: "-".join(str(v) for v in row.values() if isinstance(v, str))
    )


@pytest.fixture
def fev(data):
    return arrange_fev(data("fev_data"))


def fit(fev, formula="FEV1 ~ 1", covariance="us", **options):
    visit = options.pop("visit", "VISITN" if covariance == "sp_exp" else "AVISIT")
    return mmrm(formula, fev, subject="USUBJID", visit=visit, covariance=covariance, **options)


@each("intercept_only")
def test_each_structure_by_ml_and_reml(fev, row):
    covariance, method, deviance, estimate, error = row.values()
    result = fit(fev, covariance=covariance, method=method)
    assert -2 * result.log_likelihood == pytest.approx(deviance, abs=2e-3 if covariance == "ad" else 2e-5)
    assert result.coefficients["estimate"][0] == pytest.approx(estimate, rel=5e-5)
    if error is not None:
        assert result.coefficients["standard_error"][0] == pytest.approx(error, abs=1e-4)


@each("by_arm")
def test_a_covariance_in_each_group(fev, row):
    covariance, method, deviance, estimate, error = row.values()
    result = fit(fev, covariance=covariance, method=method, group="ARMCD")
    assert list(result.visit_covariance) == ["PBO", "TRT"]
    assert -2 * result.log_likelihood == pytest.approx(deviance, abs=2e-5)
    assert result.coefficients["estimate"][0] == pytest.approx(estimate, rel=5e-5)
    assert result.coefficients["standard_error"][0] == pytest.approx(error, abs=1e-4)


def test_the_covariances_of_groups(fev):
    # sas_group_ar1h_reml.txt
    result = fit(fev, covariance="ar1h", group="ARMCD")
    placebo, treated = result.visit_covariance["PBO"], result.visit_covariance["TRT"]
    np.testing.assert_allclose(
        np.diag(placebo), [109.37350823, 42.81343590, 23.52559796, 128.45926562], rtol=5e-4
    )
    np.testing.assert_allclose(
        np.diag(treated), [76.67358836, 34.38779235, 47.06871404, 219.70601878], rtol=5e-4
    )
    assert placebo[0, 1] / np.sqrt(placebo[0, 0] * placebo[1, 1]) == pytest.approx(0.3179, abs=1e-4)
    assert treated[0, 1] / np.sqrt(treated[0, 0] * treated[1, 1]) == pytest.approx(0.4599, abs=1e-4)


def test_covariances_between_visits(fev):
    # sas_toep_reml.rtf and sas_log_simple_reml.txt
    toeplitz = fit(fev, covariance="toep").visit_covariance
    np.testing.assert_allclose(toeplitz[0], [89.0847, 41.5499, 6.9536, -17.6135], rtol=1e-4)
    below = fit(fev).visit_covariance[np.tril_indices(4, -1)]
    np.testing.assert_allclose(below, [49.8999, 2.7459, 4.9722, -40.4566, -8.5335, 23.0555], rtol=2e-3)


def test_weights(fev):
    # sas_weighted_mmrm_ml.rtf and sas_weighted_mmrm_reml.rtf
    for method, deviance, estimate, error, variances in (
        ("ml", 3800.20590355, 42.3381, 0.3477, [59.9705, 19.3098, 16.0271, 83.0741]),
        ("reml", 3800.47793975, 42.3354, 0.3487, [60.0152, 19.3624, 16.0953, 83.1570]),
    ):
        result = fit(fev, covariance="adh", method=method, weights="WEIGHT")
        assert -2 * result.log_likelihood == pytest.approx(deviance, abs=2e-5)
        assert result.coefficients["estimate"][0] == pytest.approx(estimate, rel=5e-5)
        assert result.coefficients["standard_error"][0] == pytest.approx(error, abs=1e-4)
        np.testing.assert_allclose(np.diag(result.visit_covariance), variances, rtol=1e-4)


def test_times_and_places_of_the_spatial_structure(fev):
    # sas_sp_exp_reml.txt; sas_sp_exp2_ml.txt and sas_sp_exp2_reml.txt (two coordinates)
    line = fit(fev, covariance="sp_exp")
    assert line.visit_covariance[0, 0] == pytest.approx(88.9768, rel=1e-3)
    assert (line.visit_covariance[0, 1] / line.visit_covariance[0, 0]) ** 2 == pytest.approx(0.1823, rel=1e-3)
    for method, deviance, estimate, variance in (
        ("ml", 3894.94943409, 42.2203, 87.6472),
        ("reml", 3894.60123182, 42.2202, 87.8870),
    ):
        result = fit(fev, covariance="sp_exp", method=method, visit=("VISITN", "VISITN2"))
        assert -2 * result.log_likelihood == pytest.approx(deviance, abs=2e-5)
        assert result.coefficients["estimate"][0] == pytest.approx(estimate, rel=5e-5)
        assert result.visit_covariance[0, 0] == pytest.approx(variance, rel=1e-3)


@each("kenward_roger")
def test_kenward_roger(fev, row):
    covariance, error, df = row.values()
    visit = ("VISITN", "VISITN2") if covariance == "sp_exp" else "AVISIT"
    result = fit(fev, "FEV1 ~ ARMCD", covariance, df="kenward-roger", visit=visit)
    assert result.coefficients["standard_error"][1] == pytest.approx(error, rel=5e-4)
    assert result.coefficients["df"][1] == pytest.approx(df, rel=5e-4)


def test_second_derivatives_are_in_the_parameters_of_mmrm(fev):
    # _snaps/kenwardroger.md, "ar1h ungrouped": blocks of R = sum of x' W (d2 Sigma / da db) W x, first column
    fitted = fit(fev, "FEV1 ~ ARMCD", "ar1h").inference.fitted
    likelihood, point = fitted.likelihood, fitted.optimum.point
    back = np.linalg.inv(fitted.root)
    for (a, b), expected in {
        (0, 0): [2.96240897331513, 1.42238548072338],
        (1, 2): [0.978147017146087, 0.487962654696781],
        (0, 4): [1.83626555995802, 0.891091637751762],
        (4, 4): [-1.52132333457777, -0.807845536912824],
    }.items():
        one = np.zeros((5, 5))
        one[a, b] += 0.5
        one[b, a] += 0.5
        found = back.T @ likelihood.bend(point, one) @ back
        np.testing.assert_allclose(found[:, 0], expected, rtol=5e-5)


def test_kenward_roger_with_second_derivatives_in_the_parameters_of_mmrm(fev):
    # ar1 is parametrised alike in SAS and mmrm up to the link of rho: SAS prints 0.95865439662225
    result = fit(fev, "FEV1 ~ ARMCD", "ar1", df="kenward-roger-mmrm")
    assert result.coefficients["standard_error"][1] == pytest.approx(0.95865439662225, rel=1e-4)
    # df_md in test-kenwardroger.R: both coefficients together
    both = result.contrast([[0, 1], [1, 0]])
    assert (both.numerator_df, both.denominator_df) == (2, pytest.approx(188.65, rel=1e-4))
    assert both.f == pytest.approx(3913.72, rel=1e-4)
    assert both.p == pytest.approx(2.576e-154, rel=2e-3)


@each("empirical")
def test_empirical_covariance(fev, row):
    covariance, plain, weighted = row.values()
    visit = ("VISITN", "VISITN2") if covariance == "sp_exp" else "AVISIT"
    for weights, expected in ((None, plain), ("WEIGHT", weighted)):
        result = fit(
            fev, "FEV1 ~ ARMCD", covariance, df="residual", vcov="empirical", weights=weights, visit=visit
        )
        np.testing.assert_allclose(np.diag(result.coefficient_covariance), expected, rtol=2e-4)
        np.testing.assert_allclose(result.coefficient_covariance[0, 1], -expected[0], rtol=2e-4)
        assert result.coefficients["df"].to_list() == [535.0, 535.0]


FULL = "FEV1 ~ RACE + SEX + ARMCD * AVISIT"


def unit(*places):
    return np.eye(11)[list(places)]


def test_joint_tests(fev):
    # test-satterthwaite.R, from sas_log_simple_reml.txt: RACE by F(2, 166) = 36.92
    race = fit(fev, FULL).contrast(unit(1, 2))
    assert (race.numerator_df, round(race.denominator_df)) == (2, 166)
    assert race.f == pytest.approx(36.92, rel=1e-3)
    # the one-row matrix is the same test as its t; a row of another row's sum changes nothing
    result = fit(fev, FULL)
    doubled = result.contrast(np.vstack([unit(1, 2), unit(1)[0] + unit(2)[0]]))
    assert (doubled.numerator_df, doubled.f) == (2, pytest.approx(race.f, rel=1e-9))
    # test-between-within.R
    within = fit(fev, FULL, df="between-within")
    for rows, df, f in (
        (unit(1, 2), 192, 36.91),
        (unit(5, 6), 334, 80.96),
        (unit(1, 2) + unit(5, 6), 192, 117.65),
    ):
        found = within.contrast(rows)
        assert (found.numerator_df, found.denominator_df) == (2, df)
        assert found.f == pytest.approx(f, rel=1e-3)
    assert within.coefficients["df"].to_list() == [334.0] + [192.0] * 4 + [334.0] * 6  # between_within.Rmd


def test_sandwich_tests(fev):
    # test-satterthwaite.R: FEV1 ~ RACE + SEX, empirical covariance, Satterthwaite
    result = fit(fev, "FEV1 ~ RACE + SEX", vcov="empirical")
    first = result.contrast([1, 0, 0, 0])
    assert first.estimate == pytest.approx(40.94273, rel=1e-4)
    assert first.standard_error == pytest.approx(0.68615, rel=1e-4)
    assert round(first.df) == 58
    joint = result.contrast(np.eye(4)[1:3])
    assert (joint.numerator_df, round(joint.denominator_df)) == (2, 112)
    assert joint.f == pytest.approx(37.603, rel=1e-3)
    # _snaps/empirical.md: FEV1 ~ ARMCD + ar1, jackknife
    jackknife = fit(fev, "FEV1 ~ ARMCD", "ar1", df="residual", vcov="jackknife").coefficient_covariance
    np.testing.assert_allclose(np.diag(jackknife), [0.282126502688394, 0.696645916580453], rtol=1e-5)


def test_means(fev):
    # test-emmeans.R, from sas_log_reml.txt
    means = fit(fev, FULL).means("ARMCD | AVISIT").means
    assert means["ARMCD"].to_list() == ["PBO", "TRT"] * 4
    expected = [33.3318, 37.1063, 38.1715, 41.9037, 43.6740, 46.7546, 48.3855, 52.7841]
    np.testing.assert_allclose(means["estimate"], expected, atol=1e-4)
    errors = [0.7554, 0.7626, 0.6117, 0.6023, 0.4617, 0.5086, 1.1886, 1.1877]
    np.testing.assert_allclose(means["standard_error"], errors, atol=1e-4)
    np.testing.assert_allclose(means["df"], [148, 143, 147, 144, 130, 130, 134, 133], atol=0.6)


def test_predictions_given_what_a_subject_showed(fev):
    # test-tmb-methods.R, from SAS: visits 1 and 3 of the first subject, seen at visits 2 and 4
    for covariance, expected in (
        ("us", [44.9753553724207, 41.4074753229983]),
        ("toep", [49.2972533971016, 32.5585487765097]),
        ("ar1", [42.7404650408987, 34.8347780646782]),
        ("cs", [44.0595030539703, 44.0595030539703]),
        ("sp_exp", [43.0487253094136, 41.7658999941086]),
    ):
        visit = ("VISITN", "VISITN2") if covariance == "sp_exp" else "AVISIT"
        result = fit(fev, "FEV1 ~ ARMCD", covariance, visit=visit)
        predicted = result.predict(conditional=True)["estimate"]
        np.testing.assert_allclose([predicted[0], predicted[2]], expected, rtol=1e-4)
        seen = fev["FEV1"].is_not_null()
        np.testing.assert_allclose(predicted.filter(seen), fev["FEV1"].filter(seen))


def test_residuals(fev):
    # test-tmb-methods.R: the first five rows; plain, with a covariance in each arm, and spatial
    for options, raw, pearson, cholesky in (
        (
            {"formula": FULL},
            [-1.2349, -31.6025, -4.1618, -4.2406, 2.9770],
            [-0.23957, -3.23296, -0.80740, -1.09871, 0.30455],
            [-0.23957, -3.23322, -0.80740, -0.99548, 0.43232],
        ),
        (
            {"formula": "FEV1 ~ ARMCD", "group": "ARMCD"},
            [-4.7084, -24.1957, -9.6965, -4.2728, 7.6564],
            [-0.73835, -1.83991, -1.53172, -0.88145, 0.66653],
            [-0.73835, -1.88475, -1.53172, -1.02026, 0.54335],
        ),
        (
            {"formula": "FEV1 ~ ARMCD", "covariance": "sp_exp"},
            [-4.5428, -24.0301, -8.8329, -3.4092, 8.5200],
            None,
            [-0.4943, -2.5698, -0.9613, 0.0046, 1.1645],
        ),
    ):
        residuals = fit(fev, **options).residuals.head(5)
        np.testing.assert_allclose(residuals["raw"], raw, rtol=2e-4)
        np.testing.assert_allclose(residuals["cholesky"], cholesky, rtol=2e-4, atol=1e-4)
        if pearson is not None:
            np.testing.assert_allclose(residuals["pearson"], pearson, rtol=2e-4)
