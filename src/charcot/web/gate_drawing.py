"""Events of a tube as a plot of how densely they lie, with gates on it; each gate with how many events it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from charcot.product.flow_cytometry import GatedTube, Gating
from charcot.product.flow_cytometry.drawn_gates import LOGICLE, axis_of
from charcot.product.flow_cytometry.gates import (
    Dimension,
    EllipsoidGate,
    Gate,
    PolygonGate,
    QuadrantGate,
    RectangleGate,
)

SIDE, LEFT, FOOT, TOP = 384, 62, 44, 10
"""The plot's side, and the room for words at its left, foot and head [units of the drawing]."""
BINS, LEVELS = 96, 7
DECADES = (-1_000.0, 0.0, 1_000.0, 10_000.0, 100_000.0)
"""Values that are marked on a logicle axis."""


@dataclass(frozen=True)
class PlotAxis:
    """One axis: its channel and scale, where it begins and ends on that scale, and its marks (place in the plot, words)."""

    channel: str
    scale: str
    low: float
    high: float
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class DrawnShape:
    """One gate on the plot: as a closed path, and where its name stands."""

    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class GatePlot:
    """The whole plot. `levels` are paths of squares, from the thinnest to the densest."""

    tube: str
    x: PlotAxis
    y: PlotAxis
    levels: tuple[str, ...]
    shapes: tuple[DrawnShape, ...]
    shown: int
    of: int

    side, left, top = SIDE, LEFT, TOP
    wide, high = LEFT + SIDE + 28, TOP + SIDE + FOOT
    foot_at, middle, upright, name_at = TOP + SIDE, LEFT + SIDE // 2, TOP + SIDE // 2, TOP + SIDE + 38

    @property
    def axes(self) -> tuple[tuple[str, PlotAxis], ...]:
        """Both axes with their letters."""
        return (("x", self.x), ("y", self.y))


@dataclass(frozen=True)
class GateCount:
    """How many events of a tube lie in a gate, and what share of the gate around it that is [%]."""

    name: str
    events: int
    percent: float | None


def plot_events(
    name: str,
    tube: GatedTube,
    gating: Gating,
    axes: tuple[tuple[str, str], tuple[str, str]],
    within: str = "",
) -> GatePlot:
    """The events of a tube on two channels, each with its scale, and every gate on these. Raises what gates and channels refuse."""
    x, y = (axis_of(*one) for one in axes)
    columns = (tube.axis(x), tube.axis(y))
    chosen = tube.events_in(within) if within else np.ones(len(columns[0]), dtype=bool)
    ends = [_ends(column, scale) for column, (_channel, scale) in zip(columns, axes, strict=True)]
    counts = np.histogram2d(columns[0][chosen], columns[1][chosen], bins=BINS, range=ends)[0]
    drawn = [PlotAxis(*one, *end, _marks(one[1], end)) for one, end in zip(axes, ends, strict=True)]
    shapes = tuple(
        shape
        for gate in gating.gates.values()
        if (dimensions := _plane(gate)) in ((x, y), (y, x))
        for shape in _shapes(gate, drawn[0], drawn[1], turned=dimensions == (y, x))
    )
    return GatePlot(name, drawn[0], drawn[1], _levels(counts), shapes, int(counts.sum()), len(chosen))


def count_gates(tube: GatedTube, gating: Gating) -> list[GateCount]:
    """Every gate and quadrant with its events, and their share of what it lies within."""
    parents = {
        name: gate.parent
        for gate in gating.gates.values()
        for name in (gate.quadrants if isinstance(gate, QuadrantGate) else (gate.id,))
    }
    found = []
    for name, parent in parents.items():
        whole = len(tube.events_in(name)) if parent is None else tube.count(parent)
        events = tube.count(name)
        found.append(GateCount(name, events, 100 * events / whole if whole else None))
    return found


def _ends(values: NDArray[np.float64], scale: str) -> tuple[float, float]:
    """Where an axis begins and ends, so that nearly every event is on it."""
    if scale == "logicle":
        return (min(0.0, float(np.floor(10 * np.percentile(values, 0.1)) / 10)), 1.0)
    low, high = np.percentile(values, [0.1, 99.9])
    size = max(high - min(low, 0.0), 1.0)
    step = 10 ** np.floor(np.log10(size)) / 2
    return (float(np.floor(min(low, 0.0) / step) * step), float(np.ceil((high + 0.02 * size) / step) * step))


