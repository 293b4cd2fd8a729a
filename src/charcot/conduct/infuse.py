"""Record an infusion: the dose follows from the weight, and what must come first is checked."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from charcot.clinical_time import ClinicalTime
from charcot.conduct.form_entry import Given, as_values, draft_form, moment_text, next_place, with_own
from charcot.conduct.give_dose import draft_given, require_still_in_bag
from charcot.conduct.holding import require_no_hold
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, require_day
from charcot.ledger import Actor, Draft, Entry, Origin, Value
from charcot.participants import (
    FormKey,
    FormVersion,
    require_enrolled,
    require_not_ended,
    require_treatment_wanted,
    study_name,
)
from charcot.protocol import Item, evaluate_rules
from charcot.protocol.design import Dose, Intervention
from charcot.refusal import BadValue, OutOfOrder
from charcot.visits import is_dose_deviation


class DoseMismatch(BadValue):
    """The dose given differs from the dose planned by more than the protocol allows."""


def infuse(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    at: str,
    given_dose: str,
    values: Given,
    intervention: str | None = None,
    dose: str | None = None,
    reason: str | None = None,
    source: str = "record",
    origin: Origin = Origin.ENTERED,
) -> tuple[Entry, ...]:
    """Enters an infusion that began at `at`, of `given_dose` in the unit of the protocol.

    `dose`: the code of the prepared dose that was given; needed where the protocol has gates, which it must have passed.

    The planned dose is the protocol's dose per kilogram times the last weight before `at`. A dose outside the
    tolerance needs a `reason`, and is listed as a deviation. Raises OutOfOrder where a precondition is not known to hold.
    """

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_day(at, situation)
        require_enrolled(situation.dossier.standing, moment)
        require_not_ended(situation.dossier.standing, moment)
        plan = choose_intervention(situation, intervention)
        require_ready(situation, plan, moment)
        require_no_hold(trial, situation, as_values(values, origin), dose, moment)
        form = situation.dossier.study.protocol.forms_by_id[plan.form]
        own = {
            "given_dose": Value(text=given_dose, origin=origin),
            "started_at": Value(text=moment_text(form, moment), origin=origin),
        }
        if plan.dose is not None:
            weight, planned = plan_dose(situation, plan.dose, moment)
            planned = as_measured(planned, form.item("planned_dose"))
            own |= {
                "weight": Value(text=weight, origin=Origin.DERIVED),
                "planned_dose": Value(text=planned, origin=Origin.DERIVED),
            }
        given = with_own(form, as_values(values, origin), own)
        key, version = next_place(situation, form, plan.encounter)
        why = reason.strip() if reason is not None and reason.strip() else None
        draft = draft_form(
            trial, situation, actor, "infuse", key, given, moment, version=version, source=source, reason=why
        )
        if plan.dose is not None:
            _require_dose(plan, plan.dose, own["planned_dose"].text or "", given_dose, reason)
        volume = given["volume"].text if "volume" in given else None
        of_dose = draft_given(situation, actor, dose, plan.id, moment, given_dose, volume)
        if of_dose:
            draft = replace(draft, data={**draft.data, "dose": dose})
        return [draft, *of_dose]

    return act_on_participant(trial, actor, "infuse", participant, judge, alone=True)


def judge_correction(
    situation: ParticipantSituation,
    key: FormKey,
    at: ClinicalTime,
    current: FormVersion,
    values: Mapping[str, Value],
    changed: Mapping[str, Value],
) -> dict[str, Value]:
    """The values of a corrected infusion: on another date all that must come first is checked again, and on
    another weight the dose is planned again."""
    corrected = dict(values)
    plans = situation.dossier.study.protocol.interventions
    plan = next((p for p in plans if (p.form, p.encounter) == (key.form, key.encounter)), None)
    if plan is None:
        return corrected
    require_still_in_bag(situation, situation.dossier.casebook.history(key), corrected)
    if at != current.clinical_time:
        require_ready(situation, plan, at, key)
    form = situation.dossier.study.protocol.forms_by_id[plan.form]
    planned, weight = form.item("planned_dose"), changed.get("weight")
    if (
        plan.dose is not None
        and weight is not None
        and planned is not None
        and planned.computed is None
        and "planned_dose" not in changed
        and _number(weight.text) is not None
    ):
        text = as_measured(_times(plan.dose.per_kg, weight.text or ""), planned)
        corrected["planned_dose"] = Value(text=text, origin=Origin.DERIVED)
    return corrected


def plan_dose(situation: ParticipantSituation, dose: Dose, at: ClinicalTime) -> tuple[str, str]:
    """Weight [kg] and planned dose [the protocol's unit] for an infusion at `at`; raises OutOfOrder without a weight."""
    item = dose.weight.partition(".")[2]
    weighed = _weighings(situation, dose, at)
    weight = _number(weighed[-1].text(item)) if weighed else None
    if not weighed or weight is None or weight <= 0 or _too_old(weighed[-1], dose, at):
        raise OutOfOrder(
            f"There is no weight from the {_length(dose)} before {at.text}.",
            rule=f"Dose: {dose.per_kg} {dose.unit} per kg, weight not older than {_length(dose)}",
            next_step=f"Weigh the participant and record it ({dose.weight}) before the dose is planned.",
            facts={"last_weight": weighed[-1].clinical_time.text if weighed else None},
        )
    text = weighed[-1].text(item) or ""
    return text, _times(dose.per_kg, text)


def last_weighed(situation: ParticipantSituation, dose: Dose, at: ClinicalTime) -> str:
    """When the weight for a dose at `at` was measured."""
    return _weighings(situation, dose, at)[-1].clinical_time.text


def _weighings(situation: ParticipantSituation, dose: Dose, at: ClinicalTime) -> list[FormVersion]:
    form, _, item = dose.weight.partition(".")
    return [
        version
        for version in situation.dossier.casebook.instances(form)
        if version.text(item) is not None and not at.surely_before(version.clinical_time)
    ]


def as_measured(dose: str, item: Item | None) -> str:
    """A dose rounded half up to the decimal places of its item, where that has a precision."""
    if item is None or item.precision is None:
        return dose
    return f"{Decimal(dose).quantize(Decimal(1).scaleb(-item.precision), ROUND_HALF_UP):f}"


def _times(per_kg: str, weight: str) -> str:
    """The exact product, without exponent and without zeros that say nothing."""
    text = f"{Decimal(per_kg) * Decimal(weight):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _too_old(version: FormVersion, dose: Dose, at: ClinicalTime) -> bool:
    """Counted from the end of the day of weighing (its first possible day), or to the minute where the protocol does."""
    length = dose.weight_not_older_than
    if length.unit in ("minute", "hour"):
        return length.after(version.clinical_time.earliest) < at.earliest
    return length.after(version.clinical_time.earliest).date() < at.day


def _length(dose: Dose) -> str:
    return str(dose.weight_not_older_than)


def choose_intervention(situation: ParticipantSituation, wanted: str | None) -> Intervention:
    """The intervention of the participant's arm; raises BadValue where there is none or a choice."""
    protocol = situation.dossier.study.protocol
    enrolled = situation.dossier.standing.enrolled
    name = enrolled.data["arm"] if enrolled is not None else None
    arm = next((a for a in protocol.arms if a.id == name), None)
    of_arm = [i for i in protocol.interventions if arm is not None and i.id in arm.interventions]
    chosen = [i for i in of_arm if wanted in (None, i.id)]
    if len(chosen) == 1:
        return chosen[0]
    if not of_arm:
        what, instead = f"In the arm {name!r} nothing is given.", "Check that this is the right participant."
    elif wanted is None:
        what, instead = "Which intervention?", f"Choose one of: {', '.join(i.id for i in of_arm)}."
    else:
        what = f"This participant's arm has no intervention {wanted!r}."
        instead = f"Choose one of: {', '.join(i.id for i in of_arm)}."
    raise BadValue(
        what,
        rule=f"Protocol {protocol.version.number}: arms and interventions",
        next_step=instead,
        facts={"arm": name, "interventions": [i.id for i in of_arm]},
    )


def _given_before(
    situation: ParticipantSituation, plan: Intervention, but: FormKey | None = None
) -> list[FormVersion]:
    """The times this intervention was recorded, by clinical time."""
    return [
        v
        for v in situation.dossier.casebook.instances(plan.form)
        if v.key.encounter == plan.encounter and v.key != but
    ]


def require_ready(
    situation: ParticipantSituation, plan: Intervention, at: ClinicalTime, corrected: FormKey | None = None
) -> None:
    """Raises OutOfOrder where an intervention may not be given at `at`; `corrected` is the record being corrected."""
    dossier = situation.dossier
    require_enrolled(dossier.standing, at)
    require_not_ended(dossier.standing, at)
    require_treatment_wanted(dossier.standing, at)
    others = _given_before(situation, plan, corrected)
    if len(others) >= plan.maximum:
        raise OutOfOrder(
            f"{plan.label} was already given {len(others)} time{'s' if len(others) > 1 else ''}.",
            rule=f"Intervention {plan.id!r}: at most {plan.maximum}",
            next_step="Correct the recorded infusion if it is wrong.",
            facts={"participant": dossier.participant, "given": len(others)},
        )
    for other in others:
        first, second = sorted((at, other.clinical_time), key=lambda time: time.earliest)
        if plan.interval is not None and second.earliest < plan.interval.after(first.earliest):
            raise OutOfOrder(
                f"An infusion is recorded on {other.clinical_time.text}; {at.text} is less than {plan.interval} from it.",
                rule=f"Intervention {plan.id!r}: interval {plan.interval}",
                next_step="Wait until the interval has passed, or check the date.",
                facts={"recorded": other.clinical_time.text, "interval": str(plan.interval)},
            )
    _require_preconditions(situation, plan, at)


def _require_preconditions(situation: ParticipantSituation, plan: Intervention, at: ClinicalTime) -> None:
    study, facts = situation.dossier.study, situation.dossier.facts(at)
    rules = [study.rules.rule(p.rule, None, "truth") for p in plan.preconditions]
    for precondition, outcome in zip(plan.preconditions, evaluate_rules(rules, facts), strict=True):
        if outcome.value is True:
            continue
        used = {study_name(study, name): text for name, text in outcome.used.items()}
        missing = [name for name, text in used.items() if text is None]
        shown = ", ".join(f"{name}: {text or 'not recorded'}" for name, text in used.items())
        raise OutOfOrder(
            f"Not infused. This must hold first: {precondition.text.rstrip('.')}. "
            f"It is {'not known' if outcome.value is None else 'not so'} on {at.text} ({shown}).",
            rule=f"Intervention {plan.id!r}, precondition {precondition.id!r}"
            + (f", {precondition.section}" if precondition.section else ""),
            next_step=f"Record first: {', '.join(missing)}."
            if missing
            else "Do not infuse while this does not hold; check what is recorded.",
            facts={"precondition": precondition.id, "used": dict(outcome.used)},
        )


def _require_dose(plan: Intervention, dose: Dose, planned: str, given: str, reason: str | None) -> None:
    if _number(given) is None or (reason is not None and reason.strip()):
        return  # what is no number, the form itself refuses
    if is_dose_deviation(dose, planned, given):
        raise DoseMismatch(
            f"{plan.label}: {given} {dose.unit} given, {planned} planned.",
            rule=f"Dose: within {Decimal(dose.tolerance):.0%} of {dose.per_kg} {dose.unit} per kg",
            next_step="Check the count, its power of ten, and the weight. If this is what was given, say why: "
            "it will be listed as a deviation.",
            facts={"planned": planned, "given": given},
        )
