"""Times Charcot's mixed models beside what else fits them, in one run, and writes the ratios to a README with a plot.

    python benchmarks/statistics/mixed_models.py [--quick] [--data DIR]

Compared, where they are found: R's nlme::gls (the same MMRM) and lme4 (random slopes), and statsmodels' MixedLM (random
slopes). R's mmrm is not in Debian; its times in the README were measured elsewhere and are given as such.
"""

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import altair as alt
import numpy as np
import pandas as pd
import polars as pl

from charcot.statistics import batch_design, linear_mixed_model, mmrm, mmrm_batch

HERE = Path(__file__).parent


def best(run: Callable[[], object], least: float = 1.0, most: int = 50) -> float:
    """The shortest of several runs [s]."""
    run()
    times: list[float] = []
    while sum(times) < least and len(times) < most:
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return min(times)


def simulate(subjects: int, visits: int, seed: int = 1) -> pl.DataFrame:
    """A two-arm trial with a baseline, a covariance that grows, and one in ten lost at each visit after the first."""
    rng = np.random.default_rng(seed)
    arm, base = np.arange(subjects) % 2, rng.normal(size=subjects)
    spread = 1 + 0.2 * np.arange(visits)
    sigma = 0.7 ** np.abs(np.subtract.outer(np.arange(visits), np.arange(visits))) * np.outer(spread, spread)
    y = rng.multivariate_normal(np.zeros(visits), sigma, size=subjects) + base[:, None] + 0.1 * arm[:, None]
    gone = np.cumsum(rng.random(y.shape) < 0.1 * (np.arange(visits) > 0), axis=1) > 0
    y[gone] = np.nan
    return pl.DataFrame(
        {
            "person": np.repeat(np.arange(subjects), visits),
            "visit": [f"v{j:02}" for j in range(visits)] * subjects,
            "time": np.tile(np.arange(visits, dtype=float), subjects),
            "arm": np.repeat(np.where(arm == 1, "active", "control"), visits),
            "base": np.repeat(base, visits),
            "y": pl.Series(y.reshape(-1)).fill_nan(None),
        }
    )


def in_r(data: pl.DataFrame, code: str) -> float | None:
    """The shortest time of an expression in R on a frame `d` [s]; None where R or the package is missing."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.csv"
        data.drop_nulls("y").write_csv(path)
        script = f"""
        d <- read.csv("{path}"); d$visit <- factor(d$visit); d$visit_number <- as.integer(d$visit)
        suppressMessages({{library(nlme); library(lme4); library(lmerTest)}})
        run <- function() {code}
        t <- c(); for (i in 1:5) {{ t <- c(t, system.time(run())[["elapsed"]]); if (sum(t) > 60) break }}
        cat(min(t))
        """
        found = subprocess.run(
            ["Rscript", "-e", script], capture_output=True, text=True, timeout=900, check=False
        )
    return float(found.stdout.split()[-1]) if found.returncode == 0 and found.stdout.split() else None


def in_statsmodels(data: pl.DataFrame) -> float | None:
    """The time of statsmodels' random slopes [s]; None where it is not installed."""
    if importlib.util.find_spec("statsmodels") is None:
        return None
    import warnings

    import statsmodels.formula.api as smf

    frame = pd.DataFrame(data.drop_nulls("y").to_dict(as_series=False))

    def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return smf.mixedlm("y ~ time * arm", frame, groups="person", re_formula="~time").fit(reml=True)

    return best(run, most=5)


def single_fits(quick: bool, folder: Path | None) -> list[tuple[str, float, float | None, str]]:
    """Rows: what, Charcot [s], the other [s], which other."""
    rows: list[tuple[str, float, float | None, str]] = []
    gls = (
        "gls(y ~ base + arm * visit, d, correlation = corSymm(form = ~ visit_number | person), "
        "weights = varIdent(form = ~ 1 | visit))"
    )
    for subjects, visits in ((100, 4), (200, 4)) if quick else ((100, 4), (200, 4), (500, 4)):
        data = simulate(subjects, visits)
        mine = best(
            lambda data=data: (
                mmrm("y ~ base + arm * visit", data, subject="person", visit="visit").coefficients
            )
        )
        rows.append(
            (f"MMRM, {subjects} × {visits}", mine, in_r(data, gls), "R nlme::gls, without Satterthwaite")
        )
    for subjects in (200,) if quick else (200, 2000):
        data = simulate(subjects, 6)
        mine = best(
            lambda data=data: (
                linear_mixed_model("y ~ time * arm", data, subject="person", random="1 + time").coefficients
            )
        )
        other = in_r(data, "summary(lmer(y ~ time * arm + (time | person), d))")
        rows.append((f"random slopes, {subjects} × 6, Satterthwaite", mine, other, "R lmerTest"))
        rows.append(
            (f"random slopes, {subjects} × 6", mine, in_statsmodels(data), "statsmodels MixedLM, no df")
        )
    if folder is not None:
        fev = pl.read_csv(folder / "fev_data.csv")
        bcva = pl.read_csv(folder / "bcva_data.csv")
        for df, given in (("satterthwaite", 0.049), ("kenward-roger", 0.115)):
            mine = best(
                lambda df=df: (
                    mmrm(
                        "FEV1 ~ RACE + SEX + ARMCD * AVISIT", fev, subject="USUBJID", visit="AVISIT", df=df
                    ).coefficients
                )
            )
            rows.append((f"fev_data, {df}", mine, given, "R mmrm 0.3.18, measured elsewhere"))
        for df, given in (("satterthwaite", 5.6), ("kenward-roger", 52.0)):
            mine = best(
                lambda df=df: (
                    mmrm(
                        "BCVA_CHG ~ BCVA_BL + RACE + ARMCD * AVISIT",
                        bcva,
                        subject="USUBJID",
                        visit="AVISIT",
                        df=df,
                    ).coefficients
                )
            )
            rows.append((f"bcva_data, {df}", mine, given, "R mmrm 0.3.18, measured elsewhere"))
    return rows


