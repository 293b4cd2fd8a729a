"""The audit: each claim with its verdict, computed from evidence and from the other claims."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal

from charcot.datasets import Snapshot
from charcot.report.claims.checking import check_reads, check_tables
from charcot.report.claims.claim import Claim, ClaimsFile, ReferenceFact
from charcot.report.claims.evaluating import QueryAnswer, QueryValue, answer_query, as_words
from charcot.report.claims.evidence import Evidence, printed_evidence, published_evidence
from charcot.report.claims.query import DataRead, names_in
from charcot.report.claims.reading import UnreadableClaims
from charcot.report.claims.words import say_because

Verdict = Literal[
    "reproduced", "contradicted", "internally inconsistent", "not computable from what was published"
]
REPRODUCED: Verdict = "reproduced"
CONTRADICTED: Verdict = "contradicted"
INCONSISTENT: Verdict = "internally inconsistent"
NOT_COMPUTABLE: Verdict = "not computable from what was published"
VERDICTS: tuple[Verdict, ...] = (CONTRADICTED, INCONSISTENT, NOT_COMPUTABLE, REPRODUCED)


@dataclass(frozen=True)
class AuditedClaim:
    """A claim, its verdict and what that rests on.

    `recomputed` is not rounded; None where it cannot be computed. `collides_with` are the claims that cannot be true
    together with this one. `parents` are the sequence numbers of the entries of all rows of the tables that
    were looked at, `facts` what is known from elsewhere.
    """

    claim: Claim
    verdict: Verdict
    recomputed: QueryValue
    because: str
    collides_with: tuple[str, ...] = ()
    parents: tuple[int, ...] = ()
    facts: tuple[ReferenceFact, ...] = ()
    read: int = 0
    """Rows that the query took values from."""


def audit_claims(claims: ClaimsFile, snapshot: Snapshot) -> tuple[AuditedClaim, ...]:
    """Every claim, in the order of the file, judged by the published values of a trial. Raises UnreadableClaims."""
    return audit_against(claims, published_evidence(snapshot, claims.evidence))


def audit_against(claims: ClaimsFile, evidence: Evidence | None = None) -> tuple[AuditedClaim, ...]:
    """Every claim, judged by evidence and by the tables of the file itself. Raises UnreadableClaims."""
    printed = printed_evidence(claims.tables)
    everything = {**(evidence or {}), **printed}
    require_known(claims, evidence or {}, everything)
    return _with_both_sides(tuple(audit_claim(claim, claims, everything) for claim in claims.claims))


def require_known(claims: ClaimsFile, evidence: Evidence, everything: Evidence) -> None:
    """Raises UnreadableClaims where a query reads a table or column that there is not. `evidence` are the trial's forms."""
    findings = [
        *check_tables(claims, evidence),
        *(finding for claim in claims.claims for finding in check_reads(claim, claims, everything)),
    ]
    if findings:
        raise UnreadableClaims(claims.file, findings)


def rounds_to(published: Decimal, recomputed: float) -> bool:
    """Whether a number, rounded as far as the published one was, is that one. Half up and half to even both count.

    Before that, the number is cut to 12 significant digits, so that 2.5 does not fail as 2.4999999999999996.

    >>> rounds_to(Decimal("26.5"), 26.529412), rounds_to(Decimal("2.4"), 2.45), rounds_to(Decimal("2.5"), 2.45)
    (True, True, True)
    """
    unit = Decimal((0, (1,), int(published.as_tuple().exponent)))
    exact = Decimal(f"{recomputed:.12g}")
    return any(exact.quantize(unit, way) == published for way in (ROUND_HALF_UP, ROUND_HALF_EVEN))


def audit_claim(claim: Claim, claims: ClaimsFile, evidence: Evidence) -> AuditedClaim:
    """One claim, with the collisions that its own query finds. `evidence` holds every table that the query reads."""
    answer = answer_query(claim, claims, evidence)
    good = _is_good(claim, answer)
    names = names_in(claim.query.root)
    others = tuple(sorted(name for space, name in names if space == "claim"))
    facts = [name for space, name in sorted(names) if space == "fact"]
    verdict = NOT_COMPUTABLE
    if good is not None:
        outside = any(space == "fact" for space, _ in names)
        verdict = REPRODUCED if good else INCONSISTENT if others and not outside else CONTRADICTED
    return AuditedClaim(
        claim,
        verdict,
        answer.value,
        say_because(claim, claims, evidence, answer, good, _other_label(claim, claims, evidence, good)),
        others if good is False else (),
        tuple(sorted(answer.entries)),
        tuple(claims.facts[name] for name in dict.fromkeys((*facts, *claim.rests_on))),
        answer.read,
    )


def _is_good(claim: Claim, answer: QueryAnswer) -> bool | None:
    """Whether what was published agrees with what was found; None where nothing was."""
    if claim.kind == "statement":
        return None if answer.holds is None else answer.holds == (claim.published == "yes")
    if claim.asks_published:
        return answer.holds
    if answer.value is None:
        return None
    if claim.number is not None and isinstance(answer.value, float):
        return rounds_to(claim.number, answer.value)
    return as_words(claim.published) == as_words(answer.value)


def _other_label(claim: Claim, claims: ClaimsFile, evidence: Evidence, good: bool | None) -> float | None:
    """The SD where a number labelled SE is that, and the other way round; None where it is neither."""
    read, other = claim.query.root, {"SE": "sd", "SD": "se"}.get(claim.labelled or "")
    if good is not False or other is None or not isinstance(read, DataRead) or claim.number is None:
        return None
    swapped = replace(claim, query=replace(claim.query, root=replace(read, function=other)))
    found = answer_query(swapped, claims, evidence).value
    return found if isinstance(found, float) and rounds_to(claim.number, found) else None


def _with_both_sides(audited: tuple[AuditedClaim, ...]) -> tuple[AuditedClaim, ...]:
    """A collision is told on both sides, whatever the verdict of the other is."""
    met: dict[str, list[str]] = {}
    for one in audited:
        for other in one.collides_with:
            met.setdefault(other, []).append(one.claim.id)
    return tuple(
        replace(one, collides_with=tuple(sorted({*one.collides_with, *met.get(one.claim.id, ())})))
        for one in audited
    )
