"""The likelihood of the MMRM against one written from the textbook, subject by subject, and finite differences."""

import numpy as np
import pytest
from scipy import optimize

from charcot.statistics import CannotFit, mmrm
from charcot.statistics.mixed.likelihood import Likelihood
from charcot.statistics.mixed.patterns import Subjects, group_by_pattern
from charcot.statistics.mixed.structures import STRUCTURES

# the number of parameters of m visits: SAS/STAT 15.1 User's Guide, PROC MIXED, "Covariance structures"
COUNTS = {
    "us": lambda m: m * (m + 1) // 2,
    "toep": lambda m: m,
    "toeph": lambda m: 2 * m - 1,
    "ar1": lambda m: 2,
    "ar1h": lambda m: m + 1,
    "cs": lambda m: 2,
    "csh": lambda m: m + 1,
    "ad": lambda m: m,
    "adh": lambda m: 2 * m - 1,
    "sp_exp": lambda m: 2,
}


def covariance(name, parameters, times):
    """The textbook's matrix from variances and correlations as they are (Pinheiro & Bates 2000, chapter 5)."""
    m = times.size
    if name == "us":
        factor = np.zeros((m, m))
        factor[np.tril_indices(m)] = parameters
        return factor @ factor.T
    many = name.endswith("h") and name != "toep"
    sd, rho = (parameters[:m], parameters[m:]) if many else (np.full(m, parameters[0]), parameters[1:])
    matrix = np.empty((m, m))
    for i in range(m):
        for j in range(m):
            low, high = min(i, j), max(i, j)
            if name.startswith("toep"):
                correlation = 1.0 if i == j else rho[high - low - 1]
            elif name.startswith("ar1"):
                correlation = rho[0] ** (high - low)
            elif name.startswith("cs"):
                correlation = 1.0 if i == j else rho[0]
            elif name == "sp_exp":
                correlation = rho[0] ** abs(times[i] - times[j])
            else:
                correlation = np.prod(rho[low:high])
            matrix[i, j] = sd[i] * sd[j] * correlation
    return matrix


def textbook(rows, sigma_of, reml):
    """Log likelihood and coefficients, as in Verbeke & Molenberghs 2000, formulas 5.5 and 5.8, one subject at a time."""
    xwx, xwy, logs, n = 0.0, 0.0, 0.0, 0
    inverses = []
    for x, y, places in rows:
        sigma = sigma_of(places)
        sign, log_determinant = np.linalg.slogdet(sigma)
        if sign <= 0 or np.linalg.eigvalsh(sigma)[0] <= 0:
            return -np.inf, None
        inverse = np.linalg.inv(sigma)
        inverses.append(inverse)
        xwx, xwy = xwx + x.T @ inverse @ x, xwy + x.T @ inverse @ y
        logs, n = logs + log_determinant, n + y.size
    beta = np.linalg.solve(xwx, xwy)
    squares = sum((y - x @ beta) @ w @ (y - x @ beta) for (x, y, _), w in zip(rows, inverses, strict=True))
    if not reml:
        return -0.5 * (n * np.log(2 * np.pi) + logs + squares), beta
    constant = (n - beta.size) * np.log(2 * np.pi)
    return -0.5 * (constant + logs + squares + np.linalg.slogdet(xwx)[1]), beta


def draw(rng):
    """A small trial with dropout or gaps, and a covariance of visits that no structure but `us` describes."""
    n, m = int(rng.integers(16, 34)), int(rng.integers(2, 5))
    arm, age = rng.integers(0, 2, n), rng.normal(55, 10, n)
    root = rng.normal(size=(m, m))
    y = rng.multivariate_normal(np.zeros(m), root @ root.T + 0.5 * np.eye(m), n) * rng.choice([0.1, 1, 30])
    y += 0.2 * age[:, None] + arm[:, None] * np.arange(m)
    gone = rng.random((n, m)) < rng.choice([0.0, 0.1, 0.25])
    if rng.random() < 0.4:
        gone = np.cumsum(gone, axis=1) > 0
    gone[:, 0] &= ~gone.all(axis=1)
    subject, visit = np.nonzero(~gone)
    return {
        "y": y[subject, visit],
        "arm": np.array(["control", "treated"])[arm[subject]],
        "age": age[subject],
        "visit": np.array([f"visit {number}" for number in range(m)])[visit],
        "time": np.cumsum(rng.random(m) + 0.3)[visit],
        "person": subject,
    }


