"""Satterthwaite and Kenward–Roger against their papers' formulas, written out densely with numerical derivatives.

Kenward & Roger 1997 (Biometrics 53:983): P, Q and R of section 2, the adjusted covariance (formula 5, with the observed
information as in SAS and R's mmrm), and the moments of F in section 3; Fai & Cornelius 1996 for several Satterthwaite df.
The parameters are standard deviations and correlations, not those of the engine: what should not depend on them does not.
"""

import numpy as np
import pytest

from charcot.statistics import mmrm


def draw(seed):
    rng = np.random.default_rng(seed)
    n, m = 26, 3
    arm = np.arange(n) % 2
    y = rng.normal(0, 1, (n, 1)) + rng.normal(0, 1, (n, m)) * [1, 1.5, 0.8] + arm[:, None] * [0, 0.5, 1]
    seen = rng.random((n, m)) > 0.2
    seen[:, 0] |= ~seen.any(axis=1)
    subject, visit = np.nonzero(seen)
    return {
        "y": y[subject, visit],
        "arm": np.array(["a", "b"])[arm[subject]],
        "visit": np.array(["v1", "v2", "v3"])[visit],
        "number": visit,
        "person": subject,
        "weight": rng.random(subject.size) + 0.5,
    }


def build(name, parameters):
    """Three visits: standard deviations and correlations as they are."""
    lags = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    if name == "us":
        sd, rho = parameters[:3], parameters[3:]
        correlation = np.eye(3)
        correlation[[0, 0, 1], [1, 2, 2]] = rho
        correlation[[1, 2, 2], [0, 0, 1]] = rho
    elif name == "ar1h":
        sd, correlation = parameters[:3], parameters[3] ** lags
    else:  # cs
        sd, correlation = np.full(3, parameters[0]), np.where(lags > 0, parameters[1], 1.0)
    return np.outer(sd, sd) * correlation


def read_off(name, sigma):
    sd = np.sqrt(np.diag(sigma))
    correlation = sigma / np.outer(sd, sd)
    return {
        "us": np.array([*sd, *correlation[[0, 0, 1], [1, 2, 2]]]),
        "ar1h": np.array([*sd, correlation[0, 1]]),
        "cs": np.array([sd[0], correlation[0, 1]]),
    }[name]


class Textbook:
    """Everything dense, subject by subject, at given parameters (those of each group one after the other)."""

    def __init__(self, data, name, groups, weighted):
        self.name, self.groups = name, groups
        later = (data["number"][:, None] == [1, 2]).astype(float)
        treated = (data["arm"] == "b").astype(float)[:, None]
        x = np.hstack([np.ones_like(treated), treated, later, treated * later])
        self.people = []
        for person in np.unique(data["person"]):
            rows = np.flatnonzero(data["person"] == person)
            scale = 1 / np.sqrt(data["weight"][rows]) if weighted else np.ones(rows.size)
            number = int(data["arm"][rows[0]] == "b") if groups == 2 else 0
            self.people.append((x[rows], data["y"][rows], data["number"][rows], np.diag(scale), number))

    def covariances(self, theta):
        sigmas = [build(self.name, part) for part in np.split(theta, self.groups)]
        return [scale @ sigmas[number][np.ix_(at, at)] @ scale for _, _, at, scale, number in self.people]

    def bread(self, theta):
        return np.linalg.inv(
            sum(
                x.T @ np.linalg.solve(s, x)
                for (x, *_), s in zip(self.people, self.covariances(theta), strict=True)
            )
        )

    def log_likelihood(self, theta):
        sigmas = self.covariances(theta)
        phi = self.bread(theta)
        beta = phi @ sum(
            x.T @ np.linalg.solve(s, y) for (x, y, *_), s in zip(self.people, sigmas, strict=True)
        )
        total = -0.5 * np.linalg.slogdet(np.linalg.inv(phi))[1]
        for (x, y, *_), s in zip(self.people, sigmas, strict=True):
            r = y - x @ beta
            total -= 0.5 * (np.linalg.slogdet(s)[1] + r @ np.linalg.solve(s, r))
        return total

    def hessian(self, theta, step=2e-4):
        size = theta.size
        units = np.eye(size) * step * np.maximum(np.abs(theta), 0.3)[:, None]
        found = np.empty((size, size))
        for i in range(size):
            for j in range(size):
                corners = [
                    (s, t, self.log_likelihood(theta + s * units[i] + t * units[j]))
                    for s in (1, -1)
                    for t in (1, -1)
                ]
                found[i, j] = sum(s * t * value for s, t, value in corners) / (4 * units[i, i] * units[j, j])
        return found


