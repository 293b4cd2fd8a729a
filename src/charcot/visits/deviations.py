"""Deviations from the protocol: waived criteria, doses, visits outside their window, missed visits, reported ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from charcot.ledger import Entry, Kind
from charcot.participants import Casebook, FormKey, Standing
from charcot.protocol import Protocol
from charcot.protocol.design import Dose
from charcot.visits.schedule import PlannedVisit


@dataclass(frozen=True)
class Deviation:
    """One deviation, with the entries that show it."""

    participant: str
    category: str
    section: str
    description: str
    at: str | None
    entries: tuple[int, ...]


def find_deviations(
    protocol: Protocol,
    standing: Standing,
    casebook: Casebook,
    visits: Iterable[PlannedVisit],
    entries: Iterable[Entry],
) -> tuple[Deviation, ...]:
    """All deviations of one participant, in the order of the protocol's sections, then of time."""
    return (
        *_waived(protocol, standing),
        *_doses(protocol, standing, casebook),
        *_out_of_window(protocol, standing, casebook, visits),
        *_missed(protocol, standing, casebook),
        *_reported(standing.participant, entries),
    )


def find_trial_deviations(entries: Iterable[Entry]) -> tuple[Deviation, ...]:
    """The deviations reported about the trial as a whole; their participant is empty."""
    return tuple(_reported("", entries))


def _waived(protocol: Protocol, standing: Standing) -> Iterator[Deviation]:
    """What was waived at enrolment, judged by the assessment that enrolment rested on."""
    enrolled = standing.enrolled
    if enrolled is None:
        return
    criteria = {criterion.id: criterion for criterion in protocol.criteria}
    assessment = next(a for a in standing.assessments if a.act == enrolled.act)
    for verdict in assessment.data["criteria"]:
        name = verdict["criterion"]
        if name not in enrolled.data["waived"]:
            continue
        waiver = standing.waivers[name]
        used = ", ".join(_named(protocol, item, text) for item, text in sorted(verdict["used"].items()))
        yield Deviation(
            standing.participant,
            "eligibility",
            name,
            f"{criteria[name].text if name in criteria else name}: not met ({used}). Waived: {waiver.justification}",
            enrolled.clinical_time,
            (assessment.sequence, waiver.entry.sequence, enrolled.sequence),
        )


def _doses(protocol: Protocol, standing: Standing, casebook: Casebook) -> Iterator[Deviation]:
    """Doses outside the tolerance, as the newest versions of the forms have them."""
    for plan in protocol.interventions:
        if plan.dose is None:
            continue
        for version in casebook.instances(plan.form):
            if version.key.encounter != plan.encounter:
                continue
            planned, given = version.text("planned_dose"), version.text("given_dose")
            if planned is None or given is None or not is_dose_deviation(plan.dose, planned, given):
                continue
            yield Deviation(
                standing.participant,
                "dose",
                plan.id,
                f"{plan.label}: {given} {plan.dose.unit} given, {planned} planned. {version.entry.reason or ''}".strip(),
                version.clinical_time.text,
                (version.entry.sequence,),
            )


def is_dose_deviation(dose: Dose, planned: str, given: str) -> bool:
    """Whether a given dose differs from the planned by more than the protocol's tolerance; not where either is no number."""
    try:
        plan, given_ = Decimal(planned), Decimal(given)
    except InvalidOperation:
        return False
    return abs(given_ - plan) > Decimal(dose.tolerance) * plan


def _out_of_window(
    protocol: Protocol, standing: Standing, casebook: Casebook, visits: Iterable[PlannedVisit]
) -> Iterator[Deviation]:
    for visit in visits:
        found = [casebook.forms[FormKey(form, visit.encounter.id)][-1] for form in visit.outside]
        if not found or visit.opens is None or visit.closes is None:
            continue
        times = sorted({version.clinical_time.text for version in found})
        some = len(visit.outside) < len(visit.filled)
        what = _titles(protocol, visit.outside) if some else visit.encounter.label
        yield Deviation(
            standing.participant,
            "visit window",
            visit.encounter.id,
            f"{what} took place on {', '.join(times)}, outside the window from {visit.opens:%Y-%m-%d} to {visit.closes:%Y-%m-%d}.",
            times[0],
            tuple(sorted(version.entry.sequence for version in found)),
        )


def _missed(protocol: Protocol, standing: Standing, casebook: Casebook) -> Iterator[Deviation]:
    """What was said to be missed and was not recorded after all; each form once."""
    told: set[FormKey] = set()
    for missed in casebook.missed:
        forms = [missed.form] if missed.form else protocol.forms_at(missed.encounter)
        keys = [FormKey(form, missed.encounter, missed.instance) for form in forms]
        recorded = any(casebook.latest(key) is not None for key in keys)
        still = [key for key in keys if casebook.latest(key) is None and key not in told]
        if not still:
            continue
        told.update(still)
        whole = not missed.form and not recorded and len(still) == len(keys)
        what = "the whole visit" if whole else _titles(protocol, [key.form for key in still])
        encounter = protocol.encounters_by_id.get(missed.encounter)
        yield Deviation(
            standing.participant,
            "missed visit" if whole else "missed form",
            missed.encounter,
            f"{encounter.label if encounter else missed.encounter}: {what} missed. {missed.entry.reason}",
            missed.entry.clinical_time,
            (missed.entry.sequence,),
        )


def _named(protocol: Protocol, place: str, text: str) -> str:
    """A value with the label and unit of its item, given as `form.item`, which this version may no longer have."""
    form, _, name = place.partition(".")
    item = protocol.forms_by_id[form].item(name) if form in protocol.forms_by_id else None
    return f"{place}: {text}" if item is None else f"{item.label}: {text} {item.unit or ''}".strip()


def _titles(protocol: Protocol, forms: Iterable[str]) -> str:
    """How people know the forms; the id of one that this version no longer has."""
    known = protocol.forms_by_id
    return ", ".join(known[form].title if form in known else form for form in forms)


def _reported(participant: str, entries: Iterable[Entry]) -> Iterator[Deviation]:
    for entry in entries:
        if entry.kind is Kind.DEVIATION_REPORTED:
            yield Deviation(
                participant,
                entry.data["category"],
                entry.data["section"],
                entry.data["description"],
                entry.clinical_time,
                (entry.sequence,),
            )
