"""How a filled form becomes a draft: order by clinical time, versions, checks, sealed personal values."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from charcot.clinical_time import ClinicalTime
from charcot.conduct.trial import ParticipantSituation, Trial, draft_about
from charcot.ledger import Actor, Draft, Kind, Origin, Value, participant_subject, seal, unseal
from charcot.participants import FormKey, FormVersion, require_consented, require_not_ended
from charcot.protocol import Form, Protocol
from charcot.refusal import BadValue, OutdatedVersion, OutOfOrder
from charcot.visits import DateLimits, fill_form, find_birth, is_personal

Given = Mapping[str, "str | Value"]
"""Values by item: a text as it was typed, or a whole value."""

MOMENT_ITEMS: Mapping[str, str] = {
    "consent": "consented_on",
    "infusion": "started_at",
    "adverse_event": "onset",
    "death": "died_on",
    "contact": "contacted_on",
}
"""The item of each part that says when it happened; it always agrees with the clinical time of the form."""


def draft_form(
    trial: Trial,
    situation: ParticipantSituation,
    actor: Actor,
    verb: str,
    key: FormKey,
    values: Mapping[str, Value],
    at: ClinicalTime,
    *,
    version: int,
    source: str,
    reason: str | None = None,
    carried: Mapping[str, Value] | None = None,
) -> Draft:
    """The draft of one form version, judged whole: place, order, fields, checks.

    `carried` are values of items that the binding version of the protocol no longer has: kept as they are.
    """
    form = require_form(situation, key)
    if form.plays != "consent":
        require_consented(situation.dossier.standing, at)
        if form.plays not in ("death", "contact"):
            require_not_ended(situation.dossier.standing, at)
    dossier = situation.dossier
    known = opened(trial, dossier.participant, form, values)
    limits = DateLimits(situation.now, find_birth(dossier.study.protocol, dossier.casebook))
    filled = fill_form(dossier.study, form, known, lambda now: dossier.facts(at, key, now), limits)
    data: dict[str, Any] = {
        "form": key.form,
        "encounter": key.encounter,
        "instance": key.instance,
        "version": version,
        "based_on": version - 1,
        "source": source,
        "values": {
            i: v.as_data()
            for i, v in {
                **(carried or {}),
                **_sealed(trial, dossier.participant, form, filled.values, values),
            }.items()
        },
        "checks": {"failed": [check.as_data() for check in filled.failed], "unknown": list(filled.unknown)},
        "missing": list(filled.missing),
    }
    return draft_about(
        situation, actor, verb, Kind.FORM_RECORDED, data=data, clinical_time=at.text, reason=reason
    )


def as_values(given: Given, origin: Origin) -> dict[str, Value]:
    """The given values; those given as text alone are of `origin`."""
    return {item: v if isinstance(v, Value) else Value(text=v, origin=origin) for item, v in given.items()}


def with_own(form: Form, given: Mapping[str, Value], own: Mapping[str, Value]) -> dict[str, Value]:
    """The given values with those that the act itself knows, where the form has such items; raises BadValue where they differ."""
    values = dict(given)
    for name, value in own.items():
        item = form.item(name)
        if item is None or item.computed is not None:
            continue
        before = given.get(name)
        if before is not None and not _same(before.text, value.text):
            raise BadValue(
                f"{form.title}: {item.label} is given as {before.text}, but here it is {value.text}.",
                rule=f"Form {form.form!r}: what the act says and what its form says agree",
                next_step="Give it once, or correct one of the two.",
                facts={"form": form.form, "fields": {name: f"is {value.text} here, not {before.text}."}},
            )
        if before is None or value.origin is Origin.DERIVED:
            values[name] = value  # else the given one stays, which says itself where it came from
    return values


def moment_text(form: Form, at: ClinicalTime) -> str:
    """A clinical time as the form's own item for it writes it: without time of day where that item is a date."""
    item = form.item(MOMENT_ITEMS.get(form.plays or "", ""))
    return at.text.partition("T")[0] if item is not None and item.type == "date" else at.text


def _same(one: str | None, other: str | None) -> bool:
    if one == other:
        return True
    try:
        return one is not None and other is not None and Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def split_kept(
    form: Form, current: FormVersion, cleared: tuple[str, ...] = ()
) -> tuple[dict[str, Value], dict[str, Value]]:
    """What a new version takes over from `current`: values of items the form has, and of items it no longer has."""
    kept: dict[str, Value] = {}
    carried: dict[str, Value] = {}
    for name, value in current.values.items():
        item = form.item(name)
        if item is None:
            carried[name] = value
        elif item.computed is None and name not in cleared:
            kept[name] = value
    return kept, carried


