"""What is next for a participant: forms to fill and acts to do, each with the page where it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from charcot.conduct.form_entry import may_repeat
from charcot.conduct.record import OWN_ACTS
from charcot.participants import Dossier, FormKey
from charcot.protocol import Form
from charcot.visits import PlannedVisit
from charcot.web.frame import ALONE, address
from charcot.wiring.entering import FormPlace


@dataclass(frozen=True)
class NextStep:
    """Something that can be done: what, where, and why now."""

    label: str
    href: str
    words: str = ""
    state: str = ""
    """How the visit it belongs to stands, for its square."""


@dataclass(frozen=True)
class OfferedForm:
    """A form that can be filled at a place."""

    form: str
    title: str
    href: str
    optional: bool
    filled: bool
    instance: int = 1


def fill_address(participant: str, key: FormKey) -> str:
    """Where a form is filled or corrected."""
    return address("fill", participant, key.form, key.encounter or ALONE, key.instance)


def next_instance(dossier: Dossier, form: Form, encounter: str = "") -> int:
    """The number that a new record of a repeating form gets."""
    return max(dossier.casebook.numbers_used(form.form, encounter), default=0) + 1


def next_on_visit(place: FormPlace) -> tuple[str, FormKey] | None:
    """The next form of the same visit that is not filled yet: its title and key."""
    protocol = place.dossier.study.protocol
    forms = list(protocol.forms_at(place.key.encounter))
    here = forms.index(place.key.form) + 1 if place.key.form in forms else 0
    for form in (*forms[here:], *forms[:here]):
        key = FormKey(form, place.key.encounter, place.key.instance)
        if (
            key != place.key
            and key not in place.dossier.casebook.forms
            and not place.dossier.casebook.is_missed(key)
        ):
            return protocol.forms_by_id[form].title, key
    return None


def add_address(participant: str, form: str, number: int) -> str:
    """The participant's page with an empty row of a form, opened to be filled."""
    return f"{address('participant', participant, add=form, no=number)}#rows-{form}"


def rows_address(participant: str, form: str) -> str:
    """The participant's page at the records of a form."""
    return f"{address('participant', participant)}#rows-{form}"


def after_saving(place: FormPlace, key: FormKey, then: str = "", *, inline: bool = False) -> str:
    """Where one goes on after a form was saved; `inline`: it was a row added on the participant's page."""
    participant = place.dossier.participant
    if inline and then == "another":
        return add_address(participant, key.form, key.instance + 1)
    if inline:
        return rows_address(participant, key.form)
    if then == "another":
        return fill_address(participant, FormKey(key.form, key.encounter, key.instance + 1))
    following = next_on_visit(place)
    if then == "following" and following is not None:
        return fill_address(participant, following[1])
    if key.encounter:
        return address("visit", participant, key.encounter, no=key.instance if key.instance > 1 else None)
    return address("participant", participant)


def offered_forms(
    dossier: Dossier, encounter: str, may: frozenset[str], instance: int = 1
) -> list[OfferedForm]:
    """The forms of a visit, due and optional, that somebody with these verbs can fill or open there."""
    protocol = dossier.study.protocol
    found: dict[str, OfferedForm] = {}
    for activity in protocol.activities:
        if encounter not in activity.at:
            continue
        for name in (*activity.forms, *activity.optional):
            form = protocol.forms_by_id[name]
            if form.subject != "participant" or name in found or verb_for(form) not in may:
                continue
            several = form.repeating or (may_repeat(protocol, form, encounter) and form.plays != "infusion")
            key = FormKey(name, encounter, next_instance(dossier, form, encounter) if several else instance)
            if dossier.locks.of(key) is not None:
                continue
            optional = name not in protocol.forms_at(encounter)
            filled = key in dossier.casebook.forms
            found[name] = OfferedForm(
                name, form.title, fill_address(dossier.participant, key), optional, filled, key.instance
            )
    return list(found.values())


def verb_for(form: Form) -> str:
    """The verb that enters a new form."""
    return OWN_ACTS.get(form.plays or "", "record")


