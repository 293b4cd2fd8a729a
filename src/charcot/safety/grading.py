"""Grades proposed from what was measured: never set, only shown beside the question, with the measurement they come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from charcot.laboratory import find_normal_range, find_sex, flag_result
from charcot.laboratory.grades import grade_result
from charcot.participants import Dossier, FormVersion

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


def propose_grades(dossier: Dossier) -> Iterator[GradeProposal]:
    """Every grade that the participant's measurements suggest, form by form, by clinical time."""
    for form in dossier.study.protocol.forms:
        for version in dossier.casebook.instances(form.form):
            yield from _proposed(dossier, form.form, version)


def _proposed(dossier: Dossier, form_id: str, version: FormVersion) -> Iterator[GradeProposal]:
    form = dossier.study.protocol.forms_by_id[form_id]
    if form.item("systolic") is None and form.item("temperature") is None and form.plays != "laboratory":
        return
    high, low = _number(version, "systolic"), _number(version, "diastolic")
    if high is not None or low is not None:
        grade = propose_pressure_grade(_whole(high), _whole(low))
        if grade:
            shown = f"{version.text('systolic') or '?'}/{version.text('diastolic') or '?'} mmHg"
            yield GradeProposal("Hypertension", "hypertension", grade, shown, version, "systolic")
    heat = _number(version, "temperature")
    if heat is not None and (grade := propose_fever_grade(heat)):
        yield GradeProposal(
            "Fever", "fever", grade, f"{version.text('temperature')} °C", version, "temperature"
        )
    if form.plays != "laboratory":
        return
    sex = find_sex(dossier)
    for item in form.items:
        number = _number(version, item.id) if item.normal else None
        if number is None:
            continue
        ends = find_normal_range(item, sex)
        if flag_result(item, version.text(item.id) or "", *ends) in (None, "normal"):
            continue
        text = version.text(item.id) or ""
        graded = grade_result(item.id, text, item.unit, *ends, before=_before(dossier, version, item.id))
        if graded is not None:
            measured = f"{item.label} {text} {item.unit or ''}".strip()
            yield GradeProposal(graded[1], "other", graded[0], measured, version, item.id)


def _before(dossier: Dossier, version: FormVersion, item: str) -> str | None:
    """The last value before the first infusion, for a version that came after it."""
    infused = dossier.standing.infused_at
    if infused is None or version.clinical_time.surely_before(infused):
        return None
    earlier = [
        v.text(item)
        for v in dossier.casebook.instances(version.key.form)
        if v.clinical_time.earliest <= infused.earliest and _number(v, item) is not None
    ]
    return earlier[-1] if earlier else None


def _number(version: FormVersion, item: str) -> Decimal | None:
    text = version.text(item)
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)
