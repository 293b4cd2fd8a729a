"""Linear mixed models against lme4, lmerTest and pbkrtest at a polished optimum, and against the likelihood of the textbook."""

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.statistics import CannotFit, linear_mixed_model
from charcot.statistics.random_effects.compression import compress
from charcot.statistics.random_effects.deviance import chain, compute_deviance
from charcot.statistics.random_effects.fitting import list_places

HERE = Path(__file__).with_name("mixed_models")
SCRIPT = HERE / "lmm_reference.R"


def close(found, reference, rtol=1e-6):
    np.testing.assert_allclose(
        np.asarray(found, dtype=float), np.asarray(reference, dtype=float), rtol=rtol, atol=1e-7
    )


def translate(formula):
    """lme4's formula as ours: the fixed part, the random part, whether effects are correlated."""
    fixed, inner = re.fullmatch(r"(.*) \+ \((.*?) \|\|? id\)", formula).groups()
    return fixed, "1" if inner == "1" else f"1 + {inner}", "||" not in formula


def compare(data, case, rtol=1e-6):
    """Every number of a fit of ours with that of R."""
    fixed, random, correlated = translate(case["formula"])
    options = {"subject": "id", "random": random, "correlated": correlated}
    model = linear_mixed_model(fixed, data, method=case["method"].lower(), **options)
    assert list(model.terms) == case["terms"]
    for name in ("estimate", "standard_error", "df", "t"):
        close(model.coefficients[name], case[name], rtol)
    close(np.log(model.coefficients["p"]), np.log(case["p"]), 10 * rtol)
    close(model.variance_components["covariance"], case["varcor"], rtol)
    assert model.singular == case["singular"]
    assert (model.note != "") == model.singular
    assert model.log_likelihood == pytest.approx(case["log_likelihood"], abs=1e-7)
    assert (model.aic, model.bic) == pytest.approx((case["aic"], case["bic"]), abs=1e-6)
    close(model.random_effects.select(model.effects).to_numpy(), case["ranef"], 10 * rtol)
    if "ranef_sd" in case:
        found = model.random_effects.select([f"{name}_sd" for name in model.effects]).to_numpy()
        close(found, np.reshape(case["ranef_sd"], found.shape), 10 * rtol)
    close(model.predict()["estimate"], case["fitted_subject"], rtol)
    close(model.predict(per_subject=False)["estimate"], case["fitted_population"], rtol)
    if "intervals" in case:
        close(model.variance_components["lower"], case["intervals"]["lower"], rtol)
        close(model.variance_components["upper"], case["intervals"]["upper"], rtol)
    joint = np.eye(len(model.terms))[1:]
    _compare_joint(model, joint, case["joint"], rtol)
    if case["method"] == "REML":
        model = linear_mixed_model(fixed, data, df="kenward-roger", **options)
        close(model.coefficients["standard_error"], case["kr_error"], rtol)
        close(model.coefficients["df"], case["kr_df"], rtol)
        _compare_joint(model, joint, case["kr_joint"], rtol)


def _compare_joint(model, rows, reference, rtol):
    if rows.shape[0] > 1:
        test = model.contrast(rows)
        close((test.f, test.numerator_df, test.denominator_df), reference[:3], rtol)
        close(np.log(test.p), np.log(reference[3]), 10 * rtol)


@pytest.mark.parametrize("name", ["unbalanced", "singular"])
def test_as_lme4_lmertest_and_pbkrtest(name):
    # lmm_*.json: lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2 in R 4.2.2 by lmm_reference.R, optimum polished there;
    # intervals of variance components: numDeriv 2016.8-1.1 on lme4's deviance, on the scale of R's nlme
    reference = json.loads((HERE / f"lmm_{name}.json").read_text())["fits"]
    data = pl.read_csv(HERE / f"lmm_{name}.csv")
    for case in reference.values():
        compare(data, case)


