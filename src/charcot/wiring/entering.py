"""A form as it is being filled: what was typed, read and judged by the rules that judge it when it is saved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from charcot.clinical_time import ClinicalTime
from charcot.conduct import Trial, read_charter
from charcot.conduct.form_entry import MOMENT_ITEMS, opened, require_form
from charcot.conduct.infuse import as_measured, plan_dose
from charcot.conduct.trial import ParticipantSituation
from charcot.laboratory import convert_typed, find_conversions
from charcot.ledger import Absence, Origin, Value, participant_subject
from charcot.participants import Dossier, FormKey, FormVersion, open_dossier
from charcot.protocol import Form, Item, Study
from charcot.protocol.design import Intervention
from charcot.refusal import Refusal
from charcot.team import Charter
from charcot.visits import (
    DateLimits,
    FailedCheck,
    JudgedForm,
    check_typed,
    find_birth,
    is_personal,
    judge_form,
    normalise_moment,
    normalise_typed,
)

SOURCES = ("paper", "record", "telephone", "interview", "video")
"""Where the values of a form can have been written down first."""
_NAMED = re.compile(r"([A-Za-z_]\w*)\.([A-Za-z_]\w*)")


@dataclass(frozen=True)
class TypedField:
    """One field as it was typed: a text in a unit, or why there is none."""

    text: str = ""
    unit: str = ""
    absent: str = ""
    why: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said at all."""
        return not self.text.strip() and not self.absent


@dataclass(frozen=True)
class Sheet:
    """A form as somebody typed it. Fields that the person was not shown are not in it."""

    fields: Mapping[str, TypedField] = field(default_factory=dict)
    at: str = ""
    source: str = ""
    reason: str = ""
    based_on: int = 0

    def as_data(self) -> dict[str, Any]:
        """The sheet as plain data."""
        fields = {
            name: {key: text for key, text in vars(typed).items() if text}
            for name, typed in self.fields.items()
        }
        return {**vars(self), "fields": fields}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> "Sheet":
        """The sheet that plain data hold."""
        fields = {name: TypedField(**typed) for name, typed in data["fields"].items()}
        return Sheet(**{**data, "fields": fields})


@dataclass(frozen=True)
class FieldChange:
    """What a sheet changes on a saved form."""

    item: Item
    before: Value | None
    after: Value | None


@dataclass(frozen=True)
class JudgedSheet:
    """What a sheet comes to: values, what is wrong beside which field, and what it changes."""

    given: Mapping[str, Value]
    problems: Mapping[str, str]
    form: JudgedForm
    changes: tuple[FieldChange, ...]
    at: str
    checks: tuple[FailedCheck, ...]
    """The edit checks that did not hold; those about what the person may not see say so only."""

    @property
    def altered(self) -> bool:
        """Whether it changes or empties values that were saved, and not only adds some."""
        return any(change.before is not None for change in self.changes)


