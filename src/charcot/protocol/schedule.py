"""When things happen: encounters with targets and windows, activities, and the forms they fill."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from charcot.clinical_time import Offset, parse_offset
from charcot.protocol.strict import Identifier, Length, Part, Text


class Window(Part):
    """How far an encounter may lie from its target: both ends count."""

    before: Length
    after: Length

    def around(self, target: datetime) -> tuple[datetime, datetime]:
        """The first and last moment that are still inside."""
        return self.before.after(target), self.after.after(target)


def _window(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    before, separator, after = value.partition(" to ")
    if not separator:
        raise ValueError(f"{value!r} is not a window: write for example '-14 days to +14 days'")
    return {"before": parse_offset(before), "after": parse_offset(after)}


class Encounter(Part):
    """A planned or possible meeting with a participant (USDM Encounter)."""

    id: Identifier
    label: Text
    kind: Literal["scheduled", "unscheduled"] = "scheduled"
    anchor: Literal["consent", "enrolment", "infusion"] | None = None
    target: Length | None = None
    window: Annotated[Window, BeforeValidator(_window)] | None = None
    contact: Literal["clinic", "telephone", "home", "any"] = "clinic"
    repeating: bool = False
    section: str | None = None

    def target_from(self, anchor: datetime) -> datetime | None:
        """When the encounter is due, counted from its anchor."""
        return self.target.after(anchor) if isinstance(self.target, Offset) else None


class Activity(Part):
    """Something done at encounters; `forms` are filled each time, `optional` ones where they apply."""

    id: Identifier
    label: Text
    forms: tuple[Identifier, ...] = ()
    optional: tuple[Identifier, ...] = ()
    at: tuple[Identifier, ...] = ()
    note: str | None = None
