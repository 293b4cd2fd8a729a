"""The kinds of value a rule works with, and how the text of the record becomes one."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from charcot.clinical_time import ClinicalTime
from charcot.protocol.forms import Code, Item

Kind = Literal[
    "whole", "number", "truth", "text", "date", "datetime", "time", "choices", "partial", "nothing", "wrong"
]
ColumnPart = Literal["value", "day", "earliest", "latest"]

POLARS_TYPES: dict[Kind, pl.DataType] = {
    "whole": pl.Int64(),
    "number": pl.Float64(),
    "truth": pl.Boolean(),
    "text": pl.String(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "time": pl.String(),
    "choices": pl.String(),
    "partial": pl.String(),
}
"""The polars type of each kind.

Decimals are Float64: rules compare measurements, and 15 digits are more than any instrument gives.
A choice whose codes are all whole numbers is `whole`, so that grades and scores can be compared and added.
Several choices are one text, codes separated by commas, read only by `chosen(item, 'code')`.
"""

NAMES: dict[Kind, str] = {
    "whole": "a number",
    "number": "a number",
    "truth": "a condition",
    "text": "a text",
    "date": "a date",
    "datetime": "a date with time",
    "time": "a time of day",
    "choices": "a list of choices",
    "partial": "a date that may be partial",
    "nothing": "NULL",
    "wrong": "a mistake",
}

_WHOLE = re.compile(r"[+-]?\d{1,15}")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d{1,3})?", re.IGNORECASE)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_ITEM_KINDS: dict[str, Kind] = {
    "integer": "whole",
    "decimal": "number",
    "text": "text",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "choice": "text",
    "choices": "choices",
    "yes_no": "text",
}


def kind_of_item(item: Item, codes: tuple[Code, ...]) -> Kind:
    """The kind of an item's values; `codes` are the answers it allows."""
    if item.partial and item.type in ("date", "datetime"):
        return "partial"
    if item.type == "choice" and codes and all(_WHOLE.fullmatch(code.code) for code in codes):
        return "whole"
    return _ITEM_KINDS[item.type]


def parse_value(kind: Kind, part: ColumnPart, text: str | None) -> Any:
    """The value of a text of the record; None (unknown) where it is empty or does not fit the kind."""
    text = (text or "").strip()
    if not text:
        return None
    if kind == "whole":
        return int(text) if _WHOLE.fullmatch(text) else None
    if kind == "number":
        number = float(Decimal(text)) if _NUMBER.fullmatch(text) else None
        return number if number is not None and abs(number) < float("inf") else None
    if kind == "time":
        return (text if len(text) == 8 else text + ":00") if _TIME.fullmatch(text) else None
    if kind in ("date", "datetime"):
        return _moment(kind, part, text)
    return text


def _moment(kind: Kind, part: ColumnPart, text: str) -> date | datetime | None:
    try:
        known = ClinicalTime(text)
    except ValueError:
        return None
    moment = known.latest if part == "latest" else known.earliest
    if kind == "date":
        return moment.date() if known.is_complete or part in ("earliest", "latest") else None
    return moment if known.has_time or part in ("earliest", "latest") else None
