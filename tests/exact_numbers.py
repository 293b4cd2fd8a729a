"""Reference numbers of exact intervals, tests and stopping boundaries, and what becomes of each."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from charcot.scales import (
    compute_expected_course,
    compute_linear_predictor,
    compute_median_survival,
    compute_survival,
)
from charcot.statistics import (
    boundary_of_steps,
    compute_exceedance,
    compute_operating_characteristics,
    compute_poisson_tail,
    compute_tite_exceedance,
    estimate_odds_ratio,
    estimate_proportion,
    estimate_rate,
    one_sample_log_rank,
    pocock_boundary,
)

Row = tuple[str, str, str, str, float, float]


def _gap(found: Any, reference: Any) -> float:
    """The largest difference: relative to the reference, absolute where that is 0."""
    found, reference = np.asarray(found, dtype=float), np.asarray(reference, dtype=float)
    size = np.where(reference == 0, 1.0, np.abs(reference))
    return float(np.max(np.abs(found - reference) / size))


def compare_exact(expected: Callable[[str], Any]) -> Iterator[Row]:
    """Each as method, what, data, source, difference allowed and found."""
    exact = expected("exact")
    wilson = exact["wilson"]
    pairs = list(zip(wilson["x"], wilson["n"], strict=True))
    for method, key in (("wilson", "wilson"), ("wilson-corrected", "wilsoncc")):
        bounds = [estimate_proportion(x, n, method=method) for x, n in pairs]  # type: ignore[arg-type]
        worst = max(
            _gap([b.lower for b in bounds], wilson[f"{key}_l"]),
            _gap([b.upper for b in bounds], wilson[f"{key}_u"]),
        )
        what = f"{method}: bounds of {len(pairs)} proportions"
        yield "estimate_proportion", what, "counts", "R 4.2.2 prop.test", 1e-10, worst
    r = "R 4.2.2 binom.test"
    bounds_r = {2: (0.0145793168403025, 0.3644091621012503), 5: (0.103135514370320, 0.559582718754337),
                0: (0, 0.195064322969093)}  # fmt: skip
    ours = [estimate_proportion(x, 17) for x in bounds_r]
    worst = _gap([(b.lower, b.upper) for b in ours], list(bounds_r.values()))
    yield "estimate_proportion", "Clopper–Pearson: 0, 2, 5 of 17", "counts", r, 1e-10, worst
    rate = estimate_rate(2, 2.9459)
    worst = _gap([rate.lower, rate.upper], [0.0822191108129825, 2.4524551640327092])
    yield "estimate_rate", "exact Poisson: 2 in 2.9459", "counts", "R 4.2.2 poisson.test", 1e-10, worst
    tails = [compute_poisson_tail(2, 2.9459 * rate) for rate in (0.02, 0.112, 0.355)]
    worst = _gap(tails, [0.00166897362983706, 0.04381739048557897, 0.28108221736109273])
    yield "compute_poisson_tail", "2 or more of .06, .33, 1.05", "counts", "R 4.2.2 ppois", 1e-10, worst
    found = [estimate_odds_ratio([[5, 12], [0, n]]).p_value for n in (12, 6)]
    worst = _gap(found, [0.058776472569576, 0.272489524205771])
    yield "estimate_odds_ratio", "p of 5/17 against 0/12, 0/6", "counts", "R 4.2.2 fisher.test", 1e-10, worst

    for run in exact["ivanova_pocock"]:
        boundary = pocock_boundary(run["n"], run["p0"], run["phi"])
        data = f"n = {run['n']}, p0 = {run['p0']}, alpha = {run['phi']}"
        gaps = np.abs(np.subtract(boundary.stop, run["exact_dp"]["stop_if_tox_ge"])).max()
        source = "R, dynamic programme; stoppingrule 0.5.2"
        yield "pocock_boundary", "each number that stops", data, source, 1e-12, float(gaps)
        ours = [compute_operating_characteristics(boundary, row[0]) for row in run["clinfun_oc"]]
        worst = max(
            _gap([c.stopping for c in ours], [row[4] for row in run["clinfun_oc"]]),
            _gap([c.people for c in ours], [row[6] for row in run["clinfun_oc"]]),
        )
        what = "P(stop), expected number, six risks"
        yield "compute_operating_characteristics", what, data, "R clinfun 1.1.5", 1e-10, worst
    seventeen = boundary_of_steps([(1, 2), (2, 13), (3, 17)], 17)
    gaps = np.abs(np.subtract(pocock_boundary(17, 0.03, 0.10).stop, seventeen.stop)).max()
    data = "n = 17, p0 = 0.03, alpha = 0.1"
    yield "pocock_boundary", "each number that stops", data, "R, dynamic programme", 1e-12, float(gaps)
    posterior = compute_exceedance(2, 17, 0.10, a=1, b=9)
    worst = _gap(posterior, 0.5105052357)
    yield "compute_exceedance", "P(p > .1), Beta(1, 9)", "2 of 17", "R 4.2.2 pbeta", 1e-9, worst
    late = compute_tite_exceedance([1, 0.3, 0.7, 1, 0], [1, 0, 0, 0, 0], 0.10, a=1, b=9)
    worst = _gap(late, 0.661947662838694)
    yield (
        "compute_tite_exceedance",
        "P(p > .1), Beta(1, 9)",
        "1 of 5, 3 waiting",
        "R 4.2.2 integrate",
        1e-9,
        worst,
    )


def compare_expectations(data: Callable[[str], list[dict[str, str]]]) -> Iterator[Row]:
    """The references of what was to be expected: ENCALS, the joint model of PRO-ACT, one group against either."""
    predictor = compute_linear_predictor(
        slope=[0.8, 1.5],
        age_at_onset=[60, 70],
        diagnostic_delay=[12, 8],
        fvc=[90, 70],
        bulbar=[0, 1],
        definite=[0, 1],
    )
    worst = _gap(predictor, [-4.24445618159, -2.36796644494])
    yield (
        "compute_linear_predictor",
        "ENCALS, two people",
        "–",
        "worked values after Westeneng 2018",
        1e-9,
        worst,
    )
    worst = max(
        _gap(compute_median_survival(predictor), [33.699415, 20.048441]),
        _gap(compute_survival(predictor[0], [12, 36]), [0.97362459, 0.44145640]),
    )
    what = "ENCALS: medians, survival at 12 and 36 months"
    yield "compute_survival", what, "–", "worked values after Westeneng 2018", 1e-7, worst
    course = compute_expected_course([6, 12, 18, 24])
    worst = max(
        _gap(course.survival[0], [0.966830214883, 0.816731040836, 0.59841378068, 0.443220180616]),
        _gap(course.score_alive[0], [31.914490234533, 28.776049141622, 30.89946343851, 35.550393664452]),
    )
    what = "PRO-ACT: survival, score of those alive, to 24 months"
    yield "compute_expected_course", what, "–", "R 4.2.2 integrate, nested", 1e-8, worst
    rows = [row for row in data("lung") if row["ph.ecog"] and row["inst"]]
    time, ecog, inst, status = (
        np.array([float(row[name]) for row in rows]) for name in ("time", "ph.ecog", "inst", "status")
    )
    start = 50 * ecog + 10 * (inst % 7)
    found = one_sample_log_rank(status - 1, ((start + time) / 420) ** 1.3, (start / 420) ** 1.3)
    worst = _gap([found.expected, found.chi_squared], [185.26474565960814, 2.67573249039964])
    r = "R survival 3.5-3 survdiff"
    yield "one_sample_log_rank", "delayed entry: expected, chi-squared", "lung", r, 1e-9, worst
