"""Changing any published value changes its verdict: over every claim of the shipped file, by the smallest step printed.

No claim is left out. What a change is depends on the kind of value, and is mechanical:
- a number that a query gives: one unit in the last printed place, up and down, where it is reproduced; otherwise the
  recomputed number rounded to the printed places, which must then be reproduced;
- a number that a query compares: 1 to 16 units in the last printed place, then 32, 64 and so on, until the verdict changes;
- a date: months instead of units; a word: the recomputed word, or another; a statement: yes instead of no.
A claim that cannot be computed is first given what is missing, so that it can: its verdict must change by that alone,
and change again with its published value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from charcot import library
from charcot.report.claims import (
    NOT_COMPUTABLE,
    REPRODUCED,
    AuditedClaim,
    Claim,
    ClaimsFile,
    EvidenceTable,
    parse_claims,
    printed_evidence,
)
from charcot.report.claims.audit import audit_claim
from charcot.report.claims.claim import PrintedTable
from charcot.report.claims.query import Comparison

FILE = Path(str(library.__file__)).parent / "royan_admsc" / "claims.yaml"
IDS = [claim.id for claim in parse_claims("claims.yaml", FILE.read_text("utf-8")).claims]
STEPS = (*range(1, 17), *(2**k for k in range(5, 20)))

Evidence = Mapping[str, EvidenceTable]
N, T = "number", "text"
SUPPLIED: dict[str, tuple[str, dict[str, str], list[list[object]]]] = {
    "sample_size": ("planning", {"sample_size": N, "primary_endpoint": T}, [[20, "fever"]]),
    "purity": ("flow_cytometry", {"cd105": N}, [[97], [99]]),
    "dose_per_kg": ("infusion", {"given_dose": N, "weight": N, "volume": N, "rate": N}, [[120e6, 60, 10, 2]] * 17),
    "centrifuge_force": ("cell_isolation", {"rcf": N}, [[358]]),
    "lineages": (
        "differentiation",
        {"chondrogenic": T, "osteogenic": T, "adipogenic": T},
        [["positive", "positive", "positive"]],
    ),
    "viable": ("harvest_release", {"viability": N}, [[91]]),
    "sterile": ("harvest_release", {"sterility": T, "mycoplasma": T}, [["negative", "negative"]]),
    "endotoxin_tested": ("harvest_release", {"endotoxin": N}, [[1]]),
    "passage_infused": ("harvest_release", {"passage_infused": N}, [[3], [2]]),
    "a_donor_each": ("donor_screening", {"healthy": T}, [["yes"]] * 17),
    "abstract_no_related_severe_event": (
        "adverse_event",
        {"grade": T, "relation_product": T, "category": T, "minutes_after_infusion": N},
        [["2", "probable", "headache", 10]],
    ),
    "decline_in_all": ("changes", {"outcome": T, "change": N}, [["FVC", -3], ["ALSFRS-R", -8]]),
    "decline_significant": (
        "anova",
        {"outcome": T, "effect": T, "f": N, "df": N, "p": N, "n": N},
        [["ALSFRS-R", "time", 9.1, 4, 0.001, 12]],
    ),
    "fvc_rose": (
        "figure_2",
        {"outcome": T, "month": N, "mean": N, "n": N},
        [["FVC", 4, 50, 15], ["FVC", 6, 54, 13]],
    ),
    "survivors_mean": ("five_years", {"alsfrs_r": N}, [[22], [22], [18], [16], [12]]),
    "baseline_as_before": ("earlier_study", {"alsfrs_r_mean": N}, [[35]]),
}  # fmt: skip
"""For each claim that cannot be computed, a table with what is missing. The numbers are invented for this test."""


@pytest.mark.parametrize("id", IDS)
def test_a_changed_value_changes_the_verdict(
    id: str, claims: ClaimsFile, evidence: Evidence, audited: dict[str, AuditedClaim]
) -> None:
    assert (audited[id].verdict == NOT_COMPUTABLE) == (id in SUPPLIED)
    if id in SUPPLIED:
        claims, evidence = supply(id, claims, evidence)
        assert judge(claims, evidence, id).verdict == REPRODUCED, "what was missing is there now"
    before = judge(claims, evidence, id)
    flips = list(flipping(before, claims, evidence))
    assert flips
    for value in flips:
        after = judge(changed(claims, id, value), evidence, id)
        assert (after.verdict == REPRODUCED) != (before.verdict == REPRODUCED)


def flipping(one: AuditedClaim, claims: ClaimsFile, evidence: Evidence) -> Iterator[str]:
    """The values that must change the verdict of a claim."""
    claim, good = one.claim, one.verdict == REPRODUCED
    if claim.number is None or isinstance(claim.query.root, Comparison):
        yield next(
            value
            for value in candidates(one)
            if (judge(changed(claims, claim.id, value), evidence, claim.id).verdict == REPRODUCED) != good
        )
    elif good:
        yield from (step(claim, 1), step(claim, -1))
    else:
        yield rounded(claim, one.recomputed)


@pytest.mark.parametrize(
    "id", ["abstract_enrolled", "age_mean", "age_spread", "age_most", "methods_enrolled", "vte_rate"]
)
def test_the_same_in_the_text_of_the_file(
    id: str, claims: ClaimsFile, claims_text: str, evidence: Evidence, audited: dict[str, AuditedClaim]
) -> None:
    one = audited[id]
    value = next(flipping(one, claims, evidence))
    head, tail = claims_text.split(f"  - id: {id}\n")
    copy = f"{head}  - id: {id}\n" + tail.replace(
        f"published: {one.claim.published}", f"published: {value}", 1
    )
    assert judge(parse_claims("copy.yaml", copy), evidence, id).verdict != one.verdict


def test_a_changed_value_shows_in_the_collisions_of_others(claims: ClaimsFile, evidence: Evidence) -> None:
    found = judge(changed(claims, "table2_gastrostomy_2", "6"), evidence, "results_gastrostomy_2")
    assert (found.verdict, found.collides_with) == ("internally inconsistent", ("table2_gastrostomy_2",))


def judge(claims: ClaimsFile, evidence: Evidence, id: str) -> AuditedClaim:
    """The verdict of one claim, with all others beside it."""
    return audit_claim(claims.by_id[id], claims, {**evidence, **printed_evidence(claims.tables)})


def changed(claims: ClaimsFile, id: str, value: str) -> ClaimsFile:
    listed = tuple(replace(c, published=value) if c.id == id else c for c in claims.claims)
    return replace(claims, claims=listed)


def supply(id: str, claims: ClaimsFile, evidence: Evidence) -> tuple[ClaimsFile, Evidence]:
    name, columns, rows = SUPPLIED[id]
    values = tuple(
        tuple(Decimal(str(v)) if columns[c] == N else v for c, v in zip(columns, row, strict=True))
        for row in rows
    )
    if name in claims.tables:
        table = replace(claims.tables[name], rows=values)
        return replace(claims, tables={**claims.tables, name: table}), evidence
    table = PrintedTable(name, name, "supplied by a test", {**evidence[name].columns, **columns}, ())  # type: ignore[dict-item]  # N or T
    blank = dict.fromkeys(table.columns)
    full = tuple(tuple({**blank, **dict(zip(columns, row, strict=True))}.values()) for row in values)
    return claims, {**evidence, **printed_evidence({name: replace(table, rows=full)})}


def candidates(one: AuditedClaim) -> Iterator[str]:
    """Values near the published one, the nearest first."""
    claim = one.claim
    if claim.kind == "statement":
        yield "no" if claim.published == "yes" else "yes"
    elif claim.kind == "name":
        yield from (str(one.recomputed), f"not {claim.published}")
    elif claim.kind == "date":
        year, month = map(int, claim.published.split("-"))
        for months in (sign * k for k in range(1, 120) for sign in (1, -1)):
            total = year * 12 + month - 1 + months
            yield f"{total // 12}-{total % 12 + 1:02d}"
    else:
        yield from (step(claim, sign * k) for k in STEPS for sign in (1, -1))


def step(claim: Claim, units: int) -> str:
    number = Decimal(claim.published)
    return str(number + units * Decimal((0, (1,), int(number.as_tuple().exponent))))


def rounded(claim: Claim, value: object) -> str:
    unit = Decimal((0, (1,), int(Decimal(claim.published).as_tuple().exponent)))
    return str(Decimal(str(value)).quantize(unit))