def steps_for(dossier: Dossier, visits: Sequence[PlannedVisit], may: frozenset[str]) -> list[NextStep]:
    """What is next, the most pressing first."""
    standing, who = dossier.standing, dossier.participant
    if standing.status in ("died", "declined", "withdrawn"):
        return []
    protocol = dossier.study.protocol
    steps = []
    consent = protocol.form_playing("consent")
    locked = consent is not None and dossier.locks.of(FormKey(consent.form)) is not None
    if standing.consent is None and consent is not None and not locked and "consent" in may:
        steps.append(
            NextStep(
                _("Record the consent"),
                fill_address(who, FormKey(consent.form)),
                _("nothing is done in the trial before"),
            )
        )
        if "decline" in may:
            steps.append(NextStep(_("Not taking part"), address("act", who, "decline")))
        return steps
    for visit in visits:
        left = [f for f in visit.missing if dossier.locks.of(FormKey(f, visit.encounter.id)) is None]
        if visit.status in ("due", "overdue", "partial") and left and "record" in may:
            steps.append(_visit_step(who, visit, len(left)))
    if standing.enrolled is None and standing.consent is not None:
        if may & {"assess", "waive", "enrol"}:
            steps.append(NextStep(_("Eligibility and enrolment"), address("eligibility", who)))
    elif not standing.infusions and "infuse" in may:
        plan = next(iter(protocol.interventions), None)
        if plan is not None and dossier.locks.of(FormKey(plan.form, plan.encounter)) is None:
            steps.append(
                NextStep(
                    _("Record the infusion"),
                    fill_address(who, FormKey(plan.form, plan.encounter)),
                    plan.label,
                )
            )
    return steps


def _visit_step(participant: str, visit: PlannedVisit, count: int) -> NextStep:
    closes = date_format(visit.closes, "j M Y") if visit.closes is not None else ""
    words = _("%(n)s forms to fill") % {"n": count} if count != 1 else _("1 form to fill")
    if closes:
        words += ", " + (_("window closed on") if visit.status == "overdue" else _("until")) + f" {closes}"
    return NextStep(
        visit.encounter.label, address("visit", participant, visit.encounter.id), words, visit.status
    )


def acts_for(dossier: Dossier, may: frozenset[str]) -> list[NextStep]:
    """What can be entered at any time: records that repeat, unscheduled visits, and what ends or deviates."""
    who, protocol, standing = dossier.participant, dossier.study.protocol, dossier.standing
    if standing.consent is None:
        return []
    found = []
    for form in protocol.forms:
        if form.subject != "participant" or not form.repeating or protocol.encounters_of(form.form):
            continue
        if verb_for(form) in may:
            key = FormKey(form.form, "", next_instance(dossier, form))
            found.append(NextStep(form.title, fill_address(who, key)))
    for encounter in protocol.encounters:
        if encounter.kind == "unscheduled" and "record" in may:
            numbers = [k.instance for k in dossier.casebook.forms if k.encounter == encounter.id]
            no = max(numbers, default=0) + 1
            found.append(NextStep(encounter.label, address("visit", who, encounter.id, no=no)))
    contact = protocol.form_playing("contact")
    if contact is not None and "contact" in may:
        found.append(
            NextStep(
                contact.title, fill_address(who, FormKey(contact.form, "", next_instance(dossier, contact)))
            )
        )
    death = protocol.form_playing("death")
    locks = dossier.locks
    if (
        death is not None
        and standing.death is None
        and "record_death" in may
        and locks.of(FormKey(death.form)) is None
    ):
        found.append(NextStep(death.title, fill_address(who, FormKey(death.form))))
    labels = {
        "miss": _("Missed visit"),
        "lose_to_follow_up": _("Lost to follow-up"),
        "withdraw": _("Withdrawal of consent"),
        "decline": _("Not taking part"),
        "report_deviation": _("Deviation"),
    }
    for verb, label in labels.items():
        if (
            verb in may
            and not (verb == "decline" and standing.infusions)
            and not (verb == "withdraw" and not standing.consent)
        ):
            found.append(NextStep(label, address("act", who, verb)))
    return found
