"""Methods that hold results against what was to be expected: of persons, of background rates, of earlier trials."""

import polars as pl

from charcot.analysis.method import Method, Request, Value
from charcot.statistics import (
    OneSampleLogRank,
    compute_poisson_tail,
    compute_survivors,
    estimate_mean_change,
    estimate_odds_ratio,
    estimate_rate,
    one_sample_log_rank,
)
from charcot.statistics.intervals import Interval

DAYS_PER_YEAR = 365.25
GRACE = 1.0
"""Months by which a last contact may come early and still count as seen at that month."""


def _sum_expected(request: Request) -> tuple[Value, int]:
    known = request.rows[request.column].drop_nulls()
    return (float(known.sum()) if known.len() else None), known.len()


def _alive_at(rows: pl.DataFrame, month: float) -> int | None:
    """How many were alive; None where somebody was lost before."""
    lost = rows.filter(~pl.col("died") & (pl.col("months") < month - GRACE))
    return rows.filter(~(pl.col("died") & (pl.col("months") <= month))).height if lost.is_empty() else None


def _observed_alive(request: Request) -> tuple[Value, int]:
    return _alive_at(request.rows, request.at or 0.0), request.rows.height


def _chance_of_as_many(request: Request) -> tuple[Value, int]:
    chances = request.rows[request.column].drop_nulls()
    seen = _alive_at(request.among, request.at or 0.0)
    if seen is None or chances.len() != request.among.height:
        return None, chances.len()
    return float(compute_survivors(chances.to_numpy())[seen:].sum()), chances.len()


def _log_rank(request: Request) -> tuple[OneSampleLogRank | None, int]:
    rows = request.rows.drop_nulls(["died", request.column])
    if rows.is_empty() or not rows[request.column].sum() > 0:
        return None, rows.height
    return one_sample_log_rank(
        rows["died"].cast(pl.Float64).to_numpy(), rows[request.column].to_numpy()
    ), rows.height


def _observed_over_expected(request: Request) -> tuple[Value, int]:
    found, n = _log_rank(request)
    return (None if found is None else found.ratio), n


def _log_rank_p(request: Request) -> tuple[Value, int]:
    found, n = _log_rank(request)
    return (None if found is None else found.p), n


def _mean_interval(request: Request) -> tuple[Value, int]:
    known = request.rows[request.column].drop_nulls().cast(pl.Float64).to_numpy()
    if not known.size:
        return None, 0
    return estimate_mean_change(0 * known, known).change, int(known.size)


def _years(request: Request) -> float:
    days: list[int] = request.rows[request.column].to_list()
    return sum(days) / DAYS_PER_YEAR


def _person_years(request: Request) -> tuple[Value, int]:
    return _years(request), request.rows.height


def _observed_rate(request: Request) -> tuple[Value, int]:
    years, n = _years(request), request.rows.height
    if not years > 0:
        return None, n
    found = estimate_rate(int(request.rows["happened"].sum()), years)
    return (
        Interval(100 * found.estimate, 100 * found.lower, 100 * found.upper, found.level, found.method),
        n,
    )


def _expected_of_rate(request: Request) -> float:
    return _years(request) * float(request.among["per_100_years"].item()) / 100


def _expected_by_rate(request: Request) -> tuple[Value, int]:
    return _expected_of_rate(request), request.rows.height


def _poisson_tail(request: Request) -> tuple[Value, int]:
    expected, n = _expected_of_rate(request), request.rows.height
    return (compute_poisson_tail(int(request.rows["happened"].sum()), expected) if expected > 0 else None), n


def _fisher_against_earlier(request: Request) -> tuple[Value, int]:
    here, there = request.rows, request.among
    month = float(there["months"].sum())
    alive = _alive_at(here, month)
    if alive is None or here.is_empty() or there.height != 1 or there["followed"].null_count():
        return None, here.height
    followed, survived = int(there["followed"][0]), int(there["alive"][0])
    table = [[alive, here.height - alive], [survived, followed - survived]]
    return estimate_odds_ratio(table).p_value, here.height + followed


EXPECTED_METHODS = (
    Method("sum_expected", "Sum over participants", "", "1", _sum_expected),
    Method(
        "alive_at",
        "Alive at a month, among those followed",
        "Who was last known alive up to one month early counts as seen; where somebody was lost before, nobody is counted.",
        "1",
        _observed_alive,
    ),
    Method(
        "chance_of_as_many",
        "Chance of as many survivors or more, if each had the chance expected",
        "How probable as many survivors or more would be if each participant had the chance expected comes from the exact "
        "distribution of a sum of unequal chances (Poisson-binomial).",
        "1",
        _chance_of_as_many,
    ),
    Method(
        "observed_over_expected",
        "Deaths observed over events expected",
        "Deaths observed are divided by events expected over the same time at risk, each participant entering at the months of "
        "disease already lived; exact Poisson 95 % interval.",
        "1",
        _observed_over_expected,
    ),
    Method(
        "one_sample_log_rank",
        "One-sample log-rank test with delayed entry",
        "The one-sample log-rank test compares with a prediction, not with patients: chi-squared is (O − E)² / E.",
        "1",
        _log_rank_p,
    ),
    Method(
        "mean_interval",
        "Mean with its t interval",
        "Means of observed minus expected values carry 95 % t intervals over participants; the expectation is taken as known.",
        "1",
        _mean_interval,
    ),
    Method("person_years", "Person-years", "Person-years are days divided by 365.25.", "1", _person_years),
    Method(
        "rate_per_100_years",
        "First events per 100 person-years, exact interval",
        "Rates count first events over the time at risk of them, with exact Poisson 95 % intervals.",
        "1",
        _observed_rate,
    ),
    Method(
        "expected_by_rate",
        "Events expected by a background rate",
        "Events expected are a background rate times the person-years.",
        "1",
        _expected_by_rate,
    ),
    Method(
        "poisson_tail",
        "Chance of as many events or more by a background rate",
        "How probable as many events or more would be by a background rate is an exact one-sided Poisson probability.",
        "1",
        _poisson_tail,
    ),
    Method(
        "fisher_against_earlier",
        "Fisher's exact test against an earlier trial",
        "Survivors are set beside those of an earlier trial by Fisher's two-sided exact test. Nobody was randomised between "
        "the two: the p value does not test the treatment.",
        "1",
        _fisher_against_earlier,
    ),
)
