"""What the acts on a dose and the steps of the batch record ask on their pages."""

from decimal import Decimal

from django.utils.translation import gettext as _

from charcot.product import DEEDS, Lot
from charcot.protocol.manufacture import BatchStep, StepParameter
from charcot.web.act_pages import ActField, ActPage
from charcot.web.product_fields import Around, at, chosen, code, doses, nodes, number, second, whole, words
from charcot.web.storage_fields import ask_places


def ask_dose_act(verb: str, around: Around) -> ActPage | None:
    """The page of an act on a dose; None where it has none."""
    make = _PAGES.get(verb)
    return None if make is None else make(around, verb)


def _dose(a: Around) -> ActField:
    return code(a, "dose", _("Dose"), doses(a))


def _degrees() -> ActField:
    return number("temperature", _("Temperature [°C]"))


def _prescribe(a: Around, verb: str) -> ActPage:
    asks = [
        ActField("participant", _("Participant"), "list", options=[(p, p) for p in a.participants], value=a.given("participant")),
        words("dose", _("Code of the dose"), _("Such as X01"), kind="scan"), at(a),
    ]  # fmt: skip
    return ActPage(
        verb,
        _("Prescribe a dose"),
        _("From the last weight and its date. From then on the dose is this participant’s."),
        asks,
        _("Prescribe"),
    )


def _prepare(a: Around, verb: str) -> ActPage:
    course = a.record.doses.get(a.given("dose"))
    planned, volume = (
        (course.prescribed.data["planned"], course.prescribed.data["volume_ml"]) if course else ("", "")
    )
    strength = str((Decimal(planned) / Decimal(volume)).quantize(Decimal(1))) if planned and volume else ""
    harvests = [(node, kind) for node, kind in nodes(a) if kind in ("harvest", "pool", "thawed")]
    plan = a.protocol.product
    step = next((s for s in plan.steps if s.does == "formulate"), None) if plan else None
    asks = [
        _dose(a), code(a, "node", _("From the harvest"), harvests), at(a), number("viable", _("Viable cells"), value=planned), number("total", _("All cells, dead ones too")),
        number("concentration", _("Concentration [cells/ml]"), value=strength), number("volume_ml", _("Volume [ml]"), value=volume),
        *(means_of(a, step) if step else []), words("reason", _("Reason"), _("Where it differs from the prescription"), needed=False), *second(a, _("Verified by"), "verifier"),
    ]  # fmt: skip
    return ActPage(
        verb,
        _("Prepare the dose"),
        _("Viable cells, concentration and volume are checked against the prescription."),
        asks,
        _("Prepare"),
    )


def _print(a: Around, verb: str) -> ActPage:
    asks = [_dose(a), whole("copies", _("Copies"), value=str(a.protocol.product.copies if a.protocol.product else 2)), words("reason", _("Reason"), _("Where it is printed again"), needed=False)]  # fmt: skip
    return ActPage(verb, _("Print labels"), _("Codes only, never a name."), asks, _("Print"))


def _reconcile(a: Around, verb: str) -> ActPage:
    asks = [_dose(a), whole("used", _("Labels used")), whole("destroyed", _("Labels destroyed"), value="0")]
    return ActPage(verb, _("Reconcile labels"), _("Every copy is accounted for."), asks, _("Reconcile"))


def _issue(a: Around, verb: str) -> ActPage:
    return ActPage(
        verb,
        _("Issue the dose"),
        _("Of a certified lot, with its labels reconciled."),
        [_dose(a), at(a), _degrees()],
        _("Issue"),
    )


def _hand_over(a: Around, verb: str) -> ActPage:
    asks = [_dose(a), at(a), ActField("to", _("To"), "list", options=list(a.people)), _degrees()]
    return ActPage(verb, _("Hand the dose over"), _("By who holds it."), asks, _("Hand over"))


def _receive(a: Around, verb: str) -> ActPage:
    return ActPage(
        verb,
        _("Receive the dose"),
        _("By whom it was handed to."),
        [_dose(a), at(a), _degrees()],
        _("Receive"),
    )


def _check(a: Around, verb: str) -> ActPage:
    asks = [
        words("dose", _("Dose"), kind="scan", value=a.given("dose")), at(a), ActField("wristband", _("Wristband"), "scan", _("Scan it")), ActField("bag", _("Bag"), "scan", _("Scan it")),
        *second(a, _("Second person")),
    ]  # fmt: skip
    return ActPage(
        verb,
        _("Check at the bedside"),
        _("Two people. A mismatch is never overridden."),
        asks,
        _("They match"),
    )


def _end(a: Around, verb: str) -> ActPage:
    asks = [
        _dose(a),
        at(a),
        chosen("what", _("It was"), ("returned", "destroyed")),
        words("reason", _("Reason")),
        *second(a, _("Witnessed by"), "witness"),
    ]
    return ActPage(verb, _("End the dose"), _("The whole dose, or what was left of it."), asks, _("Enter"))


