"""Reference numbers of the statistics, and what becomes of each: the rows of docs/exactness.md."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from charcot.statistics import mmrm
from exact_numbers import compare_exact, compare_expectations
from linear_exactness import compare_linear

HERE = Path(__file__).parent / "statistics"
FULL = "FEV1 ~ RACE + SEX + ARMCD * AVISIT"
COLUMNS = {"Estimate": "estimate", "Std. Error": "standard_error", "df": "df"}


@dataclass(frozen=True)
class Comparison:
    """One reference: what was computed, by whom the number is, the relative difference allowed and found."""

    method: str
    what: str
    data: str
    source: str
    allowed: float
    found: float


def load_numbers(name: str) -> Any:
    """Reference numbers that lie beside the tests."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def arrange_fev(rows: list[dict[str, str]]) -> pl.DataFrame:
    """fev_data as the data set of R's mmrm has it: Male before Female, the rest alphabetical."""
    columns = {name: [row[name] or None for row in rows] for name in rows[0]}
    return pl.DataFrame(columns).with_columns(
        pl.col("FEV1", "FEV1_BL", "WEIGHT", "VISITN", "VISITN2").cast(pl.Float64),
        pl.col("SEX").cast(pl.Enum(["Male", "Female"])),
    )


def gap(found: Any, reference: Any) -> float:
    """The largest difference, relative to the reference."""
    found, reference = np.asarray(found, dtype=float), np.asarray(reference, dtype=float)
    return float(np.max(np.abs(found - reference) / np.abs(reference)))


def compare_mmrm(
    data: Callable[[str], list[dict[str, str]]], expected: Callable[[str], Any]
) -> Iterator[Comparison]:
    """All references of the mixed models for repeated measures."""
    fev, small = arrange_fev(data("fev_data")), arrange_fev(data("fev_small18"))

    def fit(formula: str, covariance: str, frame: pl.DataFrame = fev, **options: Any) -> Any:
        visit = options.pop("visit", "VISITN" if covariance == "sp_exp" else "AVISIT")
        return mmrm(formula, frame, subject="USUBJID", visit=visit, covariance=covariance, **options)

    r = "R mmrm 0.3.18, optimum polished"
    names = {
        "REML_Satterthwaite": {},
        "ML_Satterthwaite": {"method": "ml"},
        "REML_KenwardRogerLinear": {"df": "kenward-roger"},
        "REML_KenwardRoger": {"df": "kenward-roger-mmrm"},
    }
    for covariance, runs in expected("mmrm_fev").items():
        for key, run in runs.items():
            if key not in names:
                continue
            result = fit(FULL, covariance, **names[key])
            worst = max(
                gap(result.coefficients[ours], run["coef"]["cols"][theirs])
                for theirs, ours in COLUMNS.items()
            )
            what = f"{covariance}, {key.replace('_', ', ')}"
            yield Comparison("mmrm", f"{what}: estimates, SE, df", "fev_data", r, 1e-6, worst)
            if "loglik" in run:
                worst = max(
                    gap(result.log_likelihood, run["loglik"]),
                    gap(result.bic, run["BIC"]),
                    gap(result.visit_covariance, run["Sigma"]),
                )
                yield Comparison("mmrm", f"{what}: likelihood, BIC, covariance", "fev_data", r, 1e-6, worst)
    reference = expected("mmrm_small")["us"]
    for df, key in (("satterthwaite", "coef"), ("kenward-roger-mmrm", "KR"), ("kenward-roger", "KR_Linear")):
        result = fit("FEV1 ~ ARMCD * AVISIT", "us", small, df=df)
        worst = max(
            gap(result.coefficients[ours], reference[key]["cols"][theirs]) for theirs, ours in COLUMNS.items()
        )
        yield Comparison("mmrm", f"us, {df}: estimates, SE, df", "fev_small18", r, 1e-5, worst)

    sas = load_numbers("mmrm_sas")
    printed = "SAS, printed in the tests of R's mmrm"
    for table, group in (("intercept_only", None), ("by_arm", "ARMCD")):
        for row in sas[table]:
            covariance, method, deviance, estimate, error = row.values()
            result = fit("FEV1 ~ 1", covariance, method=method, group=group)
            what = f"{covariance}{', by arm' if group else ''}, {method.upper()}"
            source = (
                "R mmrm, printed in its tests" if covariance == "ad" else printed
            )  # SAS has no such structure
            found = gap(-2 * result.log_likelihood, deviance)
            yield Comparison("mmrm", f"{what}: likelihood", "fev_data", source, 1e-6, found)
            worst = gap(result.coefficients["estimate"][0], estimate)
            if error is not None:
                worst = max(worst, gap(result.coefficients["standard_error"][0], error))
            yield Comparison("mmrm", f"{what}: estimate, SE", "fev_data", source, 1e-3, worst)
    plane = ("VISITN", "VISITN2")
    for row in sas["kenward_roger"]:
        covariance, error, df = row.values()
        place = {"visit": plane} if covariance == "sp_exp" else {}
        line = fit("FEV1 ~ ARMCD", covariance, df="kenward-roger", **place).coefficients.row(1, named=True)
        worst = max(gap(line["standard_error"], error), gap(line["df"], df))
        yield Comparison("mmrm", f"{covariance}, Kenward–Roger: SE, df", "fev_data", printed, 1e-3, worst)
    for row in sas["empirical"]:
        covariance, plain, weighted = row.values()
        place = {"visit": plane} if covariance == "sp_exp" else {}
        for weights, variances in ((None, plain), ("WEIGHT", weighted)):
            result = fit(
                "FEV1 ~ ARMCD", covariance, vcov="empirical", df="residual", weights=weights, **place
            )
            what = f"{covariance}, empirical{', weighted' if weights else ''}: variances"
            worst = gap(np.diag(result.coefficient_covariance), variances)
            yield Comparison("mmrm", what, "fev_data", printed, 1e-3, worst)

    nlme = load_numbers("mmrm_nlme")
    for row in nlme["gls"]:
        covariance, reml, ml, _, errors = row.values()
        place = {"visit": "VISITN2"} if covariance == "sp_exp" else {}
        result, by_ml = fit(FULL, covariance, **place), fit(FULL, covariance, method="ml", **place)
        worst = max(gap(result.log_likelihood, reml), gap(by_ml.log_likelihood, ml))
        yield Comparison(
            "mmrm", f"{covariance}, REML and ML: likelihood", "fev_data", "R nlme 3.1-162", 1e-6, worst
        )
        worst = gap(result.coefficients["standard_error"], errors)
        yield Comparison("mmrm", f"{covariance}, REML: SE", "fev_data", "R nlme 3.1-162", 1e-4, worst)
    seen = fev.filter(pl.col("FEV1").is_not_null())
    for row in nlme["sandwich"]:
        weights, vcov, errors, df = row.values()
        table = fit("FEV1 ~ ARMCD * AVISIT", "ar1", seen, weights=weights, vcov=vcov).coefficients
        worst = max(gap(table["standard_error"], errors), gap(table["df"], df))
        source = "R, from gls by the formula" if vcov == "bias-reduced" else "R clubSandwich 0.5.8"
        what = f"ar1, {vcov}{', weighted' if weights else ''}: SE, df"
        yield Comparison("mmrm", what, "fev_data", source, 1e-5, worst)


