"""Signatures of forms as pages show them: those that hold, and those that do not, with what broke them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from charcot.datasets import Snapshot
from charcot.ledger import Entry
from charcot.participants import Dossier, FormKey, FormSignature, FormVersion
from charcot.protocol import Form
from charcot.web.visibility import Discretion


@dataclass(frozen=True)
class AnswerChange:
    """One answer before and after a correction."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionSince:
    """A version that was saved after a signature, with what it changed."""

    version: FormVersion
    changes: tuple[AnswerChange, ...]
    reason: str | None


@dataclass(frozen=True)
class SignatureLine:
    """One signature on one version of a form. `since`: what was saved after it; `error`: that the form was entered in error."""

    entry: Entry
    version: int
    meaning: str
    method: str
    role: str
    holds: bool
    since: tuple[VersionSince, ...] = ()
    error: Entry | None = None


def say_method(method: str) -> str:
    """How it was proven who signed."""
    return {
        "password": _("with password"),
        "password+totp": _("with password and second factor"),
        "declared": _("declared, without a password"),
    }.get(method, method)


def signature_lines(
    snapshot: Snapshot, discretion: Discretion, dossier: Dossier, key: FormKey
) -> list[SignatureLine]:
    """Every signature that was ever put on a form, the newest first; the broken ones with what broke them."""
    signatures = dossier.signatures
    found = [_line(dossier, key, signature) for signature in signatures.standing.get(key, ())]
    form = next((form for form in snapshot.forms if form.form == key.form), None)
    error = dossier.casebook.in_error.get(key)
    for signature in signatures.earlier.get(key, ()):
        signed = _version_of(signature, key)
        since = tuple(_since(snapshot, discretion, dossier, form, key, signed)) if form else ()
        found.append(_line(dossier, key, signature, since, error.entry if error else None, holds=False))
    return sorted(found, key=lambda line: -line.entry.sequence)


def _line(
    dossier: Dossier,
    key: FormKey,
    signature: FormSignature,
    since: tuple[VersionSince, ...] = (),
    error: Entry | None = None,
    *,
    holds: bool = True,
) -> SignatureLine:
    role = dossier.study.protocol.role(signature.entry.actor.role)
    return SignatureLine(
        signature.entry,
        _version_of(signature, key),
        signature.meaning,
        say_method(signature.method),
        role.label if role else signature.entry.actor.role,
        holds,
        since,
        error,
    )


def _version_of(signature: FormSignature, key: FormKey) -> int:
    return next(form.version for form in signature.forms if form.key == key)


def _since(
    snapshot: Snapshot, discretion: Discretion, dossier: Dossier, form: Form, key: FormKey, signed: int
) -> Iterator[VersionSince]:
    history = dossier.casebook.history(key)
    before = next((version for version in history if version.version == signed), None)
    for version in history:
        if version.version > signed:
            changes = _changes(snapshot, discretion, dossier.participant, form, (before, version))
            yield VersionSince(version, changes, discretion.reason(version.entry))
            before = version


def _changes(
    snapshot: Snapshot,
    discretion: Discretion,
    participant: str,
    form: Form,
    versions: Sequence[FormVersion | None],
) -> tuple[AnswerChange, ...]:
    """What differs between two versions, as far as it may be seen; the times of a form first."""
    before, after = versions
    if before is None or after is None:
        return ()
    found = []
    if before.clinical_time != after.clinical_time:
        found.append(AnswerChange(_("Date"), before.clinical_time.text, after.clinical_time.text))
    for item in form.items:
        old, new = before.values.get(item.id), after.values.get(item.id)
        if old != new:
            shown = [discretion.show(snapshot, form, item, value, participant).text for value in (old, new)]
            found.append(AnswerChange(item.label, *shown))
    return tuple(found)
