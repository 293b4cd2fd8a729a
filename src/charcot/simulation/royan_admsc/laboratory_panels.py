"""Laboratory values: each person's own level within the normal ranges of the protocol, with small drift."""

from charcot.protocol import Protocol
from charcot.protocol.forms import Item
from charcot.simulation.royan_admsc.drawing import around, fixed, pick, stream, whole
from charcot.simulation.royan_admsc.persons import MONTHS, Person

PANELS = ("laboratory_haematology", "laboratory_liver", "laboratory_kidney", "laboratory_thyroid")


def draw_panel(protocol: Protocol, form: str, person: Person, encounter: str) -> dict[str, str]:
    """The results of one panel, without the time of the sample; items without a normal range are left out."""
    values = {
        item.id: _result(form, item, person, encounter)
        for item in protocol.forms_by_id[form].items
        if any(limit.high is not None and limit.sex in (None, person.sex) for limit in item.normal)
        and (item.required or any(limit.low is not None for limit in item.normal))
    }
    if form == "laboratory_haematology":
        white = float(values["white_cells"])
        rng = stream(person.participant, encounter, "differential")
        values["neutrophils"] = fixed(white * around(rng, 0.58, 0.03, 0.5, 0.65), 1)
        values["lymphocytes"] = fixed(white * around(rng, 0.29, 0.02, 0.25, 0.33), 1)
        values["haematocrit"] = fixed(float(values["haemoglobin"]) * around(rng, 3.0, 0.03, 2.95, 3.05), 1)
        if _on_warfarin(person, encounter):
            values["inr"] = fixed(around(rng, 2.4, 0.2, 2.0, 2.9), 1)
    if form == "laboratory_liver":
        values["bilirubin_direct"] = fixed(float(values["bilirubin_total"]) * 0.25, 1)
    return values


def draw_urine(person: Person, encounter: str) -> dict[str, str]:
    """A urine analysis without findings."""
    rng = stream(person.participant, encounter, "urinalysis")
    return {
        "specific_gravity": fixed(around(rng, 1.017, 0.004, 1.007, 1.028), 3),
        "ph": fixed(around(rng, 5.9, 0.4, 5.0, 7.2), 1),
        "protein": pick(rng, ("negative", "trace"), (9, 1)),
        "glucose": "negative",
        "ketones": pick(rng, ("negative", "trace"), (9, 1)),
        "blood": "negative",
        "nitrite": "negative",
        "leukocytes": str(whole(rng, 0, 4)),
        "erythrocytes": str(whole(rng, 0, 2)),
    }


def _result(form: str, item: Item, person: Person, encounter: str) -> str:
    limits = next(limit for limit in item.normal if limit.sex in (None, person.sex))
    low, high = float(limits.low or 0), float(limits.high or 0)
    own = stream(person.participant, form, item.id)
    level = around(own, 0.48, 0.16, 0.2, 0.8)
    months = MONTHS.get(encounter, 0)
    drift = -0.012 * months if item.id == "creatinine" else 0.0  # falls as muscle is lost
    if item.id in ("alt", "ast"):
        drift = 0.08  # riluzole
    now = around(stream(person.participant, encounter, form, item.id), level + drift, 0.05, 0.05, 0.95)
    places = 0 if item.type == "integer" else (item.precision if item.precision is not None else 1)
    return fixed(low + now * (high - low), places)


def _on_warfarin(person: Person, encounter: str) -> bool:
    return encounter in person.visits and any(
        m["medicine"] == "Warfarin"
        and person.day_after_infusion(int(m["day"])) < person.visits[encounter].date()
        for m in person.story.medications
    )
