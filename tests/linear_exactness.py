"""Reference numbers of linear mixed models, repeated-measures ANOVA and Friedman's test: rows of docs/exactness.md."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from charcot.statistics import friedman, linear_mixed_model, repeated_measures_anova

HERE = Path(__file__).parent / "statistics"
Row = tuple[str, str, str, str, float, float]


def _gap(found: Any, reference: Any) -> float:
    """The largest difference, relative to the reference (to 1e-3 where that is 0, as at a boundary)."""
    found, reference = np.asarray(found, dtype=float), np.asarray(reference, dtype=float)
    return float(np.max(np.abs(found - reference) / np.maximum(np.abs(reference), 1e-3)))


def compare_linear(
    expected: Callable[[str], Any], data: Callable[[str], list[dict[str, str]]]
) -> Iterator[Row]:
    """Method, what, data, source, difference allowed and found."""
    source = "R lme4 1.1-31, lmerTest 3.1-3, optimum polished"
    kenward = "R pbkrtest 0.5.2, optimum polished"
    for name in ("unbalanced", "singular"):
        path = HERE / "mixed_models" / f"lmm_{name}"
        frame = pl.read_csv(path.with_suffix(".csv"))
        for case in json.loads(path.with_suffix(".json").read_text())["fits"].values():
            fixed, inner = re.fullmatch(r"(.*) \+ \((.*?) \|\|? id\)", case["formula"]).groups()
            options = {"subject": "id", "random": inner, "correlated": "||" not in case["formula"]}
            model = linear_mixed_model(fixed, frame, method=case["method"].lower(), **options)
            what = f"{case['formula'].replace('|', chr(92) + '|')}, {case['method']}"
            worst = max(
                _gap(model.coefficients[one], case[one]) for one in ("estimate", "standard_error", "df")
            )
            yield "linear_mixed_model", f"{what}: estimates, SE, df", f"lmm_{name}", source, 1e-6, worst
            worst = max(
                _gap(model.variance_components["covariance"], case["varcor"]),
                _gap(model.log_likelihood, case["log_likelihood"]),
                _gap(model.random_effects.select(model.effects).to_numpy(), case["ranef"]),
            )
            yield (
                "linear_mixed_model",
                f"{what}: components, likelihood, predictions",
                f"lmm_{name}",
                source,
                1e-6,
                worst,
            )
            if "kr_df" in case:
                model = linear_mixed_model(fixed, frame, df="kenward-roger", **options)
                worst = max(
                    _gap(model.coefficients["standard_error"], case["kr_error"]),
                    _gap(model.coefficients["df"], case["kr_df"]),
                )
                yield (
                    "linear_mixed_model",
                    f"{what}: Kenward–Roger SE, df",
                    f"lmm_{name}",
                    kenward,
                    1e-6,
                    worst,
                )
            if "intervals" in case:
                worst = max(
                    _gap(estimated, case["intervals"][bound])
                    for bound in ("lower", "upper")
                    for estimated in (linear_mixed_model(fixed, frame, method=case["method"].lower(), **options).variance_components[bound],)
                )  # fmt: skip
                by = "R numDeriv 2016.8-1.1 on lme4's deviance"
                yield "linear_mixed_model", f"{what}: intervals of components", f"lmm_{name}", by, 1e-6, worst
    rows = data("sleepstudy")
    frame = pl.DataFrame({key: [float(row[key]) for row in rows] for key in rows[0]})
    reference = expected("longitudinal")["sleepstudy"]
    for df, key in (("satterthwaite", "Satterthwaite"), ("kenward-roger", "KR")):
        table = linear_mixed_model(
            "Reaction ~ Days", frame, subject="Subject", random="1 + Days", df=df
        ).coefficients
        columns = reference[key]["cols"]
        names = {"estimate": "Estimate", "standard_error": "Std. Error", "df": "df"}
        worst = max(_gap(table[ours], columns[theirs]) for ours, theirs in names.items())
        by = "R lmerTest 3.1.3, pbkrtest 0.5.2, not polished"
        yield "linear_mixed_model", f"random slope, {df}: estimates, SE, df", "sleepstudy", by, 1e-6, worst

    with (HERE / "rm_unbalanced.csv").open() as file:
        people = list(csv.DictReader(file))
    values = np.array([[float(row[one] or "nan") for one in ("m0", "m3", "m6", "m12")] for row in people])
    groups = [row["group"] or None for row in people]
    result = repeated_measures_anova(values, between=groups)
    reference = json.loads((HERE / "rm_unbalanced.json").read_text())
    assert result.between is not None
    effects = {
        "time": result.within,
        "group": result.between.effect,
        "group:time": result.between.interaction,
    }
    for name, effect in effects.items():
        found = (
            effect.sum_of_squares,
            effect.df,
            effect.error_sum_of_squares,
            effect.error_df,
            effect.f,
            effect.p,
        )
        worst = _gap(np.log(found), np.log(reference["univariate"][name]))
        yield (
            "repeated_measures_anova",
            f"{name}: sums of squares, df, F, p",
            "rm_unbalanced",
            "R afex 1.2-1, car 3.1-1",
            1e-8,
            worst,
        )
    shape = result.sphericity
    found = (
        shape.greenhouse_geisser,
        result.within.p_greenhouse_geisser,
        shape.huynh_feldt,
        result.within.p_huynh_feldt,
    )
    worst = max(
        _gap(np.log(found), np.log(reference["corrected"]["time"])),
        _gap((shape.w, shape.p), reference["mauchly"]["time"]),
    )
    yield (
        "repeated_measures_anova",
        "time: Mauchly, epsilons, corrected p",
        "rm_unbalanced",
        "R afex 1.2-1, car 3.1-1",
        1e-8,
        worst,
    )
    ranks = friedman(values[[group is not None for group in groups]])
    worst = _gap(np.log((ranks.chi_squared, ranks.df, ranks.p)), np.log(reference["friedman"]))
    yield "friedman", "chi-squared, df, p, with ties", "rm_unbalanced", "R 4.2.2, friedman.test", 1e-8, worst
