"""How ALSFRS-R falls: a total for each visit, and twelve items that sum to it and never rise."""

from collections.abc import Mapping

from numpy.random import Generator

from charcot.simulation.royan_admsc.drawing import around, stream
from charcot.simulation.royan_admsc.persons import MONTHS, Person

Items = dict[str, int]

REGIONS: Mapping[str, tuple[str, ...]] = {
    "bulbar": ("speech", "salivation", "swallowing"),
    "fine": ("handwriting", "item_5", "dressing_hygiene"),
    "gross": ("turning_in_bed", "walking", "climbing_stairs"),
    "respiratory": ("dyspnoea", "orthopnoea", "respiratory_insufficiency"),
}
_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "limb": {"bulbar": 0.6, "fine": 3.0, "gross": 3.5, "respiratory": 0.5},
    "bulbar": {"bulbar": 5.0, "fine": 1.6, "gross": 1.2, "respiratory": 0.7},
}
_FLOORS: Mapping[str, int] = {"swallowing": 2, "respiratory_insufficiency": 4, "dyspnoea": 1, "orthopnoea": 1}
"""No tube feeding and no ventilation without the procedure on record; nobody breathless at its worst."""


def follow_function(person: Person) -> dict[str, Items]:
    """The items at screening and at each visit; item 5 stands under `item_5`, whichever of 5a and 5b it is."""
    rng = stream(person.participant, "function")
    items = dict.fromkeys((item for region in REGIONS.values() for item in region), 4)
    items = _lose(rng, person, items, person.total, floors={**_FLOORS, "dyspnoea": 2, "orthopnoea": 2})
    course = {"screening": items}
    pace = _pace(person)
    for encounter, months in MONTHS.items():
        if encounter not in person.visits:
            continue
        ceilings = _ceilings(person, encounter)
        held = {item: min(score, ceilings.get(item, 4)) for item, score in items.items()}
        if encounter == "year_5":
            assert person.story.five_year_total is not None, "only survivors come at five years"
            wanted = person.story.five_year_total
        else:
            fallen = round(person.total - pace * months)
            wanted = min(fallen, sum(items.values()) - 1, sum(held.values()))
        floors = {item: min(floor, held[item]) for item, floor in _FLOORS.items()}
        if "swallowing" in ceilings:
            floors["swallowing"] = 0
        items = _lose(rng, person, held, wanted, floors)
        course[encounter] = items
    return course


def _pace(person: Person) -> float:
    """Points lost each month: part the person's own pace before the trial (deltaFS), part the usual one."""
    before = (48 - person.total) / person.duration
    usual = around(stream(person.participant, "pace"), 0.9, 0.15, 0.6, 1.2)
    month = int(person.story.death["month"]) if person.story.death else 60
    end = 1.5 if month <= 12 else 0.9 if person.died is None else 1.0
    return min(2.0, (0.6 * before + 0.4 * usual) * end)


def _ceilings(person: Person, encounter: str) -> Items:
    """The highest scores that the procedures on record still allow."""
    on = person.visits[encounter].date()
    ceilings: Items = {}
    if person.has("niv", on):
        ceilings["respiratory_insufficiency"] = 2
    if person.has("gastrostomy", on):
        ceilings["swallowing"] = 1
    if person.has("tracheostomy", on):
        ceilings |= {"respiratory_insufficiency": 0, "speech": 1, "dyspnoea": 1}
    if person.has("nasogastric_tube", on):
        ceilings["swallowing"] = 0
    return ceilings


def _lose(rng: Generator, person: Person, items: Items, total: int, floors: Mapping[str, int]) -> Items:
    """Takes single points away until `total` is left: most from the regions where the disease began."""
    left = dict(items)
    weights = dict(_WEIGHTS[person.onset_site])
    if float(person.fvc_percent) < 60:
        weights["respiratory"] *= 2.5
    of_item = {item: weights[region] for region, names in REGIONS.items() for item in names}
    while sum(left.values()) > total:
        open_items = [item for item in left if left[item] > floors.get(item, 0)]
        if not open_items:
            raise ValueError(f"{person.participant} cannot reach a total of {total}")
        chances = [of_item[item] * left[item] for item in open_items]
        left[open_items[int(rng.choice(len(open_items), p=[c / sum(chances) for c in chances]))]] -= 1
    if sum(left.values()) != total:
        raise ValueError(f"{person.participant} is already below a total of {total}")
    return left
