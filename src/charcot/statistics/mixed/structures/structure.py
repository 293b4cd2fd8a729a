"""What every covariance structure of visits offers: the matrix at given parameters, and its derivatives."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A covariance matrix (m x m) with its first (t x m x m) and second (t x t x m x m) derivatives.

    `second` is None where it is zero everywhere.
    """

    sigma: Array
    first: Array
    second: Array | None


class Structure(ABC):
    """A family of covariance matrices of m visits, the same for all subjects of a group."""

    title: str

    @abstractmethod
    def count(self, m: int) -> int:
        """The number of parameters for m visits."""

    @abstractmethod
    def build(self, theta: Array, m: int) -> Array:
        """The covariance matrix; it need not be positive definite for every theta."""

    @abstractmethod
    def derive(self, theta: Array, m: int) -> Curve:
        """The covariance matrix and its derivatives in theta."""

    @abstractmethod
    def start(self, sigma: Array) -> Array:
        """Parameters whose matrix lies near a given positive definite one."""

    @abstractmethod
    def bend(self, theta: Array, m: int, covariance: Array) -> Array:
        """The sum of covariance[a, b] times the second derivative by a and b (m x m), for R's Kenward–Roger.

        The second derivatives are those in the parameters of R's mmrm; `covariance` is that of theta.
        """


@lru_cache(maxsize=64)
def duplicate(m: int) -> Array:
    """The matrix (m * m x m (m + 1) / 2) that turns vech (the lower triangle by rows) into vec.

    >>> duplicate(2).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rows, columns = np.tril_indices(m)
    places = np.arange(rows.size)
    matrix = np.zeros((m * m, rows.size))
    matrix[rows * m + columns, places] = 1.0
    matrix[columns * m + rows, places] = 1.0
    matrix.flags.writeable = False
    return matrix
