"""Audited claims as plain data, and as a section of the report that is made to be read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from charcot.report.claims.audit import (
    CONTRADICTED,
    INCONSISTENT,
    NOT_COMPUTABLE,
    REPRODUCED,
    AuditedClaim,
)
from charcot.report.claims.claim import Claim, ClaimsFile, ClaimTheme
from charcot.report.claims.query import names_in
from charcot.report.claims.words import say_published, say_value
from charcot.report.document import Block, Paragraph, Section
from charcot.report.table import Table, TableCell, TableColumn, TableRow

_OPEN_TO_READER = {
    CONTRADICTED: "Contradicted",
    INCONSISTENT: "Internally inconsistent",
    NOT_COMPUTABLE: "Not computable",
}
_SAID = {
    REPRODUCED: "reproduced to the printed precision",
    CONTRADICTED: "contradicted by published data or by a cited fact",
    INCONSISTENT: "in collision with other statements of the publication",
    NOT_COMPUTABLE: "not computable from what was published",
}
ROUNDING = "Reproduced: the recomputed number, rounded as far as the printed one (half up or half to even), is the printed one."


def claims_as_data(audited: Sequence[AuditedClaim]) -> list[dict[str, Any]]:
    """A list of objects for other programs: id, place, published, recomputed (not rounded), verdict, because, and more."""
    return [
        {
            "id": one.claim.id,
            "place": one.claim.place,
            "published": one.claim.published,
            "recomputed": one.recomputed,
            "verdict": one.verdict,
            "because": one.because,
            "text": one.claim.text,
            "unit": one.claim.unit,
            "kind": one.claim.kind,
            "labelled": one.claim.labelled,
            "theme": one.claim.theme,
            "query": one.claim.query.text,
            "collides_with": list(one.collides_with),
            "parents": list(one.parents),
            "sources": [{"fact": fact.text, "source": fact.source} for fact in one.facts],
        }
        for one in audited
    ]


def render_claims(claims: ClaimsFile, audited: Sequence[AuditedClaim]) -> Section:
    """Counts first, then what does not hold by what it means for a reader, what cannot be known, and what holds."""
    blocks: list[Block] = [Paragraph((say_counts(claims, audited),))]
    for theme in claims.themes:
        wrong = [
            one for verdict in (CONTRADICTED, INCONSISTENT) for one in audited
            if one.verdict == verdict and one.claim.theme == theme.id
        ]  # fmt: skip
        if wrong:
            blocks.append(_disagreements(theme, wrong, claims))
    unknown = [one for one in audited if one.verdict == NOT_COMPUTABLE]
    if unknown:
        blocks.append(_unknown(unknown))
    held = [one for one in audited if one.verdict == REPRODUCED]
    if held:
        blocks.append(_held(held, claims))
    return Section("claims", "The publication, held to account", tuple(blocks))


def say_counts(claims: ClaimsFile, audited: Sequence[AuditedClaim]) -> str:
    """One sentence with the number of claims of each verdict, and one on what they were held against."""
    counts = Counter(one.verdict for one in audited)
    order = (REPRODUCED, CONTRADICTED, INCONSISTENT, NOT_COMPUTABLE)
    parts = ", ".join(f"{counts[verdict]} {_SAID[verdict]}" for verdict in order if counts[verdict])
    evidence = " or ".join(claims.evidence)
    return (
        f"Of {len(audited)} numbers and statements of {claims.publication}: {parts}. They were held against values whose "
        f"origin is {evidence}, against each other, and against cited facts; no synthetic or derived value was used."
    )


def _disagreements(theme: ClaimTheme, audited: Sequence[AuditedClaim], claims: ClaimsFile) -> Table:
    return Table(
        f"claims-{theme.id}",
        theme.title,
        "Claim",
        (
            TableColumn("Where", kind="text"),
            TableColumn("Published", kind="text"),
            TableColumn("Recomputed", kind="text"),
            TableColumn("Verdict", kind="text"),
            TableColumn("Because", kind="text"),
        ),
        tuple(
            TableRow(
                one.claim.text,
                _cells(
                    one.claim.section, _printed(one.claim), _recomputed(one), _OPEN_TO_READER[one.verdict],
                    one.because + _collisions(one, claims),
                ),
            )
            for one in audited
        ),
        caption=(theme.means,),
    )  # fmt: skip


def _unknown(audited: Sequence[AuditedClaim]) -> Table:
    return Table(
        "claims-not-computable",
        "What nobody can check",
        "Claim",
        (
            TableColumn("Where", kind="text"),
            TableColumn("Published", kind="text"),
            TableColumn("What is missing", kind="text"),
        ),
        tuple(
            TableRow(one.claim.text, _cells(one.claim.section, _printed(one.claim), one.because))
            for one in audited
        ),
        caption=("The publication does not print what would be needed to recompute these.",),
    )


def _held(audited: Sequence[AuditedClaim], claims: ClaimsFile) -> Table:
    return Table(
        "claims-reproduced",
        "What holds",
        "Claim",
        (
            TableColumn("Where", kind="text"),
            TableColumn("Published", kind="text"),
            TableColumn("Recomputed", kind="text"),
        ),
        tuple(
            TableRow(
                one.claim.text,
                _cells(one.claim.section, _printed(one.claim), _recomputed(one) + _collisions(one, claims)),
            )
            for one in audited
        ),
        notes=(ROUNDING,),
    )


def _recomputed(one: AuditedClaim) -> str:
    return say_value(one.recomputed).strip("“”")


def _collisions(one: AuditedClaim, claims: ClaimsFile) -> str:
    """The claims on the other side that the reason has not named already."""
    named = {name for space, name in names_in(one.claim.query.root) if space == "claim"}
    others = [claims.by_id[name] for name in one.collides_with if name not in named]
    told = "; ".join(f"{other.section}, “{other.text}” ({_printed(other)})" for other in others)
    return f" Against it: {told}." if told else ""


def _printed(claim: Claim) -> str:
    if claim.kind != "statement":
        return say_published(claim)
    return "should hold" if claim.published == "yes" else "should not hold"


def _cells(*texts: str) -> tuple[TableCell, ...]:
    return tuple(TableCell((text,)) for text in texts)
