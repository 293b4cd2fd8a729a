"""Signatures of forms: which versions were signed, and which signatures a later version broke; a fold of entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from charcot.ledger import Entry, Kind
from charcot.participants.casebook import Casebook, FormKey


@dataclass(frozen=True)
class SignedForm:
    """One version of a form as it was signed, with the hash of its entry."""

    key: FormKey
    version: int
    hash: str


@dataclass(frozen=True)
class FormSignature:
    """One signature. `broken`: the forms that no longer stand as they were signed."""

    entry: Entry
    forms: tuple[SignedForm, ...]
    broken: tuple[SignedForm, ...]

    @property
    def holds(self) -> bool:
        """Whether every form that was signed still stands in the version that was signed."""
        return not self.broken

    @property
    def meaning(self) -> str:
        """What the signature says."""
        return str(self.entry.data["meaning"])

    @property
    def method(self) -> str:
        """How it was proven who signed."""
        return str(self.entry.data["method"])


@dataclass(frozen=True)
class Signatures:
    """All signatures of one participant's forms, in order."""

    made: tuple[FormSignature, ...] = ()
    standing: Mapping[FormKey, tuple[FormSignature, ...]] = field(default_factory=dict)
    """The signatures on the newest version of each form."""
    earlier: Mapping[FormKey, tuple[FormSignature, ...]] = field(default_factory=dict)
    """The signatures on versions of a form that no longer stand."""

    def is_signed(self, key: FormKey) -> bool:
        """Whether the newest version of a form is signed."""
        return key in self.standing

    def is_broken(self, key: FormKey) -> bool:
        """Whether a form was signed once and the version that stands is not."""
        return key in self.earlier and key not in self.standing


def fold_signatures(entries: Iterable[Entry], casebook: Casebook) -> Signatures:
    """What was signed, and whether it still stands in the casebook."""
    made: list[FormSignature] = []
    standing: dict[FormKey, list[FormSignature]] = {}
    earlier: dict[FormKey, list[FormSignature]] = {}
    for entry in entries:
        if entry.kind is not Kind.FORMS_SIGNED:
            continue
        signed = tuple(
            SignedForm(FormKey.of(data), int(data["version"]), data["hash"]) for data in entry.data["forms"]
        )
        broken = tuple(form for form in signed if not _stands(form, casebook))
        signature = FormSignature(entry, signed, broken)
        made.append(signature)
        for form in signed:
            (earlier if form in broken else standing).setdefault(form.key, []).append(signature)
    return Signatures(
        tuple(made),
        {key: tuple(found) for key, found in standing.items()},
        {key: tuple(found) for key, found in earlier.items()},
    )


def _stands(form: SignedForm, casebook: Casebook) -> bool:
    newest = casebook.latest(form.key)
    return newest is not None and (newest.version, newest.entry.hash) == (form.version, form.hash)
