"""The MMRM with frames and arrays of several kinds, and what must not depend on how the data are given."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.statistics import mmrm


def trial(seed=3, n=40):
    rng = np.random.default_rng(seed)
    visits = np.array(["month 1", "month 10", "month 2"])
    level = rng.normal(0, 2, n)
    table = pd.DataFrame(
        {
            "person": np.repeat([f"P{number:02d}" for number in range(n)], 3),
            "arm": np.repeat(np.array(["treated", "control", "dose 2"])[np.arange(n) % 3], 3),
            "visit": np.tile(visits, n),
            "month": np.tile([1.0, 10.0, 2.0], n),
            "age": np.repeat(rng.normal(55, 9, n), 3),
            "y": (level[:, None] + rng.normal(0, 1, (n, 3))).reshape(-1),
            "weight": rng.random(3 * n) + 0.5,
        }
    )
    table.loc[rng.random(3 * n) < 0.15, "y"] = np.nan
    return table


FORMULA = "y ~ age + arm * visit"
NAMED = {"subject": "person", "visit": "visit"}


def same(one, other, rtol=1e-8):
    np.testing.assert_allclose(one.log_likelihood, other.log_likelihood, rtol=1e-9)
    for column in ("estimate", "standard_error", "df", "p"):
        np.testing.assert_allclose(
            one.coefficients[column], other.coefficients[column], rtol=rtol, atol=1e-10
        )


def test_polars_pandas_and_a_mapping_give_the_same():
    table = trial()
    frame = pl.DataFrame(table.to_dict("list")).with_columns(pl.col("y").fill_nan(None))
    lists = {name: [None if value != value else value for value in table[name].tolist()] for name in table}
    arrays = {name: table[name].to_numpy() for name in table}
    results = [mmrm(FORMULA, data, **NAMED) for data in (frame, table, lists, arrays)]
    for result in results[1:]:
        assert result.terms == results[0].terms
        same(result, results[0], rtol=1e-12)


def test_texts_are_sorted_and_a_given_order_is_kept():
    table = trial()
    by_text = mmrm(FORMULA, table, **NAMED)
    assert by_text.visits == ("month 1", "month 10", "month 2")
    assert by_text.terms[2:4] == ("armdose 2", "armtreated")
    order, arms = ["month 1", "month 2", "month 10"], ["control", "treated", "dose 2"]
    pandas = table.assign(visit=pd.Categorical(table["visit"], order), arm=pd.Categorical(table["arm"], arms))
    polars = pl.DataFrame(table.to_dict("list")).with_columns(
        pl.col("y").fill_nan(None), pl.col("visit").cast(pl.Enum(order)), pl.col("arm").cast(pl.Enum(arms))
    )
    for data in (pandas, polars):
        result = mmrm(FORMULA, data, **NAMED)
        assert result.visits == tuple(order)
        assert result.terms[2:6] == ("armtreated", "armdose 2", "visitmonth 2", "visitmonth 10")
        assert result.log_likelihood == pytest.approx(by_text.log_likelihood, rel=1e-10)  # the same model
        moved = by_text.visit_covariance[np.ix_([0, 2, 1], [0, 2, 1])]
        np.testing.assert_allclose(result.visit_covariance, moved, rtol=1e-6)
    # order matters where the structure knows neighbours
    assert mmrm(FORMULA, pandas, covariance="ar1", **NAMED).log_likelihood != pytest.approx(
        mmrm(FORMULA, table, covariance="ar1", **NAMED).log_likelihood, abs=1e-3
    )


def test_numbers_serve_as_visits_and_categories():
    table = trial()
    result = mmrm("y ~ age + arm * C(month)", table, subject="person", visit="month")
    assert result.visits == ("1", "2", "10")
    assert result.terms[4:6] == ("C(month)2", "C(month)10")
    by_text = mmrm(FORMULA, table, **NAMED)
    assert result.log_likelihood == pytest.approx(by_text.log_likelihood, rel=1e-10)
    means, theirs = result.means("arm | month").means, by_text.means("arm | visit").means
    mine = means.filter(pl.col("month") == "10")["estimate"]
    np.testing.assert_allclose(mine, theirs.filter(pl.col("visit") == "month 10")["estimate"], rtol=1e-8)


def test_arrays_instead_of_a_formula():
    table = trial()
    later = np.column_stack([table["visit"] == visit for visit in ("month 10", "month 2")])
    x = np.column_stack([np.ones(len(table)), table["age"], later])
    result = mmrm(
        table["y"].to_numpy(), x, subject=table["person"].to_numpy(), visit=table["visit"].to_numpy()
    )
    by_formula = mmrm("y ~ age + visit", table, **NAMED)
    assert result.terms == ("x1", "x2", "x3", "x4")
    same(result, by_formula)
    np.testing.assert_allclose(result.predict(x)["estimate"], by_formula.predict()["estimate"], rtol=1e-8)
    assert "a design matrix with 4 columns" in result.methods_sentence


def test_arrays_beside_a_frame():
    table = trial()
    one = mmrm(FORMULA, table, weights="weight", group="arm", covariance="cs", **NAMED)
    other = mmrm(
        FORMULA,
        table.drop(columns=["weight"]),
        subject=table["person"].tolist(),
        visit=table["visit"].to_numpy(),
        group=table["arm"],
        weights=table["weight"].to_numpy(),
        covariance="cs",
    )
    same(one, other)
    assert list(one.visit_covariance) == ["control", "dose 2", "treated"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    covariance=st.sampled_from(["us", "ar1h", "toep", "cs", "adh"]),
    df=st.sampled_from(["satterthwaite", "kenward-roger", "kenward-roger-mmrm", "between-within"]),
)
def test_neither_order_nor_units_nor_reference_matter(seed, covariance, df):
    rng = np.random.default_rng(seed)
    table = trial()
    options = NAMED | {"covariance": covariance, "df": df}
    result = mmrm(FORMULA, table, **options)
    # the order of rows and the names of people
    names = {name: f"{rng.integers(10**6)}-{name}" for name in table["person"].unique()}
    mixed = table.sample(frac=1, random_state=seed).assign(person=lambda rows: rows["person"].map(names))
    same(mmrm(FORMULA, mixed, **options), result, rtol=1e-6)
    # the unit of the outcome, and a shift by the covariates
    scaled = table.assign(y=2.54 * table["y"] + 7 - 0.3 * table["age"])
    other = mmrm(FORMULA, scaled, **options)
    estimates = 2.54 * result.coefficients["estimate"].to_numpy()
    estimates[0] += 7
    estimates[1] -= 0.3
    np.testing.assert_allclose(other.coefficients["estimate"], estimates, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(other.coefficients["df"], result.coefficients["df"], rtol=1e-6)
    np.testing.assert_allclose(
        other.coefficients["standard_error"],
        2.54 * result.coefficients["standard_error"].to_numpy(),
        rtol=1e-6,
    )
    # another reference arm gives the same least-squares means
    arms = pd.Categorical(table["arm"], ["treated", "dose 2", "control"])
    turned = mmrm(FORMULA, table.assign(arm=arms), **options).means("arm | visit").means.sort("visit", "arm")
    means = result.means("arm | visit").means.sort("visit", "arm")
    assert turned["arm"].to_list() == means["arm"].to_list()
    np.testing.assert_allclose(turned["estimate"], means["estimate"], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(turned["standard_error"], means["standard_error"], rtol=1e-6)


def test_doubled_weights_halve_the_variance_and_change_nothing_else():
    table = trial()
    one = mmrm(FORMULA, table, weights="weight", **NAMED)
    two = mmrm(FORMULA, table.assign(weight=2 * table["weight"]), weights="weight", **NAMED)
    np.testing.assert_allclose(two.visit_covariance, 2 * one.visit_covariance, rtol=1e-6)
    same(one, two, rtol=1e-6)


def test_times_on_a_grid_are_an_autoregression():
    table = trial().assign(step=lambda rows: rows["month"].map({1.0: 0, 2.0: 1, 10.0: 2}))
    spatial = mmrm("y ~ age", table, subject="person", visit="step", covariance="sp_exp", df="kenward-roger")
    chain = mmrm("y ~ age", table, subject="person", visit="step", covariance="ar1", df="kenward-roger")
    assert chain.visit_covariance[0, 1] > 0
    np.testing.assert_allclose(spatial.visit_covariance, chain.visit_covariance[:2, :2], rtol=1e-6)
    same(spatial, chain, rtol=1e-5)


def test_predictions_and_residuals_fit_together():
    table = trial()
    result = mmrm(FORMULA, table, **NAMED)
    predicted, residuals = result.predict(), result.residuals
    assert predicted.height == len(table)
    rows = residuals["row"].to_numpy()
    assert (rows == np.flatnonzero(table["y"].notna())).all()
    np.testing.assert_allclose(residuals["fitted"], predicted["estimate"].to_numpy()[rows])
    np.testing.assert_allclose(residuals["raw"] + residuals["fitted"], table["y"].to_numpy()[rows])
    gap = table.assign(age=table["age"].where(table.index != 4))
    assert result.predict(gap)["estimate"].is_null().to_list().index(True) == 4
    # squares of the Cholesky residuals are those that the likelihood weighs
    assert (residuals["cholesky"] ** 2).sum() == pytest.approx(
        result.n_observations - len(result.terms), rel=0.05
    )
    row = result.contrast(np.eye(len(result.terms))[1])
    age = result.coefficients.row(1, named=True)
    assert (row.estimate, row.p, row.lower) == pytest.approx((age["estimate"], age["p"], age["lower"]))
    assert result.contrast({"age": 1}) == row
    wide = result.contrast({"age": 1}, level=0.99)
    assert wide.lower < row.lower and wide.upper > row.upper


def test_what_is_shown_and_said():
    result = mmrm(FORMULA, trial(), covariance="ar1h", df="kenward-roger", **NAMED)
    shown = str(result)
    assert "heterogeneous first-order autoregressive covariance (ar1h), REML, kenward-roger" in shown
    for term in result.terms:
        assert term in shown
    assert repr(result).startswith(
        f"MMRMResult(y: {result.n_observations} values of {result.n_subjects} subjects, ar1h, reml"
    )
    said = result.methods_sentence
    assert "fitted by restricted maximum likelihood, with the fixed effects age + arm * visit" in said
    assert "a heterogeneous first-order autoregressive covariance of the visits" in said
    assert "Kenward and Roger (1997)" in said
    assert f"{result.n_observations} values of {result.n_subjects} participants" in said
    assert "missing at random" in said
    assert "MMRM" not in repr(result.means("arm")) and "Least-squares means of arm" in repr(
        result.means("arm")
    )
