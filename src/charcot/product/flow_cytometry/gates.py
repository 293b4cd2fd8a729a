"""Gates as Gating-ML 2.0 knows them, and which events lie in each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from charcot.product.flow_cytometry.compensation import Spillover, compensate, parse_spillover
from charcot.product.flow_cytometry.transforms import Ratio, Transform
from charcot.product.flow_cytometry.tube import Tube
from charcot.refusal import Refusal

UNCOMPENSATED, FROM_FILE = "uncompensated", "FCS"
Events = NDArray[np.bool_]
Values = NDArray[np.float64]


class NoGate(Refusal):
    """A gate, or what it is drawn on, cannot be had."""


def refuse_gate(what: str, next_step: str = "Correct the gates and upload them again.") -> NoGate:
    """The refusal of a gate that cannot be read or used."""
    return NoGate(
        what, rule="Flow cytometry, gates: Gating-ML 2.0, locked for control and sample", next_step=next_step
    )


@dataclass(frozen=True)
class Dimension:
    """One axis of a gate: a channel, dye or ratio, compensated as said, on a scale.

    `name` is a channel or dye; where `ratio` is set, the id of a ratio instead.
    """

    name: str
    compensation: str = UNCOMPENSATED
    transform: str | None = None
    ratio: bool = False


@dataclass(frozen=True)
class RectangleGate:
    """Events with lowest <= value < highest on each axis; an end that is None is open."""

    id: str
    dimensions: tuple[Dimension, ...]
    limits: tuple[tuple[float | None, float | None], ...]
    parent: str | None = None


@dataclass(frozen=True)
class PolygonGate:
    """Events within a polygon of two axes, its border included; lines may cross (even-odd rule)."""

    id: str
    dimensions: tuple[Dimension, Dimension]
    vertices: tuple[tuple[float, float], ...]
    parent: str | None = None


@dataclass(frozen=True)
class EllipsoidGate:
    """Events whose Mahalanobis distance squared from `mean` is at most `distance_square`."""

    id: str
    dimensions: tuple[Dimension, ...]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    distance_square: float
    parent: str | None = None


@dataclass(frozen=True)
class Divider:
    """Values that part an axis into intervals; a value belongs to the interval above it."""

    id: str
    dimension: Dimension
    values: tuple[float, ...]


@dataclass(frozen=True)
class QuadrantGate:
    """Parts of a space cut by dividers: for each quadrant a location on some of the dividers."""

    id: str
    dividers: tuple[Divider, ...]
    quadrants: Mapping[str, Mapping[str, float]]
    parent: str | None = None


@dataclass(frozen=True)
class BooleanGate:
    """`and`, `or` or `not` of other gates, each as it is or as its complement."""

    id: str
    operator: str
    operands: tuple[tuple[str, bool], ...]
    parent: str | None = None


Gate = RectangleGate | PolygonGate | EllipsoidGate | QuadrantGate | BooleanGate


@dataclass(frozen=True)
class Gating:
    """A set of gates with the scales, ratios and matrices that they name."""

    gates: Mapping[str, Gate]
    transforms: Mapping[str, Transform] = field(default_factory=dict)
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    matrices: Mapping[str, Spillover] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything that has events: gates, and quadrants in place of their gate."""
        return tuple(
            name
            for id, gate in self.gates.items()
            for name in (gate.quadrants if isinstance(gate, QuadrantGate) else (id,))
        )


