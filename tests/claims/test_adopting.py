"""Claims adopted into the record: reports read that copy, and each number and verdict of theirs opens."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from charcot.analysis import compute_again
from charcot.conduct import Trial, adopt_claims
from charcot.datasets import Snapshot, derive_datasets, take_snapshot
from charcot.ledger import Actor, Entry, Head, Kind, MemoryLedger, MemoryVault, canonical_json, view_as_of
from charcot.refusal import BadValue, NotAllowed, ReasonMissing
from charcot.report import Report, make_report, render_html
from charcot.report.claims import UnreadableClaims, adopted_claims, audit_claims
from charcot.report.claims.results import CLAIMS_DATASET, recomputed_id, verdict_id
from charcot.report.compare import compare_reports
from charcot.report.explain import explain_result
from charcot.wiring.clock import SimulatedClock

STATISTICIAN = Actor("statistician-1", "statistician")


class Restored(MemoryLedger):
    """A ledger in memory that begins with the entries of another."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        super().__init__()
        for entry in entries:
            self._entries.append(entry)
            self._by_subject.setdefault(entry.subject, []).append(entry)


@pytest.fixture
def trial(played: MemoryLedger) -> Trial:
    return Trial(
        Restored(played.entries()), MemoryVault(), SimulatedClock(datetime(2022, 1, 10, 7, tzinfo=UTC))
    )


@pytest.fixture(scope="module")
def adopted(played: MemoryLedger, claims_text: str) -> tuple[MemoryLedger, Snapshot, Report]:
    ledger = Restored(played.entries())
    trial = Trial(ledger, MemoryVault(), SimulatedClock(datetime(2022, 1, 10, 7, tzinfo=UTC)))
    adopt_claims(trial, STATISTICIAN, text=claims_text, reason="To be judged.")
    snapshot = take_snapshot(ledger)
    return ledger, snapshot, make_report(snapshot, derive_datasets(snapshot))


def test_the_entry_holds_the_whole_file(trial: Trial, claims_text: str) -> None:
    (entry,) = adopt_claims(trial, STATISTICIAN, text=claims_text, reason="To be judged.")
    assert entry.kind is Kind.CLAIMS_ADOPTED
    assert entry.data["text"] == claims_text
    assert entry.data["fingerprint"] == hashlib.sha256(claims_text.encode()).hexdigest()
    assert adopted_claims(take_snapshot(trial.ledger).charter) is not None


def test_what_cannot_be_adopted_is_refused_and_nothing_is_entered(trial: Trial, claims_text: str) -> None:
    before = trial.ledger.head()
    with pytest.raises(NotAllowed):
        adopt_claims(trial, Actor("monitor-1", "monitor"), text=claims_text, reason="Why not.")
    with pytest.raises(ReasonMissing):
        adopt_claims(trial, STATISTICIAN, text=claims_text, reason=" ")
    with pytest.raises(UnreadableClaims, match="published_baseline has no column agee"):
        adopt_claims(
            trial, STATISTICIAN, text=claims_text.replace("mean(published_baseline.age)", "mean(published_baseline.agee)"),
            reason="To be judged.",
        )  # fmt: skip
    assert trial.ledger.head() == before
    adopt_claims(trial, STATISTICIAN, text=claims_text, reason="To be judged.")
    with pytest.raises(BadValue, match="on the record already"):
        adopt_claims(trial, STATISTICIAN, text=claims_text, reason="Once more.")


def test_a_report_as_of_an_earlier_entry_keeps_the_claims_of_then(trial: Trial, claims_text: str) -> None:
    ledger = trial.ledger
    adopt_claims(trial, STATISTICIAN, text=claims_text, reason="To be judged.")
    head = ledger.head().sequence
    then = report_of(take_snapshot(view_as_of(ledger, head)))
    changed = claims_text.replace("published: 49.12\n", "published: 48.12\n", 1)
    assert changed != claims_text
    adopt_claims(trial, STATISTICIAN, text=changed, reason="To see whether it is noticed.")
    again, now = take_snapshot(view_as_of(ledger, head)), take_snapshot(ledger)
    assert render_html(report_of(again)) == render_html(then)
    found = compare_reports(then, report_of(now), again, now)
    verdict = next(one for one in found.changed if one.id == verdict_id("age_mean"))
    assert (verdict.before, verdict.after) == ("Reproduced", "Contradicted")
    assert verdict.because == (head, head + 1)
    assert {one.id for one in found.found if one.id.endswith(".verdict")} == {verdict.id}


