"""Source verification: which values were compared with their source, and which a later version changed; a fold of entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from charcot.ledger import Entry, Kind
from charcot.participants.casebook import Casebook, FormKey, FormVersion

VerificationStatus = Literal["verified", "partly", "changed", "open"]


@dataclass(frozen=True)
class SourceVerification:
    """One comparison with the source: of `items`, or of the whole form where there are none."""

    key: FormKey
    version: int
    items: tuple[str, ...]
    entry: Entry


@dataclass(frozen=True)
class FormVerification:
    """How the newest version of a form stands. `verified`: items that agree with the source, and what says so;
    `changed`: items that were verified, and that a later version changed."""

    verified: Mapping[str, SourceVerification] = field(default_factory=dict)
    changed: Mapping[str, SourceVerification] = field(default_factory=dict)

    def status(self, items: Iterable[str]) -> VerificationStatus:
        """One word, for the items that are to be verified."""
        wanted = set(items)
        if wanted & set(self.changed):
            return "changed"
        if wanted <= set(self.verified):
            return "verified"
        return "partly" if wanted & set(self.verified) else "open"


@dataclass(frozen=True)
class Verifications:
    """All source verification of one participant."""

    made: tuple[SourceVerification, ...] = ()
    forms: Mapping[FormKey, FormVerification] = field(default_factory=dict)

    def of(self, key: FormKey) -> FormVerification:
        """How a form stands."""
        return self.forms.get(key, FormVerification())


def fold_verification(entries: Iterable[Entry], casebook: Casebook) -> Verifications:
    """What was verified, and whether it still holds in the casebook."""
    made: list[SourceVerification] = []
    by_form: dict[FormKey, list[SourceVerification | Entry]] = {}
    for entry in entries:
        if entry.kind is Kind.SOURCE_VERIFIED:
            data = entry.data
            done = SourceVerification(FormKey.of(data), int(data["version"]), tuple(data["items"]), entry)
            made.append(done)
            by_form.setdefault(done.key, []).append(done)
        elif entry.kind is Kind.VERIFICATION_WITHDRAWN:
            by_form.setdefault(FormKey.of(entry.data), []).append(entry)
    forms = {
        key: _stands(casebook.forms[key], events) for key, events in by_form.items() if key in casebook.forms
    }
    return Verifications(tuple(made), forms)


def items_on(version: FormVersion) -> tuple[str, ...]:
    """The items of a form version that say something."""
    return tuple(version.values)


def cleared_by(
    versions: Iterable[FormVersion], verification: SourceVerification, item: str
) -> FormVersion | None:
    """The version of a form that first changed an item after it was verified; None where it still holds."""
    by_number = {version.version: version for version in versions}
    seen = by_number[verification.version]
    later = (version for number, version in sorted(by_number.items()) if number > verification.version)
    return next((version for version in later if not _same(seen, version, item)), None)


def _stands(
    versions: tuple[FormVersion, ...], events: Iterable[SourceVerification | Entry]
) -> FormVerification:
    by_number = {version.version: version for version in versions}
    verified: dict[str, SourceVerification] = {}
    changed: dict[str, SourceVerification] = {}
    for event in events:
        if isinstance(event, Entry):
            for item in event.data["items"] or (*verified, *changed):
                verified.pop(item, None)
                changed.pop(item, None)
            continue
        seen = by_number[event.version]
        later = [version for version in versions if version.version > event.version]
        for item in event.items or items_on(seen):
            verified.pop(item, None)
            changed.pop(item, None)
            holds = all(_same(seen, version, item) for version in later)
            (verified if holds else changed)[item] = event
    return FormVerification(verified, changed)


def _same(one: FormVersion, other: FormVersion, item: str) -> bool:
    """Whether a later version left an item, and the moment of its form, as they were."""
    if one.clinical_time != other.clinical_time:
        return False
    before, after = one.values.get(item), other.values.get(item)
    if before is None or after is None:
        return before is after
    return (before.text, before.absent, before.why, before.sealed) == (
        after.text,
        after.absent,
        after.why,
        after.sealed,
    )
