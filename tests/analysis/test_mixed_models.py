"""Mixed models in the report: what they are fitted to, what becomes of the dead, and when nothing can be fitted."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from charcot.analysis import METHODS, Datasets, ReportPlan
from charcot.analysis.method import Request
from charcot.analysis.mixed_models import MixedModels, derive_mixed_models
from charcot.analysis.selection import select_rows
from charcot.datasets import Snapshot
from charcot.participants import FormKey
from charcot.scales import ITEMS
from charcot.statistics import Interval, linear_mixed_model, mmrm

VISITS = ("screening", "month_2", "month_4", "month_6", "month_12")


@pytest.fixture(scope="module")
def models(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> MixedModels:
    return derive_mixed_models(datasets, snapshot.protocol, plan)


@pytest.fixture(scope="module")
def scores(snapshot: Snapshot) -> pl.DataFrame:
    """ALSFRS-R of everybody infused, read from the forms themselves, with days since the infusion."""
    rows = []
    for dossier in snapshot.dossiers:
        if not dossier.standing.infusions:
            continue
        start = date.fromisoformat(dossier.standing.infusions[0].entry.clinical_time[:10])
        for visit in VISITS:
            version = dossier.casebook.latest(FormKey("alsfrs_r", visit))
            if version is not None:
                day = (date.fromisoformat(version.entry.clinical_time[:10]) - start).days
                total = sum(float(version.text(item.id) or 0) for item in ITEMS)
                rows.append((dossier.participant, visit, day / 30.4375, total))
    return pl.DataFrame(rows, schema=["who", "visit", "month", "total"], orient="row")


def test_slopes_and_means_are_those_of_the_forms(models: MixedModels, scores: pl.DataFrame) -> None:
    # The methods are held against R in tests/statistics; here it is asked that they were given the right rows.
    slope = models.slopes[0]
    fit = linear_mixed_model("total ~ month", scores, subject="who", random="1 + month", df="kenward-roger")
    row = fit.coefficients.row(1, named=True)
    found = slope.slope.value
    assert isinstance(found, Interval)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (row["estimate"], row["lower"], row["upper"]), rel=1e-6
    )
    assert slope.slope_sd.value == pytest.approx(np.sqrt(fit.random_covariance[1, 1]), rel=1e-6)
    assert slope.values.value == scores.height and slope.people.value == scores["who"].n_unique() == 17
    assert isinstance(slope.over_year.value, Interval)
    assert slope.over_year.value.lower == pytest.approx(12 * row["lower"], rel=1e-6)
    ladder = ("toeph", "ar1h", "cs")
    visits = mmrm(
        "total ~ 0 + visit", scores, subject="who", visit="visit", df="kenward-roger", fallback=ladder
    )
    for place, visit in enumerate(VISITS):
        mean = visits.contrast({f"visit{visit}": 1})
        value = models.visits[0].visits[place].mean.value
        assert isinstance(value, Interval)
        assert (value.estimate, value.upper) == pytest.approx((mean.estimate, mean.upper), rel=1e-6)
    change = visits.contrast({"visitmonth_12": 1, "visitscreening": -1})
    value = models.visits[0].visits[-1].change.value
    assert isinstance(value, Interval) and value.lower == pytest.approx(change.lower, rel=1e-6)


def test_the_dead_count_in_mixed_models_and_not_among_the_complete(
    models: MixedModels, scores: pl.DataFrame, datasets: Datasets
) -> None:
    complete = scores.filter(pl.len().over("who") == len(VISITS))
    change = complete.pivot("visit", index="who", values="total")
    difference = (change["month_12"] - change["screening"]).to_numpy()
    model = models.visits[0]
    assert isinstance(model.complete.value, Interval)
    assert model.complete.value.estimate == pytest.approx(difference.mean())
    assert (model.complete_n.value, model.people.value) == (difference.size, 17)
    assert difference.size < 17
    last = model.visits[-1]
    assert last.measured.value == difference.size
    rows = select_rows(last.change.rows, datasets)
    kept = rows.filter(pl.col("participant").is_in(complete["who"].unique().to_list()))
    without, n = METHODS["mmrm_change_us"].compute(Request(kept, kept, "total", 12.0))
    assert n == difference.size
    assert isinstance(without, Interval) and isinstance(last.change.value, Interval)
    assert without.estimate == pytest.approx(
        difference.mean(), abs=1e-6
    )  # complete data: the plain mean change
    assert last.change.value.estimate != pytest.approx(without.estimate, abs=1e-4)


def request(rows: pl.DataFrame, at: float | None = None) -> Request:
    return Request(rows, rows, "total", at)


def test_a_line_bends_at_the_infusion_where_the_record_reaches_before_it() -> None:
    rng = np.random.default_rng(1)
    rows = pl.DataFrame(
        {"participant": f"P{who}", "month": month, "total": 40 + own - 1.5 * min(month, 0) * -1 * -1 - 0.5 * max(month, 0) + 0.1 * noise}
        for who, own in enumerate(rng.normal(size=12))
        for month, noise in zip((-6.0, -3.0, 0.0, 3.0, 6.0), rng.normal(size=5), strict=True)
    )  # fmt: skip
    before, _ = METHODS["mixed_slope_before"].compute(request(rows))
    after, n = METHODS["mixed_slope_after"].compute(request(rows))
    assert isinstance(before, Interval) and isinstance(after, Interval)
    assert before.lower < -1.5 < before.upper
    assert after.lower < -0.5 < after.upper
    assert n == 12
    short = rows.filter(pl.col("month") > -4)
    assert METHODS["mixed_slope_before"].compute(request(short)) == (None, 0)
    assert METHODS["mixed_slope"].compute(request(short))[1] == 12


def test_what_cannot_be_fitted_is_said_and_a_simpler_covariance_is_named() -> None:
    few = pl.DataFrame(
        {"participant": ["A", "A"], "encounter": ["x", "y"], "month": [0.0, 1.0], "total": [40, 39]}
    )
    assert METHODS["mixed_slope"].compute(request(few)) == (None, 0)
    words, _ = METHODS["mixed_slope_note"].compute(request(few))
    assert isinstance(words, str) and words.startswith("The model cannot be fitted: 1 subject")
    rng = np.random.default_rng(2)
    rows = pl.DataFrame(
        {"participant": f"P{who}", "encounter": f"v{visit}", "month": float(visit), "total": 40 + own - visit + rng.normal()}
        for who, own in enumerate(rng.normal(size=5))
        for visit in range(6)
        if (who + visit) % 3
    )  # fmt: skip
    words, _ = METHODS["mmrm_note_us"].compute(request(rows))
    assert isinstance(words, str) and "could not be fitted" in words and "unstructured (" not in words
    mean, _ = METHODS["mmrm_mean_us"].compute(request(rows, at=5.0))
    assert isinstance(mean, Interval) and mean.lower < mean.estimate < mean.upper
