import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.statistics import kaplan_meier

people = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)

# Freireich 1963: weeks in remission of leukaemia, 6-mercaptopurine and placebo (data gehan of R's MASS)
MP_TIME = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
MP_EVENT = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def curve_of(rows, **options):
    return kaplan_meier([time for time, _ in rows], [event for _, event in rows], **options)


@pytest.fixture(params=["log", "log-log"])
def lung(request, data, expected):
    """For each sex: our curve, and the rows and quantiles of survfit (R survival 3.5-3) on lung."""
    rows, reference = data("lung"), expected("survival")["lung"][f"km_sex_{request.param}"]
    pairs, start = [], 0
    for k, (sex, size) in enumerate(zip("12", reference["n"], strict=True)):
        mine = [row for row in rows if row["sex"] == sex]
        curve = kaplan_meier(
            [float(row["time"]) for row in mine],
            [float(row["status01"]) for row in mine],
            interval=request.param,
        )
        part = {
            name: np.array(reference[name][start : start + size])
            for name in ("time", "n_risk", "n_event", "n_censor", "surv", "lower", "upper")
        }
        part |= {name: reference[name][k] for name in ("quantile", "q_lower", "q_upper")}
        part["table"] = dict(zip(reference["table"]["cols"], reference["table"]["values"][k], strict=True))
        pairs.append((curve, part))
        start += size
    return pairs


def test_curves_equal_r(lung):
    for curve, part in lung:
        for mine, theirs in (
            ("time", "time"),
            ("at_risk", "n_risk"),
            ("events", "n_event"),
            ("censored", "n_censor"),
        ):
            assert (getattr(curve, mine) == part[theirs]).all()
        for mine, theirs in (("survival", "surv"), ("lower", "lower"), ("upper", "upper")):
            np.testing.assert_allclose(getattr(curve, mine), part[theirs], rtol=0, atol=1e-10)


def test_quantiles_equal_r(lung):
    for curve, part in lung:
        rows = zip((0.25, 0.5, 0.75), part["quantile"], part["q_lower"], part["q_upper"], strict=True)
        for share, *times in rows:
            result = curve.quantile(share)
            wanted = [np.nan if time is None else time for time in times]
            np.testing.assert_array_equal([result.estimate, result.lower, result.upper], wanted)
        median, table = curve.median(), part["table"]
        assert (median.estimate, median.lower, median.upper) == (
            table["median"],
            table["0.95LCL"],
            table["0.95UCL"],
        )
        assert (curve.n, curve.events.sum()) == (table["n.start"], table["events"])


def test_reading_a_curve_at_given_times(lung):
    for curve, part in lung:
        np.testing.assert_array_equal(curve.at(part["time"]), curve.survival)
        np.testing.assert_array_equal(curve.at(part["time"][:-1] + 0.5), curve.survival[:-1])
        np.testing.assert_array_equal(curve.at_risk_at(part["time"]), part["n_risk"])
        np.testing.assert_array_equal(curve.at_risk_at(part["time"][:-1] + 0.5), part["n_risk"][1:])
        np.testing.assert_array_equal(curve.bounds_at(part["time"])[1], curve.upper)
        assert curve.at(0) == 1 and np.isnan(curve.at([part["time"][-1] + 1, np.nan])).all()
        assert curve.at_risk_at(0) == curve.n and curve.at_risk_at(1e9) == 0


def test_freireich():
    # Kleinbaum & Klein, Survival Analysis, chapter 2: S at 6, 7, 10, 13, 16, 22, 23 weeks; medians 23 and 8
    curve = kaplan_meier(MP_TIME, MP_EVENT, interval="log")
    known = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    np.testing.assert_allclose(curve.at([6, 7, 10, 13, 16, 22, 23]), known, atol=5.1e-5)
    # print(survfit(Surv(time, cens) ~ treat, data = gehan)) of R: 23 (16, NA) and 8 (4, 12)
    median = curve.median()
    np.testing.assert_array_equal([median.estimate, median.lower, median.upper], [23, 16, np.nan])
    median = kaplan_meier(PLACEBO, np.ones(21), interval="log").median()
    assert (median.estimate, median.lower, median.upper) == (8, 4, 12)


def test_one_year_of_the_paper():
    # shared/domain/paper.md: of 17, deaths in months 6, 7, 9 of year 1, nobody lost: 14/17 alive at 12 months
    curve = kaplan_meier([6, 7, 9, *[12] * 14], [1, 1, 1, *[0] * 14])
    assert curve.at(12) == pytest.approx(14 / 17, rel=1e-12)
    assert curve.at_risk_at(12) == 14
    assert np.isnan(curve.median().estimate)