def fit(data, name, method):
    visit = "time" if name == "sp_exp" else "visit"
    return mmrm("y ~ age + arm * visit", data, subject="person", visit=visit, covariance=name, method=method)


def split(data):
    """Design, outcome and visit numbers of each subject; the design made by hand."""
    visits = np.unique(data["visit"])
    place = np.searchsorted(visits, data["visit"])
    later = (place[:, None] == np.arange(1, visits.size)).astype(float)
    treated = (data["arm"] == "treated").astype(float)[:, None]
    x = np.hstack([np.ones_like(treated), data["age"][:, None], treated, later, treated * later])
    return [
        (x[rows], data["y"][rows], place[rows])
        for person in np.unique(data["person"])
        if (rows := np.flatnonzero(data["person"] == person)).size
    ]


@pytest.mark.parametrize("seed", range(100))
def test_random_designs_agree_with_the_textbook(seed):
    rng = np.random.default_rng(seed)
    data = draw(rng)
    name, method = list(COUNTS)[seed % 10], ("reml", "ml")[seed // 10 % 2]
    try:
        result = fit(data, name, method)
    except CannotFit as refusal:
        assert (
            "no maximum" in str(refusal)
            or "rank-deficient" in str(refusal)
            or "no subject has both" in str(refusal)
        )
        pytest.skip(f"nothing to compare: {str(refusal)[:80]}")
    rows, reml = split(data), method == "reml"
    visits = np.unique(data["visit"])
    times = np.array([data["time"][data["visit"] == visit][0] for visit in visits])
    found = result.visit_covariance
    m, size = visits.size, COUNTS[name](visits.size)
    if name == "sp_exp":
        sd, rho = np.sqrt(found[0, 0]), found[0, 1] / found[0, 0]
        best = np.array([sd, rho])
        found = covariance(name, best, times)
    else:
        sd = np.sqrt(np.diag(found))
        correlation = found / np.outer(sd, sd)
        shown = {
            "us": lambda: np.linalg.cholesky(found)[np.tril_indices(m)],
            "toep": lambda: [sd[0], *correlation[0, 1:]],
            "toeph": lambda: [*sd, *correlation[0, 1:]],
            "ar1": lambda: [sd[0], correlation[0, 1]],
            "ar1h": lambda: [*sd, correlation[0, 1]],
            "cs": lambda: [sd[0], correlation[0, 1]],
            "csh": lambda: [*sd, correlation[0, 1]],
            "ad": lambda: [sd[0], *np.diag(correlation, 1)],
            "adh": lambda: [*sd, *np.diag(correlation, 1)],
        }
        best = np.array(shown[name]())
        np.testing.assert_allclose(covariance(name, best, times), found, rtol=1e-8, atol=1e-10 * found.max())
    assert best.size == size
    assert result.aic == pytest.approx(-2 * result.log_likelihood + 2 * size)

    def likelihood(parameters):
        if name == "sp_exp" and not 0 < parameters[1] < 1:
            return -np.inf
        sigma = covariance(name, parameters, times)
        return textbook(rows, lambda places: sigma[np.ix_(places, places)], reml)[0]

    value, beta = textbook(rows, lambda places: found[np.ix_(places, places)], reml)
    assert result.log_likelihood == pytest.approx(value, rel=1e-9)
    np.testing.assert_allclose(
        result.coefficients["estimate"], beta, rtol=1e-6, atol=1e-8 * np.abs(beta).max()
    )
    # a general-purpose optimiser that starts elsewhere finds nothing better
    scale = np.abs(best) + 0.1 * np.abs(best).max()
    away = best * (1 + 0.05 * rng.standard_normal(best.size))
    searched = optimize.minimize(
        lambda moved: min(-likelihood(moved * scale), 1e10),
        away / scale,
        method="BFGS",
        options={"maxiter": 60},
    )
    assert -searched.fun <= value + 1e-6
    # and here the likelihood falls in each direction
    for place in range(size):
        for sign in (-1, 1):
            moved = best.copy()
            moved[place] += sign * 2e-3 * scale[place]
            assert likelihood(moved) < value


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("name", STRUCTURES)
def test_derivatives_are_those_of_finite_differences(name, reml):
    rng = np.random.default_rng(11)
    n, m, p = 30, 4, 3
    seen = rng.random((n, m)) > 0.3
    seen[:, 0] = True
    z = rng.normal(size=(n, m, p + 1)) * seen[:, :, None]
    times = np.cumsum(rng.random((n, m)) + 0.2, axis=1)[:, :, None] if name == "sp_exp" else None
    group = rng.integers(0, 2, n)
    likelihood = Likelihood(group_by_pattern(Subjects(z, seen, group, times, 2)), STRUCTURES[name], reml)
    structure = STRUCTURES[name]
    if name == "sp_exp":
        theta = np.array([0.3, 0.2, 0.5, -0.4])
    else:
        start = structure.start(np.eye(m) + 0.3 + np.diag(rng.random(m)))
        theta = np.concatenate([start, start]) + 0.05 * rng.normal(size=2 * start.size)

    found = likelihood.derive(likelihood.evaluate(theta))
    step = 1e-5

    def slope(direction):
        ahead, behind = (likelihood.evaluate(theta + sign * step * direction) for sign in (1, -1))
        return (ahead.value - behind.value) / (2 * step)

    def bend(direction):
        ahead, behind = (likelihood.evaluate(theta + sign * step * direction) for sign in (1, -1))
        return (likelihood.derive(ahead).gradient - likelihood.derive(behind).gradient) / (2 * step)

    units = np.eye(theta.size)
    np.testing.assert_allclose(found.gradient, [slope(unit) for unit in units], rtol=1e-6, atol=1e-6)
    hessian = np.array([bend(unit) for unit in units])
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-6, atol=1e-7 * np.abs(hessian).max())


