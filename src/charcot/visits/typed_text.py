"""What people type into a field: other digits and decimal commas put right, and what nobody can have meant named."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from charcot.clinical_time import ClinicalTime
from charcot.protocol import Code, Item
from charcot.visits.entry_fields import check_number

OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Invisible characters that turn the direction of writing, so that a text reads other than it is stored."""
_PICTURES = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f]")
_MARKUP = re.compile(
    r"<\s*/?\s*[a-z][a-z0-9]*(\s[^<>]*)?/?>|<!--|javascript:|\bon\w+\s*=\s*[\"'a-z]", re.IGNORECASE
)
_COMMAND = re.compile(
    r"\b(drop|truncate|alter)\s+table\b|\bunion\s+(all\s+)?select\b|;\s*delete\s+from\b|\binsert\s+into\s+\w+"
    r"|'\s*or\s*'?1'?\s*=\s*'?1",
    re.IGNORECASE,
)
_NUMBERS = ("integer", "decimal")
_MOMENTS = ("date", "datetime", "time")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = re.compile(r"(?:(\d{1,2})\.?\s+)?([a-z]{3,9})\.?\s+(\d{4})(?:\s+(\d{1,2}:\d{2}(?::\d{2})?))?")
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:(?:t|,?\s+)(\d{1,2}:\d{2}(?::\d{2})?))?)?)?"
)
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(:\d{2})?")
_MINUSES = str.maketrans({"−": "-", "–": "-", "٫": ".", "٬": "", "\u00a0": " ", "\u202f": " "})


def normalise_typed(item: Item, codes: Sequence[Code], typed: str) -> str:
    """`typed` as it will be stored: without blanks around it, with digits and signs of the form's own, else unchanged."""
    if item.type == "text":
        return typed.strip()
    if item.type in _NUMBERS:
        return normalise_number(typed)
    text = _plain(typed)
    if item.type == "time":
        return _clock(text)
    if item.type in _MOMENTS:
        return normalise_moment(text)
    return _code(codes, text) if item.type in ("choice", "yes_no") else text


def normalise_number(typed: str) -> str:
    """A number with digits, decimal point and signs of our own where it can be read with certainty, else as it was typed."""
    return _number(_plain(typed))


def normalise_moment(typed: str) -> str:
    """A date as 2014-03-14 (or 2014-03, 2014, 2014-03-14T09:30) where it can be read with certainty, else as it was typed."""
    text = " ".join(western_digits(typed.translate(_MINUSES)).split())
    if found := _YEAR_FIRST.fullmatch(text.casefold()):
        year, month, day, clock = found.groups()
        return _moment(year, month, day, clock)
    if (found := _NAMED_MONTH.fullmatch(text.casefold())) and found.group(2)[:3] in _MONTHS:
        day, name, year, clock = found.groups()
        return _moment(year, str(_MONTHS.index(name[:3]) + 1), day, clock)
    return text


def reads_as(typed: str, kept: str) -> bool:
    """Whether `typed` is a way of writing the number or the moment that is kept as `kept`."""
    number = normalise_number(typed)
    if check_number(number) is None and check_number(kept) is None:
        return Decimal(number) == Decimal(kept)
    return normalise_moment(typed) == kept and _is_moment(kept)


def check_typed(typed: str) -> str | None:
    """What is wrong with what was typed whatever the field is, and what would be right; None where nothing is."""
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Co") and sign not in "\r\n\t" for sign in typed):
        return "contains an invisible control character. Type it again."
    if any(sign in OVERRIDES for sign in typed):
        return "contains an invisible character that turns the direction of writing. Type it again."
    if _PICTURES.search(typed):
        return "contains a picture character (emoji). Say it in words."
    if _MARKUP.search(typed) or _COMMAND.search(typed):
        return "contains something written for a computer, not about a participant. Was it pasted by mistake? Say it in words."
    return None


def _is_moment(text: str) -> bool:
    try:
        ClinicalTime(text)
    except ValueError:
        return False
    return True


def _plain(typed: str) -> str:
    return western_digits(typed.translate(_MINUSES)).strip().strip("\u200e\u200f\u200c")


def western_digits(text: str) -> str:
    """The text with the digits of any script as 0 to 9."""
    return "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() and _is_decimal(sign) else sign for sign in text
    )


def _is_decimal(sign: str) -> bool:
    """Whether a sign is a digit of some script; a superscript is none: 10⁶ is not 106."""
    return unicodedata.category(sign) == "Nd"


def _number(text: str) -> str:
    text = text.replace(" ", "") if re.fullmatch(r"[+-]?\d{1,3}( \d{3})+([.,]\d+)?", text) else text
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        text = text.replace(",", ".")
    text = re.sub(r"^\+(?=\d)", "", text)
    text = re.sub(r"^(-?)\.(?=\d)", r"\g<1>0.", text)
    return text.lower() if re.fullmatch(r"[-0-9.]+[eE]\d+", text) else text


def _clock(text: str) -> str:
    found = _CLOCK.fullmatch(text.casefold())
    return f"{found.group(1):0>2}:{found.group(2)}{found.group(3) or ''}" if found else text


def _moment(year: str, month: str | None, day: str | None, clock: str | None) -> str:
    parts = [part if len(part) > 1 else f"0{part}" for part in (year, month, day) if part is not None]
    if clock is None:
        return "-".join(parts)
    return "-".join(parts) + "T" + (clock if len(clock.partition(":")[0]) == 2 else f"0{clock}")


def _code(codes: Sequence[Code], text: str) -> str:
    """The code that was meant, also where its label was typed or its case differs."""
    if any(code.code == text for code in codes):
        return text
    meant = [c.code for c in codes if text.casefold() in (c.code.casefold(), c.label.casefold())]
    return meant[0] if len(meant) == 1 else text
