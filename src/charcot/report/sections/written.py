"""Numbers that are written in a way of their own: p values and moments."""

from dataclasses import dataclass

from charcot.report.format import NONE, format_clinical, format_moment, format_p
from charcot.report.table import Number


@dataclass(frozen=True)
class PValue(Number):
    """A p value, or Mauchly's W: two or three decimals, `<0.001` at the end."""

    @property
    def text(self) -> str:
        """The p value as it is printed."""
        value = self.result.value
        return format_p(value) if isinstance(value, int | float) else NONE


@dataclass(frozen=True)
class Moment(Number):
    """A day or a moment as recorded, written as it is read aloud; `timed`: with its time of day."""

    timed: bool = False

    @property
    def text(self) -> str:
        """The day, as precise as it is known."""
        value = self.result.value
        if not isinstance(value, str):
            return NONE
        return format_moment(value) if self.timed else format_clinical(value)
