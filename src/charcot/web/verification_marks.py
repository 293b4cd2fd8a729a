"""How the values of a form stand against their source: verified by whom, or cleared by which later version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from charcot.participants import (
    Dossier,
    FormVersion,
    SourceVerification,
    VerificationDue,
    cleared_by,
    due_of,
    items_on,
)
from charcot.web.signed_in import SignedIn
from charcot.web.visibility import Discretion


@dataclass(frozen=True)
class VerificationMark:
    """One value against its source. `seen`: whether whoever looks may see the value."""

    label: str
    state: Literal["verified", "changed", "open"]
    seen: bool
    done: SourceVerification | None = None
    cleared: FormVersion | None = None
    """The version that changed it since it was verified."""


@dataclass(frozen=True)
class FormAgainstSource:
    """A form against its source: what the plan asks of it, how far that is, and whether whoever looks may verify it."""

    due: VerificationDue | None
    total: int
    verified: int
    changed: tuple[VerificationMark, ...]
    can: bool
    """Whether something is left that they may verify."""
    can_withdraw: bool
    own: bool
    """Whether they entered this version themselves."""
    by: SourceVerification | None
    """The newest verification that still holds."""


def marks_of(
    discretion: Discretion, dossier: Dossier, version: FormVersion
) -> Mapping[str, VerificationMark]:
    """A mark for each item of the newest version of a form, and for those that a later version took away."""
    key, found = version.key, dossier.verification.of(version.key)
    versions = dossier.casebook.history(key)
    marks: dict[str, VerificationMark] = {}
    for item in dict.fromkeys((*items_on(version), *found.verified, *found.changed)):
        label, seen = discretion.label(key.form, item), discretion.sight(key.form, item) == "shown"
        if item in found.verified:
            marks[item] = VerificationMark(label, "verified", seen, found.verified[item])
        elif item in found.changed:
            done = found.changed[item]
            marks[item] = VerificationMark(label, "changed", seen, done, cleared_by(versions, done, item))
        else:
            marks[item] = VerificationMark(label, "open", seen)
    return marks


def say_verification(
    dossier: Dossier,
    version: FormVersion,
    marks: Mapping[str, VerificationMark],
    may: Collection[str],
    signed_in: SignedIn | None,
) -> FormAgainstSource:
    """How a form stands against its source."""
    held = [mark.done for mark in marks.values() if mark.state == "verified" and mark.done is not None]
    own = signed_in is not None and version.entry.actor.person == signed_in.person
    counts = version.key not in dossier.casebook.in_error
    recorded = set(items_on(version))
    left = [
        item for item, mark in marks.items() if item in recorded and mark.seen and mark.state != "verified"
    ]
    return FormAgainstSource(
        due=due_of(dossier, version) if counts and marks else None,
        total=len(recorded),
        verified=len([item for item in recorded if item in marks and marks[item].state == "verified"]),
        changed=tuple(mark for mark in marks.values() if mark.state == "changed"),
        can="verify" in may and counts and not own and bool(left),
        can_withdraw="verify" in may and any(mark.done is not None for mark in marks.values()),
        own="verify" in may and own,
        by=max(held, key=lambda done: done.entry.sequence, default=None),
    )
