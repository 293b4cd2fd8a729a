"""Linear algebra for many small matrices at once, compiled: the last axis is the data set, a lane of each loop."""

# mypy: allow-untyped-defs
# numba infers the types of what it compiles

import numpy as np
from numba import njit

LANES = 64
"""How many data sets lie side by side: enough for the loops over them to fill the registers, few enough for the cache."""
FAST = {"contract", "nsz", "arcp"}
"""What the compiler may assume of numbers: that products and sums may be fused, but no order of sums may change."""


@njit(cache=True, fastmath=FAST, nogil=True)
def invert_part(place, m, n, sigma, inverse, deviance, good, least):
    """The inverse of a pattern's part of sigma; adds n log |part| to the deviance."""
    root, low = np.empty((m * (m + 1) // 2, LANES)), np.zeros((m * (m + 1) // 2, LANES))
    pivot = np.empty(LANES)
    for i in range(m):
        for j in range(i + 1):
            at = i * (i + 1) // 2 + j
            pair = place[i] * (place[i] + 1) // 2 + place[j]
            for lane in range(LANES):
                pivot[lane] = sigma[pair, lane]
            for c in range(j):
                for lane in range(LANES):
                    pivot[lane] -= root[i * (i + 1) // 2 + c, lane] * root[j * (j + 1) // 2 + c, lane]
            for lane in range(LANES):
                if i == j:
                    if not pivot[lane] > least * sigma[pair, lane]:
                        good[lane] = False
                        pivot[lane] = 1.0
                    root[at, lane] = np.sqrt(pivot[lane])
                    deviance[lane] += n[lane] * np.log(pivot[lane])
                else:
                    root[at, lane] = pivot[lane] / root[j * (j + 1) // 2 + j, lane]
    invert_root(root, m, low)
    for i in range(m):
        for j in range(i + 1):
            pair = place[i] * (place[i] + 1) // 2 + place[j]
            for lane in range(LANES):
                pivot[lane] = 0.0
            for c in range(i, m):
                for lane in range(LANES):
                    pivot[lane] += low[c * (c + 1) // 2 + i, lane] * low[c * (c + 1) // 2 + j, lane]
            for lane in range(LANES):
                inverse[pair, lane] = pivot[lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def take_root(whole, width, root, deviance, reml, good, least):
    """The Cholesky root of the precision of beta."""
    pivot = np.empty(LANES)
    for i in range(width):
        for j in range(i + 1):
            at = i * (i + 1) // 2 + j
            for lane in range(LANES):
                pivot[lane] = whole[at, lane]
            for c in range(j):
                for lane in range(LANES):
                    pivot[lane] -= root[i * (i + 1) // 2 + c, lane] * root[j * (j + 1) // 2 + c, lane]
            for lane in range(LANES):
                if i == j:
                    if not pivot[lane] > least * whole[at, lane]:
                        good[lane] = False
                        pivot[lane] = 1.0
                    root[at, lane] = np.sqrt(pivot[lane])
                    if reml:
                        deviance[lane] += np.log(pivot[lane])
                else:
                    root[at, lane] = pivot[lane] / root[j * (j + 1) // 2 + j, lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def invert_root(root, m, low):
    """The inverse `low` of lower triangular matrices, both packed."""
    for j in range(m):
        for lane in range(LANES):
            low[j * (j + 1) // 2 + j, lane] = 1.0 / root[j * (j + 1) // 2 + j, lane]
        for i in range(j + 1, m):
            at = i * (i + 1) // 2 + j
            for lane in range(LANES):
                low[at, lane] = 0.0
            for c in range(j, i):
                for lane in range(LANES):
                    low[at, lane] -= root[i * (i + 1) // 2 + c, lane] * low[c * (c + 1) // 2 + j, lane]
            for lane in range(LANES):
                low[at, lane] /= root[i * (i + 1) // 2 + i, lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def multiply_roots(low, width, covariance):
    """low' low, packed: the inverse of the matrix whose root `low` inverts."""
    for i in range(width):
        for j in range(i + 1):
            at = i * (i + 1) // 2 + j
            for lane in range(LANES):
                covariance[at, lane] = 0.0
            for c in range(i, width):
                for lane in range(LANES):
                    covariance[at, lane] += low[c * (c + 1) // 2 + i, lane] * low[c * (c + 1) // 2 + j, lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def solve_beta(whole, covariance, width, beta, residual, deviance, reml):
    """Beta, the residual quadratic form, and the weights that turn a packed sum into a trace."""
    xx = width * (width + 1) // 2
    for i in range(width):
        for lane in range(LANES):
            beta[i, lane] = 0.0
        for j in range(width):
            high, small = max(i, j), min(i, j)
            for lane in range(LANES):
                beta[i, lane] += covariance[high * (high + 1) // 2 + small, lane] * whole[xx + j, lane]
    for lane in range(LANES):
        deviance[lane] += whole[xx + width, lane]
        residual[xx + width, lane] = 1.0
    for i in range(width):
        for lane in range(LANES):
            deviance[lane] -= beta[i, lane] * whole[xx + i, lane]
            residual[xx + i, lane] = -2.0 * beta[i, lane]
        for j in range(i + 1):
            at = i * (i + 1) // 2 + j
            twice = 1.0 if i == j else 2.0
            for lane in range(LANES):
                product = beta[i, lane] * beta[j, lane]
                if reml:
                    product += covariance[at, lane]
                residual[at, lane] = twice * product


@njit(cache=True, fastmath=FAST, nogil=True)
def add_scaled(to, factor, what):
    """Adds rows times a factor for each lane."""
    for u in range(to.shape[0]):
        for lane in range(LANES):
            to[u, lane] += factor[lane] * what[u, lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def add_two_scaled(to, factor, what, other_factor, other):
    """Adds two sets of rows, each times a factor for each lane: half the way through memory."""
    for u in range(to.shape[0]):
        for lane in range(LANES):
            to[u, lane] += factor[lane] * what[u, lane] + other_factor[lane] * other[u, lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def dot(one, other, to):
    """The sum over rows of products."""
    for lane in range(LANES):
        to[lane] = 0.0
    for u in range(one.shape[0]):
        for lane in range(LANES):
            to[lane] += one[u, lane] * other[u, lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def subtract_dot(to, one, other, used):
    """Subtracts the sum over the first `used` rows of products, four at a time."""
    for u in range(0, used - 3, 4):
        for lane in range(LANES):
            to[lane] -= (
                one[u, lane] * other[u, lane]
                + one[u + 1, lane] * other[u + 1, lane]
                + one[u + 2, lane] * other[u + 2, lane]
                + one[u + 3, lane] * other[u + 3, lane]
            )
    for u in range(used - used % 4, used):
        for lane in range(LANES):
            to[lane] -= one[u, lane] * other[u, lane]


@njit(cache=True, fastmath=FAST, nogil=True)
def multiply(one, other, m, to):
    """The product of square matrices."""
    for i in range(m):
        for j in range(m):
            for lane in range(LANES):
                to[i * m + j, lane] = 0.0
            for c in range(m):
                for lane in range(LANES):
                    to[i * m + j, lane] += one[i * m + c, lane] * other[c * m + j, lane]


@njit(cache=True)
def pair_of(a, b):
    """Where the pair of two visits stands in a packed lower half."""
    high, small = max(a, b), min(a, b)
    return high * (high + 1) // 2 + small


@njit(cache=True, fastmath=FAST, nogil=True)
def solve_positive(matrix, gradient, direction, t, lane):
    """Solves matrix x direction = -gradient by Cholesky; False where the matrix is not safely positive."""
    root = np.empty((t, t))
    for i in range(t):
        for j in range(i + 1):
            pivot = matrix[i * (i + 1) // 2 + j, lane]
            start = pivot
            for c in range(j):
                pivot -= root[i, c] * root[j, c]
            if i == j:
                if not pivot > 1e-8 * start or not start > 0:
                    return False
                root[i, i] = np.sqrt(pivot)
            else:
                root[i, j] = pivot / root[j, j]
    for i in range(t):
        value = -gradient[i, lane]
        for c in range(i):
            value -= root[i, c] * direction[c, lane]
        direction[i, lane] = value / root[i, i]
    for i in range(t - 1, -1, -1):
        value = direction[i, lane]
        for c in range(i + 1, t):
            value -= root[c, i] * direction[c, lane]
        direction[i, lane] = value / root[i, i]
    return True
