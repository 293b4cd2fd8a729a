"""The severity of a laboratory value by CTCAE v5: thresholds as facts, against the normal range and the value before treatment."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

SOURCE = "CTCAE v5.0, NCI, 2017"


@dataclass(frozen=True)
class Threshold:
    """The upper side of grades 1, 2, 3 as limits that are passed on the way up (or down); the first is the normal limit.

    `times`: limits count in multiples of the upper normal limit (of the value before treatment where that was abnormal);
    else they are values in `unit`. A grade that does not exist has no limit.
    """

    term: str
    direction: str
    limits: tuple[str, ...]
    unit: str = ""
    times: bool = False
    abnormal_from: str = ""
    """Where the value before treatment was abnormal: from which multiple of it grade 1 begins."""


def _rise(term: str, limits: str, abnormal_from: str) -> Threshold:
    return Threshold(term, "high", tuple(limits.split()), times=True, abnormal_from=abnormal_from)


def _fall(term: str, unit: str, limits: str) -> Threshold:
    return Threshold(term, "low", tuple(limits.split()), unit)


def _climb(term: str, unit: str, limits: str) -> Threshold:
    return Threshold(term, "high", tuple(limits.split()), unit)


THRESHOLDS: Mapping[str, tuple[Threshold, ...]] = {
    "alt": (_rise("Alanine aminotransferase increased", "3 5 20", "1.5"),),
    "ast": (_rise("Aspartate aminotransferase increased", "3 5 20", "1.5"),),
    "alkaline_phosphatase": (_rise("Alkaline phosphatase increased", "2.5 5 20", "2"),),
    "ggt": (_rise("GGT increased", "2.5 5 20", "2"),),
    "bilirubin_total": (_rise("Blood bilirubin increased", "1.5 3 10", "1"),),
    "creatinine": (Threshold("Creatinine increased", "high", ("1.5", "3", "6"), times=True),),
    "haemoglobin": (_fall("Anaemia", "g/dl", "10 8"),),
    "platelets": (_fall("Platelet count decreased", "10^9/l", "75 50 25"),),
    "white_cells": (_fall("White blood cell decreased", "10^9/l", "3 2 1"),),
    "neutrophils": (_fall("Neutrophil count decreased", "10^9/l", "1.5 1 0.5"),),
    "lymphocytes": (_fall("Lymphocyte count decreased", "10^9/l", "0.8 0.5 0.2"),),
    "albumin": (_fall("Hypoalbuminaemia", "g/dl", "3 2"),),
    "potassium": (
        _climb("Hyperkalaemia", "mmol/l", "5.5 6 7"),
        _fall("Hypokalaemia", "mmol/l", "3 3 2.5"),
    ),
    "sodium": (
        _climb("Hypernatraemia", "mmol/l", "150 155 160"),
        _fall("Hyponatraemia", "mmol/l", "130 125 120"),
    ),
    "calcium": (
        _climb("Hypercalcaemia", "mg/dl", "11.5 12.5 13.5"),
        _fall("Hypocalcaemia", "mg/dl", "8 7 6"),
    ),
    "glucose": (_fall("Hypoglycaemia", "mg/dl", "55 40 30"),),
}
"""By item of the laboratory's forms. Calcium is not corrected for albumin here. High glucose has no limits in v5: it is graded by
what is done. Low potassium between 3.0 and the normal limit is grade 1, or 2 with symptoms; low sodium from 125 to 129 is grade 2,
or 3 with symptoms: the lower is proposed."""


def grade_result(
    test: str,
    value: str,
    unit: str | None,
    low: str | None,
    high: str | None,
    before: str | None = None,
) -> tuple[int, str] | None:
    """Grade (1 to 4) and term of a value in `unit` against its normal range; None where it has none.

    `before`: the last value before treatment, which counts where it was above normal. Source: CTCAE v5.0.
    """
    number = Decimal(value)
    for threshold in THRESHOLDS.get(test, ()):
        end = high if threshold.direction == "high" else low
        if end is None or (not threshold.times and threshold.unit != unit):
            continue
        limit = Decimal(end)
        grade = _grade(threshold, number, limit, None if before is None else Decimal(before))
        if grade:
            return grade, threshold.term
    return None


def _grade(threshold: Threshold, number: Decimal, limit: Decimal, before: Decimal | None) -> int:
    limits = [Decimal(each) for each in threshold.limits]
    if threshold.direction == "low":
        return 0 if number >= limit else _steps([-limit, *(-each for each in limits)], -number)
    if not threshold.times:
        return _steps([limit, *limits], number)
    if before is not None and before > limit and threshold.abnormal_from:
        return _steps(
            [Decimal(threshold.abnormal_from) * before, *(each * before for each in limits)], number
        )
    return _steps([limit, *(each * limit for each in limits)], number)


def _steps(limits: list[Decimal], number: Decimal) -> int:
    """How many limits in a row were passed; a limit below the one before it is passed with it."""
    rising = [limits[0]]
    for before, after in pairwise(limits):
        rising.append(max(before, after, rising[-1]))
    return sum(number > each for each in rising)
