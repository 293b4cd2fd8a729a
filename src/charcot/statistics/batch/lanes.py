"""The same fits as in `stacked`, compiled: many data sets side by side, one in each lane of the loops."""

# mypy: allow-untyped-defs
# numba infers the types of what it compiles

from typing import Any

import numpy as np
from numba import njit

from charcot.statistics.batch.lane_algebra import FAST, LANES
from charcot.statistics.batch.lane_derivatives import evaluate_lanes, find_direction
from charcot.statistics.batch.lane_moments import start_lanes, sum_up_lanes
from charcot.statistics.batch.moments import (
    DesignProducts,
    Floats,
    Places,
    list_patterns,
    square_places,
)
from charcot.statistics.batch.stacked import (
    CLOSE,
    CONVERGED,
    MOST_HALVINGS,
    MOST_STEPS,
    NOT_CONVERGED,
    SURE,
    Fits,
    empty_fits,
)


def fit_lanes(products: DesignProducts, outcomes: Floats, *, reml: bool) -> Fits:
    """Fits every data set of outcomes (D, N, V), NaN where missing, by Newton's method with halved steps."""
    data_sets, _, visits = outcomes.shape
    width = products.design.shape[2]
    patterns, pattern_of = list_patterns(~np.isnan(outcomes))
    places = np.full((len(patterns), visits), -1, dtype=np.intp)
    counts = patterns.sum(axis=1)
    for k, pattern in enumerate(patterns):
        places[k, : counts[k]] = np.flatnonzero(pattern)
    kinds = np.bincount(products.kind_of, minlength=len(products.products)).astype(np.float64)
    whole = kinds @ products.products
    out = empty_fits(data_sets, visits, width)
    for begin in range(0, data_sets, LANES):
        lanes = np.arange(begin, min(begin + LANES, data_sets))
        n, sums = sum_up_lanes(
            np.nan_to_num(outcomes[lanes]),
            pattern_of[lanes],
            patterns,
            products.design.reshape(len(products.design), -1),
            products.products,
            products.kind_of,
            whole,
        )
        start, fit = start_lanes(places, counts, n, sums, visits, width)
        fit[len(lanes) :] = False
        out.status[lanes[fit[: len(lanes)]]] = NOT_CONVERGED
        _keep(out, lanes, _fit(places, counts, n, sums, start, fit, width + 1, reml), visits, width)
    return out


def _keep(out: Fits, lanes: Places, found: Any, visits: int, width: int) -> None:
    status, steps, sigma, deviance, beta, covariance, hessian, slopes = found
    good = np.flatnonzero(status[: len(lanes)] == CONVERGED)
    at = lanes[good]
    full, half, packed = square_places(visits), square_places(width), square_places(len(sigma))
    out.status[at], out.steps[at] = CONVERGED, steps[good]
    out.visit_covariance[at] = sigma[:, good].T[:, full]
    out.deviance[at], out.beta[at] = deviance[good], beta[:, good].T
    out.covariance[at] = covariance[:, good].T[:, half]
    out.information[at] = hessian[:, good].T[:, packed]
    out.slopes[at] = np.moveaxis(slopes[:, :, good], -1, 0)[:, :, half]


@njit(cache=True, fastmath=FAST, nogil=True)
def _fit(places, counts, n, sums, start, fit, size, reml):
    """One Newton iteration of every lane at each turn of the loop, each with its own step, until all have ended."""
    t, width = start.shape[0], size - 1
    status = np.full(LANES, NOT_CONVERGED, dtype=np.int8)
    steps, halvings = np.zeros(LANES, dtype=np.int16), np.zeros(LANES, dtype=np.int16)
    ended, last, begun = ~fit, np.zeros(LANES, dtype=np.bool_), np.zeros(LANES, dtype=np.bool_)
    base, trial, direction = start.copy(), start.copy(), np.zeros((t, LANES))
    length, decrement, base_deviance = np.ones(LANES), np.full(LANES, np.inf), np.full(LANES, np.inf)
    inverse = np.zeros((places.shape[0], t, LANES))
    deviance, good = np.empty(LANES), np.empty(LANES, dtype=np.bool_)
    packed = t * (t + 1) // 2
    gradient, hessian, fisher = np.empty((t, LANES)), np.empty((packed, LANES)), np.empty((packed, LANES))
    slopes = np.empty((t, sums.shape[2], LANES))
    beta, covariance = np.empty((width, LANES)), np.empty((width * size // 2, LANES))
    kept_sigma, kept_deviance, kept_beta = (
        start.copy(),
        np.full(LANES, np.nan),
        np.full((width, LANES), np.nan),
    )
    kept_covariance, kept_hessian = np.empty_like(covariance), np.empty_like(hessian)
    kept_slopes = np.empty((t, width * size // 2, LANES))
    for _turn in range(MOST_STEPS + MOST_HALVINGS):
        evaluate_lanes(
            places,
            counts,
            n,
            sums,
            trial,
            reml,
            inverse,
            deviance,
            good,
            beta,
            covariance,
            gradient,
            hessian,
            slopes,
        )
        wanted = False
        for lane in range(LANES):
            if ended[lane]:
                continue
            accept = good[lane] and (
                not begun[lane]
                or decrement[lane] < SURE
                or deviance[lane] <= base_deviance[lane] - 1e-4 * length[lane] * decrement[lane]
            )
            if not accept:
                halvings[lane] += 1
                length[lane] /= 2
                if halvings[lane] > MOST_HALVINGS or not begun[lane]:
                    ended[lane] = True
                    continue
            else:
                if last[lane]:
                    ended[lane], status[lane] = True, CONVERGED
                    kept_sigma[:, lane], kept_deviance[lane] = trial[:, lane], deviance[lane]
                    kept_beta[:, lane], kept_covariance[:, lane] = beta[:, lane], covariance[:, lane]
                    kept_hessian[:, lane] = hessian[:, lane]
                    for e in range(t):
                        for u in range(width * size // 2):
                            kept_slopes[e, u, lane] = slopes[e, u, lane]
                    continue
                if steps[lane] >= MOST_STEPS:
                    ended[lane] = True
                    continue
                begun[lane] = True
                base[:, lane], base_deviance[lane] = trial[:, lane], deviance[lane]
                decrement[lane] = find_direction(
                    hessian, gradient, inverse, n, places, counts, fisher, direction, lane
                )
                steps[lane] += 1
                halvings[lane], length[lane] = 0, 1.0
                last[lane] = decrement[lane] < CLOSE
            wanted = True
            for e in range(t):
                trial[e, lane] = base[e, lane] + length[lane] * direction[e, lane]
        if not wanted:
            break
    return status, steps, kept_sigma, kept_deviance, kept_beta, kept_covariance, kept_hessian, kept_slopes