def test_sleepstudy(expected, data):
    # longitudinal.json: lmerTest 3.1.3 and pbkrtest 0.5.2; lme4 stopped within 1e-6 of the optimum there
    reference = expected("longitudinal")["sleepstudy"]
    rows = data("sleepstudy")
    frame = pl.DataFrame(
        {"Reaction": [float(r["Reaction"]) for r in rows], "Days": [float(r["Days"]) for r in rows], "who": [r["Subject"] for r in rows]}
    )  # fmt: skip
    for df, key in (("satterthwaite", "Satterthwaite"), ("kenward-roger", "KR")):
        model = linear_mixed_model("Reaction ~ Days", frame, subject="who", random="1 + Days", df=df)
        columns = reference[key]["cols"]
        assert list(model.terms) == reference[key]["names"]
        close(model.coefficients["estimate"], columns["Estimate"])
        close(model.coefficients["standard_error"], columns["Std. Error"])
        close(model.coefficients["df"], columns["df"])
        close(model.coefficients["t"], columns["t value"])
        close(np.log(model.coefficients["p"]), np.log(columns["Pr(>|t|)"]), 1e-5)
        components = model.variance_components
        order = reference["varcorr"]["vcov"]
        close(components["covariance"], [order[0], order[1], order[2], order[3]], 1e-5)
        assert -2 * model.log_likelihood == pytest.approx(reference["m2loglik_REML"], abs=1e-6)


def make_rows(rng, n_subjects, irregular=True):
    spread, steep = rng.choice([0.0, 1.0, 10.0]), rng.choice([0.0, 0.5])
    rows = []
    for subject in range(n_subjects):
        own, slope = spread * rng.normal(), steep * rng.normal()
        visits = int(rng.integers(2, 7))
        months = np.sort(rng.uniform(0, 12, visits)).round(2) if irregular else np.arange(visits)
        rows += [
            {"id": f"P{subject:02d}", "arm": "ab"[subject % 2], "month": float(month), "y": float(40 + own + (slope - 0.5) * month + rng.normal())}
            for month in months
        ]  # fmt: skip
    return rows


def textbook(y, x, z, codes, covariance, residual, reml):
    """The log-likelihood from the n x n covariance, as in Verbeke & Molenberghs 2000, equations 5.3 and 5.8."""
    v = residual * np.eye(y.size) + np.where(codes[:, None] == codes, z @ covariance @ z.T, 0)
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    left = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    found = y.size * np.log(2 * np.pi) + np.linalg.slogdet(v)[1] + left @ inverse @ left
    if reml:
        found += np.linalg.slogdet(information)[1] - x.shape[1] * np.log(2 * np.pi)
    return -found / 2


@pytest.mark.parametrize("seed", range(100))
def test_random_designs_agree_with_the_textbook(seed):
    rng = np.random.default_rng(seed)
    rows = make_rows(rng, int(rng.integers(5, 16)), irregular=bool(seed % 2))
    frame, reml, correlated = pl.DataFrame(rows), bool(rng.integers(2)), bool(rng.integers(2))
    model = linear_mixed_model(
        "y ~ arm + month", frame, subject="id", random="1 + month", correlated=correlated, method="reml" if reml else "ml"
    )  # fmt: skip
    month = frame["month"].to_numpy()
    ones = np.ones_like(month)
    x, z = np.column_stack([ones, (frame["arm"] == "b").to_numpy(), month]), np.column_stack([ones, month])
    codes = frame["id"].rank("dense").to_numpy()

    def at(covariance, residual):
        return textbook(frame["y"].to_numpy(), x, z, codes, covariance, residual, reml)

    best = at(model.random_covariance, model.residual_variance)
    assert model.log_likelihood == pytest.approx(best, abs=1e-7)
    root = np.linalg.cholesky(model.random_covariance + 1e-14 * np.eye(2))
    for _ in range(20):  # no point nearby is better
        step = np.tril(rng.normal(size=(2, 2))) * rng.choice([1e-4, 1e-2, 0.3])
        near = root + (step if correlated else np.diag(np.diag(step)))
        assert at(near @ near.T, model.residual_variance * np.exp(0.01 * rng.normal())) <= best + 1e-8