def batch_rates() -> list[tuple[str, float]]:
    """Fits per second of one core: one at a time, NumPy, numba; 200 subjects × 4 visits with dropout."""
    data = simulate(200, 4)
    design = batch_design("~ base + arm * visit", data, subject="person", visit="visit")
    rng = np.random.default_rng(5)
    outcomes = rng.normal(size=(2048, 200, 4)) @ np.linalg.cholesky(0.5 * np.eye(4) + 0.5).T
    outcomes[np.cumsum(rng.random(outcomes.shape) < [0.0, 0.1, 0.1, 0.1], axis=2) > 0] = np.nan
    rows = data.drop("y").with_columns(y=pl.Series(outcomes[0].reshape(-1)).fill_nan(None))
    rates = [
        (
            "one at a time (`mmrm`)",
            1
            / best(
                lambda: mmrm("y ~ base + arm * visit", rows, subject="person", visit="visit").coefficients
            ),
        ),
    ]
    for engine in ("numpy", "numba"):
        if engine == "numba" and importlib.util.find_spec("numba") is None:
            continue
        found = mmrm_batch(design, outcomes, engine=engine)
        assert found.converged.all(), found.status
        rates.append(
            (
                f"batch, {engine}, with Satterthwaite",
                len(outcomes)
                / best(lambda engine=engine: mmrm_batch(design, outcomes, engine=engine).coefficients, 3.0),
            )
        )
    return rates


def growth(quick: bool) -> pl.DataFrame:
    """Time of one MMRM with Satterthwaite against subjects and visits."""
    rows = []
    for visits in (3, 6, 12):
        for subjects in (100, 1000, 10_000) if quick else (100, 1000, 10_000, 100_000):
            data = simulate(subjects, visits)
            seconds = best(
                lambda data=data: (
                    mmrm("y ~ base + arm * visit", data, subject="person", visit="visit").coefficients
                ),
                0.5,
                5,
            )
            rows.append({"subjects": subjects, "visits": f"{visits} visits", "seconds": seconds})
            print(rows[-1], flush=True)
    return pl.DataFrame(rows)


def versions() -> str:
    names = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    for package in ("scipy", "numba", "statsmodels"):
        if importlib.util.find_spec(package):
            names.append(f"{package} {__import__(package).__version__}")
    if shutil.which("Rscript"):
        asked = 'cat(paste("R", getRversion(), "nlme", packageVersion("nlme"), "lme4", packageVersion("lme4"), "lmerTest", packageVersion("lmerTest")))'
        names.append(
            subprocess.run(["Rscript", "-e", asked], capture_output=True, text=True, check=False).stdout
        )
    return ", ".join(names)


def write_readme(
    single: list[tuple[str, float, float | None, str]], rates: list[tuple[str, float]], grown: pl.DataFrame
) -> None:
    lines = [
        "# Mixed models: how fast",
        "",
        "Written by `python benchmarks/statistics/mixed_models.py`; everything in one run, on one thread, on two shared",
        "cores. Look at the ratios.",
        "",
        f"{versions()}; {time.strftime('%-d %B %Y')}.",
        "",
        "## One fit",
        "",
        "| what | Charcot, ms | other, ms | times faster | the other |",
        "|---|---:|---:|---:|---|",
    ]
    for what, mine, other, whom in single:
        told = ("not found here", "") if other is None else (f"{other * 1e3:,.0f}", f"{other / mine:,.1f}")
        lines.append(f"| {what} | {mine * 1e3:,.1f} | {told[0]} | {told[1]} | {whom} |")
    lines += [
        "",
        "Times of R's mmrm were measured on another machine of the same kind (two cores); the ratios to it are rough.",
        "",
        "## Many fits of one design (200 subjects × 4 visits, dropout, 9 coefficients)",
        "",
        "| how | fits per second and core | times one at a time |",
        "|---|---:|---:|",
    ]
    lines += [f"| {how} | {rate:,.0f} | {rate / rates[0][1]:,.0f} |" for how, rate in rates]
    lines += ["", "## As trials grow", "", "![time against subjects, by visits](growth.svg)", ""]
    lines += ["| subjects | visits | s |", "|---:|---:|---:|"]
    lines += [
        f"| {r['subjects']:,} | {r['visits'].split()[0]} | {r['seconds']:.3f} |"
        for r in grown.iter_rows(named=True)
    ]
    (HERE / "README.md").write_text("\n".join(lines) + "\n")
    chart = (
        alt.Chart(grown, width=420, height=280)
        .mark_line(point=True)
        .encode(
            alt.X("subjects:Q", scale=alt.Scale(type="log"), title="subjects"),
            alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="time of one fit with Satterthwaite [s]"),
            alt.Color(
                "visits:N",
                title=None,
                sort=["12 visits", "6 visits", "3 visits"],
                scale=alt.Scale(range=["#0072B2", "#D55E00", "#009E73"]),
            ),
        )
    )
    chart.save(str(HERE / "growth.svg"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", type=Path, help="a folder with fev_data.csv and bcva_data.csv")
    given = parser.parse_args()
    rates = batch_rates()
    print(rates, flush=True)
    single = single_fits(given.quick, given.data)
    print(single, flush=True)
    write_readme(single, rates, growth(given.quick))


if __name__ == "__main__":
    sys.exit(main())
