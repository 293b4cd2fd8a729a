"""The published-claims audit of a trial's folder: its claims.yaml read, copied from a template, and judged."""

from pathlib import Path

from charcot.refusal import Refusal
from charcot.report.claims import AuditedClaim, ClaimsFile, audit_claims, parse_claims
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import snapshot_of
from charcot.wiring.templates import Template

CLAIMS = "claims.yaml"
"""The claims file of a trial, beside its protocol."""


class NoClaims(Refusal):
    """The trial has no claims file."""


def read_claims(directory: Path) -> ClaimsFile | None:
    """The claims of the trial in a directory; None where it has no claims file. Raises UnreadableClaims, NoClaims."""
    path = directory / CLAIMS
    if not path.is_file():
        return None
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        raise NoClaims(
            f"{CLAIMS} is not text in UTF-8.",
            rule="Claims: YAML in UTF-8",
            next_step="Save the file again as UTF-8.",
        ) from None
    return parse_claims(CLAIMS, text)


def write_claims(template: Template, directory: Path) -> None:
    """Copies the claims file of a template beside the protocol, where the template has one."""
    source = template.place / CLAIMS
    if source.is_file():
        (directory / CLAIMS).write_bytes(source.read_bytes())


def audit_folder(
    folder: TrialFolder, moment: str | None = None
) -> tuple[ClaimsFile, tuple[AuditedClaim, ...]]:
    """The claims of a trial with their verdicts, on the record as of a moment. Raises NoClaims, UnreadableClaims."""
    claims = read_claims(folder.path)
    if claims is None:
        raise NoClaims(
            f"This trial has no {CLAIMS}.",
            rule="Claims: the numbers of a publication stand in claims.yaml, beside protocol/",
            next_step="Write one; docs/claims.md says how.",
        )
    return claims, audit_claims(claims, snapshot_of(folder, moment))