def test_a_curve_level_at_one_half_gives_the_middle():
    # help page of quantile.survfit (R): the midpoint of a horizontal stretch, as for the median of 1, 2, 3, 4
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).median().estimate == 2.5
    # the stretch ends at the next event, here at 7: S = 1/2 from 2 on
    assert kaplan_meier([1, 2, 5, 7], [1, 1, 0, 1]).median().estimate == 4.5


def test_bounds_do_not_exist_at_certain_death_or_life():
    # survfit of R: no bounds at survival 0; at survival 1 none for log-log, 1 for log
    for interval, first in (("log-log", np.nan), ("log", 1.0)):
        curve = kaplan_meier([1, 2, 3], [0, 1, 1], interval=interval)
        np.testing.assert_array_equal([curve.lower[0], curve.upper[0]], [first, first])
        assert curve.survival[-1] == 0 and np.isnan([curve.lower[-1], curve.upper[-1]]).all()
        np.testing.assert_array_equal(np.array(curve.bounds_at([0.5])).ravel(), [first, first])
        assert curve.at(99) == 0


def test_people_with_something_missing_are_counted_apart():
    curve = kaplan_meier([1, 2, np.nan, 4], [1, None, 0, 0])
    assert (curve.n, curve.n_missing, curve.at_risk.tolist()) == (2, 2, [2, 1])


@given(people, st.randoms())
def test_a_curve_falls_from_one_and_ignores_order(rows, random):
    curve = curve_of(rows)
    assert (np.diff([1, *curve.survival]) <= 0).all() and (curve.survival >= 0).all()
    known = ~np.isnan(curve.lower)
    assert (curve.lower[known] <= curve.survival[known]).all() and (
        curve.survival[known] <= curve.upper[known]
    ).all()
    assert curve.events.sum() == sum(event for _, event in rows) and curve.n == len(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    for name in ("time", "at_risk", "survival", "lower", "upper"):
        np.testing.assert_array_equal(getattr(curve, name), getattr(curve_of(shuffled), name))


@given(people)
def test_a_curve_is_the_product_of_what_remains(rows):
    # Kaplan & Meier 1958, by its definition
    curve, survival = curve_of(rows), 1.0
    for k, time in enumerate(sorted({time for time, _ in rows})):
        at_risk = sum(other >= time for other, _ in rows)
        survival *= 1 - sum(event for other, event in rows if other == time) / at_risk
        assert (curve.time[k], curve.at_risk[k]) == (time, at_risk)
        assert curve.survival[k] == pytest.approx(survival, abs=1e-12)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_without_censoring_the_median_is_the_median(times):
    assert kaplan_meier(times, np.ones(len(times))).median().estimate == np.median(times)


@given(people)
def test_a_later_censoring_never_lowers_the_curve(rows):
    last = max(time for time, _ in rows) + 1
    with_one_more = curve_of([*rows, (last, False)])
    times = [time for time, _ in rows]
    assert (with_one_more.at(times) >= curve_of(rows).at(times) - 1e-12).all()


@pytest.mark.parametrize(
    ("time", "event", "options", "words"),
    [
        ([1, 2], [1, 2], {}, "1 \\(or true\\)"),
        ([-1, 2], [1, 0], {}, "negative"),
        ([np.inf, 2], [1, 0], {}, "infinite"),
        ([1, 2], [1], {}, "one length"),
        ([], [], {}, "nobody"),
        ([np.nan], [1], {}, "nobody"),
        ([1], [1], {"interval": "plain"}, "plain"),
        ([1], [1], {"level": 95}, "between 0 and 1"),
    ],
)
def test_input_that_makes_no_sense_is_refused(time, event, options, words):
    with pytest.raises(ValueError, match=words):
        kaplan_meier(time, event, **options)


def test_a_share_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match="share"):
        kaplan_meier([1], [1]).quantile(50)


@given(people)
@settings(deadline=None)  # the first call imports lifelines
def test_lifelines_finds_the_same_curve(rows):
    from lifelines import KaplanMeierFitter

    times, events = zip(*rows, strict=True)
    with np.errstate(all="ignore"):  # lifelines changes NumPy's error state for good: errstate puts it back
        fitted = KaplanMeierFitter().fit(times, events)
    table, curve = fitted.event_table[fitted.event_table["removed"] > 0], curve_of(rows)
    for name, theirs in (("at_risk", "at_risk"), ("events", "observed"), ("censored", "censored")):
        np.testing.assert_array_equal(getattr(curve, name), table[theirs].to_numpy())
    theirs = fitted.survival_function_.loc[table.index].to_numpy()[:, 0]
    np.testing.assert_allclose(curve.survival, theirs, atol=1e-12)
