"""The closed list of functions a rule may use beside SQL's own: arguments, result, meaning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal

from charcot.clinical_time import months_between
from charcot.protocol.rules.kinds import Kind

Want = Literal["date", "number", "text", "choices", "same"]


@dataclass(frozen=True)
class Function:
    """One function; unknown where an argument is unknown, unless `sees_unknown`."""

    name: str
    wants: tuple[Want, ...]
    gives: Kind
    compute: Callable[..., Any]
    example: str
    least: int | None = None
    """How many arguments there must be at least, where some may be left out."""
    codes: tuple[str, ...] = ()
    sees_unknown: bool = False


ALSFRS_R_ITEMS = (
    "speech",
    "salivation",
    "swallowing",
    "handwriting",
    "cutting_food",
    "handling_utensils",
    "dressing_hygiene",
    "turning_in_bed",
    "walking",
    "climbing_stairs",
    "dyspnoea",
    "orthopnoea",
    "respiratory_insufficiency",
)
"""The thirteen arguments of the ALSFRS-R functions, in the order of the questionnaire (5a, then 5b)."""


def round_half_up(value: float, places: int) -> Decimal:
    """Rounds as a laboratory does: 2.675 to 2.68, on the 15 digits that a decimal carries."""
    number = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
    try:
        return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return number


def _round(value: float, places: int = 0) -> float | int | None:
    if isinstance(value, float) and not abs(value) < 1e15:
        return value if places else None
    rounded = round_half_up(value, int(places))
    return float(rounded) if places else int(rounded)


def _years(start: date, end: date) -> int:
    months = months_between(start, end)
    return months // 12 if months >= 0 else -(-months // 12)


def _scores(values: tuple[int | None, ...]) -> dict[str, list[float]]:
    return {
        item: [float("nan") if value is None else float(value)]
        for item, value in zip(ALSFRS_R_ITEMS, values, strict=True)
    }


def _known(value: float) -> int | None:
    return None if value != value else int(value)  # only NaN differs from itself


def _alsfrs_r_total(*scores: int | None) -> int | None:
    from charcot.scales import compute_total

    return _known(compute_total(_scores(scores))[0])


def _king_stage(*scores: int | None) -> str | None:
    from charcot.scales import compute_kings

    label = compute_kings(_scores(scores)).label[0]
    return None if label is None else str(label)


def _mitos_stage(*scores: int | None) -> int | None:
    from charcot.scales import compute_mitos

    return _known(compute_mitos(_scores(scores))[0])


def _fvc_percent_predicted(
    equation: str, sex: str, age: float, height_cm: float, litres: float, group: str | None = None
) -> float | None:
    from charcot.scales import compute_percent_predicted

    percent = float(compute_percent_predicted(equation, litres, age, height_cm, sex[:1].upper(), group))
    return None if percent != percent else percent  # only NaN differs from itself


def spirometry_equations() -> dict[str, tuple[str, ...]]:
    """The equations of `fvc_percent_predicted`, each with the groups it needs to know."""
    from charcot.scales import equations

    return {equation.id: equation.groups for equation in equations()}


def _chosen(choices: str, code: str) -> bool:
    return code in [choice.strip() for choice in choices.split(",")]


_THIRTEEN = ", ".join(ALSFRS_R_ITEMS[:2]) + ", …, " + ALSFRS_R_ITEMS[-1]
_DATES: tuple[Want, Want] = ("date", "date")
_SCORES: tuple[Want, ...] = tuple("number" for _ in ALSFRS_R_ITEMS)

FUNCTIONS: Mapping[str, Function] = {
    function.name: function
    for function in (
        Function("months_between", _DATES, "whole", months_between, "months_between(onset, this.date)"),
        Function("years_between", _DATES, "whole", _years, "years_between(birth_date, this.date)"),
        Function("age_at", _DATES, "whole", _years, "age_at(birth_date, this.date)"),
        Function(
            "days_between", _DATES, "whole", lambda a, b: (b - a).days, "days_between(onset, this.date)"
        ),
        Function("chosen", ("choices", "text"), "truth", _chosen, "chosen(symptoms, 'cramps')"),
        Function("round", ("number", "number"), "number", _round, "ROUND(weight, 1)", least=1),
        Function("greatest", ("same", "same"), "wrong", max, "GREATEST(left_hand, right_hand)"),
        Function("least", ("same", "same"), "wrong", min, "LEAST(left_hand, right_hand)"),
        Function(
            "fvc_percent_predicted",
            ("text", "text", "number", "number", "number", "text"),
            "number",
            _fvc_percent_predicted,
            "fvc_percent_predicted('GLI_2022', sex, age, height_cm, litres)",
            least=5,
        ),
        Function(
            "alsfrs_r_total",
            _SCORES,
            "whole",
            _alsfrs_r_total,
            f"alsfrs_r_total({_THIRTEEN})",
            sees_unknown=True,
        ),
        Function(
            "king_stage",
            _SCORES,
            "text",
            _king_stage,
            f"king_stage({_THIRTEEN})",
            codes=("1", "2", "3", "4A", "4B", "5"),
            sees_unknown=True,
        ),
        Function(
            "mitos_stage", _SCORES, "whole", _mitos_stage, f"mitos_stage({_THIRTEEN})", sees_unknown=True
        ),
    )
}

ROW_FUNCTIONS = ("any_of", "all_of", "count_of")
SQL_FUNCTIONS = ("abs", "coalesce", "nullif")
EVERY_NAME = (*FUNCTIONS, *ROW_FUNCTIONS, *SQL_FUNCTIONS, "at")


def apply(function: Function, values: tuple[Any, ...]) -> Any:
    """The result for one row; unknown where the function cannot be computed from these values."""
    if not function.sees_unknown and any(value is None for value in values):
        return None
    try:
        return function.compute(*values)
    except (ValueError, ArithmeticError):
        return None
