"""MMRM against R's mmrm 0.3.18 at a polished optimum (shared/reference, mmrm_fev.json and mmrm_small.json)."""

import numpy as np
import polars as pl
import pytest

from charcot.statistics import mmrm

COLUMNS = {
    "Estimate": "estimate",
    "Std. Error": "standard_error",
    "df": "df",
    "t value": "t",
    "Pr(>|t|)": "p",
}


def frame(rows, numbers, orders):
    """A polars frame of a data file; `orders` gives levels that are not alphabetical."""
    columns = {name: [row[name] or None for row in rows] for name in rows[0]}
    typed = pl.DataFrame(columns).with_columns(pl.col(numbers).cast(pl.Float64))
    return typed.with_columns(pl.col(name).cast(pl.Enum(levels)) for name, levels in orders.items())


@pytest.fixture
def fev(data):
    # the package's data set has Male before Female, and so has the reference run
    return frame(
        data("fev_data"), ["FEV1", "FEV1_BL", "WEIGHT", "VISITN", "VISITN2"], {"SEX": ["Male", "Female"]}
    )


@pytest.fixture
def small(data):
    return frame(data("fev_small18"), ["FEV1", "FEV1_BL"], {})


def check(result, reference, rtol):
    assert list(result.terms) == reference["names"]
    for theirs, ours in COLUMNS.items():
        found = result.coefficients[ours].to_numpy()
        theirs = np.array(reference["cols"][theirs])
        if (
            ours == "p"
        ):  # the tail magnifies what the reference's own optimum is off by: compare the exponents
            found, theirs = np.log(found), np.log(theirs)
        np.testing.assert_allclose(found, theirs, rtol=rtol, err_msg=ours)


@pytest.mark.parametrize(
    ("covariance", "key", "options"),
    [
        ("us", "REML_Satterthwaite", {}),
        ("us", "REML_KenwardRogerLinear", {"df": "kenward-roger"}),
        ("ar1", "ML_Satterthwaite", {"method": "ml"}),
        ("toeph", "ML_Satterthwaite", {"method": "ml"}),
        ("cs", "REML_KenwardRoger", {"df": "kenward-roger-mmrm"}),
    ],
)
def test_fev_data_as_in_r(fev, expected, covariance, key, options):
    reference = expected("mmrm_fev")[covariance][key]
    result = mmrm(
        "FEV1 ~ RACE + SEX + ARMCD * AVISIT",
        fev,
        subject="USUBJID",
        visit="AVISIT",
        covariance=covariance,
        **options,
    )
    check(result, reference["coef"], 1e-6)
    matrix = reference.get("vcov_adj") or reference["vcov"]
    scale = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    np.testing.assert_allclose(result.coefficient_covariance / scale, matrix / scale, atol=1e-7)
    if "Sigma" in reference:
        np.testing.assert_allclose(result.visit_covariance, reference["Sigma"], rtol=1e-6)
        assert result.log_likelihood == pytest.approx(reference["loglik"], rel=1e-10)
        assert result.aic == pytest.approx(reference["AIC"], rel=1e-10)
        assert result.bic == pytest.approx(reference["BIC"], rel=1e-10)


@pytest.mark.parametrize(
    ("df", "key"),
    [("satterthwaite", "coef"), ("kenward-roger-mmrm", "KR"), ("kenward-roger-linear", "KR_Linear")],
)
def test_eighteen_subjects_as_in_r(small, expected, df, key):
    reference = expected("mmrm_small")["us"]
    result = mmrm("FEV1 ~ ARMCD * AVISIT", small, subject="USUBJID", visit="AVISIT", df=df)
    check(result, reference[key], 1e-6)
    assert result.log_likelihood == pytest.approx(reference["loglik"], rel=1e-10)
    assert result.bic == pytest.approx(reference["BIC"], rel=1e-10)
    np.testing.assert_allclose(result.visit_covariance, reference["Sigma"], rtol=1e-6)