@pytest.mark.parametrize("reml", [True, False])
def test_derivatives_agree_with_finite_differences(reml):
    rng = np.random.default_rng(5)
    frame = pl.DataFrame(make_rows(rng, 9))
    month = frame["month"].to_numpy()
    x = np.column_stack([np.ones_like(month), month])
    z = np.column_stack([x, np.maximum(month - 6, 0)])
    data = compress(x, frame["y"].to_numpy(), z, frame["id"].rank("dense").to_numpy().astype(int) - 1)
    places = list_places(3, True)
    factor, step = np.tril(rng.uniform(0.3, 1, (3, 3))), 1e-5

    def at(factor):
        here = compute_deviance(data, factor, reml)
        return here.value, *chain(here.gradient, here.hessian, factor, places)

    _, gradient, hessian = at(factor)
    for number, place in enumerate(places):
        shift = np.zeros((3, 3))
        shift[place] = step
        up, down = at(factor + shift), at(factor - shift)
        assert (up[0] - down[0]) / (2 * step) == pytest.approx(gradient[number], rel=1e-6, abs=1e-6)
        np.testing.assert_allclose((up[1] - down[1]) / (2 * step), hessian[number], rtol=1e-6, atol=1e-6)


def test_subjects_measured_alike_give_what_each_of_them_gives():
    # from many subjects on the same visits only the sums are kept: one moved visit of one subject keeps them apart
    rng = np.random.default_rng(3)
    rows = [
        {"id": who, "month": float(month), "y": float(40 - month + 3 * rng.normal())} for who in range(40) for month in range(4)
    ]  # fmt: skip
    frame = pl.DataFrame(rows)
    x = np.column_stack([np.ones(160), frame["month"].to_numpy()])
    folded = compress(x, frame["y"].to_numpy(), x, frame["id"].to_numpy())
    assert folded.folded.shape[0] < folded.m
    apart = x + 1e-9 * rng.normal(size=x.shape)
    unfolded = compress(x, frame["y"].to_numpy(), apart, frame["id"].to_numpy())
    assert unfolded.folded.shape[0] == unfolded.m
    factor = np.array([[0.7, 0], [0.2, 0.4]])
    one, other = (compute_deviance(data, factor, True) for data in (folded, unfolded))
    assert one.value == pytest.approx(other.value, abs=1e-6)
    np.testing.assert_allclose(one.gradient, other.gradient, rtol=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    factor=st.sampled_from([1e-4, 0.5, 1e5]),
    shift=st.sampled_from([-300.0, 0.0, 7.0]),
)
def test_units_and_order_do_not_matter(seed, factor, shift):
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(make_rows(rng, 10))
    first = linear_mixed_model("y ~ month", frame, subject="id")
    moved = frame.sample(fraction=1, shuffle=True, seed=seed % 1000).with_columns(
        y=pl.col("y") * factor + shift
    )
    second = linear_mixed_model("y ~ month", moved, subject="id")
    assert second.singular == first.singular
    a, b = first.coefficients.row(1, named=True), second.coefficients.row(1, named=True)
    assert b["estimate"] == pytest.approx(factor * a["estimate"], rel=1e-6, abs=1e-9 * factor)
    assert (b["df"], b["t"]) == pytest.approx((a["df"], a["t"]), rel=1e-6, abs=1e-7)
    assert second.random_effects["subject"].to_list() == sorted(frame["id"].unique())


def test_frames_arrays_and_missing_values():
    rows = make_rows(np.random.default_rng(8), 12)
    polars = pl.DataFrame(rows)
    whole = linear_mixed_model("y ~ arm * month", polars, subject="id", random="1 + month")
    missing = [*rows, rows[0] | {"y": None}, rows[3] | {"month": None}, rows[5] | {"id": None}]
    more = pl.DataFrame(missing)
    pandas = pytest.importorskip("pandas").DataFrame(missing)
    columns = {name: more[name].to_numpy() for name in more.columns}
    for data in (more, pandas, columns):
        model = linear_mixed_model("y ~ arm * month", data, subject="id", random="1 + month")
        assert (model.n_observations, model.n_dropped) == (len(rows), 3)
        assert "3 rows" in model.methods_sentence
        close(model.coefficients["t"], whole.coefficients["t"], 1e-9)
        close(model.predict(polars)["estimate"], whole.predict()["estimate"], 1e-9)
    x = np.column_stack([np.ones(len(rows)), polars["month"].to_numpy()])
    arrays = linear_mixed_model(polars["y"].to_numpy(), x, subject=polars["id"].to_numpy(), random=x)
    formula = linear_mixed_model("y ~ month", polars, subject="id", random="1 + month")
    close(arrays.coefficients["df"], formula.coefficients["df"], 1e-9)
    own = arrays.predict(x[:4], random=x[:4], subject=polars["id"].to_list()[:4])["estimate"]
    close(own, formula.predict(polars[:4])["estimate"], 1e-9)