def report_of(snapshot: Snapshot) -> Report:
    return make_report(snapshot, derive_datasets(snapshot))


def test_every_number_and_verdict_is_a_result_with_parents(adopted: tuple[Any, Snapshot, Report]) -> None:
    _, snapshot, report = adopted
    entry = snapshot.charter.claims[-1].entry.sequence
    claims = adopted_claims(snapshot.charter)
    assert claims is not None
    for one in audit_claims(claims, snapshot):
        shown = [verdict_id(one.claim.id)]
        shown += [recomputed_id(one.claim.id)] * (one.verdict != "not computable from what was published")
        for id in shown:
            result = report.results[id]
            assert repr(compute_again(result, report.datasets)) == repr(result.value)
            assert set(report.parents(id)) == {*one.parents, entry}
            assert id not in report.synthetic
        assert report.results[verdict_id(one.claim.id)].value == one.verdict


def test_a_claim_opens_to_the_rows_that_its_query_read(adopted: tuple[Any, Snapshot, Report]) -> None:
    _, snapshot, report = adopted
    mean = explain_result(report, snapshot, recomputed_id("age_mean"))
    # Table 1 of the publication prints 17 ages, of which the first is 35 years.
    assert len(mean.rows) == 17
    assert {(s.item, s.origin) for row in mean.rows for s in row.sources} == {("age", "published")}
    assert mean.rows[0].sources[0].typed == "35"
    assert "mean of Age" in mean.formula
    for id in [id for id in report.results if report.results[id].dataset == CLAIMS_DATASET][::17]:
        told = explain_result(report, snapshot, id)
        inside = {n for row in (*told.rows, *told.left_out) for n in row.entries}
        assert inside | {entry.sequence for entry in told.others} == set(told.parents), id


def test_only_a_parent_changes_a_claim(adopted: tuple[MemoryLedger, Snapshot, Report]) -> None:
    """Each published number of one person is changed, one entry at a time; what moves has that entry behind it."""
    ledger, _, report = adopted
    entries = tuple(ledger.entries())
    published = [
        (place, name)
        for place, entry in enumerate(entries)
        if entry.kind is Kind.FORM_RECORDED
        for name, value in entry.data["values"].items()
        if value["origin"] == "published" and str(value.get("value", "")).isdigit()
    ]
    moved = 0
    for place, name in published[::23]:
        content = json.loads(entries[place].text)
        content["data"]["values"][name]["value"] = str(int(content["data"]["values"][name]["value"]) + 1)
        other = Entry(canonical_json(content), entries[place].previous_hash, entries[place].hash)
        snapshot = take_snapshot(Restored(iter((*entries[:place], other, *entries[place + 1 :]))))
        claims = adopted_claims(snapshot.charter)
        assert claims is not None
        for one in audit_claims(claims, snapshot):
            result = report.results.get(recomputed_id(one.claim.id))
            if result is not None and repr(one.recomputed) != repr(result.value):
                assert entries[place].sequence in report.parents(result.id), (one.claim.id, name)
                moved += 1
    assert moved


def test_claims_that_the_forms_no_longer_answer_do_not_cost_the_report(
    played: MemoryLedger, claims_text: str
) -> None:
    """A ledger whose claims read an item that nobody has: the section says so, everything else stands."""
    broken = claims_text.replace("mean(published_baseline.age)", "mean(published_baseline.agee)")
    ledger = Restored(played.entries())
    head: Head = ledger.head()
    content = json.loads(next(iter(ledger.entries())).text) | {
        "sequence": head.sequence + 1, "kind": "claims_adopted", "recorded_at": head.recorded_at,
        "data": {"file": "claims.yaml", "text": broken, "fingerprint": "", "publication": "", "claims": 1},
    }  # fmt: skip
    entry = Entry(canonical_json(content), head.hash, "0" * 64)
    report = report_of(take_snapshot(Restored(iter((*ledger.entries(), entry)))))
    (section,) = [section for section in report.sections if section.id == "claims"]
    assert "has no column agee" in str(section.blocks[0])
    assert "table1.age.mean" in report.results
