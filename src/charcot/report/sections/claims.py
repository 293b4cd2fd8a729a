"""The section on the publication: the claims that the trial has adopted, judged by the ledger alone."""

from collections.abc import Sequence

from charcot.analysis import Datasets
from charcot.datasets import Snapshot
from charcot.report.claims import (
    AuditedClaim,
    ClaimsFile,
    UnreadableClaims,
    adopted_claims,
    audit_claims,
    render_claims,
)
from charcot.report.claims.results import CLAIMS_DATASET, derive_claim_results, derive_claims_dataset
from charcot.report.document import Paragraph, Section

TITLE = "The publication, held to account"


def judge_claims(snapshot: Snapshot) -> tuple[ClaimsFile, Sequence[AuditedClaim], str] | None:
    """The adopted claims with their verdicts, or why they cannot be judged; None where none were adopted."""
    claims = adopted_claims(snapshot.charter)
    if claims is None:
        return None
    try:
        return claims, audit_claims(claims, snapshot), ""
    except UnreadableClaims as refusal:
        return claims, (), refusal.what


def add_claims(datasets: Datasets, snapshot: Snapshot) -> Datasets:
    """The datasets with one more, which has a row a claim, where the trial has adopted claims that can be judged."""
    judged = judge_claims(snapshot)
    if judged is None or not judged[1]:
        return datasets
    claims, audited, _ = judged
    adopted = snapshot.charter.claims[-1].entry.sequence
    return {**datasets, CLAIMS_DATASET: derive_claims_dataset(claims, audited, adopted)}


def make_claims_section(snapshot: Snapshot, datasets: Datasets) -> tuple[Section, ...]:
    """The section; none where no claims were adopted. Where no verdict is possible, it says why."""
    judged = judge_claims(snapshot)
    if judged is None:
        return ()
    claims, audited, problem = judged
    if not audited:
        entry = snapshot.charter.claims[-1].entry.sequence
        words = (
            f"The claims adopted with entry {entry} cannot be judged by the forms of the protocol: {problem}"
        )
        return (Section("claims", TITLE, (Paragraph((words,), "notice"),)),)
    return (render_claims(claims, audited, derive_claim_results(audited, datasets)),)
