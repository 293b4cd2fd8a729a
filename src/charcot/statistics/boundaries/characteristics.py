"""What a stopping boundary does, exactly: how probably it stops, after how many, at any true risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.boundaries.boundary import StoppingBoundary


@dataclass(frozen=True, eq=False)
class OperatingCharacteristics:
    """At one true risk: the probability to stop, that to stop at each n (array of `planned`), and what is expected.

    `people` and `events` are the expected numbers of participants treated and of events until the end or the stop.
    """

    risk: float
    stopping: float
    stopping_at: NDArray[np.float64]
    people: float
    events: float


def compute_operating_characteristics(boundary: StoppingBoundary, risk: float) -> OperatingCharacteristics:
    """Compute them for a true risk (0 to 1), looking after each participant.

    By the recursion over the number of events among those not stopped (Schultz 1973); no simulation. ValueError for
    a risk outside 0 to 1.

    >>> from charcot.statistics.boundaries import pocock_boundary
    >>> found = compute_operating_characteristics(pocock_boundary(17, 0.03, 0.10), 0.10)
    >>> print(f"{found.stopping:.8f}")
    0.45232959
    """
    if not 0 <= risk <= 1:
        raise ValueError(f"a risk lies between 0 and 1, not {risk}")
    planned = boundary.planned
    at = np.zeros(planned)
    going = np.zeros(planned + 2)
    going[0] = 1.0
    people = 0.0
    for n, stop in enumerate(boundary.stop):
        people += going.sum()
        going[1:] = going[1:] * (1 - risk) + going[:-1] * risk
        going[0] *= 1 - risk
        at[n] = going[stop:].sum()
        going[stop:] = 0.0
    return OperatingCharacteristics(risk, float(at.sum()), at, float(people), float(people) * risk)


def compute_stopping_probability(boundary: StoppingBoundary, risk: float) -> float:
    """Compute the probability that the boundary is ever crossed at a true risk; see `compute_operating_characteristics`."""
    return compute_operating_characteristics(boundary, risk).stopping
