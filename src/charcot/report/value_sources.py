"""The values behind a row of a dataset: which items of which entries each column was read or derived from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from charcot.analysis import Datasets
from charcot.datasets import ENTRIES, Dataset, Snapshot
from charcot.datasets.forms import SHOWN
from charcot.ledger import Entry, Kind, Value
from charcot.participants import FormKey, FormVersion
from charcot.product.origins import is_of_product, origin_of
from charcot.protocol import Form, Item
from charcot.report.audit_trail import SEALED, describe_entry
from charcot.safety.watch import AWARE
from charcot.scales import ITEMS
from charcot.visits import is_personal

WHEN = "clinical_time"
"""Stands in place of an item where a column was derived from when something happened."""
PLACES = ("participant", "encounter", "instance", "form", "item", "check")
"""Columns that say which row it is; no value stands behind them but the entry itself."""
WITHHELD = "(not shown here)"

_ALL = tuple(item.id for item in ITEMS)
_DERIVED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("function", "total"): _ALL,
    ("function", "percent"): _ALL,
    ("function", "ft9"): _ALL,
    **{
        ("function", domain): tuple(item.id for item in ITEMS if item.domain == domain)
        for domain in ("bulbar", "fine_motor", "gross_motor", "respiratory")
    },
    ("function", "kings"): (
        "speech", "salivation", "swallowing", "handwriting", "cutting_food", "handling_utensils", "walking",
        "dyspnoea", "respiratory_insufficiency",
    ),
    ("function", "mitos"): (
        "speech", "swallowing", "handwriting", "dressing_hygiene", "walking", "dyspnoea",
        "respiratory_insufficiency",
    ),
    ("exposure", "dose_ratio"): ("given_dose", "planned_dose"),
    ("exposure", "dose_per_kg"): ("given_dose", "weight"),
}  # fmt: skip
"""The items that a derived column is computed from; those of the stages as `scales.staging` documents them."""

_TIMED = (
    "recorded_for",
    "day",
    "month",
    "onset_day",
    "treatment_emergent",
    "around",
    "taken",
    "died",
    "line",
)
_OF_ITEM = ("values", "infusion_signs", "outliers")
"""Datasets whose rows are about the item that they name."""
_EPISODES = ("episode", "first_episode")
"""Columns of the events dataset that other reports of the same term decide with their dates."""
_SHOWN_BY: Mapping[str, Kind | str] = {
    "screened": Kind.PARTICIPANT_SCREENED,
    "enrolled": Kind.PARTICIPANT_ENROLLED,
    "arm": Kind.PARTICIPANT_ENROLLED,
    "waived": Kind.PARTICIPANT_ENROLLED,
    "declined": Kind.PARTICIPANT_DECLINED,
    "withdrew": Kind.PARTICIPANT_WITHDREW,
    "lost": Kind.PARTICIPANT_LOST,
    "consented": "consent",
    "infused": "infusion",
    "died": "death",
}
"""What shows a column of the participants dataset: a kind of entry, or the part that a form plays."""


@dataclass(frozen=True)
class EntryBehind:
    """An entry as a number shows it: who entered what, when, for when, by which protocol, and its hash."""

    sequence: int
    what: str
    person: str
    role: str
    recorded_at: str
    clinical_time: str | None
    participant: str | None
    form: str | None
    encounter: str | None
    instance: int | None
    version: int | None
    reason: str | None
    protocol: str | None
    hash: str


@dataclass(frozen=True)
class ValueSource:
    """One value as it stands in its entry. `typed` is None where there is none; `absent` and `why` then say why.

    `typed_in` is the entry in which it was written as it now stands; later versions of the form kept it.
    """

    column: str
    item: str
    label: str
    typed: str | None
    unit: str | None
    origin: str | None
    absent: str | None
    why: str | None
    entry: EntryBehind
    typed_in: int


class SourceFinder:
    """Finds the values behind rows of the datasets of one snapshot."""

    def __init__(self, snapshot: Snapshot, datasets: Datasets) -> None:
        self._snapshot, self._datasets = snapshot, datasets
        dossiers = snapshot.dossiers
        everything = (
            *snapshot.trial_entries,
            *snapshot.product_entries,
            *(entry for d in dossiers for entry in d.entries),
        )
        self._entries: dict[int, Entry] = {entry.sequence: entry for entry in everything}
        self._behind: dict[int, EntryBehind] = {}
        self._values: dict[tuple[str, int, str], ValueSource] = {}
        self._stated: dict[tuple[str, str, str], list[str]] = {}
        self._forms = {form.form: form for form in snapshot.forms}

    def entry(self, sequence: int) -> EntryBehind:
        """One entry; KeyError where the snapshot has none."""
        if sequence not in self._behind:
            self._behind[sequence] = _behind(self._entries[sequence])
        return self._behind[sequence]

    def value(self, column: str, sequence: int, item: str) -> ValueSource:
        """One item as it stands in an entry, which is a version of a form."""
        return self._value(column, self._entries[sequence], item)

    def behind(
        self, dataset: Dataset, columns: tuple[str, ...], row: Mapping[str, Any]
    ) -> tuple[ValueSource, ...]:
        """The values behind some columns; where only places were read, when each entry of the row happened."""
        valued = [column for column in columns if column not in PLACES] or list(PLACES[:1])
        return tuple(
            {
                (source.entry.sequence, source.item): source
                for column in reversed(valued)
                for source in reversed(list(self.sources(dataset, column, row)))
            }.values()
        )[::-1]

    def sources(self, dataset: Dataset, column: str, row: Mapping[str, Any]) -> Iterator[ValueSource]:
        """The values that a column of a row was read or derived from."""
        if dataset.name == "claims":
            return
        entries = [self._entries[n] for n in row[ENTRIES] or () if n in self._entries]
        forms = [entry for entry in entries if entry.kind is Kind.FORM_RECORDED]
        if dataset.name == "events":
            entries = [entry for entry in entries if _is_read(column, entry, forms[0])]
        items = self._items(dataset, column, row, forms)
        if items:
            for entry, item in items:
                yield self._value(column, entry, item)
            return
        for entry in entries:
            if dataset.name != "participants" or self._shows(entry, column):
                yield self._moment(column, entry)

    def _items(
        self, dataset: Dataset, column: str, row: Mapping[str, Any], forms: list[Entry]
    ) -> list[tuple[Entry, str]]:
        """Entries and items, where the column comes from items; none where it comes from times or events."""
        if not forms or column in _TIMED or dataset.name in ("participants", "visits", "deviations"):
            return []
        if dataset.name in ("slopes", "laboratory_shifts"):
            return [(entry, item) for entry in forms for item in self._joined(column, row, entry)]
        if dataset.name in ("boundary_counts", "clocks"):
            return [
                (entry, item) for entry in forms for item in self._asked(row) if item in entry.data["values"]
            ]
        if dataset.name == "survival":
            return [(entry, column) for entry in forms if column in entry.data["values"]]
        own = forms[0]
        if dataset.name == "events" and column in _EPISODES:
            alike = [entry for entry in forms if entry.data["form"] == own.data["form"]]
            return [
                (e, item) for e in alike for item in ("term", "onset", "ended") if item in e.data["values"]
            ]
        named = self._named(dataset, column, row, own)
        if dataset.name == "laboratory" and column in ("low", "high", "flag", "grade", "term"):
            sex = (self._snapshot.protocol.sex_item or "").rpartition(".")[2]
            found = [(entry, sex) for entry in forms[1:] if sex in entry.data["values"]]
            return [*found, *((own, item) for item in named)]
        return [(own, item) for item in named]

    def _asked(self, row: Mapping[str, Any]) -> list[str]:
        """The items of an adverse event that a boundary or a clock asks about, and when the site knew."""
        study, form = self._snapshot.watch.study, self._snapshot.form_playing("adverse_event")
        if form is None:
            return []
        rules = [b.event for b in study.protocol.boundaries if b.id == row.get("boundary")]
        rules += [c.when for c in study.protocol.reporting if c.label == row.get("clock")]
        named = [r.item for rule in rules for r in study.rules.rule(rule, form.form).references.values()]
        return [*dict.fromkeys(named), *((AWARE,) if "clock" in row else ())]

    def _named(self, dataset: Dataset, column: str, row: Mapping[str, Any], own: Entry) -> list[str]:
        values = own.data["values"]
        if (dataset.name, column) in _DERIVED:
            return [item for item in _DERIVED[dataset.name, column] if item in values]
        if dataset.name in ("laboratory", *_OF_ITEM):
            return [row["test" if dataset.name == "laboratory" else "item"]]
        if dataset.name == "checks":
            checks = own.data["checks"]["failed"]
            used: Mapping[str, Any] = next(
                (failed["used"] for failed in checks if failed["check"] == row["check"]), {}
            )
            return [item for item in used if item in values]
        key = (dataset.name, column, own.data["form"])
        if key not in self._stated:
            self._stated[key] = self._state(dataset, column, own.data["form"])
        return self._stated[key]

    def _state(self, dataset: Dataset, column: str, form_id: str) -> list[str]:
        """The items of a form that a column says it comes from, with those that they are computed from."""
        form = self._forms.get(form_id)
        source = next((c.source for c in dataset.columns if c.name == column), "")
        stated = re.fullmatch(r"(\w+)\.(\w+)( \(computed\))?", source)
        name = stated.group(2) if stated is not None else column
        item = form.item(name) if form is not None else None
        if form is None:
            return []
        if item is None:
            return [word for word in re.findall(r"\w+", source) if form.item(word) is not None]
        return [name, *_inputs(form, item)]

    def _joined(self, column: str, row: Mapping[str, Any], entry: Entry) -> list[str]:
        """The items of one of the many forms behind a row that joins several."""
        values = entry.data["values"]
        if "test" in row:
            return [row["test"]] if row["test"] in values else []
        form = self._forms.get(entry.data["form"])
        if form is not None and form.plays == "function" and column in ("after", "visits", "difference"):
            return [item for item in _ALL if item in values]
        baseline = self._datasets.get(f"form_{entry.data['form']}")
        if baseline is None or column not in ("before", "difference"):
            return []
        source = next((c.source for c in baseline.columns if c.name == "delta_fs"), "")
        return [word for word in re.findall(r"\w+", source) if word in values]

    def _shows(self, entry: Entry, column: str) -> bool:
        shown_by = _SHOWN_BY.get(re.sub(r"_(at|on)$", "", column.replace("cause_of_death", "died")))
        if shown_by is None or isinstance(shown_by, Kind):
            return shown_by is None or entry.kind is shown_by
        form = self._forms.get(str(entry.data.get("form")))
        return form is not None and form.plays == shown_by

    def _value(self, column: str, entry: Entry, item_id: str) -> ValueSource:
        key = (column, entry.sequence, item_id)
        if key not in self._values:
            self._values[key] = self._read(column, entry, item_id)
        return self._values[key]

    def _read(self, column: str, entry: Entry, item_id: str) -> ValueSource:
        form = self._forms.get(entry.data["form"])
        item = form.item(item_id) if form is not None else None
        data = entry.data["values"].get(item_id)
        value = Value() if data is None else Value.from_data(data)
        typed = SEALED if value.sealed is not None else value.text
        if typed is not None and form is not None and item is not None and not _may_be_shown(form, item):
            typed = SEALED if is_personal(form, item) else WITHHELD
        return ValueSource(
            column=column,
            item=item_id,
            label=item_id if item is None else item.label,
            typed=typed,
            unit=None if item is None else item.unit,
            origin=None if data is None else str(value.origin),
            absent=None if value.absent is None else str(value.absent),
            why=value.why,
            entry=self.entry(entry.sequence),
            typed_in=self._typed_in(entry, item_id),
        )

    def _moment(self, column: str, entry: Entry) -> ValueSource:
        behind = self.entry(entry.sequence)
        return ValueSource(
            column, WHEN, "When it happened", entry.clinical_time, None, self._origin(entry), None, None, behind, entry.sequence
        )  # fmt: skip

    def _origin(self, entry: Entry) -> str | None:
        """Where an entry about the product came from; others say it value by value, or not at all."""
        if not is_of_product(entry):
            return None
        return str(origin_of(entry, self._snapshot.charter.purpose))

    def _typed_in(self, entry: Entry, item: str) -> int:
        """The first of the versions, without a gap before this one, in which the item said the same."""
        found = entry
        versions = self._versions.get((entry.participant or "", _key(entry)), ())
        for version in reversed([v for v in versions if v.entry.sequence < entry.sequence]):
            if version.entry.data["values"].get(item) != entry.data["values"].get(item):
                break
            found = version.entry
        return found.sequence

    @cached_property
    def _versions(self) -> dict[tuple[str, FormKey], tuple[FormVersion, ...]]:
        return {
            (dossier.participant, key): versions
            for dossier in self._snapshot.dossiers
            for key, versions in dossier.casebook.forms.items()
        }


def _is_read(column: str, entry: Entry, own: Entry) -> bool:
    """Whether a column of an event's row was read from an entry: other events say only which episode it is."""
    return column in _EPISODES or entry is own or entry.data.get("form") != own.data["form"]


