from datetime import date, datetime
from typing import Any

import pytest

from charcot.protocol import Item, format_computed


def item(**keys: Any) -> Item:
    return Item.model_validate({"id": "x", "label": "X", "type": "decimal", **keys})


@pytest.mark.parametrize(
    ("value", "keys", "text"),
    [
        (None, {}, None),
        (2.675, {"precision": 2}, "2.68"),
        (2.665, {"precision": 2}, "2.67"),
        (-2.675, {"precision": 2}, "-2.68"),
        (0.1 + 0.2, {}, "0.3"),
        (1.0, {"precision": 1}, "1.0"),
        (-0.01, {"precision": 1}, "0.0"),
        (2e6 * 71.5, {"precision": 0}, "143000000"),
        (1e-7, {}, "0.0000001"),
        (float("inf"), {}, None),
        (float("nan"), {}, None),
        (4.5, {"type": "integer"}, "5"),
        (4, {"type": "integer"}, "4"),
        (4, {"precision": 1}, "4.0"),
        (True, {"type": "yes_no"}, "yes"),
        (False, {"type": "yes_no"}, "no"),
        ("4A", {"type": "text"}, "4A"),
        (date(2014, 3, 14), {"type": "date"}, "2014-03-14"),
        (datetime.fromisoformat("2014-03-14T09:30"), {"type": "datetime"}, "2014-03-14T09:30"),
    ],
)
def test_text_of_a_computed_value(value: Any, keys: dict[str, Any], text: str | None) -> None:
    assert format_computed(value, item(**keys)) == text


def test_body_mass_index(judge: Any) -> None:
    """World Health Organization, Obesity (TRS 894, 2000), page 8: weight in kg over the square of height in m."""
    values = {"vital_signs.weight": "70.0", "vital_signs.height": "175"}
    rule = "vital_signs.weight / vital_signs.height / vital_signs.height * 10000"
    value = judge(rule, elsewhere=values, expects="value").value
    assert format_computed(value, item(precision=1)) == "22.9"


SCORES = "a, a, a, a, a, NULLIF(a, a), a, a, a, a, a, a, a"


def test_stages_and_total_of_the_alsfrs_r(judge: Any) -> None:
    """Cedarbaum 1999: 12 items of 0 to 4; Balendra 2014 and Chiò 2013: nobody with full marks has lost anything."""
    known = {"a": "4"}
    assert judge(f"alsfrs_r_total({SCORES})", known, expects="value").value == 48
    assert judge(f"mitos_stage({SCORES})", known, expects="value").value == 0
    assert judge(f"king_stage({SCORES})", known, expects="value").value == "1"
    assert judge(f"alsfrs_r_total({SCORES})", {"a": None}, expects="value").value is None
    assert judge(f"king_stage({SCORES}) = '4B'", {"a": "0"}).value is True


def test_vital_capacity_in_percent(judge: Any) -> None:
    """Agrees with charcot.scales, which is compared with its sources there."""
    from charcot.scales import compute_percent_predicted

    values = {"a": "54", "x": "176", "y": "3.52", "free": "male"}
    rule = "fvc_percent_predicted('GLI_2022', free, a, x, y)"
    expected = float(compute_percent_predicted("GLI_2022", 3.52, 54, 176, "M"))
    assert judge(rule, values, expects="value").value == pytest.approx(expected)
    assert judge(rule, {**values, "x": None}, expects="value").value is None
    assert judge(rule, {**values, "a": "1"}, expects="value").value is None
