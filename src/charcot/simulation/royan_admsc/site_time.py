"""The site's calendar: working days and office hours in Tehran, and how dates are written."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

OPENS, CLOSES = time(8, 0), time(16, 30)
_WEEKEND = (3, 4)  # Thursday and Friday, by date.weekday()
_DAY = timedelta(days=1)


def is_weekday(day: date) -> bool:
    """Whether the hospital works at all."""
    return day.weekday() not in _WEEKEND


def is_working_day(day: date) -> bool:
    """Whether the clinic sees people by appointment: not on weekends, nor from 20 March to 2 April (Nowruz)."""
    nowruz = (day.month, day.day) >= (3, 20) and (day.month, day.day) <= (4, 2)
    return is_weekday(day) and not nowruz


def is_eve_of_work(day: date) -> bool:
    """Whether the clinic works that day and the day after."""
    return is_working_day(day) and is_working_day(day + _DAY)


def nearest_day(wanted: date, first: date, last: date, fits: Callable[[date], bool]) -> date:
    """The day nearest to `wanted`, from `first` to `last`, that fits; at worst one that is a weekday."""
    span = sorted(
        (first + n * _DAY for n in range((last - first).days + 1)), key=lambda d: (abs((d - wanted).days), d)
    )
    for test in (fits, is_weekday):
        for day in span:
            if test(day):
                return day
    raise ValueError(f"no weekday from {first} to {last}")


def office_time(moment: datetime) -> datetime:
    """`moment`, or the next one at which the study office is open."""
    if not is_weekday(moment.date()) or moment.time() > CLOSES:
        day = moment.date() + _DAY
        while not is_weekday(day):
            day += _DAY
        return datetime.combine(day, OPENS) + timedelta(minutes=moment.minute % 30)
    return max(moment, datetime.combine(moment.date(), OPENS))


def moment_text(moment: datetime) -> str:
    """A date and time as it stands on a form."""
    return moment.strftime("%Y-%m-%dT%H:%M")


def day_text(moment: date) -> str:
    """A date as it stands on a form."""
    return moment.strftime("%Y-%m-%d")


def month_text(moment: date) -> str:
    """Month and year alone, where the day is not known."""
    return moment.strftime("%Y-%m")
