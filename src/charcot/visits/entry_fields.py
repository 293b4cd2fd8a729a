"""Whether a text may stand in a field: its type, range, codes and precision, in words where it may not."""

import re
from decimal import Decimal

from charcot.clinical_time import ClinicalTime
from charcot.protocol import Code, Item

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?(e[0-9]{1,2})?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
LONGEST_TEXT = 20_000


def check_text(item: Item, codes: tuple[Code, ...], text: str) -> str | None:
    """What is wrong with `text` as the value of `item`, and what would be right; None where it fits."""
    if len(text) > LONGEST_TEXT:
        return f"is {len(text):,} characters long; at most {LONGEST_TEXT:,} fit. Attach a document instead."
    if any(ord(character) < 32 and character not in "\r\n\t" for character in text):
        return "contains an invisible control character. Type it again."
    match item.type:
        case "integer" | "decimal":
            return _check_number(item, text)
        case "date" | "datetime":
            return _check_moment(item, text)
        case "time":
            return _check_time(text)
        case "choice" | "yes_no":
            return _check_codes(codes, [text])
        case "choices":
            return _check_codes(codes, [code.strip() for code in text.split(",")]) or _check_once(
                [code.strip() for code in text.split(",")]
            )
        case _:
            return None if text.strip() else "is empty. Write something, or say why there is nothing."


def check_number(text: str, *, whole: bool = False, unit: str = "") -> str | None:
    """What is wrong with `text` as a number, and what would be right; None where it is one."""
    measured = f" in {unit}" if unit else ""
    if whole and not _INTEGER.fullmatch(text):
        return f"must be a whole number{measured}, such as 12; this is {text!r}."
    if not _DECIMAL.fullmatch(text):
        return f"must be a number{measured}, such as 12.5; this is {text!r}."
    return None


def _check_number(item: Item, text: str) -> str | None:
    unit = f" {item.unit}" if item.unit else ""
    if wrong := check_number(text, whole=item.type == "integer", unit=item.unit or ""):
        return wrong
    if item.range is not None:
        low, high = item.range
        if not Decimal(low) <= Decimal(text) <= Decimal(high):
            return f"must lie between {low} and {high}{unit}; this is {text}."
    exponent = Decimal(text).as_tuple().exponent
    if item.precision is not None and isinstance(exponent, int) and -exponent > item.precision:
        places = f"{item.precision} decimal place" + ("" if item.precision == 1 else "s")
        return f"is measured to {places}; this is {text}."
    return None


def _check_moment(item: Item, text: str) -> str | None:
    try:
        moment = ClinicalTime(text)
    except ValueError as error:
        return f"{error}."
    if not moment.is_of_our_calendar:
        return f"has a year of another calendar; write the year as in 2014-03-14. This is {text!r}."
    if not moment.is_complete and not item.partial:
        return f"must be a whole date, such as 2014-03-14; this is {text!r}."
    if item.type == "datetime" and not moment.has_time and not item.partial:
        return f"must have a time of day too, such as 2014-03-14T09:30; this is {text!r}."
    if item.type == "date" and moment.has_time:
        return f"must be a date without a time, such as 2014-03-14; this is {text!r}."
    return None


def _check_time(text: str) -> str | None:
    if not _TIME.fullmatch(text):
        return f"must be a time of day, such as 09:30; this is {text!r}."
    return None


def _check_once(given: list[str]) -> str | None:
    twice = sorted({code for code in given if given.count(code) > 1})
    return f"names {', '.join(twice)} twice." if twice else None


def _check_codes(codes: tuple[Code, ...], given: list[str]) -> str | None:
    allowed = [code.code for code in codes]
    wrong = [code for code in given if code not in allowed]
    if not wrong:
        return None
    answers = ", ".join(
        f"{code.code} ({code.label})" if code.code != code.label else code.code for code in codes
    )
    return f"must be one of: {answers}; this is {', '.join(wrong)!r}."
