"""A panel of markers: which tube and channel shows each, and what a sample's tubes say against the limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from charcot.product.flow_cytometry.compensation import Spillover
from charcot.product.flow_cytometry.gates import FROM_FILE, Dimension, GatedTube, Gating
from charcot.product.flow_cytometry.positivity import (
    MarkerLimit,
    Positivity,
    PositivityMethod,
    estimate_positivity,
)
from charcot.product.flow_cytometry.tube import Tube
from charcot.refusal import BadValue

NO_GATES = Gating({})
NO_LIMIT = MarkerLimit()


@dataclass(frozen=True)
class PanelLine:
    """One marker: its channel, and the names of the tubes that hold sample and control."""

    marker: str
    channel: str
    sample: str
    control: str
    limit: MarkerLimit = NO_LIMIT


@dataclass(frozen=True)
class MarkerMeasured:
    """One marker with what was found, and the values behind it for a drawing."""

    line: PanelLine
    found: Positivity
    sample: NDArray[np.float64] = field(repr=False)
    control: NDArray[np.float64] = field(repr=False)


def measure_panel(
    tubes: Mapping[str, Tube],
    lines: Sequence[PanelLine],
    method: PositivityMethod,
    *,
    seed: int,
    compensation: Spillover | None = None,
    gating: Gating = NO_GATES,
    population: str | None = None,
) -> tuple[MarkerMeasured, ...]:
    """Every marker of a panel, with the same compensation and gates for control and sample.

    `compensation` is taken where given, else the matrix each file holds. `population` is the gate within
    which events are judged (None: all). `seed` makes the bootstrap repeatable; each marker draws on its
    own. Raises BadValue for a tube that is not there, and what gates, channels and matrices refuse.
    """
    missing = sorted({name for line in lines for name in (line.sample, line.control)} - set(tubes))
    if missing:
        raise BadValue(
            f"There is no tube {', '.join(missing)}",
            rule="Flow cytometry, panel: each marker has a tube with the sample and one with its control",
            next_step=f"Name one of {', '.join(sorted(tubes))}, or upload the file.",
        )
    gated = {name: GatedTube(tube, gating, compensation) for name, tube in tubes.items()}
    found = []
    for place, line in enumerate(lines):
        axis = Dimension(line.channel, FROM_FILE)
        control, sample = (_within(gated[name], axis, population) for name in (line.control, line.sample))
        generator = np.random.default_rng([seed, place])
        positivity = estimate_positivity(control, sample, line.limit, method, generator)
        found.append(MarkerMeasured(line, positivity, sample, control))
    return tuple(found)


def _within(tube: GatedTube, axis: Dimension, population: str | None) -> NDArray[np.float64]:
    values = tube.axis(axis)
    return values if population is None else values[tube.events_in(population)]