def require_form(situation: ParticipantSituation, key: FormKey) -> Form:
    """The form of the key; raises BadValue where the protocol has no such form at that place."""
    protocol = situation.dossier.study.protocol
    form = protocol.forms_by_id.get(key.form)
    if form is None or form.subject != "participant":
        raise BadValue(
            f"The protocol has no participant form {key.form!r}.",
            rule=f"Protocol {protocol.version.number}: forms",
            next_step="Choose one of: "
            + ", ".join(f.form for f in protocol.forms if f.subject == "participant")
            + ".",
            facts={"form": key.form},
        )
    places = protocol.encounters_of(key.form)
    if key.encounter not in (places or ("",)) and not (key.encounter == "" and _stands_alone(form)):
        raise BadValue(
            f"{form.title} is not filled at {key.encounter!r}."
            if key.encounter
            else f"{form.title} belongs to a visit.",
            rule=f"Protocol {protocol.version.number}: schedule of activities",
            next_step=f"Fill it at: {', '.join(places)}." if places else "Fill it without naming a visit.",
            facts={"form": key.form, "encounter": key.encounter},
        )
    encounter = protocol.encounters_by_id.get(key.encounter)
    several = may_repeat(protocol, form, key.encounter) or (encounter is not None and encounter.repeating)
    if key.instance < 1 or (key.instance > 1 and not several):
        raise BadValue(
            f"{form.title} is filled once only."
            if not several
            else f"{form.title} has no number {key.instance}.",
            rule=f"Form {form.form!r}: " + ("counted from 1" if several else "not repeating"),
            next_step="Correct the form that is there.",
            facts={"form": key.form, "instance": key.instance},
        )
    return form


def require_standing_form(situation: ParticipantSituation, key: FormKey, version: int) -> FormVersion:
    """The newest version of a form that counts, seen as `version`; raises OutOfOrder, OutdatedVersion."""
    current = situation.dossier.casebook.latest(key)
    if current is None:
        wrong = key in situation.dossier.casebook.in_error
        raise OutOfOrder(
            f"{key} was entered in error." if wrong else f"There is no {key}.",
            rule="Forms: this is said of a form that was recorded and counts",
            next_step="Reinstate the form first, if it was right after all."
            if wrong
            else "Record the form first.",
            facts=key.as_data(),
        )
    require_newest(current, version, {})
    return current


def next_place(situation: ParticipantSituation, form: Form, encounter: str) -> tuple[FormKey, int]:
    """Where a form is filled anew at a place, and in which version; numbers of forms entered in error are not used again."""
    casebook, protocol = situation.dossier.casebook, situation.dossier.study.protocol
    place = protocol.encounters_by_id.get(encounter)
    again = may_repeat(protocol, form, encounter) or (place is not None and place.repeating)
    used = casebook.numbers_used(form.form, encounter)
    key = FormKey(form.form, encounter, max(used, default=0) + 1 if again else 1)
    return key, casebook.number(key) + 1


def may_repeat(protocol: Protocol, form: Form, encounter: str) -> bool:
    """Whether a form is filled several times at a place: it repeats, or what it records can happen again."""
    if form.repeating or any(i.form == form.form and i.maximum > 1 for i in protocol.interventions):
        return True
    place = protocol.encounters_by_id.get(encounter)
    return form.plays in ("consent", "contact") and (place is None or place.repeating)


def require_newest(
    current: FormVersion | None, based_on: int, given: Mapping[str, Value], form: Form | None = None
) -> None:
    """Raises OutdatedVersion, with both versions, where the writer did not work from the newest.

    Personal values of `form` do not go into the facts, which may reach a log.
    """
    newest = current.version if current else 0
    if based_on == newest:
        return
    personal = {item.id for item in form.items if is_personal(form, item)} if form else set()
    saved = _shown(current.values, personal) if current else {}
    if current is None or based_on > newest:
        what = f"Version {based_on} of this form was never saved; the newest is {newest}."
    else:
        what = (
            f"This form was saved by {current.entry.actor.person} in the meantime: "
            f"the newest is version {newest}, and you worked from {f'version {based_on}' if based_on else 'an empty form'}."
        )
    raise OutdatedVersion(
        what,
        rule="Forms: a new version is made from the newest one, so that nobody's entry is lost",
        next_step="Look at the saved version and at yours, keep what is right, and save again.",
        facts={
            "based_on": based_on,
            "newest": newest,
            "saved": saved,
            "given": _shown(given, personal),
        },
    )


def _shown(values: Mapping[str, Value], personal: set[str]) -> dict[str, str | None]:
    return {
        name: value.absent.replace("_", " ") if value.absent is not None else value.text
        for name, value in values.items()
        if name not in personal
    }


def _stands_alone(form: Form) -> bool:
    return form.repeating or form.plays in ("consent", "adverse_event", "death", "contact")


def opened(trial: Trial, participant: str, form: Form, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values with those unsealed that the vault can open."""
    found = dict(values)
    for item, value in values.items():
        if value.sealed is not None:
            subject = participant_subject(participant)
            key = trial.vault.key_of(subject, create=False)
            text = unseal(value.sealed, key=key, subject=subject, item=f"{form.form}.{item}") if key else None
            if text is not None:
                found[item] = Value(text=text, origin=value.origin)
    return found


def _sealed(
    trial: Trial, participant: str, form: Form, filled: Mapping[str, Value], given: Mapping[str, Value]
) -> dict[str, Value]:
    sealed = dict(filled)
    for item in form.items:
        value = filled.get(item.id)
        if not is_personal(form, item) or value is None or value.text is None:
            continue
        before = given.get(item.id)
        if before is not None and before.sealed is not None:
            sealed[item.id] = before
            continue
        subject = participant_subject(participant)
        key = trial.vault.key_of(subject, create=True)
        if key is None:
            raise OutOfOrder(
                "The identity of this participant was erased.",
                rule="Privacy: an erased identity is never entered again",
                next_step="Leave the personal fields empty.",
                facts={"participant": participant},
            )
        sealed[item.id] = Value(
            sealed=seal(value.text, key=key, subject=subject, item=f"{form.form}.{item.id}"),
            origin=value.origin,
        )
    return sealed
