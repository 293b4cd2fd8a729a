"""What a step was done with: parameters within limits, materials that may be used, equipment in calibration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from charcot.clinical_time import ClinicalTime
from charcot.conduct.on_product import require_equipment, require_material, require_number, require_product
from charcot.conduct.trial import Situation
from charcot.product import Equipment, compute_rcf
from charcot.protocol.manufacture import BatchStep, StepParameter
from charcot.refusal import BadValue, OutOfOrder


@dataclass(frozen=True)
class Means:
    """What a step was done with, and the deviations that this raises, as severity and words."""

    parameters: Mapping[str, str]
    materials: Mapping[str, str]
    units: Mapping[str, str]
    equipment: tuple[str, ...]
    outside: tuple[str, ...]
    deviations: tuple[tuple[str, str], ...]

    def as_data(self) -> dict[str, Any]:
        """The part of an entry that says it."""
        return {
            "parameters": dict(self.parameters),
            "materials": [
                {"id": code, "amount": amount, "unit": self.units.get(code, "")}
                for code, amount in self.materials.items()
            ],
            "equipment": list(self.equipment),
            "outside": list(self.outside),
        }


class NotUsable(OutOfOrder):
    """A material or a piece of equipment may not be used."""


def gather_means(
    situation: Situation,
    step: BatchStep,
    at: ClinicalTime,
    parameters: Mapping[str, str],
    materials: Mapping[str, str],
    equipment: Sequence[str],
) -> Means:
    """Everything a step was done with; raises BadValue and NotUsable."""
    units = _require_materials(situation, step, at, materials)
    tools = _require_tools(situation, step, at, equipment)
    values = _require_parameters(step, parameters)
    values |= _force(step, values, tools)
    outside = [p for p in step.parameters if p.id in values and _is_outside(p, values[p.id])]
    return Means(
        parameters=values,
        materials=dict(materials),
        units=units,
        equipment=tuple(equipment),
        outside=tuple(p.id for p in outside),
        deviations=tuple(
            (
                "major" if p.critical else "minor",
                f"{step.label}: {p.label} {values[p.id]} {p.unit}".rstrip() + f" lies outside {_limits(p)}",
            )
            for p in outside
        ),
    )


def _require_materials(
    situation: Situation, step: BatchStep, at: ClinicalTime, given: Mapping[str, str]
) -> dict[str, str]:
    plan = require_product(situation)
    found = {code: require_material(situation, code) for code in given}
    kinds = {lot.material for lot in found.values()}
    missing = [m for m in step.materials if m not in kinds]
    if missing:
        labels = [kind.label if (kind := plan.material(name)) else name for name in missing]
        raise BadValue(
            f"{step.label}: which lot of {', '.join(labels)}?",
            rule="Batch record: materials by lot",
            next_step="Scan or write the code of the lot, and how much was used.",
            facts={"missing": missing},
        )
    for code, lot in found.items():
        amount = require_number(given[code], f"amount of {code}")
        status = lot.status_on(at.day)
        left = lot.left
        if status != "released" or amount > left:
            raise NotUsable(
                f"Material lot {code} is {status} on {at.day}."
                if status != "released"
                else f"Of material lot {code} only {left:f} {lot.unit} are left.",
                rule="Materials: only a lot that is released, in date and not used up is used",
                next_step="Use another lot, or have this one released."
                if status == "quarantine"
                else "Use another lot.",
                facts={"code": code, "status": status, "left": str(left)},
            )
    return {code: lot.unit for code, lot in found.items()}


def _require_tools(
    situation: Situation, step: BatchStep, at: ClinicalTime, given: Sequence[str]
) -> dict[str, Equipment]:
    plan = require_product(situation)
    found = {code: require_equipment(situation, code) for code in given}
    missing = [kind for kind in step.equipment if kind not in {e.equipment for e in found.values()}]
    if missing:
        labels = [kind.label if (kind := plan.equipment_kind(name)) else name for name in missing]
        raise BadValue(
            f"{step.label}: which {', '.join(labels)}?",
            rule="Batch record: equipment with its calibration",
            next_step="Scan or write the code of the equipment.",
            facts={"missing": missing},
        )
    for code, tool in found.items():
        if not tool.is_calibrated_on(at.day):
            raise NotUsable(
                f"{tool.label} ({code}) is not in calibration on {at.day}; the last one was due on {tool.due}.",
                rule="Equipment: none is used past its calibration",
                next_step="Use other equipment, or have it calibrated.",
                facts={"code": code, "due": str(tool.due)},
            )
    return found


def _require_parameters(step: BatchStep, given: Mapping[str, str]) -> dict[str, str]:
    known = {p.id: p for p in step.parameters}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise BadValue(
            f"{step.label} does not note {', '.join(unknown)}.",
            rule=f"Batch record: step {step.id!r}",
            next_step=f"It notes: {', '.join(known) or 'nothing'}.",
            facts={"fields": unknown},
        )
    values = {name: text.strip() for name, text in given.items() if text.strip()}
    missing = [p.label for p in step.parameters if p.required and p.id not in values]
    if missing:
        raise BadValue(
            f"{step.label}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            rule=f"Batch record: step {step.id!r}",
            next_step="Write what was done.",
            facts={"missing": missing},
        )
    for name, text in values.items():
        if known[name].codes and text not in known[name].codes:
            raise BadValue(
                f"{known[name].label} cannot be {text!r}.",
                rule=f"Batch record: step {step.id!r}",
                next_step=f"Choose one of: {', '.join(known[name].codes)}.",
                facts={"field": name},
            )
        if known[name].low is not None or known[name].high is not None or known[name].unit:
            require_number(text, known[name].label, above=None)
    return values


def _force(step: BatchStep, values: Mapping[str, str], tools: Mapping[str, Equipment]) -> dict[str, str]:
    """The force of each speed, by the radius of the rotor; raises BadValue where neither is known."""
    speeds = [p for p in step.parameters if p.unit == "rpm" and p.id in values]
    forces = [p for p in step.parameters if p.unit == "g" and p.id in values]
    if not speeds or forces:
        return {}
    radius = next((t.rotor_radius_cm for t in tools.values() if t.rotor_radius_cm), None)
    if radius is None:
        raise BadValue(
            f"{step.label}: a speed in rpm without the radius of the rotor or the force says nothing.",
            rule="Equipment: RCF = 1.118e-5 x radius x rpm^2; 2000 rpm is 358 g at 8 cm, 836 g at 18.7 cm",
            next_step="Enter the radius with the calibration of the centrifuge, or write the force in g.",
            facts={"step": step.id},
        )
    return {f"{p.id}_rcf": compute_rcf(radius, values[p.id]) for p in speeds}


def _is_outside(parameter: StepParameter, text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    low, high = parameter.low, parameter.high
    return (low is not None and number < Decimal(low)) or (high is not None and number > Decimal(high))


def _limits(parameter: StepParameter) -> str:
    low, high = parameter.low, parameter.high
    if low is None:
        return f"at most {high} {parameter.unit}".rstrip()
    if high is None:
        return f"at least {low} {parameter.unit}".rstrip()
    return f"{low} to {high} {parameter.unit}".rstrip()
