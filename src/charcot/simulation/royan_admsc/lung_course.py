"""How forced vital capacity falls: litres for each visit, from the per cent of predicted that is wanted."""

from dataclasses import dataclass

import numpy as np

from charcot.clinical_time import months_between
from charcot.scales import compute_predicted
from charcot.simulation.royan_admsc.drawing import around, fixed, stream
from charcot.simulation.royan_admsc.persons import Person

EQUATION, GROUP = "GLI_2012", "caucasian"
"""Synthetic, as the paper names no equation: the one of those years, for all ages from 3 to 95."""
NOT_ABLE = {
    "tracheostomy": "After the tracheostomy no forced manoeuvre is possible.",
    "weak": "Too weak to close the lips and blow; three efforts tried.",
}


@dataclass(frozen=True)
class Blow:
    """One spirometry: litres as typed, or why there are none."""

    height: str
    litres: str | None
    fev1: str | None
    why_not: str = ""


def follow_lung(person: Person) -> dict[str, Blow]:
    """The spirometry at screening and at each visit up to month 12."""
    height, litres = _at_screening(person)
    rng = stream(person.participant, "lung")
    ratio = around(rng, 0.84, 0.03, 0.76, 0.92)
    course = {"screening": Blow(height, litres, fixed(float(litres) * ratio, 2))}
    last = float(person.fvc_percent)
    for encounter, factor in _factors(person).items():
        if encounter not in person.visits:
            continue
        last *= factor
        why_not = _why_not(person, encounter)
        if why_not:
            course[encounter] = Blow(height, None, None, why_not)
            continue
        months = months_between(person.consented.date(), person.visits[encounter].date())
        blown = last * _predicted(person, float(height), person.age + months / 12.0) / 100
        course[encounter] = Blow(height, fixed(blown, 2), fixed(blown * ratio - 0.005, 2))
    return course


def _factors(person: Person) -> dict[str, float]:
    """By what each visit's per cent differs from the last one's: fast to month 4, a little up at 6, then down."""
    rng = stream(person.participant, "breath")
    month = int(person.story.death["month"]) if person.story.death else 60
    harder = 0.07 if month <= 12 else 0.03 if month <= 24 else 0.0
    return {
        "month_2": around(rng, 0.94, 0.02, 0.88, 0.975) - harder,
        "month_4": around(rng, 0.92, 0.02, 0.86, 0.96) - harder,
        "month_6": around(rng, 1.015, 0.02, 0.98, 1.05) - harder / 2,
        "month_12": around(rng, 0.83, 0.04, 0.75, 0.90) - harder,
    }


def _why_not(person: Person, encounter: str) -> str:
    on = person.visits[encounter]
    if person.has("tracheostomy", on.date()):
        return NOT_ABLE["tracheostomy"]
    last_month = person.died is not None and (person.died - on.date()).days <= 31
    return NOT_ABLE["weak"] if last_month else ""


def _at_screening(person: Person) -> tuple[str, str]:
    """Height and litres, as typed, that give the published per cent to the decimals it is printed with."""
    wanted = float(person.fvc_percent)
    heights = np.array([person.height + step / 10 for step in range(-20, 21)])
    predicted = compute_predicted(EQUATION, float(person.age), heights, person.sex, GROUP)
    litres = np.round(predicted * wanted / 100, 2)
    misses = np.abs(100 * litres / predicted - wanted)
    best = int(np.argmin(misses))
    return fixed(float(heights[best]), 1), fixed(float(litres[best]), 2)


def _predicted(person: Person, height: float, age: float) -> float:
    return float(compute_predicted(EQUATION, age, height, person.sex, GROUP))