def test_a_knot_gives_a_slope_before_and_a_slope_after():
    rng = np.random.default_rng(4)
    rows = [
        {"id": who, "month": month, "y": 40 + rng.normal() - 2 * min(month, 0) * -1 - 0.5 * max(month, 0) + 0.2 * rng.normal()}
        for who in range(30)
        for month in (-4.0, -2.0, 0.0, 3.0, 6.0, 9.0)
    ]  # fmt: skip
    frame = pl.DataFrame(rows)
    model = linear_mixed_model("y ~ month_before + month_after", frame, subject="id", time="month", knot=0)
    before, after = model.coefficients["estimate"].to_list()[1:]
    assert before == pytest.approx(2, abs=0.1)
    assert after == pytest.approx(-0.5, abs=0.05)
    by_hand = frame.with_columns(a=pl.col("month").clip(upper_bound=0), b=pl.col("month").clip(lower_bound=0))
    same = linear_mixed_model("y ~ a + b", by_hand, subject="id")
    close(same.coefficients["t"], model.coefficients["t"], 1e-9)
    change = model.contrast({"month_after": 1, "month_before": -1})
    assert change.estimate == pytest.approx(after - before)


def test_what_cannot_be_fitted_is_refused_in_words():
    frame = pl.DataFrame(make_rows(np.random.default_rng(2), 8)).with_columns(twice=pl.col("month") * 2)
    whole = {"subject": "id", "random": "1 + month"}
    cases = [
        ("y ~ month + (month | id)", frame, whole, "random='1 + x' and subject='id'"),
        ("y ~ month + twice", frame, whole, "'twice'"),
        ("y ~ height", frame, whole, "no column 'height'"),
        (
            "y ~ month",
            frame.filter(pl.col("id") <= "P01"),
            whole,
            "2 subjects cannot tell how 2 random effects",
        ),
        ("y ~ month", frame.unique("id"), whole, "cannot be told apart"),
        ("y ~ month", frame.with_columns(y=pl.lit(None, pl.Float64)), whole, "no row has the outcome"),
        ("y ~ month", frame.with_columns(y=3 + pl.col("month")), whole, "without a residual"),
        ("y ~ month", frame, whole | {"df": "kenward-roger", "method": "ml"}, "defined for REML"),
        ("y ~ month", frame, whole | {"knot": 0.0}, "a knot needs both"),
        ("arm ~ month", frame, whole, "holds texts"),
    ]
    for formula, data, options, words in cases:
        with pytest.raises(CannotFit, match=re.escape(words)):
            linear_mixed_model(formula, data, **options)
    model = linear_mixed_model("y ~ month", frame, **whole)
    with pytest.raises(CannotFit, match="does not know P99"):
        model.predict({"id": ["P99"], "month": [1.0]})
    with pytest.raises(CannotFit, match="not a term"):
        model.contrast({"week": 1})


def test_live_r_agrees_on_a_new_design(tmp_path):
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript here: the fixed numbers of lmm_*.json stand alone")
    ready = subprocess.run(
        [rscript, "-e", "for (p in c('lme4','lmerTest','pbkrtest','numDeriv','jsonlite')) stopifnot(requireNamespace(p))"],
        capture_output=True,
        timeout=120,
    )  # fmt: skip
    if ready.returncode:
        pytest.skip("R is here without lme4, lmerTest, pbkrtest, numDeriv and jsonlite")
    frame = pl.DataFrame(make_rows(np.random.default_rng(6), 24))
    frame.write_csv(tmp_path / "data.csv")
    with (tmp_path / "cases.csv").open("w") as file:
        csv.writer(file).writerows(
            [
                ("name", "formula", "method"),
                ("a", "y ~ arm * month + (month | id)", "REML"),
                ("b", "y ~ arm + month + (1 | id)", "ML"),
            ]
        )
    run = subprocess.run(
        [rscript, str(SCRIPT), str(tmp_path / "data.csv"), str(tmp_path / "cases.csv")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    data = pl.read_csv(tmp_path / "data.csv")
    for case in json.loads(run.stdout)["fits"].values():
        compare(data, case)
