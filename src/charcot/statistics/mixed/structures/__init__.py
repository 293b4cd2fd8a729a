"""Covariance structures: what they assume of the visits, their parameters, and their derivatives."""

from charcot.statistics.mixed.structures.correlated import CORRELATED
from charcot.statistics.mixed.structures.spatial import SpatialExponential
from charcot.statistics.mixed.structures.structure import Structure
from charcot.statistics.mixed.structures.unstructured import Unstructured

STRUCTURES: dict[str, Structure | SpatialExponential] = {
    "us": Unstructured(),
    **CORRELATED,
    "sp_exp": SpatialExponential(),
}

__all__ = ["STRUCTURES", "SpatialExponential", "Structure", "Unstructured"]
