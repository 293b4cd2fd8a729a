"""How values are written: decimals, signs, intervals, p values and dates; formatting is the last step of all."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from charcot.analysis.methods import Value
from charcot.clinical_time import ClinicalTime
from charcot.statistics import Interval, SurvivalCurve

NONE = "–"
"""What stands where there is no value."""

MINUS = "\N{MINUS SIGN}"


RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
"""Languages that are written from right to left."""


def direction_of(language: str) -> Literal["ltr", "rtl"]:
    """How a language is written.

    >>> direction_of("fa-IR"), direction_of("en")
    ('rtl', 'ltr')
    """
    return "rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True)
class Format:
    """Decimal places; `trim` drops zeros at the end; `scale` 100 shows a share as per cent; `part` of an interval."""

    places: int = 0
    trim: bool = False
    scale: float = 1.0
    part: Literal["estimate", "lower", "upper"] = "estimate"
    codes: tuple[tuple[str, str], ...] = ()
    """What stored codes are shown as."""


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TOO_LARGE = 1e15
"""From here on, digits would be more than the number knows."""
WHOLE = Format()
PERCENT = Format(1, scale=100.0)


def format_value(value: Value, form: Format = WHOLE) -> str:
    """A value as text; a dash where it does not exist. A curve has no text of its own."""
    if isinstance(value, Interval):
        value = {"estimate": value.estimate, "lower": value.lower, "upper": value.upper}[form.part]
    if value is None or isinstance(value, SurvivalCurve) or value != value:
        return NONE
    if isinstance(value, str):
        return dict(form.codes).get(value, value)
    return format_number(float(value) * form.scale, form.places, trim=form.trim)


def format_number(number: float, places: int, *, trim: bool = False) -> str:
    """A number with a true minus sign and thin spaces from five digits on; never a negative zero. Halves go to even.

    >>> format_number(-2.25, 1), format_number(57.70, 2, trim=True), format_number(-0.001, 1), format_number(54321, 0)
    ('−2.2', '57.7', '0.0', '54\u2009321')
    >>> format_number(-1.7e165, 1)
    '−1.7e+165'
    """
    if not abs(number) < TOO_LARGE:
        return f"{number:.1e}".replace("-", MINUS)
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    text = f"{abs(rounded):,f}" if abs(rounded) >= 10_000 else f"{abs(rounded):f}"
    text = text.replace(",", "\N{THIN SPACE}")
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    return (MINUS if rounded < 0 else "") + text


def raise_powers(text: str) -> str:
    """A text such as a unit with its powers raised.

    >>> raise_powers("10^9/l"), raise_powers("mg/dl"), raise_powers("10^-3")
    ('10⁹/l', 'mg/dl', '10⁻³')
    """
    return re.sub(r"\^(-?\d+)", lambda found: found[1].translate(_RAISED), text)


def format_p(p: float) -> str:
    """A p value: two decimals from 0.1 on, three below, `<0.001` at the end.

    >>> format_p(0.0588), format_p(0.27), format_p(0.00001)
    ('0.059', '0.27', '<0.001')
    """
    if p < 0.001:
        return "<0.001"
    return format_number(p, 2 if p >= 0.0995 else 3)


def format_day(day: date) -> str:
    """A day as it is read aloud: 14 Mar 2014.

    >>> format_day(date(2014, 3, 14))
    '14 Mar 2014'
    """
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def format_clinical(text: str) -> str:
    """A clinical time, as precise as it is known.

    >>> format_clinical("2014-03-14T09:30"), format_clinical("2014-03"), format_clinical("2014")
    ('14 Mar 2014', 'Mar 2014', '2014')
    """
    time = ClinicalTime(text)
    full = format_day(time.day)
    if time.is_complete:
        return full
    return full.split(" ", 1)[1] if "-" in text else text


def format_moment(text: str, between: str = ", ") -> str:
    """A clinical time with its time of day, as precise as it is known.

    >>> format_moment("2014-03-14T09:30"), format_moment("2014-03-14 09:30", " at "), format_moment("2014-03")
    ('14 Mar 2014, 09:30', '14 Mar 2014 at 09:30', 'Mar 2014')
    """
    day, _, time = text.replace(" ", "T").partition("T")
    return format_clinical(day) + (between + time if time else "")


_WRITTEN = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2})?\b")


def rewrite_dates(sentences: str) -> str:
    """Sentences of the system's own with their dates as they are read aloud.

    >>> rewrite_dates("137/91 mmHg on 2014-09-13T09:39 is hypertension.")
    '137/91 mmHg on 13 Sep 2014, 09:39 is hypertension.'
    """
    return _WRITTEN.sub(lambda found: format_moment(found[0]), sentences)
