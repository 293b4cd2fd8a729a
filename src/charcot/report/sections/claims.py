"""The section on the publication: the claims that the trial has adopted, judged by the ledger alone."""

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class ClaimsVerdicts:
    """The adopted claims with their verdicts; none where they cannot be judged, and `problem` says why."""

    claims: ClaimsFile
    audited: Sequence[AuditedClaim]
    problem: str = ""


def judge_claims(snapshot: Snapshot) -> ClaimsVerdicts | None:
    """The adopted claims with their verdicts, or why they cannot be judged; None where none were adopted."""
    claims = adopted_claims(snapshot.charter)
    if claims is None:
        return None
    try:
        return ClaimsVerdicts(claims, audit_claims(claims, snapshot))
    except UnreadableClaims as refusal:
        return ClaimsVerdicts(claims, (), refusal.what)


def add_claims(datasets: Datasets, snapshot: Snapshot, judged: ClaimsVerdicts | None) -> Datasets:
    """The datasets with one more, which has a row a claim, where the trial has adopted claims that can be judged."""
    if judged is None or not judged.audited:
        return datasets
    adopted = snapshot.charter.claims[-1].entry.sequence
    return {**datasets, CLAIMS_DATASET: derive_claims_dataset(judged.claims, judged.audited, adopted)}


def make_claims_section(
    snapshot: Snapshot, datasets: Datasets, judged: ClaimsVerdicts | None
) -> tuple[Section, ...]:
    """The section; none where no claims were adopted. Where no verdict is possible, it says why."""
    if judged is None:
        return ()
    if not judged.audited:
        entry = snapshot.charter.claims[-1].entry.sequence
        words = f"The claims adopted with entry {entry} cannot be judged by the forms of the protocol: {judged.problem}"
        return (Section("claims", TITLE, (Paragraph((words,), "notice"),)),)
    results = derive_claim_results(judged.audited, datasets)
    return (render_claims(judged.claims, judged.audited, results),)
