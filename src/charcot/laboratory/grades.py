"""The severity of a laboratory value by CTCAE v5: thresholds as facts, against the normal range and the value before treatment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

SOURCE = "CTCAE v5.0, NCI, 2017"


@dataclass(frozen=True)
class Threshold:
    """From which limits on a term has its grades; a value passes a limit by lying beyond it.

    `steps`: (grade, limit), the normal limit apart. `measure`: what a limit counts: a `value` in `unit`, `times` the normal
    limit (or the value before treatment, where that was abnormal), or units `above` it in the same way.
    """

    term: str
    direction: Literal["low", "high"]
    steps: tuple[tuple[int, Decimal], ...]
    unit: str = ""
    measure: Literal["value", "times", "above"] = "value"
    first: int | None = 1
    """The grade of what lies beyond the normal limit; None where the normal limit counts for nothing."""
    abnormal_from: Decimal | None = None
    """Where the value before treatment was abnormal: from which multiple of it grade 1 begins."""
    times_before: tuple[tuple[int, Decimal], ...] = ()
    """Grades by multiples of the value before treatment, whatever that was."""
    worse_only: bool = False
    """Whether only what is worse than before treatment counts."""


def _steps(limits: str) -> tuple[tuple[int, Decimal], ...]:
    """`2:3 3:5`: grade 2 beyond 3, grade 3 beyond 5."""
    pairs = (step.split(":") for step in limits.split())
    return tuple((int(grade), Decimal(limit)) for grade, limit in pairs)


def _rise(term: str, limits: str, abnormal_from: str) -> tuple[Threshold, ...]:
    return (Threshold(term, "high", _steps(limits), measure="times", abnormal_from=Decimal(abnormal_from)),)


def _fall(term: str, unit: str, limits: str) -> Threshold:
    return Threshold(term, "low", _steps(limits), unit)


def _climb(term: str, unit: str, limits: str, first: int | None = 1) -> Threshold:
    return Threshold(term, "high", _steps(limits), unit, first=first)


def _any_rise(term: str, limits: str = "", **more: bool) -> Threshold:
    return Threshold(term, "high", _steps(limits), measure="times", **more)  # type: ignore[arg-type]  # only worse_only


THRESHOLDS: Mapping[str, tuple[Threshold, ...]] = {
    "alt": _rise("Alanine aminotransferase increased", "2:3 3:5 4:20", "1.5"),
    "ast": _rise("Aspartate aminotransferase increased", "2:3 3:5 4:20", "1.5"),
    "alkaline_phosphatase": _rise("Alkaline phosphatase increased", "2:2.5 3:5 4:20", "2"),
    "ggt": _rise("GGT increased", "2:2.5 3:5 4:20", "2"),
    "bilirubin_total": _rise("Blood bilirubin increased", "2:1.5 3:3 4:10", "1"),
    "ldh": (_any_rise("Blood lactate dehydrogenase increased"),),
    "creatinine": (
        Threshold("Creatinine increased", "high", _steps("2:1.5 3:3 4:6"), measure="times", times_before=_steps("2:1.5 3:3")),
    ),
    "uric_acid": (_any_rise("Hyperuricaemia"),),
    "haemoglobin": (
        _fall("Anaemia", "g/dl", "2:10 3:8"),
        _fall("Anaemia", "g/l", "2:100 3:80"),
        Threshold("Haemoglobin increased", "high", _steps("2:2 3:4"), "g/dl", measure="above"),
        Threshold("Haemoglobin increased", "high", _steps("2:20 3:40"), "g/l", measure="above"),
    ),
    "platelets": (_fall("Platelet count decreased", "10^9/l", "2:75 3:50 4:25"),),
    "white_cells": (
        _fall("White blood cell decreased", "10^9/l", "2:3 3:2 4:1"),
        _climb("Leukocytosis", "10^9/l", "3:100", None),
    ),
    "neutrophils": (_fall("Neutrophil count decreased", "10^9/l", "2:1.5 3:1 4:0.5"),),
    "lymphocytes": (
        _fall("Lymphocyte count decreased", "10^9/l", "2:0.8 3:0.5 4:0.2"),
        _climb("Lymphocyte count increased", "10^9/l", "2:4 3:20", None),
    ),
    "inr": (_climb("INR increased", "ratio", "1:1.2 2:1.5 3:2.5", None),),
    "aptt": (_any_rise("Activated partial thromboplastin time prolonged", "2:1.5 3:2.5"),),
    "albumin": (_fall("Hypoalbuminaemia", "g/dl", "2:3 3:2"), _fall("Hypoalbuminaemia", "g/l", "2:30 3:20")),
    "potassium": (_climb("Hyperkalaemia", "mmol/l", "2:5.5 3:6 4:7"), _fall("Hypokalaemia", "mmol/l", "3:3 4:2.5")),
    "sodium": (_climb("Hypernatraemia", "mmol/l", "2:150 3:155 4:160"), _fall("Hyponatraemia", "mmol/l", "2:130 3:125 4:120")),
    "calcium": (
        _climb("Hypercalcaemia", "mg/dl", "2:11.5 3:12.5 4:13.5"),
        _climb("Hypercalcaemia", "mmol/l", "2:2.9 3:3.1 4:3.4"),
        _fall("Hypocalcaemia", "mg/dl", "2:8 3:7 4:6"),
        _fall("Hypocalcaemia", "mmol/l", "2:2.0 3:1.75 4:1.5"),
    ),
    "glucose": (
        _fall("Hypoglycaemia", "mg/dl", "2:55 3:40 4:30"),
        _fall("Hypoglycaemia", "mmol/l", "2:3.0 3:2.2 4:1.7"),
        _any_rise("Hyperglycaemia", worse_only=True),
    ),
    "tsh": (_any_rise("Thyroid stimulating hormone increased"),),
}  # fmt: skip
"""By item of the laboratory's forms, with the limits in both units where CTCAE prints both. What follows from symptoms or from what was
done is not proposed: low potassium between 3.0 and the normal limit is grade 1 here, or 2 with symptoms; low sodium from 125 to
129 is grade 2, or 3 with symptoms; high glucose is grade 1 whatever its height, more by what is done; high uric acid is 1, or 3 with
consequences; INR on an anticoagulant is graded by multiples of the value before. Calcium is not corrected for albumin."""


def can_grade(test: str, unit: str | None, low: str | None, high: str | None) -> bool:
    """Whether CTCAE has a grade for a value of this test in this unit, with this range known."""
    return any(_fits(t, unit, high if t.direction == "high" else low) for t in THRESHOLDS.get(test, ()))


def counts_change(test: str) -> bool:
    """Whether a value within its range can have a grade, by what it was before treatment."""
    return any(threshold.times_before for threshold in THRESHOLDS.get(test, ()))


@lru_cache(maxsize=16_384)
def grade_result(
    test: str,
    value: str,
    unit: str | None,
    low: str | None,
    high: str | None,
    before: str | None = None,
    high_before: str | None = None,
) -> tuple[int, str] | None:
    """Grade (1 to 4) and term of a value in `unit` against its normal range; None where it has none.

    `before`: the last value before treatment, which counts where the term says so; `high_before`: the upper end that held for it, where
    that was another. Source: CTCAE v5.0.
    """
    number = Decimal(value)
    earlier = None if before is None else Decimal(before)
    for threshold in THRESHOLDS.get(test, ()):
        end = high if threshold.direction == "high" else low
        if not _fits(threshold, unit, end):
            continue
        limit = None if end is None else Decimal(end)
        abnormal = (
            earlier is not None
            and limit is not None
            and earlier > (Decimal(high_before) if high_before else limit)
        )
        grade = _grade(threshold, number, limit, earlier, abnormal=abnormal)
        if grade:
            return grade, threshold.term
    return None


def _fits(threshold: Threshold, unit: str | None, end: str | None) -> bool:
    return (end is not None or threshold.first is None) and threshold.unit in ("", unit)


def _grade(
    threshold: Threshold, number: Decimal, limit: Decimal | None, before: Decimal | None, *, abnormal: bool
) -> int:
    if threshold.direction == "low":
        assert limit is not None
        if number >= limit:
            return 0
        return _passed(-number, [(1, -limit), *((g, -step) for g, step in threshold.steps)])
    if limit is None or threshold.first is None:
        return _passed(number, threshold.steps)
    if threshold.worse_only and before is not None and number <= before:
        return 0
    reference = before if abnormal and before is not None else limit
    grade = 0
    match threshold.measure:
        case "value":
            grade = _passed(number, [(threshold.first, limit), *threshold.steps])
        case "above":
            grade = _passed(
                number,
                [(threshold.first, reference), *((g, reference + step) for g, step in threshold.steps)],
            )
        case "times":
            if threshold.abnormal_from is None:
                reference, start = limit, limit
            else:
                start = threshold.abnormal_from * reference if abnormal else limit
            grade = _passed(
                number, [(threshold.first, start), *((g, reference * step) for g, step in threshold.steps)]
            )
    if before is not None and before > 0:
        grade = max(grade, _passed(number, [(g, before * step) for g, step in threshold.times_before]))
    return grade


def _passed(number: Decimal, steps: Iterable[tuple[int, Decimal]]) -> int:
    """The grade of the last limit in a row that was passed; a limit below the one before it is passed with it."""
    grade, reached = 0, None
    for step, limit in steps:
        reached = limit if reached is None else max(reached, limit)
        if number > reached:
            grade = step
    return grade