def compare_linear_models(
    data: Callable[[str], list[dict[str, str]]], expected: Callable[[str], Any]
) -> Iterator[Comparison]:
    """All references of linear mixed models, repeated-measures ANOVA and Friedman's test."""
    for row in compare_linear(expected, data):
        yield Comparison(*row)


def compare_exact_numbers(
    data: Callable[[str], list[dict[str, str]]], expected: Callable[[str], Any]
) -> Iterator[Comparison]:
    """All references of exact intervals, exact tests, stopping boundaries, and of what was to be expected."""
    for row in (*compare_exact(expected), *compare_expectations(data)):
        yield Comparison(*row)


FAMILIES = (compare_mmrm, compare_linear_models, compare_exact_numbers)


def show(difference: float) -> str:
    """A difference rounded up to a power of ten; below 1e-9 it is the computer's own."""
    if difference < 1e-9:
        return "below 1e-9"
    power = int(np.ceil(np.log10(difference)))
    return f"below 1e{power:d}"


def render(comparisons: list[Comparison]) -> str:
    """The page."""
    lines = [
        "# How exact the statistics are",
        "",
        "Each number that the statistics are held against, by whom it is, and the difference found: the largest, relative to",
        "the reference. `tests/statistics/test_exactness.py` makes this page and fails if it is no longer true; renew it with",
        "`CHARCOT_RENEW=1`. What the methods are, and what is left out, says [the page on the statistics](statistics.md).",
        "",
        "SAS and R's `gls` stop their iterations before the optimum: their differences are mostly their own. The data are",
        "`fev_data` of R's `mmrm` (200 participants, 4 visits, 263 values missing) and 18 of them (`fev_small18`); `sleepstudy` of",
        "`lme4`; `lmm_unbalanced`, `lmm_singular` and `rm_unbalanced` are simulated and lie in `tests/statistics`.",
        "",
        "| method | what | data | reference | allowed | found |",
        "|---|---|---|---|---|---|",
    ]
    for row in comparisons:
        allowed = show(row.allowed).removeprefix("below ")
        lines.append(
            f"| `{row.method}` | {row.what} | {row.data} | {row.source} | {allowed} | {show(row.found)} |"
        )
    return "\n".join(lines) + "\n"
