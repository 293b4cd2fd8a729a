"""What is found at a visit: history, body, nerves, vital signs, ALSFRS-R, spirometry."""

from datetime import date, datetime, timedelta

from charcot.ledger import Absence, Origin, Value
from charcot.simulation.royan_admsc.desk import COORDINATOR
from charcot.simulation.royan_admsc.drawing import around, fixed, pick, stream, whole
from charcot.simulation.royan_admsc.function_course import REGIONS, Items
from charcot.simulation.royan_admsc.lung_course import EQUATION, GROUP, Blow
from charcot.simulation.royan_admsc.persons import MONTHS, Person
from charcot.simulation.royan_admsc.publication import as_printed

Given = dict[str, "str | Value"]

IMPROVEMENT = "Mild improvement of muscle atrophy and of hand function, which did not last"


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def take_history(person: Person, encounter: str, since: date | None) -> Given:
    """New symptoms since the visit on `since`; at screening there are none yet to tell of."""
    if since is None or encounter == "screening":
        answers = ("new_symptoms", "any_adverse_event", "dyspnoea_or_chest_pain", "leg_swelling")
        more = ("medicines_changed", "in_hospital", "procedure_done")
        return dict.fromkeys((*answers, *more), "no")
    on = person.visits[encounter].date()

    def lately(day: int) -> bool:
        return since <= person.day_after_infusion(day) < on

    events = [e for e in person.story.events if lately(int(e.get("day", 0)))]
    chest = ("dyspnoea", "chest_pain", "pulmonary_embolism")
    stay = person.story.stay
    values: Given = {
        "new_symptoms": "yes",
        "new_symptoms_details": "; ".join(
            [
                "Weakness has progressed",
                *(f"{e['values']['term'].lower()}, see adverse events" for e in events),
            ]
        ),
        "any_adverse_event": _yes(bool(events)),
        "dyspnoea_or_chest_pain": _yes(any(e["values"]["category"] in chest for e in events)),
        "leg_swelling": "no",
        "medicines_changed": _yes(any(lately(int(m["day"])) for m in person.story.medications)),
        "in_hospital": _yes(stay is not None and lately(stay[0])),
        "procedure_done": _yes(any(lately(int(p["day"])) for p in person.story.procedures)),
    }
    if person.story.improves and encounter == "month_2":
        values["improvement"] = as_printed(IMPROVEMENT)
    return values


def examine_body(person: Person, encounter: str) -> Given:
    """Physical examination: little to find but what the events leave behind."""
    parts = ("general", "head_neck", "heart", "lungs", "abdomen", "legs", "skin")
    values: Given = dict.fromkeys(parts, "normal")
    on = person.visits.get(encounter)
    if on is not None and encounter in ("month_6", "month_12"):
        values["general"] = "not_significant"
    if (
        on is not None
        and person.story.stay is not None
        and person.day_after_infusion(person.story.stay[0]) < on.date()
    ):
        values["lungs"] = "not_significant"
        values["details"] = "Breath sounds weaker at the base after the embolus"
    if on is not None and person.has("gastrostomy", on.date()):
        values["abdomen"] = "not_significant"
    return values


def examine_nerves(person: Person, items: Items) -> Given:
    """Neurological examination, as the items of ALSFRS-R of the same day suggest."""

    def weak(region: str) -> bool:
        return sum(items[item] for item in REGIONS[region]) <= 10

    bulbar, arms, legs = weak("bulbar") or person.onset_site == "bulbar", weak("fine"), weak("gross")
    found = [
        name
        for name, abnormal in (
            ("bulbar: tongue wasted, speech slurred", bulbar),
            ("arms: weak, wasted", arms),
            ("legs: weak, spastic", legs),
        )
        if abnormal
    ]
    finding = {True: "significant", False: "normal"}
    return {
        "mental_state": "normal",
        "bulbar_signs": finding[bulbar],
        "motor_arms": finding[arms],
        "motor_legs": finding[legs],
        "reflexes": "significant",
        "plantar": pick(stream(person.participant, "plantar"), ("significant", "normal"), (2, 1)),
        "fasciculation": "significant",
        "sensation": "normal",
        "gait": finding[legs],
        "details": "; ".join([*found, "reflexes brisk", "fasciculation"]).capitalize(),
    }


def measure_vital_signs(person: Person, encounter: str, on: datetime) -> Given:
    """Vital signs after five minutes of rest; weight falls slowly with the disease."""
    own, now = stream(person.participant, "vital_signs"), stream(person.participant, "vital_signs", encounter)
    pulse, pressure = around(own, 76, 6, 64, 90), around(own, 122, 8, 105, 138)
    loss = around(own, 0.28, 0.1, 0.1, 0.5)
    months = MONTHS.get(encounter, 0)
    ventilated = person.has("tracheostomy", on.date())
    systolic = round(around(now, pressure, 4, 98, 145))
    values: Given = {
        "weight": weigh(person, encounter, loss * months),
        "pulse": str(round(around(now, pulse, 4, 58, 100))),
        "systolic": str(systolic),
        "diastolic": str(round(systolic * around(now, 0.63, 0.02, 0.58, 0.68))),
        "temperature": fixed(around(now, 36.7, 0.2, 36.2, 37.2), 1),
        "respiratory_rate": str(whole(now, 14, 19)),
        "oxygen_saturation": str(whole(now, 94, 96) if months >= 4 else whole(now, 95, 98)),
        "on_oxygen": _yes(ventilated),
    }
    if encounter == "screening":
        values["height"] = fixed(person.height, 1)
    return values


def weigh(person: Person, encounter: str, lost: float = 0.0) -> str:
    """The weight as it is read off the scale [kg]."""
    if encounter == "screening":
        return fixed(person.weight, 1)
    return fixed(
        person.weight - lost + around(stream(person.participant, "scale", encounter), 0, 0.4, -0.8, 0.8), 1
    )


def score_function(person: Person, items: Items, on: date, mode: str) -> Given:
    """ALSFRS-R: the twelve items, with 5a or 5b as the gastrostomy decides."""
    gastrostomy = person.has("gastrostomy", on)
    item_5 = "handling_utensils" if gastrostomy else "cutting_food"
    return {
        "instrument": "alsfrs_r_1999",
        "language": "fa",
        "mode": mode,
        "rater": COORDINATOR.person,
        "gastrostomy": _yes(gastrostomy),
        **{(item_5 if item == "item_5" else item): str(score) for item, score in items.items()},
    }


def blow(found: Blow) -> Given:
    """Spirometry; where nobody could blow, the form says why."""
    values: Given = {"equation": EQUATION, "reference_group": GROUP, "height_cm": found.height}
    if found.litres is None or found.fev1 is None:
        absent = Value(origin=Origin.SYNTHETIC, absent=Absence.NOT_DONE, why=found.why_not)
        return values | {"fvc_litres": absent, "fev1_litres": absent, "position": absent, "quality": absent}
    return values | {
        "fvc_litres": found.litres,
        "fev1_litres": found.fev1,
        "position": "sitting",
        "quality": "acceptable",
    }


def next_morning(on: datetime, days: int) -> datetime:
    """When a result that takes `days` reaches the office."""
    return datetime.combine(on.date() + timedelta(days=days), datetime.min.time()).replace(hour=9)