def _behind(entry: Entry) -> EntryBehind:
    form = entry.data if entry.kind in (Kind.FORM_RECORDED, Kind.FORM_MISSED) else {}
    return EntryBehind(
        sequence=entry.sequence,
        what=describe_entry(entry),
        person=entry.actor.person,
        role=entry.actor.role,
        recorded_at=entry.recorded_at,
        clinical_time=entry.clinical_time,
        participant=entry.participant,
        form=form.get("form") or None,
        encounter=form.get("encounter") or None,
        instance=int(form["instance"]) if "instance" in form else None,
        version=int(form["version"]) if "version" in form else None,
        reason=entry.reason,
        protocol=entry.protocol,
        hash=entry.hash,
    )


def _key(entry: Entry) -> FormKey:
    return FormKey(entry.data["form"], entry.data["encounter"], int(entry.data["instance"]))


def _may_be_shown(form: Form, item: Item) -> bool:
    return form.labels_of(item) <= SHOWN


def _inputs(form: Form, item: Item) -> Iterator[str]:
    """The items of the same form that a computed item is computed from, in the order in which it names them."""
    text = re.sub(r"'[^']*'", "", item.computed or "")
    seen = {item.id}
    for place, name in re.findall(r"(?:(\w+)\.)?(\w+)", text):
        of_form = name if place in ("", "this", form.form) else place
        if of_form not in seen and form.item(of_form) is not None:
            seen.add(of_form)
            yield of_form
