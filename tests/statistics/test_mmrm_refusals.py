"""What the MMRM refuses, and the words it uses."""

import numpy as np
import polars as pl
import pytest

from charcot.statistics import CannotFit, mmrm


def trial(n=30, visits=("v1", "v2", "v3"), seed=1):
    rng = np.random.default_rng(seed)
    m = len(visits)
    level = rng.normal(0, 1, n)
    return pl.DataFrame(
        {
            "person": np.repeat([f"P{number:02d}" for number in range(n)], m),
            "arm": np.repeat(np.array(["control", "treated"])[np.arange(n) % 2], m),
            "visit": list(visits) * n,
            "month": list(np.arange(m, dtype=float)) * n,
            "y": (level[:, None] + rng.normal(0, 1, (n, m)) + np.arange(m)).reshape(-1),
        }
    )


def refusal(formula="y ~ arm * visit", data=None, **options):
    options = {"subject": "person", "visit": "visit"} | options
    with pytest.raises(CannotFit) as caught:
        mmrm(formula, trial() if data is None else data, **options)
    return str(caught.value)


def test_fewer_subjects_than_parameters():
    text = refusal(data=trial(n=5))
    assert "the unstructured covariance (us) has 6 parameters, more than the 5 subjects" in text
    assert "choose a structure with fewer, such as ar1 or cs" in text
    text = refusal("y ~ visit", data=trial(n=10), group="arm")
    assert "more than the 5 subjects in group 'control'" in text


def test_a_rank_deficient_design_names_the_aliased_columns():
    data = trial().with_columns((pl.col("month") * 2 + 1).alias("double"), pl.col("arm").alias("again"))
    assert "cannot tell 'double' from the terms before" in refusal("y ~ month + double", data)
    text = refusal("y ~ arm + again + visit", data)
    assert "rank-deficient" in text and "'againtreated'" in text
    assert "leave the term out" in text


def test_an_interaction_without_data_is_named():
    data = trial().filter(~((pl.col("arm") == "treated") & (pl.col("visit") == "v3")))
    assert "'armtreated:visitv3'" in refusal(data=data)


def test_a_visit_without_data():
    empty = trial().with_columns(
        pl.when(pl.col("visit") == "v2").then(None).otherwise(pl.col("y")).alias("y")
    )
    assert "no complete row at visit 'v2'" in refusal(data=empty)
    unused = trial().with_columns(pl.col("visit").cast(pl.Enum(["v0", "v1", "v2", "v3"])))
    assert "no complete row at visit 'v0'" in refusal(data=unused)


def test_two_rows_of_one_visit():
    data = pl.concat([trial(), trial().head(2)])
    text = refusal(data=data)
    assert "more than one row (P00 at v1, P00 at v2)" in text
    assert "keep one row for each subject and visit" in text
    text = refusal("y ~ arm", data, covariance="sp_exp", visit="month")
    assert "P00 at 0, P00 at 1" in text


def test_visits_never_seen_together():
    even = pl.col("person").str.slice(1).cast(pl.Int64) % 2 == 0
    data = trial().filter(pl.when(even).then(pl.col("visit") != "v3").otherwise(pl.col("visit") != "v2"))
    text = refusal("y ~ visit", data)
    assert "no subject has both v2 and v3" in text
    assert mmrm("y ~ visit", data, subject="person", visit="visit", covariance="cs").converged


def test_no_convergence_tells_what_was_tried_and_a_fallback_is_reported():
    table = trial(n=12, seed=4)
    y = table["y"].to_numpy().reshape(12, 3).copy()
    y[:, 1] = y[:, 0]  # the second visit repeats the first: their correlation is 1
    data = table.with_columns(pl.Series("y", y.reshape(-1)))
    text = refusal("y ~ visit", data)
    assert "the unstructured covariance (us) did not converge" in text
    assert "it rises towards a singular covariance" in text
    assert "fallback=" in text
    result = mmrm("y ~ visit", data, subject="person", visit="visit", fallback=("toeph", "cs"))
    assert result.covariance in ("toeph", "cs")
    assert "the unstructured covariance (us) did not converge" in result.tried[0]
    assert "given up before" in str(result)
    assert "compound symmetry covariance" in result.methods_sentence or "Toeplitz" in result.methods_sentence
    assert "others before it could not be fitted" in result.methods_sentence


