"""The claims of a trial's folder: the working copy, what was adopted, how both stand to each other, and their verdicts."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from charcot.conduct import adopt_claims
from charcot.ledger import Actor
from charcot.refusal import Refusal
from charcot.report.claims import AuditedClaim, ClaimsFile, adopted_claims, audit_claims, parse_claims
from charcot.wiring.acting import trial_in
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import snapshot_of
from charcot.wiring.templates import Template

CLAIMS = "claims.yaml"
"""The working copy of a trial's claims, beside its protocol."""


class NoClaims(Refusal):
    """The trial has no claims file, or one that is no text."""


@dataclass(frozen=True)
class JudgedClaims:
    """Claims with their verdicts. `adopted` is the entry of the copy that was judged; None for the working copy.

    `differs` says that there is a working copy, and that it is not what was judged.
    """

    file: ClaimsFile
    audited: tuple[AuditedClaim, ...]
    adopted: int | None
    differs: bool


def read_claims(directory: Path) -> ClaimsFile | None:
    """The working copy of the claims; None where there is none. Raises UnreadableClaims, NoClaims."""
    text = _read_text(directory)
    return None if text is None else parse_claims(CLAIMS, text)


def write_claims(template: Template, directory: Path) -> str | None:
    """Copies the claims file of a template beside the protocol, where the template has one; gives its text."""
    source = template.place / CLAIMS
    if not source.is_file():
        return None
    (directory / CLAIMS).write_bytes(source.read_bytes())
    return source.read_bytes().decode()


def adopt_working_copy(folder: TrialFolder, person: str, role: str, reason: str) -> int:
    """Puts the working copy on the record, in place of the claims before; the number of its entry.

    Raises NoClaims, UnreadableClaims, BadValue where it was adopted already, and NotAllowed.
    """
    text = _read_text(folder.path)
    if text is None:
        raise _no_claims()
    (entry,) = adopt_claims(trial_in(folder), Actor(person, role), text=text, reason=reason, file=CLAIMS)
    return entry.sequence


def audit_folder(
    folder: TrialFolder, moment: str | None = None, *, working_copy: bool = False
) -> JudgedClaims:
    """The claims adopted by a moment with their verdicts then; the working copy where none were, or where it is asked for.

    Raises NoClaims, UnreadableClaims.
    """
    snapshot = snapshot_of(folder, moment)
    text, adopted = _read_text(folder.path), adopted_claims(snapshot.charter)
    if adopted is None or working_copy:
        if text is None:
            raise _no_claims()
        claims = parse_claims(CLAIMS, text)
        return JudgedClaims(claims, audit_claims(claims, snapshot), None, differs=False)
    newest = snapshot.charter.claims[-1]
    differs = text is not None and hashlib.sha256(text.encode()).hexdigest() != newest.fingerprint
    return JudgedClaims(adopted, audit_claims(adopted, snapshot), newest.entry.sequence, differs)


def _read_text(directory: Path) -> str | None:
    path = directory / CLAIMS
    if not path.is_file():
        return None
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise NoClaims(
            f"{CLAIMS} is not text in UTF-8.",
            rule="Claims: YAML in UTF-8",
            next_step="Save the file again as UTF-8.",
        ) from None


def _no_claims() -> NoClaims:
    return NoClaims(
        f"This trial has no {CLAIMS}.",
        rule="Claims: the numbers of a publication stand in claims.yaml, beside protocol/",
        next_step="Write one; docs/claims.md says how.",
    )
