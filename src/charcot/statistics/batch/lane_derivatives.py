"""The likelihood of many data sets at once with its exact derivatives, compiled; as `stacked` has it in NumPy."""

# mypy: allow-untyped-defs
# numba infers the types of what it compiles

import numpy as np
from numba import njit

from charcot.statistics.batch.lane_algebra import (
    FAST,
    LANES,
    add_scaled,
    add_two_scaled,
    dot,
    invert_part,
    invert_root,
    multiply,
    multiply_roots,
    pair_of,
    solve_beta,
    solve_positive,
    subtract_dot,
    take_root,
)


@njit(cache=True, fastmath=FAST, nogil=True)
def evaluate_lanes(
    places, counts, n, sums, sigma, reml, inverse, deviance, good, beta, covariance, gradient, hessian, slopes
):
    """Deviance, gradient, Hessian and slopes at sigma (vech by lane); where sigma is not positive, `good` is False."""
    t, halves = sigma.shape[0], sums.shape[2]
    width = beta.shape[0]
    xx = width * (width + 1) // 2
    deviance[:] = 0.0
    good[:] = True
    whole = np.zeros((halves, LANES))
    for k in range(places.shape[0]):
        invert_part(places[k], counts[k], n[k], sigma, inverse[k], deviance, good, 1e-13)
        for a in range(counts[k]):
            for b in range(a + 1):
                pair = places[k, a] * (places[k, a] + 1) // 2 + places[k, b]
                add_scaled(whole, inverse[k, pair], sums[k, pair])
    root = np.empty((xx, LANES))
    take_root(whole, width, root, deviance, reml, good, 0.0)
    low = np.zeros((xx, LANES))
    invert_root(root, width, low)
    multiply_roots(low, width, covariance)
    residual = np.empty((halves, LANES))
    solve_beta(whole, covariance, width, beta, residual, deviance, reml)
    slopes[:] = 0.0
    gradient[:] = 0.0
    hessian[:] = 0.0
    m2 = places.shape[1] * places.shape[1]
    plain, traces, dense = np.empty((m2, LANES)), np.empty((m2, LANES)), np.empty((m2, LANES))
    coefficient, which = np.empty((t, LANES)), np.empty(t, dtype=np.intp)
    half = np.empty((m2, LANES))
    for k in range(places.shape[0]):
        m = counts[k]
        for a in range(m):
            for b in range(a + 1):
                pair = places[k, a] * (places[k, a] + 1) // 2 + places[k, b]
                dot(residual, sums[k, pair], plain[a * m + b])
                for lane in range(LANES):
                    if a != b:
                        plain[a * m + b, lane] *= 0.5
                    plain[b * m + a, lane] = plain[a * m + b, lane]
                    dense[a * m + b, lane] = inverse[k, pair, lane]
                    dense[b * m + a, lane] = inverse[k, pair, lane]
        multiply(dense, plain, m, half)
        multiply(half, dense, m, traces)
        _add_turned(places[k], m, dense, sums[k], slopes, coefficient, which)
        _add_curvature(places[k], m, n[k], dense, traces, gradient, hessian)
    _subtract_inner(slopes, beta, low, width, reml, hessian)


