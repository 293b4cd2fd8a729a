"""Units that a value may be typed in, and how it becomes one in the unit of its item: a closed table, each with its source."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from charcot.protocol import Item

MASSES = "molar masses from the IUPAC standard atomic weights (2021), abridged"


@dataclass(frozen=True)
class Conversion:
    """One other unit: a value in `unit` times `factor`, plus `offset`, is one in `to`.

    `items` names the items it holds for, where it depends on the substance; empty where it holds for all.
    """

    to: str
    unit: str
    factor: Decimal
    source: str
    items: tuple[str, ...] = ()
    offset: Decimal = Decimal(0)


def _scaled(to: str, unit: str, factor: str, source: str) -> Conversion:
    return Conversion(to, unit, Decimal(factor), source)


def _molar(to: str, unit: str, mass: str, scale: str, *items: str) -> Conversion:
    """From an amount of substance to a mass: molar mass [g/mol] times the scale of the two units."""
    return Conversion(to, unit, Decimal(mass) * Decimal(scale), MASSES, items)


_FAHRENHEIT = Decimal(5) / Decimal(9)
CONVERSIONS: tuple[Conversion, ...] = (
    _scaled("kg", "lb", "0.45359237", "international avoirdupois pound, 1959"),
    _scaled("kg", "g", "0.001", "SI"),
    _scaled("cm", "in", "2.54", "international inch, 1959"),
    _scaled("cm", "m", "100", "SI"),
    _scaled("l", "ml", "0.001", "SI"),
    _scaled("ml", "l", "1000", "SI"),
    _scaled("mmHg", "kPa", "7.50061683", "conventional millimetre of mercury, 133.322387415 Pa"),
    _scaled("min", "h", "60", "SI"),
    _scaled("months", "years", "12", "calendar"),
    _scaled("cells", "10^6 cells", "1000000", "powers of ten"),
    _scaled("cells/ml", "10^6 cells/ml", "1000000", "powers of ten"),
    _scaled("10^9/l", "cells/µl", "0.001", "powers of ten"),
    _scaled("10^12/l", "10^6/µl", "1", "powers of ten"),
    _scaled("g/dl", "g/l", "0.1", "SI"),
    Conversion("°C", "°F", _FAHRENHEIT, "definition of the degree Fahrenheit", (), -32 * _FAHRENHEIT),
    _molar("mg/dl", "mmol/l", "180.156", "0.1", "glucose"),
    _molar("mg/dl", "mmol/l", "28.014", "0.1", "urea_nitrogen"),
    _molar("mg/dl", "µmol/l", "113.12", "0.0001", "creatinine"),
    _molar("mg/dl", "µmol/l", "168.112", "0.0001", "uric_acid"),
    _molar("mg/dl", "mmol/l", "40.078", "0.1", "calcium"),
    _molar("mg/dl", "µmol/l", "584.673", "0.0001", "bilirubin_total", "bilirubin_direct"),
    _molar("µg/dl", "nmol/l", "776.87", "0.0001", "t4_total"),
    _molar("ng/dl", "nmol/l", "650.97", "0.1", "t3_total"),
)


def find_conversions(item: Item) -> tuple[Conversion, ...]:
    """The other units in which a value of an item may be typed."""
    if item.type not in ("integer", "decimal") or item.unit is None:
        return ()
    return tuple(c for c in CONVERSIONS if c.to == item.unit and (not c.items or item.id in c.items))


def convert_typed(item: Item, text: str, unit: str) -> str | None:
    """`text` [unit] as a value in the item's unit, rounded half up to its precision; None where that cannot be done."""
    conversion = next((c for c in find_conversions(item) if c.unit == unit), None)
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    if conversion is None or not number.is_finite() or abs(number.adjusted()) > 20:
        return None
    with localcontext(prec=40):
        exact = number * conversion.factor + conversion.offset
        places = 0 if item.type == "integer" else item.precision
        if places is None:
            places = max(0, 5 - exact.adjusted())  # six digits that count
        rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:f}"
