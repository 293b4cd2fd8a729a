"""Many fits of one design: the same numbers as one at a time, from both engines, and a word for each that has none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from charcot.statistics import CannotFit, batch_design, mmrm, mmrm_batch

Floats = NDArray[np.float64]
ENGINES = ("numpy", "numba")


def grid(subjects: int, visits: int, seed: int) -> pl.DataFrame:
    """A row for each subject and visit, with an arm and a baseline."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=subjects)
    return pl.DataFrame(
        {
            "person": np.repeat([f"p{i:03}" for i in range(subjects)], visits),
            "month": [f"m{j:02}" for j in range(visits)] * subjects,
            "arm": np.repeat(np.where(np.arange(subjects) % 3 == 0, "a", "b"), visits),
            "base": np.repeat(base, visits),
        }
    )


def draw(rng: np.random.Generator, data_sets: int, subjects: int, visits: int, missing: float) -> Floats:
    """Outcomes with correlated visits, missing here and there and more and more often towards the end."""
    root = np.linalg.cholesky(np.eye(visits) + rng.uniform(0.2, 2.0))
    outcomes = rng.normal(size=(data_sets, subjects, visits)) @ root.T + np.arange(visits)
    outcomes[rng.random(outcomes.shape) < missing / 4] = np.nan
    gone = np.cumsum(rng.random(outcomes.shape) < missing, axis=2) > 1
    outcomes[gone] = np.nan
    return outcomes


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    visits=st.integers(2, 5),
    subjects=st.integers(35, 60),
    missing=st.floats(0.0, 0.25),
    method=st.sampled_from(["reml", "ml"]),
    df=st.sampled_from(["satterthwaite", "kenward-roger"]),
    formula=st.sampled_from(["~ arm * month", "~ base + arm * month", "~ base * month + arm"]),
)
def test_same_as_one_at_a_time(
    seed: int, visits: int, subjects: int, missing: float, method: str, df: str, formula: str
) -> None:
    df = df if method == "reml" else "satterthwaite"
    data = grid(subjects, visits, seed)
    outcomes = draw(np.random.default_rng(seed), 3, subjects, visits, missing)
    design = batch_design(formula, data, subject="person", visit="month")
    batches = [mmrm_batch(design, outcomes, method=method, df=df, engine=engine) for engine in ENGINES]
    for place, values in enumerate(outcomes):
        rows = data.with_columns(y=pl.Series(values.reshape(-1)).fill_nan(None))
        try:
            single = mmrm(f"y {formula}", rows, subject="person", visit="month", method=method, df=df)
        except CannotFit as reason:
            for batch in batches:
                assert not batch.converged[place]
                assert str(reason).split(":")[0][:30] in batch.status[place] or "visit" in batch.status[place]
            continue
        table = single.coefficients
        for batch in batches:
            assert batch.status[place] == "converged"
            assert batch.terms == single.terms
            assert batch.log_likelihood[place] == pytest.approx(single.log_likelihood, rel=1e-10)
            assert batch.visit_covariance[place] == pytest.approx(single.visit_covariance, rel=1e-8)
            assert batch.coefficient_covariance[place] == pytest.approx(
                single.coefficient_covariance, rel=1e-8, abs=1e-10
            )
            for name in ("estimate", "standard_error", "df", "t", "p", "lower", "upper"):
                found = getattr(batch.coefficients, name)[place]
                assert found == pytest.approx(table[name].to_numpy(), rel=1e-8, abs=1e-9), name


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("method", "df", "run"),
    [
        ("reml", "satterthwaite", "REML_Satterthwaite"),
        ("reml", "kenward-roger", "REML_KenwardRogerLinear"),
    ],
)
def test_public_trial_data(
    engine: str,
    method: str,
    df: str,
    run: str,
    data: Callable[[str], list[dict[str, str]]],
    expected: Callable[[str], Any],
) -> None:
    """R's mmrm 0.3.18 on fev_data (expected/mmrm_fev.json): two copies of it, each with R's numbers."""
    known = expected("mmrm_fev")["us"]
    rows = pl.DataFrame(data("fev_data")).with_columns(pl.col("SEX").cast(pl.Enum(["Male", "Female"])))
    visits = sorted(rows["AVISIT"].unique())
    people = rows.select("USUBJID", "RACE", "SEX", "ARMCD").unique(maintain_order=True)
    full = people.join(pl.DataFrame({"AVISIT": visits}), how="cross")
    design = batch_design("~ RACE + SEX + ARMCD * AVISIT", full, subject="USUBJID", visit="AVISIT")
    outcomes = np.full((2, len(design.subjects), len(visits)), np.nan)
    for row in rows.filter(pl.col("FEV1") != "").iter_rows(named=True):
        place = design.subjects.index(row["USUBJID"]), visits.index(row["AVISIT"])
        outcomes[:, place[0], place[1]] = float(row["FEV1"])
    found = mmrm_batch(design, outcomes, method=method, df=df, engine=engine)
    columns = known[run]["coef"]["cols"]
    assert found.status == ("converged", "converged")
    assert found.terms == tuple(known[run]["coef"]["names"])
    for copy in (0, 1):
        assert found.coefficients.estimate[copy] == pytest.approx(columns["Estimate"], rel=1e-6)
        assert found.coefficients.standard_error[copy] == pytest.approx(columns["Std. Error"], rel=1e-6)
        assert found.coefficients.df[copy] == pytest.approx(columns["df"], rel=1e-6)
        assert found.coefficients.p[copy] == pytest.approx(columns["Pr(>|t|)"], rel=1e-5)


