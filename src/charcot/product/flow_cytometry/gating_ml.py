"""Gating-ML 2.0 read: the XML of gates, scales and matrices, without following anything that it points to."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from math import isfinite
from xml.parsers import expat

import numpy as np

from charcot.product.flow_cytometry.compensation import Spillover
from charcot.product.flow_cytometry.gates import (
    UNCOMPENSATED,
    BooleanGate,
    Dimension,
    Divider,
    EllipsoidGate,
    Gate,
    Gating,
    PolygonGate,
    QuadrantGate,
    RectangleGate,
    refuse_gate,
)
from charcot.product.flow_cytometry.transforms import (
    Hyperlog,
    InverseSine,
    Linear,
    Logarithmic,
    Logicle,
    Ratio,
    Transform,
)

NAMESPACE = "http://www.isac-net.org/std/Gating-ML/v2.0/"
G, T, D = (f"{{{NAMESPACE}{part}}}" for part in ("gating", "transformations", "datatypes"))
MOST_BYTES, DEEPEST = 5_000_000, 40
LEAST_CORNERS = 3


def parse_gating_ml(content: bytes) -> Gating:
    """The gates in the bytes of a Gating-ML 2.0 file.

    Raises NoGate for what is not such a file, has a document type or entities, uses a kind of gate or
    scale that is not known, or names what it does not hold; NoTransform for numbers that cannot be.
    """
    root = _parse_safely(content)
    if root.tag != f"{G}Gating-ML":
        raise refuse_gate("This is no Gating-ML 2.0 file", "Export the gates as Gating-ML 2.0.")
    transforms: dict[str, Transform] = {}
    ratios: dict[str, Ratio] = {}
    for one in root.iter(f"{T}transformation"):
        name = _attribute(one, f"{T}id")
        made = _transform(one, name)
        if isinstance(made, Ratio):
            ratios[name] = made
        else:
            transforms[name] = made
    matrices = {_attribute(one, f"{T}id"): _matrix(one) for one in root.iter(f"{T}spectrumMatrix")}
    gates: dict[str, Gate] = {}
    for one in root:
        if one.tag in READERS:
            name = _attribute(one, f"{G}id")
            if name in gates:
                raise refuse_gate(f"Two gates are called {name!r}")
            gates[name] = READERS[one.tag](one, name, one.get(f"{G}parent_id"))
        elif one.tag.startswith(G) and one.tag.endswith("Gate"):
            raise refuse_gate(f"Gates of the kind {one.tag.removeprefix(G)} are not known")
    if not gates:
        raise refuse_gate("The file holds no gate")
    gating = Gating(gates, transforms, ratios, matrices)
    _require_whole(gating)
    return gating


def _parse_safely(content: bytes) -> ET.Element:
    """The tree of an XML text without document type, and neither large nor deep."""
    if len(content) > MOST_BYTES:
        raise refuse_gate(f"The file of gates is larger than {MOST_BYTES:,} bytes")
    depth = 0

    def refuse_type(*_: object) -> None:
        raise refuse_gate(
            "The file of gates has a document type (DOCTYPE), which could draw in other files",
            "Remove the DOCTYPE and its entities; Gating-ML needs none.",
        )

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise refuse_gate(f"The file of gates is nested more than {DEEPEST} deep")

    def leave(*_: object) -> None:
        nonlocal depth
        depth -= 1

    scanner = expat.ParserCreate()
    scanner.StartDoctypeDeclHandler = refuse_type
    scanner.StartElementHandler, scanner.EndElementHandler = enter, leave
    try:
        scanner.Parse(content, True)
        return ET.fromstring(content)
    except (expat.ExpatError, ET.ParseError, ValueError, LookupError) as error:
        raise refuse_gate(
            "The file of gates is no XML", "Export the gates again as Gating-ML 2.0."
        ) from error


def _attribute(element: ET.Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        kind, wanted = element.tag.split("}")[-1], name.split("}")[-1]
        raise refuse_gate(f"A {kind} has no {wanted}")
    return value


def _number(text: str | None, what: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise refuse_gate(f"{what} is no number: {text!r}")
    return value


def _maybe(element: ET.Element, name: str) -> float | None:
    text = element.get(f"{G}{name}")
    return None if text is None else _number(text, name)


def _transform(one: ET.Element, name: str) -> Transform | Ratio:
    if one.get(f"{T}boundMin") is not None or one.get(f"{T}boundMax") is not None:
        raise refuse_gate(f"The scale {name!r} cuts values off (boundMin, boundMax), which is not supported")
    for child in one:
        kind = child.tag.removeprefix(T)
        if kind not in ("flin", "flog", "fasinh", "logicle", "hyperlog", "fratio"):
            continue
        t, w, m, a, b, c = (
            0.0 if (text := child.get(f"{T}{letter}")) is None else _number(text, f"{letter} of {name}")
            for letter in "TWMABC"
        )
        match kind:
            case "flin":
                return Linear(t, a)
            case "flog":
                return Logarithmic(t, m)
            case "fasinh":
                return InverseSine(t, m, a)
            case "logicle":
                return Logicle(t, w, m, a)
            case "hyperlog":
                return Hyperlog(t, w, m, a)
            case _:
                names = [_attribute(part, f"{D}name") for part in child.iter(f"{D}fcs-dimension")]
                if len(names) != 2:
                    raise refuse_gate(f"The ratio {name!r} does not name two channels")
                return Ratio(names[0], names[1], a, b, c)
    raise refuse_gate(f"The scale {name!r} is of a kind that is not known")


def _matrix(one: ET.Element) -> Spillover:
    name = _attribute(one, f"{T}id")
    dyes, seen = (
        tuple(
            _attribute(part, f"{D}name")
            for group in one.iter(f"{T}{kind}")
            for part in group.iter(f"{D}fcs-dimension")
        )
        for kind in ("fluorochromes", "detectors")
    )
    rows = [
        [_number(part.get(f"{T}value"), f"a coefficient of {name}") for part in row.iter(f"{T}coefficient")]
        for row in one.iter(f"{T}spectrum")
    ]
    if not rows or len(rows) != len(dyes) or any(len(row) != len(seen) for row in rows):
        raise refuse_gate(f"The matrix {name!r} has not one row a dye and one column a detector")
    return Spillover(dyes, seen, np.array(rows))


def _dimension(one: ET.Element) -> Dimension:
    compensation = one.get(f"{G}compensation-ref", UNCOMPENSATED)
    transform = one.get(f"{G}transformation-ref")
    channel, ratio = one.find(f"{D}fcs-dimension"), one.find(f"{D}new-dimension")
    if channel is not None:
        return Dimension(_attribute(channel, f"{D}name"), compensation, transform)
    if ratio is not None:
        return Dimension(_attribute(ratio, f"{D}transformation-ref"), compensation, transform, ratio=True)
    raise refuse_gate("An axis of a gate names no channel")


def _dimensions(one: ET.Element, name: str, least: int, most: int | None = None) -> tuple[Dimension, ...]:
    found = tuple(map(_dimension, one.findall(f"{G}dimension")))
    if len(found) < least or (most is not None and len(found) > most):
        raise refuse_gate(f"The gate {name!r} has {len(found)} axes")
    return found


def _coordinates(one: ET.Element) -> tuple[float, ...]:
    return tuple(_number(part.get(f"{D}value"), "a coordinate") for part in one.findall(f"{G}coordinate"))


def _rectangle(one: ET.Element, name: str, parent: str | None) -> RectangleGate:
    limits = tuple((_maybe(part, "min"), _maybe(part, "max")) for part in one.findall(f"{G}dimension"))
    return RectangleGate(name, _dimensions(one, name, 1), limits, parent)


def _polygon(one: ET.Element, name: str, parent: str | None) -> PolygonGate:
    x, y = _dimensions(one, name, 2, 2)
    corners = tuple(_coordinates(part) for part in one.findall(f"{G}vertex"))
    if len(corners) < LEAST_CORNERS or any(len(corner) != 2 for corner in corners):
        raise refuse_gate(f"The polygon {name!r} has not three or more corners of two coordinates")
    return PolygonGate(name, (x, y), tuple((a, b) for a, b in corners), parent)


def _ellipsoid(one: ET.Element, name: str, parent: str | None) -> EllipsoidGate:
    dimensions = _dimensions(one, name, 2)
    mean = tuple(value for part in one.findall(f"{G}mean") for value in _coordinates(part))
    rows = tuple(
        tuple(_number(part.get(f"{D}value"), "an entry") for part in row.findall(f"{G}entry"))
        for row in one.iter(f"{G}row")
    )
    square = _number(
        next((part.get(f"{D}value") for part in one.findall(f"{G}distanceSquare")), None), "distanceSquare"
    )
    size = len(dimensions)
    if len(mean) != size or len(rows) != size or any(len(row) != size for row in rows):
        raise refuse_gate(
            f"The ellipsoid {name!r} has not a mean and a covariance for each of its {size} axes"
        )
    if (
        not np.allclose(rows, np.transpose(rows))
        or np.linalg.eigvalsh(np.array(rows)).min() <= 0
        or square <= 0
    ):
        raise refuse_gate(f"The covariance of the ellipsoid {name!r} makes no ellipsoid")
    return EllipsoidGate(name, dimensions, mean, rows, square, parent)


def _quadrant(one: ET.Element, name: str, parent: str | None) -> QuadrantGate:
    dividers = tuple(
        Divider(
            _attribute(part, f"{G}id"),
            _dimension(part),
            tuple(_number(value.text, "a divider") for value in part.findall(f"{G}value")),
        )
        for part in one.findall(f"{G}divider")
    )
    quadrants = {
        _attribute(part, f"{G}id"): {
            _attribute(place, f"{G}divider_ref"): _number(place.get(f"{G}location"), "a location")
            for place in part.findall(f"{G}position")
        }
        for part in one.findall(f"{G}Quadrant")
    }
    known = {divider.id for divider in dividers}
    if not quadrants or any(not set(where) <= known or not where for where in quadrants.values()):
        raise refuse_gate(f"A quadrant of {name!r} names a divider that is not there")
    return QuadrantGate(name, dividers, quadrants, parent)


def _boolean(one: ET.Element, name: str, parent: str | None) -> BooleanGate:
    for operator in ("and", "or", "not"):
        for part in one.findall(f"{G}{operator}"):
            operands = tuple(
                (
                    _attribute(ref, f"{G}ref"),
                    ref.get(f"{G}use-as-complement", "false").strip() in ("true", "1"),
                )
                for ref in part.findall(f"{G}gateReference")
            )
            if len(operands) < 1 or (operator == "not") != (len(operands) == 1):
                raise refuse_gate(f"{operator!r} in the gate {name!r} has {len(operands)} gates")
            return BooleanGate(name, operator, operands, parent)
    raise refuse_gate(f"The gate {name!r} combines nothing")


READERS: dict[str, Callable[[ET.Element, str, str | None], Gate]] = {
    f"{G}RectangleGate": _rectangle,
    f"{G}PolygonGate": _polygon,
    f"{G}EllipsoidGate": _ellipsoid,
    f"{G}QuadrantGate": _quadrant,
    f"{G}BooleanGate": _boolean,
}


def _require_whole(gating: Gating) -> None:
    """Raises NoGate where something is named that the file does not hold."""
    known = set(gating.ids)
    for gate in gating.gates.values():
        named = [gate.parent] if gate.parent else []
        named += [name for name, _ in gate.operands] if isinstance(gate, BooleanGate) else []
        for name in named:
            if name not in known:
                raise refuse_gate(f"The gate {gate.id!r} names {name!r}, which the file does not hold")
        for dimension in axes_of(gate):
            places = (
                (dimension.transform, gating.transforms),
                (dimension.name if dimension.ratio else None, gating.ratios),
            )
            for wanted, there in places:
                if wanted is not None and wanted not in there:
                    raise refuse_gate(f"The gate {gate.id!r} names {wanted!r}, which the file does not hold")
            if dimension.compensation not in (UNCOMPENSATED, "FCS", *gating.matrices):
                raise refuse_gate(
                    f"The gate {gate.id!r} names the matrix {dimension.compensation!r}, which is missing"
                )


def axes_of(gate: Gate) -> Iterator[Dimension]:
    """The axes that a gate is drawn on."""
    if isinstance(gate, QuadrantGate):
        yield from (divider.dimension for divider in gate.dividers)
    elif not isinstance(gate, BooleanGate):
        yield from gate.dimensions