class GatedTube:
    """Which events of one tube lie in which gate of a set; each gate and axis is computed once.

    `compensation`, where given, is what axes compensated by the file's own matrix ("FCS") take instead.
    """

    def __init__(self, tube: Tube, gating: Gating, compensation: Spillover | None = None) -> None:
        self._tube, self._gating, self._given = tube, gating, compensation
        self._found: dict[str, Events] = {}
        self._axes: dict[Dimension, Values] = {}
        self._dyes: dict[str, dict[str, Values]] = {}
        self._asking: list[str] = []
        self._owner = {
            name: gate
            for gate in gating.gates.values()
            if isinstance(gate, QuadrantGate)
            for name in gate.quadrants
        }

    def events_in(self, name: str) -> Events:
        """Which events lie in a gate or quadrant, and in all its parents. Raises NoGate."""
        if name not in self._found:
            if name in self._asking:
                raise refuse_gate(f"The gates {', '.join(self._asking)} lie in one another in a circle")
            self._asking.append(name)
            self._found[name] = self._judge(name)
            self._asking.pop()
        return self._found[name]

    def count(self, name: str) -> int:
        """How many events lie in a gate."""
        return int(np.count_nonzero(self.events_in(name)))

    def axis(self, dimension: Dimension) -> Values:
        """The values of all events on one axis. Raises NoGate, NoCompensation or UnreadableTube."""
        if dimension not in self._axes:
            self._axes[dimension] = self._measure(dimension)
        return self._axes[dimension]

    def _judge(self, name: str) -> Events:
        gate = self._owner.get(name) or self._gating.gates.get(name)
        if gate is None:
            raise refuse_gate(f"There is no gate {name!r}; there are {', '.join(self._gating.ids)}")
        match gate:
            case RectangleGate():
                found = self._in_rectangle(gate)
            case PolygonGate():
                x, y = map(self.axis, gate.dimensions)
                found = find_in_polygon(x, y, gate.vertices)
            case EllipsoidGate():
                found = self._in_ellipsoid(gate)
            case QuadrantGate():
                if name not in gate.quadrants:
                    raise refuse_gate(f"{name!r} is cut into quadrants: {', '.join(gate.quadrants)}")
                found = self._in_quadrant(gate, gate.quadrants[name])
            case BooleanGate():
                found = self._combined(gate)
        return found if gate.parent is None else found & self.events_in(gate.parent)

    def _in_rectangle(self, gate: RectangleGate) -> Events:
        found = np.ones(len(self._tube), dtype=bool)
        for dimension, (low, high) in zip(gate.dimensions, gate.limits, strict=True):
            values = self.axis(dimension)
            found &= ~np.isnan(values)
            if low is not None:
                found &= values >= low
            if high is not None:
                found &= values < high
        return found

    def _in_ellipsoid(self, gate: EllipsoidGate) -> Events:
        away = np.column_stack([self.axis(dimension) for dimension in gate.dimensions]) - np.array(gate.mean)
        solved = np.linalg.solve(np.array(gate.covariance), away.T).T
        return np.asarray(np.einsum("ij,ij->i", away, solved) <= gate.distance_square)

    def _in_quadrant(self, gate: QuadrantGate, where: Mapping[str, float]) -> Events:
        found = np.ones(len(self._tube), dtype=bool)
        for divider in gate.dividers:
            if divider.id in where:
                cuts = np.sort(divider.values)
                place = np.searchsorted(cuts, where[divider.id], side="right")
                values = self.axis(divider.dimension)
                found &= (np.searchsorted(cuts, values, side="right") == place) & ~np.isnan(values)
        return found

    def _combined(self, gate: BooleanGate) -> Events:
        parts = [
            ~self.events_in(name) if complement else self.events_in(name)
            for name, complement in gate.operands
        ]
        if gate.operator == "not":
            return ~parts[0]
        joined = np.logical_and if gate.operator == "and" else np.logical_or
        return np.asarray(joined.reduce(parts))

    def _measure(self, dimension: Dimension) -> Values:
        if dimension.ratio:
            ratio = self._gating.ratios.get(dimension.name)
            if ratio is None:
                raise refuse_gate(f"There is no ratio {dimension.name!r}")
            values = ratio.divide(
                self._compensated(ratio.numerator, dimension.compensation),
                self._compensated(ratio.denominator, dimension.compensation),
            )
        else:
            values = self._compensated(dimension.name, dimension.compensation)
        if dimension.transform is None:
            return values
        transform = self._gating.transforms.get(dimension.transform)
        if transform is None:
            raise refuse_gate(f"There is no scale {dimension.transform!r}")
        return transform.scale(values)

    def _compensated(self, name: str, compensation: str) -> Values:
        if compensation == UNCOMPENSATED:
            return self._tube.column(name)
        if compensation not in self._dyes:
            matrix = self._matrix(compensation)
            self._dyes[compensation] = (
                {}
                if matrix is None
                else dict(
                    zip(matrix.dyes, compensate(self._tube.events, self._tube.names, matrix).T, strict=True)
                )
            )
        dyes = self._dyes[compensation]
        return dyes[name] if name in dyes else self._tube.column(name)

    def _matrix(self, compensation: str) -> Spillover | None:
        if compensation == FROM_FILE:
            if self._given is not None:
                return self._given
            text = self._tube.spillover_text
            return None if text is None else parse_spillover(text)
        if compensation not in self._gating.matrices:
            raise refuse_gate(f"There is no compensation {compensation!r}")
        return self._gating.matrices[compensation]


def find_in_polygon(x: Values, y: Values, vertices: tuple[tuple[float, float], ...]) -> Events:
    """Which points lie in a polygon or on its border, by the even-odd rule.

    >>> find_in_polygon(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0]), ((0, 0), (2, 0), (2, 2), (0, 2))).tolist()
    [True, True, False]
    """
    corners = np.array(vertices)
    (x_low, y_low), (x_high, y_high) = corners.min(axis=0), corners.max(axis=0)
    found = (x >= x_low) & (x <= x_high) & (y >= y_low) & (y <= y_high)
    near = np.flatnonzero(found)
    px, py = x[near], y[near]
    inside, border = np.zeros(len(near), dtype=bool), np.zeros(len(near), dtype=bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        across = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
        within = (np.minimum(ax, bx) <= px) & (px <= np.maximum(ax, bx))
        within &= (np.minimum(ay, by) <= py) & (py <= np.maximum(ay, by))
        border |= (across == 0) & within
        if ay != by:
            inside ^= ((ay > py) != (by > py)) & (px < (bx - ax) * (py - ay) / (by - ay) + ax)
    found[near] = inside | border
    return np.asarray(found)
