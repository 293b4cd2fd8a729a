"""Grades proposed from what was measured: never set, only shown beside the question, with the measurement they come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from charcot.laboratory import ResultBook, parse_number
from charcot.participants import Dossier, FormVersion
from charcot.protocol import Form

PRESSURE_GRADES = ((160, 100, 3), (140, 90, 2), (120, 80, 1))
"""Systolic or diastolic [mmHg] from which hypertension of an adult has a grade (CTCAE v5.0)."""
FEVER_GRADES = (("40.0", 3), ("39.0", 2))
"""Temperature [°C] above which fever has a grade; from 38.0 it is grade 1 (CTCAE v5.0)."""


@dataclass(frozen=True)
class GradeProposal:
    """A grade that a measurement suggests: the term, the grade, the measurement in words, and the form and item it stands on."""

    term: str
    category: str
    grade: int
    measured: str
    version: FormVersion
    item: str


def propose_pressure_grade(systolic: int | None, diastolic: int | None) -> int:
    """The grade of hypertension of an adult; 0 for none. Source: CTCAE v5.0.

    >>> propose_pressure_grade(180, 100)
    3
    """
    high, low = systolic or 0, diastolic or 0
    return next((grade for s, d, grade in PRESSURE_GRADES if high >= s or low >= d), 0)


def propose_fever_grade(temperature: Decimal) -> int:
    """The grade of fever [°C]; 0 for none. Above 40.0 °C it is 3, and 4 where that lasts longer than a day."""
    for limit, grade in FEVER_GRADES:
        if temperature > Decimal(limit):
            return grade
    return 1 if temperature >= Decimal("38.0") else 0


def propose_grades(dossier: Dossier, results: ResultBook | None = None) -> Iterator[GradeProposal]:
    """Every grade that the participant's measurements suggest, form by form, by clinical time.

    `results`: the participant's, where they are being judged already.
    """
    results = results or ResultBook(dossier)
    for form in dossier.study.protocol.forms:
        measured = "systolic" in form.items_by_id or "temperature" in form.items_by_id
        if form.plays == "laboratory" or measured:
            for version in dossier.casebook.instances(form.form):
                if measured:
                    yield from _proposed_by_signs(version)
                if form.plays == "laboratory":
                    yield from _proposed_by_results(results, form, version)


def _proposed_by_signs(version: FormVersion) -> Iterator[GradeProposal]:
    high, low = version.text("systolic"), version.text("diastolic")
    if grade := _grade_pressure(high, low):
        shown = f"{high or '?'}/{low or '?'} mmHg"
        yield GradeProposal("Hypertension", "hypertension", grade, shown, version, "systolic")
    heat = version.text("temperature")
    if grade := _grade_heat(heat):
        yield GradeProposal("Fever", "fever", grade, f"{heat} °C", version, "temperature")


@lru_cache(maxsize=16_384)
def _grade_pressure(high: str | None, low: str | None) -> int:
    return propose_pressure_grade(_whole(parse_number(high)), _whole(parse_number(low)))


@lru_cache(maxsize=4096)
def _grade_heat(text: str | None) -> int:
    heat = parse_number(text)
    return 0 if heat is None else propose_fever_grade(heat)


def _proposed_by_results(results: ResultBook, form: Form, version: FormVersion) -> Iterator[GradeProposal]:
    for found in results.results(form, version).values():
        if found.grade:
            shown = f"{found.item.label} {found.text} {found.item.unit or ''}".strip()
            yield GradeProposal(found.term, "other", found.grade, shown, version, found.item.id)


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)