@dataclass(frozen=True)
class FormPlace:
    """One form of one participant, as somebody with certain labels may fill it."""

    trial: Trial
    situation: ParticipantSituation
    form: Form
    key: FormKey
    sees: frozenset[str]

    @property
    def dossier(self) -> Dossier:
        """The participant's dossier."""
        return self.situation.dossier

    @property
    def now(self) -> datetime:
        """The moment at the site."""
        return self.situation.now

    @cached_property
    def versions(self) -> tuple[FormVersion, ...]:
        """The versions saved so far."""
        return self.dossier.casebook.forms.get(self.key, ())

    @property
    def current(self) -> FormVersion | None:
        """The newest version."""
        return self.versions[-1] if self.versions else None

    @property
    def newest(self) -> int:
        """The number of the newest version, also where the form was entered in error; 0 where there is none."""
        return self.dossier.casebook.number(self.key)

    @property
    def moment_item(self) -> str | None:
        """The item that says when it happened, where the form has one."""
        name = MOMENT_ITEMS.get(self.form.plays or "")
        return name if name is not None and self.form.item(name) is not None else None

    @cached_property
    def intervention(self) -> Intervention | None:
        """What this form records the giving of."""
        plans = self.dossier.study.protocol.interventions
        return next((p for p in plans if (p.form, p.encounter) == (self.key.form, self.key.encounter)), None)

    def may_see(self, item: Item) -> bool:
        """Whether the values of an item are shown to the person."""
        return may_see(self.form, item, self.sees)

    def is_typed(self, item: Item) -> bool:
        """Whether the person types this item: it is shown, and neither computed nor known to the act itself."""
        return item.computed is None and self.may_see(item) and item.id not in self.known

    @cached_property
    def known(self) -> tuple[str, ...]:
        """The items of a new infusion that are taken from the record: weight and planned dose."""
        plan = self.intervention
        if plan is None or plan.dose is None or self.current is not None or self.form.plays != "infusion":
            return ()
        items = {item.id for item in self.form.items if item.computed is None}
        return tuple(name for name in ("weight", "planned_dose") if name in items)

    def known_at(self, moment: ClinicalTime) -> dict[str, Value]:
        """What they are for an infusion at a moment; nothing where no fitting weight is on record."""
        plan = self.intervention
        if not self.known or plan is None or plan.dose is None:
            return {}
        try:
            weight, planned = plan_dose(self.situation, plan.dose, moment)
        except Refusal:
            return {}
        found = {"weight": weight, "planned_dose": as_measured(planned, self.form.item("planned_dose"))}
        return {name: Value(text=found[name], origin=Origin.DERIVED) for name in self.known}

    def readable(self, version: FormVersion | None) -> dict[str, Value]:
        """The values of a version, with personal ones opened where the person may see them."""
        if version is None:
            return {}
        values = dict(version.values)
        return (
            opened(self.trial, self.dossier.participant, self.form, values)
            if "personal" in self.sees
            else values
        )

    def sheet(self, version: FormVersion | None = None) -> Sheet:
        """A version as it would stand on a sheet; without one, an empty sheet for today."""
        if version is None:
            fields = {item.id: TypedField() for item in self.form.items if self.is_typed(item)}
            return Sheet(fields, at=self._likely_day(), source=SOURCES[0], based_on=self.newest)
        values = self.readable(version)
        fields = {item.id: _as_typed(values.get(item.id)) for item in self.form.items if self.is_typed(item)}
        source = str(version.entry.data["source"])
        return Sheet(fields, at=version.clinical_time.text, source=source, based_on=version.version)

    def _likely_day(self) -> str:
        """The day of the other forms of the same visit; today where there is none."""
        if self.key.encounter:
            same = [
                versions[-1].clinical_time
                for key, versions in self.dossier.casebook.forms.items()
                if (key.encounter, key.instance) == (self.key.encounter, self.key.instance)
            ]
            if same:
                return f"{max(same, key=lambda time: time.earliest).day:%Y-%m-%d}"
        return f"{self.now:%Y-%m-%d}"


def may_see(form: Form, item: Item, sees: frozenset[str]) -> bool:
    """Whether somebody with these labels is shown the values of an item."""
    if is_personal(form, item):
        return "personal" in sees
    return form.visibility in sees and item.visibility in sees


def open_participant(trial: Trial, participant: str) -> ParticipantSituation | None:
    """One participant as they are now, without reading anybody else; None where there is no such participant."""
    charter = read_charter(trial.ledger)
    return situation_of(trial, charter, participant)


def situation_of(trial: Trial, charter: Charter, participant: str) -> ParticipantSituation | None:
    """The same, with the trial's own facts at hand."""
    now = charter.site_time(trial.clock())
    entries = tuple(trial.ledger.entries(subjects=[participant_subject(participant)]))
    if not entries:
        return None
    return ParticipantSituation(charter, now, open_dossier(charter, participant, entries, now.date()))


def open_place(
    trial: Trial, situation: ParticipantSituation, key: FormKey, sees: frozenset[str]
) -> FormPlace:
    """The place of a form; raises BadValue where the protocol has no such form there."""
    return FormPlace(trial, situation, require_form(situation, key), key, sees)


def judge_sheet(place: FormPlace, sheet: Sheet) -> JudgedSheet:
    """Reads what was typed, computes what follows, and says what is wrong beside which field. Nothing is entered."""
    current = place.readable(place.current)
    given, problems = _read_fields(place, sheet, current)
    kept = {
        name: value
        for name, value in current.items()
        if name not in sheet.fields and (item := place.form.item(name)) is not None and item.computed is None
    }
    at = moment_of_sheet(place, sheet, given)
    moment, wrong = _moment(place, at)
    if wrong:
        problems[place.moment_item or "at"] = problems.get(place.moment_item or "at", wrong)
    study = _study(place, moment)
    limits = DateLimits(place.now, find_birth(study.protocol, place.dossier.casebook))
    values = {**kept, **place.known_at(moment), **given}
    judged = judge_form(
        study, place.form, values, lambda now: place.dossier.facts(moment, place.key, now), limits
    )
    found = {**judged.blocking, **judged.misplaced, **judged.unfit, **problems}
    return JudgedSheet(
        given, found, judged, _changes(place, sheet, current, given), at, _shown_checks(place, judged)
    )


def moment_of_sheet(place: FormPlace, sheet: Sheet, given: Mapping[str, Value]) -> str:
    """When what the sheet tells happened, as it was typed."""
    if place.moment_item is None:
        return normalise_moment(sheet.at)
    value = given.get(place.moment_item)
    return (value.text or "") if value is not None else ""