def kenward_roger(book, theta):
    """Phi, the adjusted Phi, P and the covariance W of the parameters."""
    w = np.linalg.inv(-book.hessian(theta))
    phi, step, size = book.bread(theta), 1e-5, theta.size
    ahead = [book.covariances(theta + step * u) for u in np.eye(size)]
    behind = [book.covariances(theta - step * u) for u in np.eye(size)]
    p = np.zeros((size, *phi.shape))
    q = np.zeros((size, size, *phi.shape))
    for place, ((x, *_), s) in enumerate(zip(book.people, book.covariances(theta), strict=True)):
        inverse = np.linalg.inv(s)
        slopes = [-inverse @ (ahead[i][place] - behind[i][place]) / (2 * step) @ inverse for i in range(size)]
        for i in range(size):
            p[i] += x.T @ slopes[i] @ x
            for j in range(size):
                q[i, j] += x.T @ slopes[i] @ s @ slopes[j] @ x
    inner = sum(w[i, j] * (q[i, j] - p[i] @ phi @ p[j]) for i in range(size) for j in range(size))
    return phi, phi + 2 * phi @ inner @ phi, p, w


CASES = [("us", None, False), ("us", "arm", False), ("ar1h", None, True), ("cs", "arm", True)]


@pytest.mark.parametrize(("name", "group", "weighted"), CASES)
def test_degrees_of_freedom_and_adjusted_covariances(name, group, weighted):
    data = draw(len(name) + weighted)
    options = {"subject": "person", "visit": "visit", "covariance": name, "group": group}
    options["weights"] = "weight" if weighted else None
    plain = mmrm("y ~ arm * visit", data, **options)
    roger = mmrm("y ~ arm * visit", data, df="kenward-roger", **options)
    sigmas = list(plain.visit_covariance.values()) if group else [plain.visit_covariance]
    theta = np.concatenate([read_off(name, sigma) for sigma in sigmas])
    book = Textbook(data, name, len(sigmas), weighted)
    phi, adjusted, p, w = kenward_roger(book, theta)
    np.testing.assert_allclose(plain.coefficient_covariance, phi, rtol=1e-6)
    np.testing.assert_allclose(np.diag(roger.coefficient_covariance), np.diag(adjusted), rtol=1e-4)

    slopes = np.array([-phi @ each @ phi for each in p])

    def satterthwaite(contrast):
        slope = -np.array([contrast @ each @ contrast for each in slopes])
        return 2 * (contrast @ phi @ contrast) ** 2 / (slope @ w @ slope)

    units = np.eye(6)
    for result in (plain, roger):
        np.testing.assert_allclose(
            result.coefficients["df"], [satterthwaite(unit) for unit in units], rtol=2e-4
        )

    beta = plain.coefficients["estimate"].to_numpy()
    rows = units[[1, 4, 5]]
    k = rows.shape[0]
    # Fai & Cornelius
    _, vectors = np.linalg.eigh(rows @ phi @ rows.T)
    each = np.array([satterthwaite(vectors[:, i] @ rows) for i in range(k)])
    total = (each / (each - 2)).sum()
    joint = plain.contrast(rows)
    wald = beta @ rows.T @ np.linalg.solve(rows @ phi @ rows.T, rows @ beta) / k
    assert joint.f == pytest.approx(wald, rel=1e-6)
    assert joint.denominator_df == pytest.approx(2 * total / (total - k), rel=5e-4)
    # Kenward & Roger, section 3
    theta_matrix = rows.T @ np.linalg.solve(rows @ phi @ rows.T, rows)
    parts = [theta_matrix @ phi @ each @ phi for each in p]
    size = len(parts)
    a1 = sum(w[i, j] * np.trace(parts[i]) * np.trace(parts[j]) for i in range(size) for j in range(size))
    a2 = sum(w[i, j] * np.trace(parts[i] @ parts[j]) for i in range(size) for j in range(size))
    b = (a1 + 6 * a2) / (2 * k)
    g = ((k + 1) * a1 - (k + 4) * a2) / ((k + 2) * a2)
    c1, c2, c3 = (part / (3 * k + 2 * (1 - g)) for part in (g, k - g, k + 2 - g))
    mean = 1 / (1 - a2 / k)
    variance = 2 / k * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    rho = variance / (2 * mean**2)
    m = 4 + (k + 2) / (k * rho - 1)
    scale = m / (mean * (m - 2))
    found = roger.contrast(rows)
    f = scale * beta @ rows.T @ np.linalg.solve(rows @ adjusted @ rows.T, rows @ beta) / k
    assert found.denominator_df == pytest.approx(m, rel=5e-4)
    assert found.f == pytest.approx(f, rel=5e-4)
