"""Published claims: numbers and statements of a publication, judged by what was published and by each other."""

from charcot.report.claims.adopted import adopted_claims, require_answerable
from charcot.report.claims.audit import (
    CONTRADICTED,
    INCONSISTENT,
    NOT_COMPUTABLE,
    REPRODUCED,
    VERDICTS,
    AuditedClaim,
    audit_against,
    audit_claims,
)
from charcot.report.claims.claim import Claim, ClaimsFile
from charcot.report.claims.evidence import EvidenceTable, printed_evidence, published_evidence
from charcot.report.claims.reading import UnreadableClaims, parse_claims
from charcot.report.claims.rendering import claims_as_data, render_claims, say_counts

__all__ = [
    "CONTRADICTED",
    "INCONSISTENT",
    "NOT_COMPUTABLE",
    "REPRODUCED",
    "VERDICTS",
    "AuditedClaim",
    "Claim",
    "ClaimsFile",
    "EvidenceTable",
    "UnreadableClaims",
    "adopted_claims",
    "audit_against",
    "audit_claims",
    "claims_as_data",
    "parse_claims",
    "printed_evidence",
    "published_evidence",
    "render_claims",
    "require_answerable",
    "say_counts",
]
