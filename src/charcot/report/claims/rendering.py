"""Audited claims as plain data, and as a section of the report that is made to be read."""

from collections import Counter
from collections.abc import Sequence
from math import floor, log10
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
from charcot.report.claims.results import ClaimResults
from charcot.report.claims.words import say_published
from charcot.report.document import Block, Paragraph, Section
from charcot.report.format import Format
from charcot.report.table import Number, Piece, Pieces, Table, TableCell, TableColumn, TableRow

_WORDS = (
    (CONTRADICTED, "Contradicted"),
    (INCONSISTENT, "Internally inconsistent"),
    (NOT_COMPUTABLE, "Not computable"),
    (REPRODUCED, "Reproduced"),
)
_SAID = {
    REPRODUCED: "reproduced to the printed precision",
    CONTRADICTED: "contradicted by published data or by a cited fact",
    INCONSISTENT: "in collision with other statements of the publication",
    NOT_COMPUTABLE: "not computable from what was published",
}
_COLUMNS = (
    TableColumn("Where", kind="text"),
    TableColumn("Published", kind="text"),
    TableColumn("Recomputed", kind="text"),
)
_VERDICT = TableColumn("Verdict", kind="text")
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


def render_claims(claims: ClaimsFile, audited: Sequence[AuditedClaim], results: ClaimResults) -> Section:
    """Counts first, then what does not hold by what it means for a reader, what cannot be known, and what holds."""
    blocks: list[Block] = [Paragraph(_counts(claims, results))]
    for theme in claims.themes:
        wrong = [
            one for verdict in (CONTRADICTED, INCONSISTENT) for one in audited
            if one.verdict == verdict and one.claim.theme == theme.id
        ]  # fmt: skip
        if wrong:
            blocks.append(_disagreements(theme, wrong, claims, results))
    unknown = [one for one in audited if one.verdict == NOT_COMPUTABLE]
    if unknown:
        blocks.append(_unknown(unknown, results))
    held = [one for one in audited if one.verdict == REPRODUCED]
    if held:
        blocks.append(_held(held, claims, results))
    return Section("claims", "The publication, held to account", tuple(blocks))


def say_counts(claims: ClaimsFile, audited: Sequence[AuditedClaim]) -> str:
    """One sentence with the number of claims of each verdict, and one on what they were held against."""
    counts = Counter(one.verdict for one in audited)
    said = ", ".join(f"{counts[verdict]} {_SAID[verdict]}" for verdict in _SAID if counts[verdict])
    return (
        f"Of {len(audited)} numbers and statements of {claims.publication}: {said}. {_held_against(claims)}"
    )


def _counts(claims: ClaimsFile, results: ClaimResults) -> Pieces:
    """The same, with numbers that open."""
    said: list[Piece] = []
    for verdict in _SAID:
        if results.counts[verdict].value:
            said += [", " if said else "", Number(results.counts[verdict]), f" {_SAID[verdict]}"]
    opening = ("Of ", Number(results.total), f" numbers and statements of {claims.publication}: ")
    return (*opening, *said, f". {_held_against(claims)}")


def _held_against(claims: ClaimsFile) -> str:
    evidence = " or ".join(claims.evidence)
    return (
        f"They were held against values whose origin is {evidence}, against each other, and against cited facts; "
        "no synthetic or derived value was used."
    )


def _disagreements(
    theme: ClaimTheme, audited: Sequence[AuditedClaim], claims: ClaimsFile, results: ClaimResults
) -> Table:
    return Table(
        f"claims-{theme.id}",
        theme.title,
        "Claim",
        (*_COLUMNS, _VERDICT, TableColumn("Because", kind="text")),
        tuple(
            _row(
                one,
                results,
                _recomputed(one, results),
                _verdict(one, results),
                one.because + _collisions(one, claims),
            )
            for one in audited
        ),
        caption=(theme.means,),
    )


def _unknown(audited: Sequence[AuditedClaim], results: ClaimResults) -> Table:
    return Table(
        "claims-not-computable",
        "What nobody can check",
        "Claim",
        (*_COLUMNS[:2], _VERDICT, TableColumn("What is missing", kind="text")),
        tuple(_row(one, results, _verdict(one, results), one.because) for one in audited),
        caption=("The publication does not print what would be needed to recompute these.",),
    )


def _held(audited: Sequence[AuditedClaim], claims: ClaimsFile, results: ClaimResults) -> Table:
    return Table(
        "claims-reproduced",
        "What holds",
        "Claim",
        (*_COLUMNS, _VERDICT),
        tuple(
            _row(one, results, (*_recomputed(one, results), _collisions(one, claims)), _verdict(one, results))
            for one in audited
        ),
        notes=(ROUNDING,),
    )


def _row(one: AuditedClaim, results: ClaimResults, *cells: str | Pieces) -> TableRow:
    texts = (one.claim.section, _printed(one.claim), *cells)
    made = tuple(TableCell((cell,) if isinstance(cell, str) else cell) for cell in texts)
    return TableRow(one.claim.text, made)


def _recomputed(one: AuditedClaim, results: ClaimResults) -> Pieces:
    """The number with up to six decimals; more where it would else be shown as zero."""
    value = one.recomputed
    small = isinstance(value, float) and 0 < abs(value) < 5e-7
    places = 2 - floor(log10(abs(value))) if small and isinstance(value, float) else 6
    return (Number(results.recomputed[one.claim.id], Format(places, trim=True)),)


def _verdict(one: AuditedClaim, results: ClaimResults) -> Pieces:
    return (Number(results.verdicts[one.claim.id], Format(codes=_WORDS)),)


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
