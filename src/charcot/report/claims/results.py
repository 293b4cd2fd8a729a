"""Audited claims as a dataset with one row a claim, and their numbers and verdicts as results that open."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from charcot.analysis import Datasets, Result, Selection
from charcot.analysis.result import derive_result
from charcot.analysis.selection import equals
from charcot.datasets import Column, Dataset
from charcot.datasets.dataset import make_dataset
from charcot.report.claims.audit import VERDICTS, AuditedClaim, Verdict
from charcot.report.claims.claim import Claim, ClaimsFile

CLAIMS_DATASET = "claims"
COLUMNS = (
    Column("claim", "Claim", pl.String),
    Column("text", "What is claimed", pl.String),
    Column("section", "Where it stands", pl.String),
    Column("published", "As published", pl.String),
    Column("number", "Recomputed, a number", pl.Float64),
    Column("words", "Recomputed, in words", pl.String),
    Column("verdict", "Verdict", pl.String, codes={verdict: verdict for verdict in VERDICTS}),
    Column("read", "Rows that the query read", pl.Int64),
)


@dataclass(frozen=True)
class ClaimResults:
    """The results of a claims section: what was recomputed and the verdict of each claim, and counts of verdicts."""

    recomputed: dict[str, Result]
    verdicts: dict[str, Result]
    counts: dict[Verdict, Result]
    total: Result


def derive_claims_dataset(claims: ClaimsFile, audited: Sequence[AuditedClaim], adopted: int) -> Dataset:
    """One row a claim. `adopted` is the entry that holds the file, a parent of every claim."""
    origin = "+".join(sorted(map(str, claims.evidence)))
    rows: list[dict[str, object]] = [
        {
            "claim": one.claim.id,
            "text": one.claim.text,
            "section": one.claim.section,
            "published": one.claim.published,
            "number": one.recomputed if isinstance(one.recomputed, float) else None,
            "words": one.recomputed if isinstance(one.recomputed, str) else None,
            "verdict": one.verdict,
            "read": one.read,
            "origin": origin,
            "entries": sorted({*one.parents, adopted}),
        }
        for one in audited
    ]
    return make_dataset(
        CLAIMS_DATASET, "Claims of the publication, with their verdicts", "claim", COLUMNS, rows
    )


def derive_claim_results(audited: Sequence[AuditedClaim], datasets: Datasets) -> ClaimResults:
    """The results of the claims section. `datasets` hold the dataset of claims."""
    everything = Selection(CLAIMS_DATASET)
    return ClaimResults(
        {one.claim.id: _recomputed(one, datasets) for one in audited},
        {one.claim.id: _verdict(one.claim, datasets) for one in audited},
        {
            verdict: derive_result(
                datasets, f"claims.count.{verdict.replace(' ', '_')}", f"Claims that are {verdict}",
                Selection(CLAIMS_DATASET, equals("verdict", verdict)), "count_rows", among=everything,
            )
            for verdict in VERDICTS
        },
        derive_result(datasets, "claims.count", "Claims judged", everything, "count_rows", among=everything),
    )  # fmt: skip


def recomputed_id(claim: str) -> str:
    """The id of the result with what was recomputed for a claim."""
    return f"claims.{claim}"


def verdict_id(claim: str) -> str:
    """The id of the result with the verdict on a claim."""
    return f"claims.{claim}.verdict"


def claim_of(result: Result, claims: ClaimsFile) -> Claim | None:
    """The one claim that a result is about; None where it is about several or none."""
    if result.dataset != CLAIMS_DATASET:
        return None
    return next((claim for claim in claims.claims if result.where == equals("claim", claim.id)), None)


def _recomputed(one: AuditedClaim, datasets: Datasets) -> Result:
    claim = one.claim
    return derive_result(
        datasets,
        recomputed_id(claim.id),
        f"{claim.text} ({claim.section}), recomputed",
        Selection(CLAIMS_DATASET, equals("claim", claim.id)),
        "judged_claim",
        column="words" if isinstance(one.recomputed, str) else "number",
        unit=claim.unit,
    )


def _verdict(claim: Claim, datasets: Datasets) -> Result:
    return derive_result(
        datasets,
        verdict_id(claim.id),
        f"{claim.text} ({claim.section}), verdict",
        Selection(CLAIMS_DATASET, equals("claim", claim.id)),
        "judged_claim",
        column="verdict",
    )
