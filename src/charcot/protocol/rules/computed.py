"""The value of a computed item, written as the record keeps it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from charcot.protocol.forms import Item
from charcot.protocol.rules.functions import round_half_up


def format_computed(value: Any, item: Item) -> str | None:
    """The text of a computed value, None where it is unknown.

    Numbers are rounded half up on their decimal digits, as laboratories do (2.675 at precision 2 is 2.68,
    not the 2.67 of binary floats), to the item's precision; an integer item to whole numbers; a decimal
    without precision keeps up to 15 digits. Conditions become `yes` and `no`.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, item)
    return str(value)


def _number(value: float, item: Item) -> str | None:
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    if item.type == "integer":
        number = round_half_up(value, 0)
    elif item.precision is not None and item.type == "decimal":
        number = round_half_up(value, item.precision)
    else:
        number = Decimal(f"{value:.15g}")
    text = f"{number:f}"
    return text.removeprefix("-") if not number else text
