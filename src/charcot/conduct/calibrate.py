"""Record the calibration of equipment, and when the next is due."""

from charcot.conduct.on_product import draft_on, require_name, require_number, require_product
from charcot.conduct.trial import (
    Situation,
    Trial,
    act_on_trial,
    require_date,
    require_day,
    require_one_of,
    require_text,
)
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import fold_equipment
from charcot.refusal import BadValue


def calibrate(
    trial: Trial,
    actor: Actor,
    *,
    code: str,
    equipment: str,
    label: str,
    on: str,
    due: str,
    rotor_radius_cm: str | None = None,
) -> tuple[Entry, ...]:
    """Enters that equipment was calibrated `on` a day and may be used up to and including `due`.

    A centrifuge has the radius of its rotor: without it a speed says nothing about the force.
    """

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        subject = subject_of("equipment", require_name(code, "piece of equipment"))
        require_one_of(equipment, [kind.id for kind in plan.equipment], "equipment")
        known = fold_equipment(situation.about(subject))
        moment = require_day(on, situation)
        if known is not None and known.equipment != equipment:
            raise BadValue(
                f"{code} is a {known.equipment}.",
                rule="Equipment: a code stays with what it was given to",
                next_step="Check the code.",
                facts={"code": code},
            )
        if require_date(due, "due") < str(moment.day):
            raise BadValue(
                f"The next calibration would be due on {due}, before this one.",
                rule="Equipment: a calibration holds from its day on",
                next_step="Correct one of the two dates.",
                facts={"code": code},
            )
        if rotor_radius_cm:
            require_number(rotor_radius_cm, "rotor radius")
        data = {
            "id": code,
            "equipment": equipment,
            "label": require_text(label, "label"),
            "on": str(moment.day),
            "due": due,
            **({"rotor_radius_cm": rotor_radius_cm} if rotor_radius_cm else {}),
        }
        return [draft_on(situation, actor, "calibrate", Kind.EQUIPMENT_CALIBRATED, subject, data, moment)]

    return act_on_trial(trial, actor, "calibrate", judge)
