"""Normal ranges: which one applies to a participant, and whether a result lies inside."""

from decimal import Decimal
from typing import Literal

from charcot.participants import Dossier
from charcot.protocol import Item


def find_sex(dossier: Dossier) -> str | None:
    """The participant's sex, from the item that the protocol names for it."""
    form, _, item = (dossier.study.protocol.sex_item or "").partition(".")
    known = [text for version in dossier.casebook.instances(form) if (text := version.text(item)) is not None]
    return known[-1] if known else None


def find_normal_range(item: Item, sex: str | None) -> tuple[str | None, str | None]:
    """The lower and upper end of the normal range [the item's unit]: that of the sex before one for all; None without."""
    if len(item.normal) == 1 and item.normal[0].sex is None:
        return item.normal[0].low, item.normal[0].high
    fitting = sorted((n for n in item.normal if n.sex in (None, sex)), key=lambda normal: normal.sex is None)
    return (fitting[0].low, fitting[0].high) if fitting else (None, None)


def flag_result(
    item: Item, text: str, low: str | None, high: str | None
) -> Literal["low", "normal", "high"] | None:
    """Where a result lies against its range, both ends of which are normal; None without a range or a number."""
    if item.type not in ("integer", "decimal") or (low is None and high is None):
        return None
    number = Decimal(text)
    if low is not None and number < Decimal(low):
        return "low"
    if high is not None and number > Decimal(high):
        return "high"
    return "normal"
