"""Verdicts: how numbers round, what is missing, and that no synthetic value ever has a part in one."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from charcot.datasets import Snapshot, take_snapshot
from charcot.ledger import Entry, Head, Kind, MemoryLedger, Origin, canonical_json
from charcot.report.claims import AuditedClaim, ClaimsFile, audit_claims, published_evidence
from charcot.report.claims.audit import rounds_to
from charcot.report.claims.functions import FUNCTIONS


class ChangedLedger:
    """A copy of a ledger in which every value that is not published is another one."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger
        self.changed = 0

    def head(self) -> Head:
        return self._ledger.head()

    def entries(
        self, *, subjects: Collection[str] | None = None, after: int = 0, until: int | None = None
    ) -> Iterator[Entry]:
        for entry in self._ledger.entries(subjects=subjects, after=after, until=until):
            yield self._other(entry) if entry.kind is Kind.FORM_RECORDED else entry

    def _other(self, entry: Entry) -> Entry:
        content = json.loads(entry.text)
        for value in content["data"]["values"].values():
            if value["origin"] != "published" and "value" in value:
                value["value"] = other(value["value"])
                self.changed += 1
        return Entry(canonical_json(content), entry.previous_hash, entry.hash)


def other(text: str) -> str:
    """Another value of the same form: a number plus one, a date a year later, yes for no, a longer text."""
    if re.fullmatch(r"-?\d+(\.\d+)?(e\d+)?", text):
        return str(Decimal(text) + 1)
    if date := re.match(r"(\d{4})(-.*)?$", text):
        return f"{int(date[1]) + 1}{date[2] or ''}".replace("-02-29", "-02-28")
    return {"yes": "no", "no": "yes"}.get(text, f"{text} and more")


def test_no_verdict_uses_a_value_that_is_not_published(
    played: MemoryLedger, claims: ClaimsFile, audited: dict[str, AuditedClaim]
) -> None:
    ledger = ChangedLedger(played)
    again = audit_claims(claims, take_snapshot(ledger))  # type: ignore[arg-type]  # it is only read
    assert ledger.changed > 5000
    assert list(again) == list(audited.values())


def test_a_published_value_does_change_verdicts(
    played: MemoryLedger, claims: ClaimsFile, audited: dict[str, AuditedClaim]
) -> None:
    class Older(ChangedLedger):
        def _other(self, entry: Entry) -> Entry:
            content = json.loads(entry.text)
            if content["data"]["form"] == "published_baseline":
                content["data"]["values"]["age"]["value"] = "99"
            return Entry(canonical_json(content), entry.previous_hash, entry.hash)

    again = audit_claims(claims, take_snapshot(Older(played)))  # type: ignore[arg-type]  # it is only read
    changed = {one.claim.id for one in again if one != audited[one.claim.id]}
    assert {"age_mean", "age_spread", "age_most", "age_least", "age_criterion_kept"} <= changed


def test_the_parents_are_entries_with_a_published_value(
    played: MemoryLedger, audited: dict[str, AuditedClaim]
) -> None:
    entries = {entry.sequence: entry for entry in played.entries()}
    assert len(audited["age_mean"].parents) == 17
    for one in audited.values():
        for parent in one.parents:
            values = entries[parent].data["values"].values()
            assert any(value["origin"] == "published" for value in values)


def test_evidence_holds_published_values_alone(snapshot: Snapshot) -> None:
    evidence = published_evidence(snapshot)
    infusions = evidence["infusion"].frame
    assert infusions.height == 17
    assert infusions["volume"].to_list() == [10.0] * 17
    assert infusions["weight"].null_count() == infusions["given_dose"].null_count() == 17
    assert evidence["vital_signs"].frame.is_empty()
    everything = published_evidence(snapshot, (Origin.PUBLISHED, Origin.SYNTHETIC))
    assert everything["infusion"].frame["given_dose"].null_count() == 0
    assert everything["alsfrs_r"].frame["total"].null_count() == everything["alsfrs_r"].frame.height
    assert "donor_identity" not in evidence
    assert not {"given_name", "family_name", "name"} & set(
        evidence["identity"].columns if "identity" in evidence else ()
    )


@pytest.mark.parametrize(
    ("published", "recomputed", "same"),
    [
        ("26.5", 26.529411764705884, True),
        ("26.50", 26.529411764705884, False),
        ("2.4", 2.45, True),  # half to even
        ("2.5", 2.45, True),  # half up
        ("-2.5", -2.45, True),
        ("2.6", 2.45, False),
        ("2.5", 2.4499999999999997, True),
        ("2e6", 2_040_000.0, True),
        ("2e6", 2_600_000.0, False),
        ("100", 99.5, True),
        ("0.06", 0.0588, True),
    ],
)
def test_rounding(published: str, recomputed: float, same: bool) -> None:
    assert rounds_to(Decimal(published), recomputed) is same


def test_evidence_can_be_what_a_site_entered(claims: ClaimsFile, snapshot: Snapshot) -> None:
    wider = replace(claims, evidence=(Origin.PUBLISHED, Origin.ENTERED))
    assert list(audit_claims(wider, snapshot)) == list(audit_claims(claims, snapshot))


def test_functions_against_numbers_known_from_elsewhere() -> None:
    # als.md section 4: Clopper-Pearson 5/17; paper.md numbers 14 and 15
    compute = {name: function.compute for name, function in FUNCTIONS.items() if function.compute}
    assert compute["exact_lower"](5, 17) == pytest.approx(0.10313551, abs=1e-8)
    assert compute["exact_upper"](5, 17) == pytest.approx(0.55958272, abs=1e-8)
    assert compute["fisher_p"](5, 12, 0, 12) == pytest.approx(0.0588, abs=5e-5)
    assert compute["highest_score"](5, 18, 4.243) == 25
    assert compute["nearest_sd"](2, 18, 4.243) == pytest.approx(18**0.5)
    assert compute["nearest_sd"](5, 18, 4.244) == pytest.approx(18**0.5)
    assert compute["sqrt"](-1) is None
