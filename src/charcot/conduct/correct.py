"""Correct a form: a new version with a reason; the earlier one stays readable."""

from collections.abc import Mapping
from dataclasses import replace

from charcot.clinical_time import ClinicalTime
from charcot.conduct.consent import consenting
from charcot.conduct.form_entry import (
    MOMENT_ITEMS,
    Given,
    as_values,
    draft_form,
    moment_text,
    require_form,
    require_newest,
    split_kept,
    with_own,
)
from charcot.conduct.give_dose import draft_corrected_dose
from charcot.conduct.infuse import judge_correction
from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    require_moment,
    require_reason,
)
from charcot.ledger import Actor, Draft, Entry, Origin, Value
from charcot.participants import FormKey, FormVersion, bind_dossier
from charcot.protocol import Form
from charcot.refusal import BadValue, OutOfOrder
from charcot.team import require_approved


def correct(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    changes: Given,
    based_on: int,
    reason: str,
    encounter: str = "",
    instance: int = 1,
    at: str | None = None,
    cleared: tuple[str, ...] = (),
    origin: Origin = Origin.ENTERED,
) -> tuple[Entry, ...]:
    """Changes some values of version `based_on`, empties those in `cleared`, keeps the others; `at` moves its date.

    Where the form has an item for its own moment (consent, infusion, event, death, contact), item and date move together.
    """
    key = FormKey(form, encounter, instance)

    def judge(before: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Forms: a correction needs a reason")
        definition = require_form(before, key)
        current = before.dossier.casebook.latest(key)
        given = as_values(changes, origin)
        if current is None:
            raise OutOfOrder(
                f"There is no {key} to correct.",
                rule="Forms: a correction changes what was recorded",
                next_step="Record the form first.",
                facts={"form": form, "encounter": encounter, "instance": instance},
            )
        require_newest(current, based_on, given, definition)
        _require_clearable(definition, cleared)
        moment = _moment(before, definition, current, given, at)
        item = MOMENT_ITEMS.get(definition.plays or "")
        if item is not None and moment != current.clinical_time:
            own = {item: Value(text=moment_text(definition, moment), origin=origin)}
            given = with_own(definition, given, own)
        kept, carried = split_kept(definition, current, cleared)
        values = {**kept, **given}
        situation = before
        if definition.plays == "consent":
            situation = _consenting(before, current, moment, values["consent_form_version"].text or "")
        if definition.plays == "infusion":
            values = judge_correction(situation, key, moment, current, values, given)
        drafts = [
            draft_form(
                trial,
                situation,
                actor,
                "correct",
                key,
                values,
                moment,
                version=based_on + 1,
                source=str(current.entry.data["source"]),
                reason=why,
                carried=carried,
            )
        ]
        if definition.plays == "infusion":
            versions = situation.dossier.casebook.history(key)
            drafts += draft_corrected_dose(situation, actor, versions, values, moment, why)
        return drafts

    return act_on_participant(trial, actor, "correct", participant, judge)


def _require_clearable(form: Form, cleared: tuple[str, ...]) -> None:
    fixed = {"consent_form_version", MOMENT_ITEMS.get(form.plays or "")}
    problems = {name: "is not a field of this form." for name in cleared if form.item(name) is None}
    problems |= {name: "cannot be emptied; change it instead." for name in cleared if name in fixed}
    if problems:
        raise BadValue(
            f"{form.title}: " + " ".join(f"{name} {problem}" for name, problem in problems.items()),
            rule=f"Form {form.form!r}",
            next_step="Correct the fields named and save again. Nothing was saved.",
            facts={"form": form.form, "fields": problems},
        )


def _moment(
    situation: ParticipantSituation,
    form: Form,
    current: FormVersion,
    given: Mapping[str, Value],
    at: str | None,
) -> ClinicalTime:
    """The clinical time of the corrected form: `at`, or what its own item for it now says, or as it was."""
    own = given.get(MOMENT_ITEMS.get(form.plays or "", ""))
    if at is None and own is not None and own.text != moment_text(form, current.clinical_time):
        at = own.text or ""
    return require_moment(at, situation) if at is not None else current.clinical_time


def _consenting(
    situation: ParticipantSituation, current: FormVersion, at: ClinicalTime, form_version: str
) -> ParticipantSituation:
    """A consent stays one to the same version of the protocol, unless it was given on another day than was said."""
    if at.day != current.clinical_time.day:
        return consenting(situation, at, form_version)
    require_approved(situation.charter.approvals, "consent_form", form_version, at.day)
    bound = situation.charter.protocol(current.entry.protocol or "")
    return replace(situation, dossier=bind_dossier(situation.dossier, bound))
