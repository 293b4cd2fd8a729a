"""Saving a filled sheet: the act that fits the form, chosen among recording, correcting and the acts of their own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from charcot.conduct import consent, contact, correct, infuse, record, record_death, report_event
from charcot.conduct.form_entry import may_repeat
from charcot.conduct.record import OWN_ACTS
from charcot.ledger import Actor, Entry, Value, format_moment
from charcot.participants import FormKey
from charcot.refusal import BadValue, OutdatedVersion
from charcot.wiring.entering import SOURCES, FormPlace, JudgedSheet, Sheet
from charcot.wiring.products import dose_at_bedside

ATTEMPTS = 20
"""How many numbers of a repeating form are tried while others add to it."""


def verb_of(place: FormPlace) -> str:
    """The verb that saves a form: that of its own act where it is new, `record` or `correct`."""
    if place.current is not None:
        return "correct"
    return OWN_ACTS.get(place.form.plays or "", "record")


def save_sheet(place: FormPlace, actor: Actor, sheet: Sheet, judged: JudgedSheet) -> FormKey:
    """Enters the sheet, as `judge_sheet` judged it at this place, and says where it now stands.

    Raises a Refusal, whose facts name the fields it is about.
    """
    problems = dict(judged.problems)
    if sheet.source not in SOURCES and place.current is None:
        problems["source"] = "must be one of: " + ", ".join(SOURCES) + "."
    if place.moment_item is not None and not judged.at and place.moment_item not in problems:
        problems[place.moment_item] = "is needed: it says when this happened."
    if problems:
        raise bad_fields(place, problems)
    if sheet.based_on != place.newest:
        raise outdated(place, sheet)
    place = replace(place, trial=replace(place.trial, typed=_typed_moment(place, sheet, judged)))
    if place.current is not None:
        entries = _save_again(place, actor, sheet, judged)
    else:
        entries = _save_first(place, actor, sheet, judged)
    if not entries:
        return place.key
    data = entries[0].data
    return FormKey(data["form"], data["encounter"], int(data["instance"]))


def _typed_moment(place: FormPlace, sheet: Sheet, judged: JudgedSheet) -> dict[str, str]:
    """How the moment of the form was typed where it is new and kept otherwise; one that an item says is kept with the item."""
    typed = sheet.at.strip()
    is_kept = place.current is not None and judged.at == place.current.clinical_time.text
    return {} if place.moment_item is not None or is_kept or typed == judged.at else {"at": typed}


def bad_fields(place: FormPlace, problems: Mapping[str, str]) -> BadValue:
    """The refusal that names each field with what is wrong."""
    return BadValue(
        f"{place.form.title} was not saved: {len(problems)} field{'' if len(problems) == 1 else 's'} "
        "cannot stay as they are.",
        rule=f"Form {place.form.form!r}" + (f", {place.form.section}" if place.form.section else ""),
        next_step="Correct the fields named and save again. What you typed is still here.",
        facts={"form": place.form.form, "fields": dict(problems)},
    )


def outdated(place: FormPlace, sheet: Sheet) -> OutdatedVersion:
    """The refusal of a sheet that was not written from the newest version."""
    who = place.current.entry.actor.person if place.current else ""
    return OutdatedVersion(
        f"This form was saved by {who} in the meantime." if who else "This form is not as it was.",
        rule="Forms: a new version is made from the newest one, so that nobody's entry is lost",
        next_step="Look at the saved version and at yours, keep what is right, and save again.",
        facts={"based_on": sheet.based_on, "newest": place.newest},
    )


def _save_first(place: FormPlace, actor: Actor, sheet: Sheet, judged: JudgedSheet) -> tuple[Entry, ...]:
    trial, participant, at, source = place.trial, place.dossier.participant, judged.at, sheet.source
    given = dict(judged.given)
    match place.form.plays:
        case "consent":
            version = _needed(place, given, "consent_form_version")
            return consent(
                trial,
                actor,
                participant=participant,
                at=at,
                form_version=version,
                values=given,
                source=source,
            )
        case "infusion":
            dose = _needed(place, given, "given_dose")
            return infuse(
                trial, actor, participant=participant, at=at, given_dose=dose, values=given, source=source,
                intervention=place.intervention.id if place.intervention else None, reason=sheet.reason or None,
                dose=dose_at_bedside(trial.ledger, participant),
            )  # fmt: skip
        case "adverse_event":
            return report_event(trial, actor, participant=participant, at=at, values=given, source=source)
        case "death":
            cause = _needed(place, given, "cause")
            return record_death(
                trial, actor, participant=participant, at=at, cause=cause, values=given, source=source
            )
        case "contact":
            alive = _needed(place, given, "alive") == "yes"
            return contact(
                trial, actor, participant=participant, at=at, alive=alive, values=given,
                encounter=place.key.encounter, source=source,
            )  # fmt: skip
        case _:
            return _record_first(place, actor, sheet, judged)


def _record_first(place: FormPlace, actor: Actor, sheet: Sheet, judged: JudgedSheet) -> tuple[Entry, ...]:
    """Records a new form; where it repeats and the number was taken meanwhile, under the next one."""
    key = place.key
    several = place.form.repeating or may_repeat(place.dossier.study.protocol, place.form, key.encounter)
    for instance in range(key.instance, key.instance + (ATTEMPTS if several else 1)):
        try:
            return record(
                place.trial, actor, participant=place.dossier.participant, form=key.form, encounter=key.encounter,
                instance=instance, at=judged.at, values=dict(judged.given), source=sheet.source,
                based_on=sheet.based_on if instance == key.instance else 0,
            )  # fmt: skip
        except OutdatedVersion:
            if instance == key.instance + (ATTEMPTS if several else 1) - 1:
                raise
    return ()


def _save_again(place: FormPlace, actor: Actor, sheet: Sheet, judged: JudgedSheet) -> tuple[Entry, ...]:
    """Adds what was missing, or corrects what was saved."""
    current, key = place.current, place.key
    if current is None:
        return ()
    changed = {c.item.id: c.after for c in judged.changes if c.after is not None}
    cleared = tuple(c.item.id for c in judged.changes if c.after is None)
    moved = judged.at if place.moment_item is None and judged.at != current.clinical_time.text else None
    if not changed and not cleared and moved is None:
        return ()
    own = (place.form.plays or "") in OWN_ACTS
    if not judged.altered and moved is None and not own:
        return record(
            place.trial, actor, participant=place.dossier.participant, form=key.form, encounter=key.encounter,
            instance=key.instance, at=current.clinical_time.text, values=changed, based_on=sheet.based_on,
            source=str(current.entry.data["source"]),
        )  # fmt: skip
    return correct(
        place.trial, actor, participant=place.dossier.participant, form=key.form, encounter=key.encounter,
        instance=key.instance, changes=changed, based_on=sheet.based_on, reason=sheet.reason, at=moved,
        cleared=cleared,
    )  # fmt: skip


def needs_reason(place: FormPlace, judged: JudgedSheet) -> bool:
    """Whether saving asks why: saved values change, or the date, or a form with an act of its own is added to."""
    if place.current is None:
        return False
    moved = place.moment_item is None and judged.at != place.current.clinical_time.text
    return judged.altered or moved or (bool(judged.changes) and (place.form.plays or "") in OWN_ACTS)


def _needed(place: FormPlace, given: Mapping[str, Value], name: str) -> str:
    value = given.get(name)
    if value is None or value.text is None:
        raise bad_fields(place, {name: "is needed before this can be saved."})
    return value.text


def was_entered(place: FormPlace, actor: Actor, judged: JudgedSheet, since: datetime) -> bool:
    """Whether the person entered this very sheet since a moment, on this form or as one more of its kind."""
    given = {item: value.text for item, value in judged.given.items() if value.text is not None}
    moment = format_moment(since)
    return any(
        version.entry.actor.person == actor.person
        and version.entry.recorded_at >= moment
        and all(_says(version.values.get(item), text) for item, text in given.items())
        for key, versions in place.dossier.casebook.forms.items()
        if (key.form, key.encounter) == (place.key.form, place.key.encounter)
        for version in versions
    )


def _says(value: Value | None, text: str) -> bool:
    """Whether a value that was entered is a text; one that is sealed cannot be compared and may be."""
    return value is not None and (value.sealed is not None or value.text == text)
