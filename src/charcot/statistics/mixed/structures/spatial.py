"""The spatial exponential covariance: correlation falls with the time between two visits, whatever the times."""

import numpy as np

from charcot.statistics.mixed.structures.structure import Array


class SpatialExponential:
    """Sigma[i, j] = variance * rho^distance; parameters are log variance and logit rho, 0 < rho < 1."""

    title = "spatial exponential"

    def count(self, m: int) -> int:
        """Two parameters, whatever the number of visits."""
        return 2

    def build(self, theta: Array, distances: Array) -> Array:
        """The covariances at the distances (any shape) [unit of the visit's time]."""
        return np.asarray(np.exp(theta[0] - distances * np.logaddexp(0, -theta[1])))

    def derive(self, theta: Array, distances: Array) -> tuple[Array, Array, Array]:
        """The covariances and their derivatives in theta, (2, ...) and (2, 2, ...)."""
        sigma = self.build(theta, distances)
        rho, rest = np.exp(-np.logaddexp(0, -theta[1])), np.exp(-np.logaddexp(0, theta[1]))
        slope = distances * rest
        by_rho = sigma * slope
        by_rhos = by_rho * (slope - rho)
        return (
            sigma,
            np.stack([sigma, by_rho]),
            np.stack([np.stack([sigma, by_rho]), np.stack([by_rho, by_rhos])]),
        )

    def start(self, variance: float, typical_distance: float, correlation: float = 0.5) -> Array:
        """Parameters with this correlation at a typical distance."""
        log_rho = np.log(correlation) / typical_distance
        return np.array([np.log(variance), log_rho - np.log(-np.expm1(log_rho))])
