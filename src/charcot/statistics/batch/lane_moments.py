"""The sums of many data sets and where to start from, compiled; as `moments` and `start_at` have it in NumPy."""

# mypy: allow-untyped-defs
# numba infers the types of what it compiles

import numpy as np
from numba import njit

from charcot.statistics.batch.lane_algebra import (
    FAST,
    LANES,
    dot,
    invert_part,
    invert_root,
    multiply_roots,
    solve_beta,
    take_root,
)
from charcot.statistics.batch.stacked import NARROW, SHRUNK, SMALL


@njit(cache=True, fastmath=FAST, nogil=True)
def sum_up_lanes(values, pattern_of, patterns, design, products, kind_of, whole):
    """The sums of `compute_moments`, by lane; the most frequent pattern is what the others leave of the whole."""
    data_sets, subjects, visits = values.shape
    width = design.shape[1] // visits
    t, xx = visits * (visits + 1) // 2, width * (width + 1) // 2
    k_all = patterns.shape[0]
    n = np.zeros((k_all, LANES))
    sums = np.zeros((k_all, t, xx + width + 1, LANES))
    design_part = np.empty((k_all, t * xx))
    cross, square = np.empty((k_all, visits, visits * width)), np.empty((k_all, visits, visits))
    for d in range(data_sets):
        design_part[:], cross[:], square[:] = 0.0, 0.0, 0.0
        design_part[0] = whole
        for i in range(subjects):
            k = pattern_of[d, i]
            if k != 0:
                mine, rest = products[kind_of[i]], design_part[0]
                for u in range(t * xx):
                    rest[u] -= mine[u]
                if k > 0:
                    to = design_part[k]
                    for u in range(t * xx):
                        to[u] += mine[u]
            if k < 0:
                continue
            n[k, d] += 1.0
            for a in range(visits):
                y = values[d, i, a]
                if not patterns[k, a]:
                    continue
                row, to = design[i], cross[k, a]
                for u in range(visits * width):
                    to[u] += y * row[u]
                for b in range(a + 1):
                    square[k, a, b] += y * values[d, i, b]
        for k in range(k_all):
            for a in range(visits):
                for b in range(a + 1):
                    if not (patterns[k, a] and patterns[k, b]):
                        continue
                    pair = a * (a + 1) // 2 + b
                    to_lane = sums[k, pair]
                    for u in range(xx):
                        to_lane[u, d] = design_part[k, pair * xx + u]
                    for j in range(width):
                        to_lane[xx + j, d] = cross[k, a, b * width + j]
                        if a != b:
                            to_lane[xx + j, d] += cross[k, b, a * width + j]
                    to_lane[xx + width, d] = square[k, a, b] * (1.0 if a == b else 2.0)
    return n, sums


@njit(cache=True, fastmath=FAST, nogil=True)
def start_lanes(places, counts, n, sums, visits, width):
    """What `start_at` gives: the covariance of ordinary residuals, and which data sets can be fitted."""
    t, halves = sums.shape[1], sums.shape[2]
    xx = width * (width + 1) // 2
    seen, pairs, whole = np.zeros((t, halves, LANES)), np.zeros((t, LANES)), np.zeros((halves, LANES))
    for k in range(places.shape[0]):
        for a in range(counts[k]):
            for b in range(a + 1):
                pair = places[k, a] * (places[k, a] + 1) // 2 + places[k, b]
                for u in range(halves):
                    for lane in range(LANES):
                        seen[pair, u, lane] += sums[k, pair, u, lane]
                for lane in range(LANES):
                    pairs[pair, lane] += n[k, lane]
    fit = np.ones(LANES, dtype=np.bool_)
    for a in range(visits):
        for u in range(halves):
            for lane in range(LANES):
                whole[u, lane] += seen[a * (a + 1) // 2 + a, u, lane]
    for lane in range(LANES):
        subjects = values = 0.0
        for k in range(places.shape[0]):
            subjects += n[k, lane]
            values += n[k, lane] * counts[k]
        fit[lane] = subjects >= t and values > width
        for pair in range(t):
            if pairs[pair, lane] == 0:
                fit[lane] = False
    root, low, deviance = np.empty((xx, LANES)), np.zeros((xx, LANES)), np.empty(LANES)
    take_root(whole, width, root, deviance, False, fit, SMALL)
    invert_root(root, width, low)
    covariance, beta = np.empty((xx, LANES)), np.empty((width, LANES))
    residual, raw = np.empty((halves, LANES)), np.empty((t, LANES))
    multiply_roots(low, width, covariance)
    solve_beta(whole, covariance, width, beta, residual, deviance, False)
    for a in range(visits):
        for b in range(a + 1):
            pair = a * (a + 1) // 2 + b
            dot(residual, seen[pair], raw[pair])
            for lane in range(LANES):
                raw[pair, lane] /= max(pairs[pair, lane], 1.0) * (1.0 if a == b else 2.0)
                if a == b and not raw[pair, lane] > SMALL * whole[halves - 1, lane]:
                    fit[lane] = False
    everywhere = np.arange(visits)
    good, inverse = np.empty(LANES, dtype=np.bool_), np.empty((t, LANES))
    for shrunk in SHRUNK:
        good[:] = True
        invert_part(everywhere, visits, deviance, raw, inverse, deviance, good, NARROW)
        for lane in range(LANES):
            if not good[lane]:
                for a in range(visits):
                    for b in range(a):
                        raw[a * (a + 1) // 2 + b, lane] *= 1 - shrunk
    for lane in range(LANES):
        if not fit[lane]:
            for a in range(visits):
                for b in range(a + 1):
                    raw[a * (a + 1) // 2 + b, lane] = 1.0 if a == b else 0.0
    return raw, fit