def _read_fields(
    place: FormPlace, sheet: Sheet, current: Mapping[str, Value]
) -> tuple[dict[str, Value], dict[str, str]]:
    given: dict[str, Value] = {}
    problems: dict[str, str] = {}
    codes_of = place.dossier.study.protocol.codes_of
    for item in place.form.items:
        typed = sheet.fields.get(item.id)
        if typed is None or typed.is_empty or not place.is_typed(item):
            continue
        if typed.absent:
            value, wrong = _absence(typed)
        else:
            wrong = check_typed(typed.text)
            value = _value(item, normalise_typed(item, codes_of(item), typed.text), typed)
            if value is None:
                wrong = (
                    wrong
                    or f"must be a number in {typed.unit}, such as 12.5; this is {typed.text.strip()!r}."
                )
        if wrong is not None:
            problems[item.id] = wrong
        if value is None or wrong is not None:
            continue
        before = current.get(item.id)
        same = before is not None and _said(before) == _said(value)
        given[item.id] = before if same and before is not None else value
    return given, problems


def _value(item: Item, text: str, typed: TypedField) -> Value | None:
    """The value of a typed text; None where it cannot be brought into the item's unit."""
    if typed.unit and typed.unit != item.unit:
        if not any(conversion.unit == typed.unit for conversion in find_conversions(item)):
            return None
        converted = convert_typed(item, text, typed.unit)
        if converted is None:
            return None
        return Value(text=converted, typed=typed.text.strip(), typed_unit=typed.unit)
    return Value(text=text, typed=typed.text if text != typed.text else None)


def _absence(typed: TypedField) -> tuple[Value | None, str | None]:
    if typed.absent not in tuple(Absence):
        return None, "is either given, not done, unknown or not applicable."
    wrong = check_typed(typed.why)
    return Value(absent=Absence(typed.absent), why=typed.why.strip()), wrong


def _as_typed(value: Value | None) -> TypedField:
    if value is None:
        return TypedField()
    if value.absent is not None:
        return TypedField(absent=str(value.absent), why=value.why or "")
    return TypedField(text=value.text or "")


def _said(value: Value) -> tuple[str | None, str | None, str | None]:
    return value.text, value.absent, value.why


def _changes(
    place: FormPlace, sheet: Sheet, current: Mapping[str, Value], given: Mapping[str, Value]
) -> tuple[FieldChange, ...]:
    """What differs from the newest version, in the order of the form."""
    found = []
    for item in place.form.items:
        if item.id not in sheet.fields or not place.is_typed(item):
            continue
        before, after = current.get(item.id), given.get(item.id)
        if after is None and not sheet.fields[item.id].is_empty:
            continue  # what was typed does not fit: the problem is said instead
        if (before is None) != (after is None) or (before and after and _said(before) != _said(after)):
            found.append(FieldChange(item, before, after))
    return tuple(found)


def _moment(place: FormPlace, at: str) -> tuple[ClinicalTime, str | None]:
    """The moment of the form, now where it cannot be read, and what is wrong with it."""
    now = ClinicalTime(f"{place.now:%Y-%m-%dT%H:%M}")
    if not at:
        return now, None if place.moment_item else "is empty. Write the day, such as 2014-03-14."
    try:
        moment = ClinicalTime(at)
    except ValueError:
        return now, f"must be a date, such as 2014-03-14; this is {at!r}."
    if not moment.is_of_our_calendar:
        return now, f"has a year of another calendar; write the year as in {place.now.year}. This is {at!r}."
    if moment.earliest > place.now:
        return now, f"lies in the future; at the site it is {place.now:%Y-%m-%d %H:%M}. This is {at}."
    return moment, None


def _study(place: FormPlace, at: ClinicalTime) -> Study:
    """The protocol that judges: for a consent the one in force that day, otherwise the one that binds."""
    if place.form.plays == "consent" and place.current is None:
        try:
            return place.situation.charter.protocol_on(at.day).study
        except Refusal:
            return place.dossier.study
    return place.dossier.study


def _shown_checks(place: FormPlace, judged: JudgedForm) -> tuple[FailedCheck, ...]:
    hidden = "(about something that is not shown to this role)"
    return tuple(
        replace(check, message=hidden, used={}) if _is_concealed(place, check) else check
        for check in judged.failed
    )


def _is_concealed(place: FormPlace, check: FailedCheck) -> bool:
    forms = place.dossier.study.protocol.forms_by_id
    named = [(place.form.form, name) for name in (*check.items, *check.used)]
    named += [pair for name in check.used for pair in _NAMED.findall(name)]
    for form, name in named:
        found = forms.get(form)
        item = found.item(name) if found is not None else None
        if found is not None and item is not None and not may_see(found, item, place.sees):
            return True
    return False
