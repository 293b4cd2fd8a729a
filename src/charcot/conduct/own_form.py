"""The acts that fill a form of their own: events, deaths, contacts."""

from collections.abc import Mapping

from charcot.conduct.form_entry import (
    MOMENT_ITEMS,
    Given,
    as_values,
    draft_form,
    may_repeat,
    moment_text,
    next_place,
    with_own,
)
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, require_moment
from charcot.ledger import Actor, Draft, Entry, Origin, Value
from charcot.refusal import OutOfOrder


def record_own_form(
    trial: Trial,
    actor: Actor,
    verb: str,
    part: str,
    participant: str,
    at: str,
    values: Given,
    own: Mapping[str, str],
    source: str,
    origin: Origin,
    encounter: str = "",
) -> tuple[Entry, ...]:
    """Enters the form that plays `part`, as a new instance where it repeats, with the act's `own` values on it."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_moment(at, situation)
        dossier = situation.dossier
        form = dossier.study.protocol.form_playing(part)
        if form is None:
            raise OutOfOrder(
                f"The protocol has no form for this ({part.replace('_', ' ')}).",
                rule=f"Protocol {dossier.protocol_version}: forms",
                next_step="Add such a form to the next version of the protocol.",
            )
        filled = [v for v in dossier.casebook.instances(form.form) if v.key.encounter == encounter]
        place = dossier.study.protocol.encounters_by_id.get(encounter)
        again = may_repeat(dossier.study.protocol, form, encounter) or (place is not None and place.repeating)
        if filled and not again:
            raise OutOfOrder(
                f"{form.title} is already recorded (version {filled[-1].version}).",
                rule=f"Form {form.form!r}: filled once",
                next_step="Correct what is recorded, with a reason.",
                facts={"participant": participant, "form": form.form},
            )
        said = {**own, MOMENT_ITEMS[part]: moment_text(form, moment)}
        known = {item: Value(text=text, origin=origin) for item, text in said.items()}
        given = with_own(form, as_values(values, origin), known)
        key, version = next_place(situation, form, encounter)
        return [draft_form(trial, situation, actor, verb, key, given, moment, version=version, source=source)]

    return act_on_participant(trial, actor, verb, participant, judge)