def test_what_cannot_be_fitted_says_why_and_leaves_the_others_alone() -> None:
    rng = np.random.default_rng(3)
    outcomes = draw(rng, 5, 40, 3, 0.1)
    design = batch_design("~ arm * month", grid(40, 3, 1), subject="person", visit="month")
    spoilt = outcomes.copy()
    spoilt[1] = np.nan
    spoilt[2, :, 2] = np.nan
    spoilt[3, 4:] = np.nan
    spoilt[4] = 7.0
    for engine in ENGINES:
        whole, rest = (mmrm_batch(design, given, engine=engine) for given in (outcomes, spoilt))
        assert rest.status[0] == "converged"
        assert list(rest.converged) == [True, False, False, False, False]
        assert all(said.startswith("cannot be fitted: ") for said in rest.status[1:])
        assert "visit" in rest.status[2]
        assert np.isnan(rest.coefficients.estimate[1:]).all()
        assert np.isnan(rest.coefficients.p[1:]).all()
        assert rest.coefficients.estimate[0] == pytest.approx(whole.coefficients.estimate[0], rel=1e-9)


def test_workers_and_stacks_change_no_number() -> None:
    outcomes = draw(np.random.default_rng(5), 300, 40, 3, 0.1)
    design = batch_design("~ base + arm * month", grid(40, 3, 1), subject="person", visit="month")
    for engine in ENGINES:
        one, many = (mmrm_batch(design, outcomes, engine=engine, workers=n) for n in (1, 3))
        assert one.coefficients.p == pytest.approx(many.coefficients.p, rel=1e-9)
        few = mmrm_batch(design, outcomes[170:175], engine=engine)
        assert few.coefficients.df == pytest.approx(one.coefficients.df[170:175], rel=1e-9)


def test_contrasts_and_table() -> None:
    data = grid(40, 3, 1)
    outcomes = draw(np.random.default_rng(5), 4, 40, 3, 0.1)
    design = batch_design("~ arm * month", data, subject="person", visit="month")
    found = mmrm_batch(design, outcomes)
    weights = [0, 1, 0, 0, 0, 1]
    lines = found.contrast(weights)
    rows = data.with_columns(y=pl.Series(outcomes[2].reshape(-1)).fill_nan(None))
    single = mmrm("y ~ arm * month", rows, subject="person", visit="month").contrast(weights)
    assert lines.estimate[2, 0] == pytest.approx(single.estimate, rel=1e-8)  # type: ignore[union-attr]
    assert lines.df[2, 0] == pytest.approx(single.df, rel=1e-8)  # type: ignore[union-attr]
    table = found.table()
    assert table.shape == (24, 10)
    assert table.filter(pl.col("data_set") == 2)["term"].to_list() == list(found.terms)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"df": "between-within"}, "choose satterthwaite"),
        ({"method": "bayes"}, "choose reml or ml"),
        ({"engine": "gpu"}, "choose auto, numpy or numba"),
        ({"method": "ml", "df": "kenward-roger"}, "reml"),
    ],
)
def test_wrong_words_are_answered(change: dict[str, str], said: str) -> None:
    with pytest.raises(CannotFit, match=said):
        mmrm_batch(np.ones((4, 2, 1)), np.zeros((1, 4, 2)), **change)  # type: ignore[arg-type]


def test_shapes_that_do_not_fit_are_answered() -> None:
    with pytest.raises(CannotFit, match=r"outcomes must be \(data sets, 4 subjects, 2 visits\)"):
        mmrm_batch(np.ones((4, 2, 1)), np.zeros((1, 5, 2)))
    with pytest.raises(CannotFit, match="each subject a row at each visit"):
        batch_design("~ arm", grid(5, 2, 1)[:-1], subject="person", visit="month")
    with pytest.raises(CannotFit, match="rank-deficient"):
        batch_design("~ base + I(2 * base)", grid(5, 2, 1), subject="person", visit="month")