@njit(cache=True, fastmath=FAST, nogil=True)
def _add_turned(place, m, dense, sums, slopes, coefficient, which):
    """Adds, for each direction E, the sum of (W E W)_ab times the sums of visits a and b."""
    for c in range(m):
        for d in range(c + 1):
            to = slopes[place[c] * (place[c] + 1) // 2 + place[d]]
            pairs = 0
            for a in range(m):
                for b in range(a + 1):
                    which[pairs] = place[a] * (place[a] + 1) // 2 + place[b]
                    for lane in range(LANES):
                        coefficient[pairs, lane] = dense[a * m + c, lane] * dense[d * m + b, lane]
                        if c != d:
                            coefficient[pairs, lane] += dense[a * m + d, lane] * dense[c * m + b, lane]
                    pairs += 1
            for q in range(0, pairs - 1, 2):
                add_two_scaled(to, coefficient[q], sums[which[q]], coefficient[q + 1], sums[which[q + 1]])
            if pairs % 2:
                add_scaled(to, coefficient[pairs - 1], sums[which[pairs - 1]])


@njit(cache=True, fastmath=FAST, nogil=True)
def _add_curvature(place, m, n, dense, traces, gradient, hessian):
    """Adds a pattern's gradient, and tr(E W F (2 W h W - n W)), to all directions E and F."""
    for c in range(m):
        for d in range(c + 1):
            e = place[c] * (place[c] + 1) // 2 + place[d]
            once = 0.5 if c == d else 1.0
            for lane in range(LANES):
                gradient[e, lane] += 2 * once * (n[lane] * dense[c * m + d, lane] - traces[c * m + d, lane])
            for f in range(m):
                for g in range(f + 1):
                    other = place[f] * (place[f] + 1) // 2 + place[g]
                    if other > e:
                        continue
                    scale = once * (0.5 if f == g else 1.0) * 0.5
                    at = e * (e + 1) // 2 + other
                    for lane in range(LANES):
                        q_fc = 2 * traces[f * m + c, lane] - n[lane] * dense[f * m + c, lane]
                        q_fd = 2 * traces[f * m + d, lane] - n[lane] * dense[f * m + d, lane]
                        q_gc = 2 * traces[g * m + c, lane] - n[lane] * dense[g * m + c, lane]
                        q_gd = 2 * traces[g * m + d, lane] - n[lane] * dense[g * m + d, lane]
                        hessian[at, lane] += (
                            2
                            * scale
                            * (
                                dense[d * m + f, lane] * q_gc
                                + dense[d * m + g, lane] * q_fc
                                + dense[c * m + f, lane] * q_gd
                                + dense[c * m + g, lane] * q_fd
                            )
                        )


@njit(cache=True, fastmath=FAST, nogil=True)
def _subtract_inner(slopes, beta, low, width, reml, hessian):
    """Subtracts what the estimation of beta adds to the curvature."""
    t = slopes.shape[0]
    xx = width * (width + 1) // 2
    size = width + xx
    inner = np.empty((t, size, LANES))
    pull, half = np.empty((width, LANES)), np.empty((width * width, LANES))
    for e in range(t):
        for i in range(width):
            for lane in range(LANES):
                pull[i, lane] = slopes[e, xx + i, lane]
            for j in range(width):
                high, small = max(i, j), min(i, j)
                for lane in range(LANES):
                    pull[i, lane] -= slopes[e, high * (high + 1) // 2 + small, lane] * beta[j, lane]
        for i in range(width):
            for lane in range(LANES):
                inner[e, i, lane] = 0.0
            for c in range(i + 1):
                for lane in range(LANES):
                    inner[e, i, lane] += 1.4142135623730951 * low[i * (i + 1) // 2 + c, lane] * pull[c, lane]
        if reml:
            for i in range(width):
                for j in range(width):
                    for lane in range(LANES):
                        half[i * width + j, lane] = 0.0
                    for c in range(j + 1):
                        high, small = max(i, c), min(i, c)
                        for lane in range(LANES):
                            half[i * width + j, lane] += (
                                slopes[e, high * (high + 1) // 2 + small, lane]
                                * low[j * (j + 1) // 2 + c, lane]
                            )
            for i in range(width):
                for j in range(i + 1):
                    at = width + i * (i + 1) // 2 + j
                    for lane in range(LANES):
                        inner[e, at, lane] = 0.0
                    for c in range(i + 1):
                        for lane in range(LANES):
                            inner[e, at, lane] += low[i * (i + 1) // 2 + c, lane] * half[c * width + j, lane]
                    if i != j:
                        for lane in range(LANES):
                            inner[e, at, lane] *= 1.4142135623730951
    used = size if reml else width
    for e in range(t):
        for f in range(e + 1):
            at = e * (e + 1) // 2 + f
            subtract_dot(hessian[at], inner[e], inner[f], used)


@njit(cache=True, fastmath=FAST, nogil=True)
def find_direction(hessian, gradient, inverse, n, places, counts, fisher, direction, lane):
    """One lane's Newton direction and squared decrement; with the expected Hessian where the exact one is not positive."""
    t = gradient.shape[0]
    if solve_positive(hessian, gradient, direction, t, lane):
        total = 0.0
        for e in range(t):
            total -= direction[e, lane] * gradient[e, lane]
        return total
    for e in range(t * (t + 1) // 2):
        fisher[e, lane] = 0.0
    for k in range(places.shape[0]):
        for c in range(counts[k]):
            for d in range(c + 1):
                pc, pd = places[k, c], places[k, d]
                e = pc * (pc + 1) // 2 + pd
                for f in range(counts[k]):
                    for g in range(f + 1):
                        pf, pg = places[k, f], places[k, g]
                        other = pf * (pf + 1) // 2 + pg
                        if other > e:
                            continue
                        scale = (0.5 if c == d else 1.0) * (0.5 if f == g else 1.0)
                        one = inverse[k, pair_of(pd, pf), lane] * inverse[k, pair_of(pg, pc), lane]
                        two = inverse[k, pair_of(pd, pg), lane] * inverse[k, pair_of(pf, pc), lane]
                        fisher[e * (e + 1) // 2 + other, lane] += 2 * scale * n[k, lane] * (one + two)
    if not solve_positive(fisher, gradient, direction, t, lane):
        for e in range(t):
            direction[e, lane] = 0.0
        return np.inf
    total = 0.0
    for e in range(t):
        total -= direction[e, lane] * gradient[e, lane]
    return max(total, 1.0)
