"""Stopping boundaries for adverse events: Pocock type, beta-binomial, weighted by time, with exact characteristics."""

from charcot.statistics.boundaries.beta_binomial import beta_binomial_boundary, compute_exceedance
from charcot.statistics.boundaries.boundary import Look, StoppingBoundary, boundary_of_steps
from charcot.statistics.boundaries.characteristics import (
    OperatingCharacteristics,
    compute_operating_characteristics,
    compute_stopping_probability,
)
from charcot.statistics.boundaries.pocock import pocock_boundary
from charcot.statistics.boundaries.time_to_event import compute_tite_exceedance, compute_tite_weights

__all__ = [
    "Look",
    "OperatingCharacteristics",
    "StoppingBoundary",
    "beta_binomial_boundary",
    "boundary_of_steps",
    "compute_exceedance",
    "compute_operating_characteristics",
    "compute_stopping_probability",
    "compute_tite_exceedance",
    "compute_tite_weights",
    "pocock_boundary",
]