def ask_step(around: Around, lot: Lot, step: BatchStep) -> ActPage:
    """The page of a step of the batch record, for a tablet: populations, parameters with limits, lots, equipment, the second person."""
    deed = DEEDS[step.does]
    line = lot.genealogy
    fit = [
        (p.id, p.kind)
        for p in line.populations.values()
        if p.kind in deed.takes and not line.is_used_up(p.id)
    ]
    asks = [
        ActField("parents", _("With"), "scan", _("Several codes are separated by commas") if deed.several else "", fit, value=around.given("node") or (fit[-1][0] if fit else "")),
        at(around),
    ]  # fmt: skip
    if deed.counted or step.does in ("sample", "discard"):
        asks.append(number("cells", _("Viable cells taken"), needed=deed.counted))
    if deed.makes is not None:
        asks.append(
            words(
                "children",
                _("Name of what is made"),
                _("Within the lot, such as P1; several are separated by commas"),
                value=_next_name(lot, step.does),
            )
        )
        if deed.makes == "vial":
            asks.append(ask_places())
        if deed.makes == "vessel":
            asks += [
                whole("vessels", _("Number of flasks")),
                number("area_cm2", _("Area of one flask [cm²]"), value="150"),
            ]
    for parameter in step.parameters:
        limits = " – ".join(x for x in (parameter.low, parameter.high) if x is not None)
        hint = "; ".join(
            part
            for part in (
                _("planned: %(planned)s") % {"planned": parameter.planned} if parameter.planned else "",
                _("limits: %(limits)s") % {"limits": limits} if limits else "",
                _("not reported in the publication") if parameter.not_reported else "",
            )
            if part
        )
        label = f"{parameter.label} [{parameter.unit}]" if parameter.unit else parameter.label
        options = [(c, c) for c in parameter.codes]
        asks.append(
            ActField(
                f"p_{parameter.id}",
                label,
                _kind_of(parameter),
                hint,
                options,
                needed=parameter.required,
            )
        )
    asks += [
        *means_of(around, step),
        words("reason", _("Remark"), needed=False),
        *second(around, _("Verified by"), "verifier"),
    ]
    return ActPage("process", step.label, step.note or step.section or "", asks, _("Done and verified"))


def _kind_of(parameter: StepParameter) -> str:
    """A parameter with a unit or limits is a number."""
    if parameter.codes:
        return "list"
    is_number = parameter.low is not None or parameter.high is not None or bool(parameter.unit)
    return "number" if is_number else "short"


def means_of(around: Around, step: BatchStep) -> list[ActField]:
    """Materials by lot with amounts, and equipment."""
    plan = around.protocol.product
    asks: list[ActField] = []
    for kind in step.materials:
        known = plan.material(kind) if plan else None
        label, unit = (known.label, known.unit) if known else (kind, "")
        usable = [
            (m.id, m.lot_number)
            for m in around.record.materials.values()
            if m.material == kind and m.judged and not m.recalled and m.left > 0
        ]
        asks += [
            ActField(f"m_{kind}", label, "scan", _("Code of the delivery"), usable, value=usable[-1][0] if len(usable) == 1 else ""),
            number(f"a_{kind}", _("%(material)s, amount [%(unit)s]") % {"material": label, "unit": unit}),
        ]  # fmt: skip
    for kind in step.equipment:
        found = plan.equipment_kind(kind) if plan else None
        tools = [(e.id, e.label) for e in around.record.equipment.values() if e.equipment == kind]
        asks.append(
            ActField(
                f"e_{kind}",
                found.label if found else kind,
                "scan",
                "",
                tools,
                value=tools[0][0] if len(tools) == 1 else "",
            )
        )
    return asks


def _next_name(lot: Lot, does: str) -> str:
    """A name for what is made, by its kind and passage."""
    known = {node.partition(".")[2] for node in lot.genealogy.populations}
    passages = [p.passage for p in lot.genealogy.populations.values() if p.passage is not None]
    last = max(passages, default=-1)
    wanted = {
        "digest": "SVF",
        "seed": f"P{last + 1}",
        "split": f"P{last + 1}",
        "harvest": f"H{last}",
        "transfer": f"P{last}-2",
        "freeze": "V1",
    }.get(does, does)
    number, name = 1, wanted
    while name in known:
        number += 1
        name = f"V{number}" if does == "freeze" else f"{wanted}-{number}"
    return name


_PAGES = {
    "prescribe_dose": _prescribe, "prepare_dose": _prepare, "print_labels": _print, "reconcile_labels": _reconcile, "issue_dose": _issue,
    "hand_over_dose": _hand_over, "receive_dose": _receive, "check_bedside": _check, "end_dose": _end,
}  # fmt: skip
