"""The unstructured covariance: every variance and covariance of visits is a parameter of its own."""

import numpy as np

from charcot.statistics.mixed.structures.structure import Array, Curve, Structure, duplicate


class Unstructured(Structure):
    """Any covariance matrix; the parameters are its lower triangle by rows, in which it is linear."""

    title = "unstructured"

    def count(self, m: int) -> int:
        return m * (m + 1) // 2

    def build(self, theta: Array, m: int) -> Array:
        return (duplicate(m) @ theta).reshape(m, m)

    def derive(self, theta: Array, m: int) -> Curve:
        basis = duplicate(m)
        return Curve((basis @ theta).reshape(m, m), basis.T.reshape(-1, m, m), None)

    def start(self, sigma: Array) -> Array:
        return np.asarray(sigma[np.tril_indices(sigma.shape[0])])

    def bend(self, theta: Array, m: int, covariance: Array) -> Array:
        """Second derivatives in log standard deviations and ratios of the Cholesky factor, as in R's mmrm.

        Sigma = L L', L[i, i] = exp(a_i), L[i, j] = exp(a_i) b_ij for j < i.
        """
        factor = np.linalg.cholesky(self.build(theta, m))
        scale = np.diag(factor)
        below = np.tril_indices(m, -1)
        size = self.count(m)
        first = np.zeros((size, m, m))
        visits = np.arange(m)
        first[visits, visits, :] = factor
        ratios = np.arange(m, size)
        first[ratios, below[0], below[1]] = scale[below[0]]

        products = first @ factor.T
        slopes = (products + products.swapaxes(1, 2))[:, *np.tril_indices(m)]  # d vech / d parameter
        inverse = np.linalg.inv(slopes.T)
        spread = inverse @ covariance @ inverse.T
        bent = np.zeros((m, m))  # the sum of spread[a, b] d2 L / da db
        bent[visits, :] += spread[visits, visits][:, None] * factor
        bent[below] += 2 * spread[below[0], ratios] * scale[below[0]]
        crossed = np.einsum("aij,akj->ik", first, (spread @ first.reshape(size, -1)).reshape(first.shape))
        return np.asarray(bent @ factor.T + factor @ bent.T + crossed + crossed.T)
