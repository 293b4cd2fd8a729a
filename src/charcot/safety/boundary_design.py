"""What a protocol's boundary does by design: how probably it stops, and after how many, at some true rates."""

from functools import lru_cache

from charcot.protocol import Boundary
from charcot.statistics.boundaries import (
    OperatingCharacteristics,
    boundary_of_steps,
    compute_operating_characteristics,
)

RATES = (0.01, 0.03, 0.05, 0.10, 0.20, 0.30)
"""True rates of which it is said what a boundary does at them, beside its own p0."""


@lru_cache(maxsize=64)
def compute_design(boundary: Boundary) -> tuple[OperatingCharacteristics, ...]:
    """The exact characteristics of a boundary at each rate, looked at after each participant, each counting whole."""
    steps = tuple((step.events, step.up_to) for step in boundary.stop)
    stated = boundary_of_steps(steps, max(boundary.planned, steps[-1][1]))
    rates = sorted({*RATES, float(boundary.p0)})
    return tuple(compute_operating_characteristics(stated, rate) for rate in rates)
