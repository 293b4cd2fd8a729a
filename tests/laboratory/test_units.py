"""Values typed in another unit become values in the unit of their item."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.laboratory import convert_typed, find_conversions
from charcot.laboratory.units import CONVERSIONS
from charcot.protocol import Item


def item(id: str, unit: str, precision: int | None = 2, type: str = "decimal") -> Item:
    return Item.model_validate({"id": id, "label": id, "type": type, "unit": unit, "precision": precision})


@pytest.mark.parametrize(
    ("name", "unit", "typed", "typed_in", "stored"),
    [
        # exact by definition: 1 lb = 0.45359237 kg, 1 in = 2.54 cm (international yard and pound agreement, 1959)
        ("weight", "kg", "154", "lb", "69.85"),
        ("height", "cm", "68.5", "in", "173.99"),
        ("temperature", "°C", "98.6", "°F", "37.00"),
        # AMA Manual of Style, SI conversion factors: glucose mmol/L = 0.0555 × mg/dL; 5.55 mmol/L is 100 mg/dL
        ("glucose", "mg/dl", "5.55", "mmol/l", "99.99"),
        # AMA: creatinine µmol/L = 88.4 × mg/dL
        ("creatinine", "mg/dl", "88.4", "µmol/l", "1.00"),
        # AMA: urea nitrogen mmol/L = 0.357 × mg/dL; uric acid µmol/L = 59.48 × mg/dL (0.0595 mmol/L)
        ("urea_nitrogen", "mg/dl", "3.57", "mmol/l", "10.00"),
        ("uric_acid", "mg/dl", "297.4", "µmol/l", "5.00"),
        # AMA: calcium mmol/L = 0.25 × mg/dL; bilirubin µmol/L = 17.104 × mg/dL
        ("calcium", "mg/dl", "2.5", "mmol/l", "10.02"),
        ("bilirubin_total", "mg/dl", "17.104", "µmol/l", "1.00"),
        # AMA: thyroxine nmol/L = 12.871 × µg/dL; triiodothyronine nmol/L = 0.0154 × ng/dL
        ("t4_total", "µg/dl", "128.71", "nmol/l", "10.00"),
        ("t3_total", "ng/dl", "1.54", "nmol/l", "100.25"),
        ("haemoglobin", "g/dl", "140", "g/l", "14.00"),
        ("given_dose", "cells", "140", "10^6 cells", "140000000.00"),
        ("pressure", "mmHg", "16", "kPa", "120.01"),  # 1 kPa = 7.50062 mmHg (NIST SP 811)
    ],
)
def test_values_of_published_tables(name: str, unit: str, typed: str, typed_in: str, stored: str) -> None:
    assert convert_typed(item(name, unit), typed, typed_in) == stored


def test_moles_of_one_substance_are_not_offered_for_another() -> None:
    assert not find_conversions(item("cholesterol", "mg/dl"))
    assert [c.unit for c in find_conversions(item("glucose", "mg/dl"))] == ["mmol/l"]


def test_a_whole_number_is_rounded_half_up() -> None:
    assert convert_typed(item("glucose", "mg/dl", None, "integer"), "5.0", "mmol/l") == "90"


@pytest.mark.parametrize("typed", ["", "abc", "1e999", "NaN", "Infinity"])
def test_what_is_no_number_is_not_converted(typed: str) -> None:
    assert convert_typed(item("weight", "kg"), typed, "lb") is None


@given(st.decimals(min_value=1, max_value=10_000, places=2), st.sampled_from(CONVERSIONS))
def test_there_and_back_again_differs_by_rounding_only(number: Decimal, conversion: object) -> None:
    name = conversion.items[0] if conversion.items else "any"  # type: ignore[attr-defined]
    stored = convert_typed(item(name, conversion.to, 9), str(number), conversion.unit)  # type: ignore[attr-defined]
    assert stored is not None
    back = (Decimal(stored) - conversion.offset) / conversion.factor  # type: ignore[attr-defined]
    assert abs(back - number) <= Decimal("1e-9") / conversion.factor * 2  # type: ignore[attr-defined]


TWO_TABLES = {
    # the reciprocal, by the AMA Manual of Style (SI conversion table), and by the table "Systeme Internationale Units" of the
    # courses of the Indian Agricultural Statistics Research Institute (2011); thyroid hormones: T3 by Davis's Laboratory and
    # Diagnostic Tests, T4 by the unit converter of labtests.co.in (776.87 g/mol)
    ("glucose", "mmol/l"): ("0.0555", "0.05551"),
    ("urea_nitrogen", "mmol/l"): ("0.357", "0.3570"),
    ("creatinine", "µmol/l"): ("88.4", "88.40"),
    ("uric_acid", "µmol/l"): ("59.48", "59.48"),
    ("calcium", "mmol/l"): ("0.25", "0.2495"),
    ("bilirubin_total", "µmol/l"): ("17.1", "17.10"),
    ("bilirubin_direct", "µmol/l"): ("17.1", "17.10"),
    ("t4_total", "nmol/l"): ("12.87", "12.87"),
    ("t3_total", "nmol/l"): ("0.0154", "0.0154"),
}


@pytest.mark.parametrize(("name", "unit"), TWO_TABLES)
def test_every_molar_factor_is_that_of_two_published_tables(name: str, unit: str) -> None:
    (conversion,) = [c for c in CONVERSIONS if name in c.items and c.unit == unit]
    for published in TWO_TABLES[name, unit]:
        written = Decimal(published)
        figure = Decimal(1).scaleb(int(str(written.as_tuple().exponent)))
        assert abs(1 / conversion.factor - written) <= Decimal("0.6") * figure


def test_no_molar_factor_is_without_its_two_tables() -> None:
    assert {(item, c.unit) for c in CONVERSIONS for item in c.items} == set(TWO_TABLES)