@pytest.mark.parametrize("name", [name for name in STRUCTURES if name != "sp_exp"])
def test_derivatives_of_structures_are_those_of_finite_differences(name):
    structure, m = STRUCTURES[name], 5
    rng = np.random.default_rng(2)
    theta = structure.start(np.eye(m) + 0.4 + np.diag(rng.random(m))) + 0.05 * rng.normal(
        size=structure.count(m)
    )
    curve, step, units = structure.derive(theta, m), 1e-6, np.eye(theta.size)
    assert theta.size == COUNTS[name](m)
    first = [
        (structure.build(theta + step * u, m) - structure.build(theta - step * u, m)) / (2 * step)
        for u in units
    ]
    np.testing.assert_allclose(curve.first, first, atol=1e-8)
    second = [
        (structure.derive(theta + step * u, m).first - structure.derive(theta - step * u, m).first)
        / (2 * step)
        for u in units
    ]
    np.testing.assert_allclose(
        np.zeros_like(second) if curve.second is None else curve.second, second, atol=1e-8
    )


def test_many_subjects_cost_no_more_than_their_patterns():
    rng = np.random.default_rng(7)
    n, m, q = 5_000, 3, 4
    seen = np.ones((n, m), dtype=bool)
    seen[::2, 2] = False
    z = rng.normal(size=(n, m, q)) * seen[:, :, None]
    patterns = group_by_pattern(Subjects(z, seen, np.zeros(n, dtype=int), None, 1))
    assert patterns.z.shape[0] <= q * (3 + 2)
    for pattern in range(2):
        mine = z[(seen == patterns.seen[pattern]).all(axis=1)].reshape(-1, m * q)
        kept = patterns.z[patterns.of_row == pattern].reshape(-1, m * q)
        np.testing.assert_allclose(kept.T @ kept, mine.T @ mine, atol=1e-9 * n)
