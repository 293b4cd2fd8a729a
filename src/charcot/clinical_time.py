"""Dates and times as a clinic writes them: partial where unknown, with calendar months that clamp."""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

DAYS_PER_MONTH = 30.4375
"""Length of a month for rates [days]; windows and criteria count calendar months instead."""

_PATTERN = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?)?)?"
)
_OFFSET = re.compile(r"([+-]?[0-9]{1,6})\s+(minute|hour|day|week|month|year)s?")
FIRST_YEAR = 1900
"""Nothing that a trial records lies before it: such a year belongs to another calendar (1393 for 2014)."""

_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


@lru_cache(maxsize=16_384)
def _parts_of(text: str) -> tuple[int, ...]:
    match = _PATTERN.fullmatch(text)
    return tuple(int(part) for part in (match.groups() if match else ()) if part is not None)


@lru_cache(maxsize=16_384)
def _earliest_of(parts: tuple[int, ...]) -> datetime:
    return datetime(*(parts + (1, 1)[len(parts) - 1 :] if len(parts) < 3 else parts))  # type: ignore[arg-type]  # three to six integers


@lru_cache(maxsize=16_384)
def _latest_of(text: str) -> datetime:
    parts = _parts_of(text)
    if len(parts) == 1:
        return datetime(parts[0], 12, 31, 23, 59, 59)
    if len(parts) == 2:
        return datetime(parts[0], parts[1], calendar.monthrange(parts[0], parts[1])[1], 23, 59, 59)
    if len(parts) == 3:
        return datetime(parts[0], parts[1], parts[2], 23, 59, 59)
    return _earliest_of(parts) + (timedelta(seconds=59) if len(parts) == 5 else timedelta())


@dataclass(frozen=True)
class ClinicalTime:
    """A moment in the site's own time, as precise as it is known: `2014`, `2014-03`, `2014-03-14`, `2014-03-14T09:30`."""

    text: str
    earliest: datetime = field(init=False, repr=False, compare=False)
    """The first moment this can mean."""

    def __post_init__(self) -> None:
        if not self._parts:
            raise ValueError(
                f"{self.text!r} is not a date: write 2014-03-14, 2014-03-14T09:30, or 2014-03 or 2014 where the rest is unknown"
            )
        try:
            object.__setattr__(self, "earliest", _earliest_of(self._parts))
        except ValueError as error:
            raise ValueError(f"{self.text!r} is not a day of the calendar, or not a time of day") from error

    @property
    def _parts(self) -> tuple[int, ...]:
        return _parts_of(self.text)

    @property
    def is_complete(self) -> bool:
        """Whether the day is known."""
        return len(self.text) >= len("2014-03-14")

    @property
    def is_of_our_calendar(self) -> bool:
        """Whether the year can be one of the calendar in which the record is kept."""
        return self._parts[0] >= FIRST_YEAR

    @property
    def has_time(self) -> bool:
        """Whether the time of day is known."""
        return len(self._parts) >= 5

    @property
    def latest(self) -> datetime:
        """The last moment this can mean."""
        return _latest_of(self.text)

    @property
    def day(self) -> date:
        """The first day this can mean."""
        return self.earliest.date()

    def surely_before(self, other: "ClinicalTime") -> bool:
        """Whether this is earlier than `other`, however the unknown parts turn out."""
        return self.latest < other.earliest


@lru_cache(maxsize=16_384)
def parse_time(text: str | None) -> ClinicalTime:
    """The moment that an entry states; raises ValueError where it states none. The same text is read once."""
    return ClinicalTime(text or "")


@dataclass(frozen=True)
class Offset:
    """A signed length of time in the unit it was written in, such as `2 months`, `-4 weeks`, `24 hours`."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if abs(self.amount) == 1 else 's'}"

    def after(self, start: datetime) -> datetime:
        """The moment this far from `start`; months and years are calendar months, clamped to month ends."""
        if self.unit in ("month", "year"):
            months = self.amount * (12 if self.unit == "year" else 1)
            return datetime.combine(add_months(start.date(), months), start.time())
        return start + self.amount * _UNITS[self.unit]


def parse_offset(text: str) -> Offset:
    """Reads an offset such as `2 months`; raises ValueError in words."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is not a length of time: write for example '2 months', '-4 weeks' or '24 hours'"
        )
    return Offset(int(match.group(1)), match.group(2))


def add_months(start: date, months: int) -> date:
    """The same day `months` calendar months on, or the month's last day where that day does not exist."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Whole calendar months from `start` to `end`; negative where `end` comes first."""
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1
