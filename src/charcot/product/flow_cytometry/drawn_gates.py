"""Gates as a person draws or types them: a name, a kind, two axes and numbers; made into Gating-ML's gates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, isfinite, radians, sin

from charcot.product.flow_cytometry.gates import (
    FROM_FILE,
    BooleanGate,
    Dimension,
    Divider,
    EllipsoidGate,
    Gate,
    Gating,
    NoGate,
    PolygonGate,
    QuadrantGate,
    RectangleGate,
    refuse_gate,
)
from charcot.product.flow_cytometry.transforms import Logicle

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
KINDS = ("rectangle", "polygon", "ellipse", "quadrants", "and", "or", "not")
SCALES = ("linear", "logicle")
LOGICLE = Logicle(262_144.0, 0.5, 4.5, 0.0)
"""The scale of fluorescence: T, W, M and A as most programs preset them."""
QUADRANTS = ("nn", "pn", "np", "pp")
"""Below and above the two dividers: first of the horizontal axis, then of the vertical one."""
MOST_GATES, MOST_CORNERS = 40, 200
NUMBERS = {
    "rectangle": "from and to of the first axis, from and to of the second; * leaves an end open",
    "polygon": "the corners one after another, each with both values, at least three",
    "ellipse": "the middle, the two radii, and the angle in degrees",
    "quadrants": "where the first axis is cut, and where the second",
}


@dataclass(frozen=True)
class DrawnGate:
    """One line of the form. `numbers` are on the scales of its axes; for and, or, not they are names of gates, ! before a complement."""

    name: str
    kind: str
    x: str = ""
    y: str = ""
    x_scale: str = "linear"
    y_scale: str = "linear"
    numbers: str = ""
    within: str = ""


def parse_drawn_gates(lines: Sequence[DrawnGate]) -> Gating:
    """The gates of some lines, in their order. Raises NoGate, which says what is wrong with which gate and what it needs."""
    if len(lines) > MOST_GATES:
        raise refuse_gate(f"There are {len(lines)} gates; at most {MOST_GATES} can be drawn")
    gates: dict[str, Gate] = {}
    known: set[str] = set()
    for line in lines:
        if not NAME.fullmatch(line.name):
            raise _refuse(
                line,
                "has no name that can be used",
                "Begin with a letter; letters, digits, - and _ may follow.",
            )
        if line.name in known or line.name in gates:
            raise _refuse(line, "has the name of another", "Give each gate a name of its own.")
        if line.within and line.within not in known:
            raise _refuse(
                line,
                f"lies within {line.within!r}, which does not stand above it",
                f"Name one of {_listed(known)}.",
            )
        gate = _combination(line, known) if line.kind in ("and", "or", "not") else _shape(line)
        gates[line.name] = gate
        known |= set(gate.quadrants) if isinstance(gate, QuadrantGate) else {line.name}
    scaled = any("logicle" in (line.x_scale, line.y_scale) for line in lines)
    return Gating(gates, {"logicle": LOGICLE} if scaled else {})


def axis_of(channel: str, scale: str) -> Dimension:
    """A channel on its scale, compensated as the tube is."""
    return Dimension(channel, FROM_FILE, "logicle" if scale == "logicle" else None)


def _shape(line: DrawnGate) -> Gate:
    if line.kind not in KINDS:
        raise _refuse(line, "is of no kind that is known", f"Choose one of {', '.join(KINDS)}.")
    if not line.x or not line.y or line.x == line.y:
        raise _refuse(line, "needs two different channels", "Choose one for each axis.")
    x, y = axis_of(line.x, line.x_scale), axis_of(line.y, line.y_scale)
    within = line.within or None
    found = _numbers(line)
    match line.kind:
        case "rectangle":
            (a, b), (c, d) = ends = ((found[0], found[1]), (found[2], found[3]))
            if (a is not None and b is not None and a >= b) or (c is not None and d is not None and c >= d):
                raise _refuse(line, "ends before it begins", "Write the smaller number first.")
            return RectangleGate(line.name, (x, y), ends, within)
        case "polygon":
            values = [value for value in found if value is not None]
            corners = tuple(zip(values[::2], values[1::2], strict=True))
            if len(set(corners)) < 3:
                raise _refuse(line, "has fewer than three different corners", "Set at least three.")
            return PolygonGate(line.name, (x, y), corners, within)
        case "ellipse":
            mid_x, mid_y, wide, high, turn = (value for value in found if value is not None)
            if wide <= 0 or high <= 0:
                raise _refuse(line, "has no radius", "Both radii are above zero.")
            c, s = cos(radians(turn)), sin(radians(turn))
            xx, yy = (c * wide) ** 2 + (s * high) ** 2, (s * wide) ** 2 + (c * high) ** 2
            xy = c * s * (wide**2 - high**2)
            return EllipsoidGate(line.name, (x, y), (mid_x, mid_y), ((xx, xy), (xy, yy)), 1.0, within)
        case _:
            at_x, at_y = (value for value in found if value is not None)
            cuts = (Divider(f"{line.name}_x", x, (at_x,)), Divider(f"{line.name}_y", y, (at_y,)))
            places = {
                f"{line.name}_{sides}": {
                    cut.id: value + (1.0 if side == "p" else -1.0)
                    for cut, value, side in zip(cuts, (at_x, at_y), sides, strict=True)
                }
                for sides in QUADRANTS
            }
            return QuadrantGate(line.name, cuts, places, within)


def _numbers(line: DrawnGate) -> list[float | None]:
    """The numbers of a line: as many as its kind needs, each finite; None for an open end."""
    found: list[float | None] = []
    for text in re.split(r"[\s,;]+", line.numbers.strip()):
        if text == "*" and line.kind == "rectangle":
            found.append(None)
            continue
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise _refuse(line, f"holds {text[:20]!r}, which is no number", f"Write {NUMBERS[line.kind]}.")
        found.append(value)
    wanted = {"rectangle": 4, "ellipse": 5, "quadrants": 2}.get(line.kind)
    fits = (
        6 <= len(found) <= 2 * MOST_CORNERS and len(found) % 2 == 0
        if wanted is None
        else len(found) == wanted
    )
    if not fits:
        raise _refuse(line, f"has {len(found)} numbers", f"Write {NUMBERS[line.kind]}.")
    return found


def _combination(line: DrawnGate, known: set[str]) -> BooleanGate:
    names = [name for name in re.split(r"[\s,;]+", line.numbers.strip()) if name]
    operands = tuple((name.removeprefix("!"), name.startswith("!")) for name in names)
    unknown = [name for name, _complement in operands if name not in known]
    if unknown:
        raise _refuse(
            line, f"names {unknown[0]!r}, which does not stand above it", f"Name one of {_listed(known)}."
        )
    if (line.kind == "not") != (len(operands) == 1) or not operands:
        raise _refuse(
            line, f"combines {len(operands)} gates", "Name one gate after not; two or more after and, or."
        )
    return BooleanGate(line.name, line.kind, operands, line.within or None)


def _listed(known: set[str]) -> str:
    return ", ".join(sorted(known)) or "the gates above it: there is none"


def _refuse(line: DrawnGate, what: str, next_step: str) -> NoGate:
    return refuse_gate(f"The gate {line.name[:40]!r} {what}", next_step)