def test_nothing_left_to_model():
    data = trial().with_columns(pl.col("month").alias("y"))
    assert "explain the outcome completely" in refusal("y ~ month", data, covariance="cs")
    assert "no row has the outcome" in refusal(
        data=trial().with_columns(pl.lit(None, dtype=pl.Float64).alias("y"))
    )


def test_groups_and_weights_that_cannot_be():
    torn = trial().with_columns(
        pl.when(pl.col("month") == 2).then(pl.lit("x")).otherwise(pl.lit("y")).alias("site")
    )
    assert "the group must be the same in all rows of a subject, but is not for P00" in refusal(
        data=torn, group="site"
    )
    assert "not a positive number" in refusal(data=trial().with_columns(w=0.0), weights="w")
    assert "weights has 3 values for 90 rows" in refusal(weights=[1.0, 2.0, 3.0])


def test_columns_that_are_not_there_or_not_numbers():
    assert "no column 'dose'; they have 'person', 'arm', 'visit', 'month', 'y'" in refusal("y ~ dose")
    assert "the outcome 'arm' holds texts" in refusal("arm ~ visit")
    assert "'log(arm)' computes with 'arm', which holds texts" in refusal("y ~ log(arm)")
    assert "sp_exp needs the time of each visit as a number" in refusal(covariance="sp_exp")
    one = trial().with_columns(pl.lit("here").alias("site"))
    assert "'site' has only the level 'here'" in refusal("y ~ site", one)


def test_formulas_that_cannot_be():
    assert "needs one outcome and its terms" in refusal("arm * visit")
    assert "cannot be parsed" in refusal("y ~ arm *")
    text = refusal("y ~ arm + us(visit | person)")
    assert "name the structure with covariance=" in text


def test_options_that_do_not_exist_or_do_not_go_together():
    assert "there is no covariance 'un'; choose one of us, toep" in refusal(covariance="un")
    assert "there is no df 'kr'; choose one of satterthwaite" in refusal(df="kr")
    assert "there is no method 'REML'; choose reml or ml" in refusal(method="REML")
    assert "there is no vcov 'robust'" in refusal(vcov="robust")
    assert "Kenward–Roger is defined for method='reml' only" in refusal(df="kenward-roger", method="ml")
    assert "brings its own covariance" in refusal(df="kenward-roger", vcov="empirical")
    assert "cannot stand in for each other" in refusal("y ~ arm", fallback=("sp_exp",))


def test_contrasts_and_means_that_cannot_be():
    result = mmrm("y ~ month + arm", trial(), subject="person", visit="visit", covariance="cs")
    for call, text in (
        (lambda: result.contrast([1, 0]), "needs 3 weights, one for each coefficient, not 2"),
        (lambda: result.contrast([0, 0, 0]), "only zeros"),
        (lambda: result.contrast({"armother": 1}), "'armother' is not a term; the terms are '(Intercept)'"),
        (lambda: result.means("site"), "'site' is not a covariate of the model, which has 'month', 'arm'"),
        (lambda: result.means("month"), "'month' is a number with 3 values, not a factor: use C(month)"),
        (lambda: result.means(" | arm"), "names no factor"),
        (
            lambda: result.predict(trial().with_columns(pl.lit("third").alias("arm"))),
            "levels that the model does not know: 'third'",
        ),
    ):
        with pytest.raises(CannotFit) as caught:
            call()
        assert text in str(caught.value)


def test_a_jackknife_that_is_not_defined():
    data = trial(n=12).with_columns((pl.col("person") == "P03").cast(pl.Int64).alias("alone"))
    text = refusal("y ~ visit + alone", data, covariance="cs", vcov="jackknife")
    assert "without subject P03 a coefficient could not be estimated" in text