def _marks(scale: str, ends: tuple[float, float]) -> tuple[tuple[float, str], ...]:
    low, high = ends
    if scale == "logicle":
        places = zip(LOGICLE.scale(np.array(DECADES)).tolist(), DECADES, strict=True)
        return tuple(
            (_share(at, low, high), f"{value:,.0f}".replace("-", "−"))
            for at, value in places
            if low <= at <= high
        )
    step = 10 ** np.floor(np.log10(high - low))
    step = step if (high - low) / step > 3 else step / 2
    values = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return tuple((_share(value, low, high), f"{value:,.0f}".replace("-", "−")) for value in values.tolist())


def _share(value: float, low: float, high: float) -> float:
    """A value's distance from the beginning of its axis [units of the drawing]."""
    return round(SIDE * (value - low) / (high - low), 1)


def _levels(counts: NDArray[np.float64]) -> tuple[str, ...]:
    """Squares of each level of density, twice as many events a square from one to the next but two, as runs."""
    most = counts.max()
    if most == 0:
        return ()
    level = np.where(counts > 0, np.ceil(LEVELS * np.log1p(counts) / np.log1p(most)), 0).astype(int)
    found = []
    for n in range(1, LEVELS + 1):
        runs = []
        for row in range(BINS):
            columns = np.flatnonzero(level[:, row] == n)
            for run in np.split(columns, np.flatnonzero(np.diff(columns) != 1) + 1):
                if len(run):
                    runs.append(f"M{run[0]} {BINS - row - 1}h{len(run)}v1h-{len(run)}z")
        found.append("".join(runs))
    return tuple(found)


def _plane(gate: Gate) -> tuple[Dimension, ...]:
    match gate:
        case RectangleGate() | PolygonGate() | EllipsoidGate():
            return tuple(gate.dimensions)
        case QuadrantGate():
            return tuple(divider.dimension for divider in gate.dividers)
        case _:
            return ()


def _shapes(gate: Gate, x: PlotAxis, y: PlotAxis, *, turned: bool) -> list[DrawnShape]:
    def at(first: float, second: float) -> tuple[float, float]:
        if turned:
            first, second = second, first
        return LEFT + _share(first, x.low, x.high), TOP + SIDE - _share(second, y.low, y.high)

    def closed(name: str, corners: Sequence[tuple[float, float]]) -> DrawnShape:
        points = [at(*corner) for corner in corners]
        path = "M" + "L".join(f"{a:g} {b:g}" for a, b in points) + "Z"
        top = min(points, key=lambda point: point[1])
        return DrawnShape(name, path, min(max(top[0], LEFT + 4), LEFT + SIDE - 40), max(top[1] - 5, TOP + 12))

    ends = [(x.low, x.high), (y.low, y.high)]
    if turned:
        ends.reverse()
    match gate:
        case RectangleGate():
            (a, b), (c, d) = (
                (end[0] if low is None else low, end[1] if high is None else high)
                for (low, high), end in zip(gate.limits, ends, strict=True)
            )
            return [closed(gate.id, [(a, c), (b, c), (b, d), (a, d)])]
        case PolygonGate():
            return [closed(gate.id, gate.vertices)]
        case EllipsoidGate():
            root = np.linalg.cholesky(np.array(gate.covariance) * gate.distance_square)
            around = [root @ (cos(2 * pi * n / 72), sin(2 * pi * n / 72)) for n in range(72)]
            return [closed(gate.id, [(gate.mean[0] + float(u), gate.mean[1] + float(v)) for u, v in around])]
        case QuadrantGate():
            found = []
            for name, where in gate.quadrants.items():
                sides = []
                for divider, (low, high) in zip(gate.dividers, ends, strict=True):
                    cuts = sorted([low, *divider.values, high])
                    place = where.get(divider.id)
                    inside = [p for p in pairwise(cuts) if place is None or p[0] <= place < p[1]]
                    sides.append(
                        (inside or [(cuts[0], cuts[1]) if (place or 0) < low else (cuts[-2], cuts[-1])])[0]
                    )
                (a, b), (c, d) = sides
                found.append(closed(name, [(a, c), (b, c), (b, d), (a, d)]))
            return found
        case _:
            return []
