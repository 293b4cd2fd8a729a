"""The time axis of a participant's pictures: months since the infusion, the first year wide, later years narrow."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from charcot.clinical_time import DAYS_PER_MONTH

BREAK = 13.0
"""Months from the infusion after which a year takes less room; the picture marks the place and says so."""
WIDE_SHARE = 0.68
"""Share of the width that lies before the break, where there is anything after it."""


@dataclass(frozen=True)
class AxisTick:
    """A labelled place on an axis."""

    at: str
    label: str


@dataclass(frozen=True)
class MonthScale:
    """Places between `left` and `right` for days since the origin, from `first` to `last` [months]."""

    left: float
    right: float
    first: float
    last: float

    @property
    def is_broken(self) -> bool:
        """Whether later years are drawn narrower."""
        return self.last > BREAK + 6

    def place(self, days: float) -> float:
        """Where a day lies, in the units of the picture."""
        month = min(max(days / DAYS_PER_MONTH, self.first), self.last)
        width = self.right - self.left
        if not self.is_broken:
            return self.left + width * (month - self.first) / max(self.last - self.first, 0.1)
        turn = self.left + width * WIDE_SHARE
        if month <= BREAK:
            return self.left + width * WIDE_SHARE * (month - self.first) / (BREAK - self.first)
        return turn + (self.right - turn) * (month - BREAK) / (self.last - BREAK)

    @property
    def break_at(self) -> str:
        """Where the scale changes; empty where it does not."""
        return place_text(self.place(BREAK * DAYS_PER_MONTH)) if self.is_broken else ""

    def ticks(self) -> list[AxisTick]:
        """Months of the first year, then years."""
        months = [0, 2, 4, 6, 8, 10, 12] if self.last - self.first < 30 or self.is_broken else [0, 6, 12]
        found = [
            AxisTick(place_text(self.place(m * DAYS_PER_MONTH)), str(m) if m else _("0 months"))
            for m in months
            if self.first <= m <= self.last
        ]
        years = range(2, int(self.last / 12) + 1)
        return found + [
            AxisTick(place_text(self.place(y * 12 * DAYS_PER_MONTH)), _("%(n)s y") % {"n": y}) for y in years
        ]


def place_text(number: float) -> str:
    """A place as it stands in a drawing, with a point in every language."""
    return f"{number:.1f}".removesuffix(".0")
