"""A participant's casebook: every form, in every version, and what was missed; a fold of entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Kind, Value


@dataclass(frozen=True, order=True)
class FormKey:
    """Which form: its id, the encounter it belongs to ("" where it stands by itself), and which of several."""

    form: str
    encounter: str = ""
    instance: int = 1

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

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """Each value under its item."""
        return {item: Value.from_data(data) for item, data in self.entry.data["values"].items()}

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
        value = self.entry.data["values"].get(item)
        return None if value is None else value.get("value")

    @property
    def origins(self) -> tuple[str, ...]:
        """Where its values came from, each origin once, in the order of their names."""
        return tuple(sorted({value["origin"] for value in self.entry.data["values"].values()}))


@dataclass(frozen=True)
class Missed:
    """A form, or a whole encounter where `form` is empty, that will not be filled."""

    encounter: str
    form: str
    instance: int
    entry: Entry


@dataclass(frozen=True)
class Casebook:
    """All forms of one participant."""

    forms: Mapping[FormKey, tuple[FormVersion, ...]] = field(default_factory=dict)
    missed: tuple[Missed, ...] = ()

    def latest(self, key: FormKey) -> FormVersion | None:
        """The newest version of a form."""
        versions = self.forms.get(key)
        return versions[-1] if versions else None

    def instances(self, form: str) -> tuple[FormVersion, ...]:
        """The newest version of each filled instance of a form, by clinical time."""
        found = [versions[-1] for key, versions in self.forms.items() if key.form == form]
        return tuple(
            sorted(found, key=lambda v: (v.clinical_time.earliest, v.key.instance, v.entry.sequence))
        )

    def is_missed(self, key: FormKey) -> bool:
        """Whether a form was said to be missed, alone or with its whole encounter."""
        return any(
            m.encounter == key.encounter and m.instance == key.instance and m.form in ("", key.form)
            for m in self.missed
        )


def fold_casebook(entries: Iterable[Entry]) -> Casebook:
    """The casebook that the entries of one participant make."""
    forms: dict[FormKey, tuple[FormVersion, ...]] = {}
    missed: list[Missed] = []
    for entry in entries:
        if entry.kind is Kind.FORM_RECORDED:
            key = FormKey(entry.data["form"], entry.data["encounter"], int(entry.data["instance"]))
            version = FormVersion(
                key, int(entry.data["version"]), entry, ClinicalTime(entry.clinical_time or "")
            )
            forms[key] = (*forms.get(key, ()), version)
        elif entry.kind is Kind.FORM_MISSED:
            missed.append(
                Missed(entry.data["encounter"], entry.data["form"], int(entry.data["instance"]), entry)
            )
    return Casebook(forms, tuple(missed))
