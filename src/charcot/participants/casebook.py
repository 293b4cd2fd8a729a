"""A participant's casebook: every form, in every version, and what was missed; a fold of entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from charcot.clinical_time import ClinicalTime, parse_time
from charcot.ledger import Entry, Kind, Value


@dataclass(frozen=True, order=True)
class FormKey:
    """Which form: its id, the encounter it belongs to ("" where it stands by itself), and which of several."""

    form: str
    encounter: str = ""
    instance: int = 1

    @staticmethod
    def of(data: Mapping[str, Any]) -> "FormKey":
        """The form that the data of an entry names."""
        return FormKey(data["form"], data["encounter"], int(data["instance"]))

    def as_data(self) -> dict[str, Any]:
        """The key as it stands in the data of an entry."""
        return {"form": self.form, "encounter": self.encounter, "instance": self.instance}

    def __str__(self) -> str:
        where = f" at {self.encounter}" if self.encounter else ""
        return f"{self.form}{where}" + (f" no. {self.instance}" if self.instance > 1 else "")


@dataclass(frozen=True)
class FormVersion:
    """One saved version of a form."""

    key: FormKey
    version: int
    entry: Entry
    clinical_time: ClinicalTime
    recorded: Mapping[str, Mapping[str, Any]] = field(init=False, repr=False, compare=False)
    """What stands in the entry under each item."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "recorded", self.entry.data["values"])

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """Each value under its item."""
        return {item: Value.from_data(data) for item, data in self.recorded.items()}

    @property
    def failed_checks(self) -> tuple[Mapping[str, Any], ...]:
        """The edit checks that did not hold when it was saved: check, severity, message, used."""
        return tuple(self.entry.data["checks"]["failed"])

    @property
    def missing(self) -> tuple[str, ...]:
        """Required items without a value and without a reason for that."""
        return tuple(self.entry.data["missing"])

    def text(self, item: str) -> str | None:
        """The value of an item as text; None where there is none."""
        value = self.recorded.get(item)
        return None if value is None else value.get("value")

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """Where its values came from, each origin once, in the order of their names."""
        return tuple(sorted({value["origin"] for value in self.recorded.values()}))


@dataclass(frozen=True)
class Missed:
    """A form, or a whole encounter where `form` is empty, that will not be filled."""

    encounter: str
    form: str
    instance: int
    entry: Entry


@dataclass(frozen=True)
class FormInError:
    """A form that should not be there: its versions stay readable, with the entry that says why it does not count."""

    key: FormKey
    versions: tuple[FormVersion, ...]
    entry: Entry

    @property
    def reason(self) -> str:
        """Why it was entered in error."""
        return self.entry.reason or ""


@dataclass(frozen=True)
class Casebook:
    """All forms of one participant. `forms` are those that count; `in_error` those that were entered in error."""

    forms: Mapping[FormKey, tuple[FormVersion, ...]] = field(default_factory=dict)
    missed: tuple[Missed, ...] = ()
    in_error: Mapping[FormKey, FormInError] = field(default_factory=dict)
    marks: tuple[Entry, ...] = ()
    """Every time a form was said to be entered in error, or reinstated, in order."""

    def latest(self, key: FormKey) -> FormVersion | None:
        """The newest version of a form that counts."""
        versions = self.forms.get(key)
        return versions[-1] if versions else None

    def history(self, key: FormKey) -> tuple[FormVersion, ...]:
        """Every version of a form, whether it counts or not."""
        if key in self.in_error:
            return self.in_error[key].versions
        return self.forms.get(key, ())

    def number(self, key: FormKey) -> int:
        """The number of the newest version of a form, whether it counts or not; 0 where there is none."""
        versions = self.history(key)
        return versions[-1].version if versions else 0

    def numbers_used(self, form: str, encounter: str) -> tuple[int, ...]:
        """The instances of a form that were ever filled at a place; a number is never given twice."""
        keys = (*self.forms, *self.in_error)
        return tuple(sorted(k.instance for k in keys if (k.form, k.encounter) == (form, encounter)))

    @cached_property
    def _by_form(self) -> dict[str, tuple[FormVersion, ...]]:
        newest: dict[str, list[FormVersion]] = {}
        for key, versions in self.forms.items():
            newest.setdefault(key.form, []).append(versions[-1])
        return {
            form: tuple(
                sorted(found, key=lambda v: (v.clinical_time.earliest, v.key.instance, v.entry.sequence))
            )
            for form, found in newest.items()
        }

    def instances(self, form: str) -> tuple[FormVersion, ...]:
        """The newest version of each filled instance of a form, by clinical time."""
        return self._by_form.get(form, ())

    def keys_of(self, form: str) -> tuple[FormKey, ...]:
        """Where a form is filled, by clinical time."""
        return tuple(version.key for version in self.instances(form))

    def is_missed(self, key: FormKey) -> bool:
        """Whether a form was said to be missed, alone or with its whole encounter."""
        return any(
            m.encounter == key.encounter and m.instance == key.instance and m.form in ("", key.form)
            for m in self.missed
        )


def fold_casebook(entries: Iterable[Entry]) -> Casebook:
    """The casebook that the entries of one participant make. A form recorded anew after an error counts again."""
    forms: dict[FormKey, list[FormVersion]] = {}
    errors: dict[FormKey, Entry] = {}
    missed: list[Missed] = []
    marks: list[Entry] = []
    for entry in entries:
        match entry.kind:
            case Kind.FORM_RECORDED:
                key = FormKey.of(entry.data)
                moment = parse_time(entry.clinical_time)
                forms.setdefault(key, []).append(FormVersion(key, int(entry.data["version"]), entry, moment))
                errors.pop(key, None)
            case Kind.FORM_MISSED:
                missed.append(
                    Missed(entry.data["encounter"], entry.data["form"], int(entry.data["instance"]), entry)
                )
            case Kind.ENTERED_IN_ERROR:
                errors[FormKey.of(entry.data)] = entry
                marks.append(entry)
            case Kind.REINSTATED:
                errors.pop(FormKey.of(entry.data), None)
                marks.append(entry)
            case _:
                pass
    return Casebook(
        {key: tuple(versions) for key, versions in forms.items() if key not in errors},
        tuple(missed),
        {key: FormInError(key, tuple(forms[key]), entry) for key, entry in errors.items() if key in forms},
        tuple(marks),
    )
