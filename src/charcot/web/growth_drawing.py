"""Growth curves: cumulative doublings of a lot by day since its tissue was taken, with those of other lots light behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from charcot.product import Lot, compute_cumulative_doublings, list_growth

WIDE, HIGH, LEFT, BOTTOM = 600, 286, 44, 44
RIGHT, TOP = 56, 28
"""Room for the name of the lot, and for that of the axis."""


@dataclass(frozen=True)
class DrawnCurve:
    """One lot's curve: its path and the dots of its harvests."""

    lot: str
    path: str
    dots: tuple[tuple[int, int, str], ...]
    here: bool

    @property
    def end(self) -> tuple[int, int, str]:
        """The last harvest, beside which the lot is named."""
        return self.dots[-1]


@dataclass(frozen=True)
class GrowthDrawing:
    """Curves with their axes, in pixels."""

    curves: tuple[DrawnCurve, ...]
    days: tuple[tuple[int, int], ...]
    doublings: tuple[tuple[int, int], ...]
    wide: int = WIDE
    high: int = HIGH
    left: int = LEFT
    floor: int = HIGH - BOTTOM


def draw_growth(lots: Iterable[Lot], here: str) -> GrowthDrawing | None:
    """The curves of all lots, `here` in front; None where that lot has no passage whose growth is known."""
    points = {lot.id: _points(lot) for lot in lots}
    if len(points.get(here, ())) < 2:
        return None
    last = ceil(max(day for line in points.values() for day, _, _ in line))
    most = max(1, ceil(max(total for line in points.values() for _, total, _ in line)))

    def place(day: float, total: float) -> tuple[int, int]:
        x = LEFT + day / last * (WIDE - LEFT - RIGHT)
        y = (HIGH - BOTTOM) - total / most * (HIGH - BOTTOM - TOP)
        return round(x), round(y)

    curves = []
    for name in sorted(points, key=lambda lot: lot == here):
        placed = [(*place(day, total), f"{label}: {total:.2f}") for day, total, label in points[name]]
        if len(placed) > 1:
            path = "M" + "L".join(f"{x} {y}" for x, y, _ in placed)
            curves.append(DrawnCurve(name, path, tuple(placed), name == here))
    step, rise = max(1, last // 6), max(1, most // 5)
    return GrowthDrawing(
        tuple(curves),
        tuple((place(day, 0)[0], day) for day in range(0, last + 1, step)),
        tuple((place(0, total)[1], total) for total in range(0, most + 1, rise)),
    )


def _points(lot: Lot) -> list[tuple[float, float, str]]:
    """Day, cumulative doublings from P1 on, and the passage: zero at the first harvest, from which they are counted."""
    found = compute_cumulative_doublings(list_growth(lot))
    began = lot.procured_at.earliest
    return [
        ((one.harvested_at - began).total_seconds() / 86400, total, f"P{one.passage}")
        for one, total, _ in found
    ]
