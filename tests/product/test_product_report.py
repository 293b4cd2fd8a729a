"""The report's section about the product: numbers from the laboratory's record, each with the entries behind it."""

from dataclasses import replace

import pytest

from charcot.analysis import parents_of
from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Entry, Kind, Origin
from charcot.product import fold_lot
from charcot.product.origins import join_origins, origin_of
from charcot.report import Report, make_report, render_html
from charcot.report.claims.evidence import published_evidence
from charcot.report.document import Paragraph, Particulars
from charcot.report.explain import explain_result
from charcot.report.explain_text import render_explanation
from charcot.report.safety_report import make_safety_report
from charcot.report.table import Table, text_of
from product.bench import QP, TECHNICIAN, Bench, copied, product_files

POPULATIONS = (
    "populations: [{id: treated,",
    "populations: [{id: screened, label: Screened, where: consented}, {id: treated,",
)


@pytest.fixture(scope="module")
def bench() -> Bench:
    bench = Bench(files=product_files(POPULATIONS))
    bench.make_ready()
    bench.act(
        "infuse",
        participant="S-1",
        at="2014-01-20T10:00",
        given_dose="141000000",
        values={"volume": "10"},
        dose="X1",
    )
    return bench


@pytest.fixture(scope="module")
def report(bench: Bench) -> Report:
    snapshot = take_snapshot(bench.trial.ledger)
    return make_report(snapshot, derive_datasets(snapshot))


def table(report: Report, id: str) -> Table:
    return next(b for s in report.sections for b in s.blocks if isinstance(b, Table) and b.id == id)


def shown(report: Report, id: str) -> dict[str, list[str]]:
    return {row.label: [cell.text for cell in row.cells] for row in table(report, id).rows}


def test_doses_are_described_with_what_was_planned_and_achieved(report: Report) -> None:
    rows = shown(report, "product-doses")
    # 70.5 kg x 2e6 = 1.41e8 planned and given; 1.41e8 of 1.48e8 cells viable = 95.27 %; 18 Jan 09:00 to 20 Jan 10:00 = 49 h
    assert rows["Dose planned"][1] == rows["Dose given"][1] == "141.0"
    assert rows["Given over planned"][1] == "100.0"
    assert rows["Viable of all cells prepared"][1] == "95.3"
    assert rows["Concentration"][1] == "14.10"
    assert rows["Time from harvest to infusion"] == ["1", "49.0", "–", "49.0", "49.0 to 49.0"]


def test_tests_that_were_not_made_are_said_and_identity_is_not_called_met(report: Report) -> None:
    rows = shown(report, "release")
    assert rows["CD90"][1:] == ["1", "0", "0", "0", "1"] and rows["CD14"][1:] == ["0", "0", "0", "1", "1"]
    words = " ".join(
        text_of(b.pieces)
        for s in report.sections
        if s.id == "product"
        for b in s.blocks
        if isinstance(b, Paragraph)
    )
    assert "ISCT 2006: not assessable. CD14 was not tested in any lot" in words
    assert "cannot show that anything about the product made a difference" in words


def test_a_number_of_the_product_leads_to_the_entries_of_the_laboratory(bench: Bench, report: Report) -> None:
    parents = parents_of(report.results["product.viability.median"], report.datasets)
    kinds = {entry.kind for entry in bench.trial.ledger.entries() if entry.sequence in parents}
    assert {Kind.DOSE_PREPARED, Kind.DOSE_PRESCRIBED, Kind.TISSUE_PROCURED, Kind.LOT_CERTIFIED} <= kinds
    assert "Doses of the product" in render_html(report)
    assert "X1" in str(report.datasets["product"].frame["dose"].to_list())


def test_what_rests_on_synthetic_entries_of_the_product_is_marked_and_the_rest_is_not(bench: Bench) -> None:
    """L1 was made and given by people; L2 is drawn by a program in the same trial, which is no demonstration."""
    drawn = copied(bench)
    drawn.trial = replace(drawn.trial, origin=Origin.SYNTHETIC)
    drawn.make_ready("S-2", "D2", "L2", "X2")
    drawn.act(
        "infuse",
        participant="S-2",
        at="2014-01-20T10:00",
        given_dose="141000000",
        values={"volume": "10"},
        dose="X2",
    )
    snapshot = take_snapshot(drawn.trial.ledger)
    frame = derive_datasets(snapshot)["product"].frame
    assert dict(zip(frame["dose"], frame["origin"], strict=True)) == {
        "X1": "entered",
        "X2": "entered+synthetic",
    }
    tests = derive_datasets(snapshot)["product_tests"].frame
    assert set(zip(tests["lot"], tests["origin"], strict=True)) == {("L1", "entered"), ("L2", "synthetic")}
    report = make_report(snapshot, derive_datasets(snapshot))
    marked = {id for id in report.synthetic if id.startswith("product.")}
    assert {"product.viability.median", "product.marker.L2.cd90", "product.beside.S-2.viability"} <= marked
    assert not marked & {
        "product.marker.L1.cd90",
        "product.beside.S-1.viability",
        "product.beside.S-1.passage",
    }
    explained = explain_result(report, snapshot, "product.marker.L2.cd90")
    said = render_explanation(explained)
    assert "[synthetic]" in said
    lots = {
        lot: fold_lot([e for e in snapshot.product_entries if e.subject == f"product/{lot}"])
        for lot in ("L1", "L2")
    }
    assert {name: join_origins(lot.entries, "live") for name, lot in lots.items() if lot} == {
        "L1": "entered",
        "L2": "synthetic",
    }


def test_entries_of_earlier_releases_are_synthetic_in_a_demonstration_and_entered_elsewhere(
    bench: Bench,
) -> None:
    entry = next(e for e in bench.trial.ledger.entries() if e.kind is Kind.TISSUE_PROCURED)
    old = Entry(entry.text.replace(',"origin":"entered"', ""), entry.previous_hash, entry.hash)
    assert "origin" in entry.data and "origin" not in old.data
    assert [origin_of(old, purpose) for purpose in ("demo", "practice", "live")] == [
        "synthetic",
        "entered",
        "entered",
    ]


def test_no_evidence_for_a_verdict_comes_from_the_product(bench: Bench) -> None:
    """Verdicts are read from tables of forms, value by value by origin: nothing about the product is among them."""
    snapshot = take_snapshot(bench.trial.ledger)
    without = replace(snapshot, product_entries=())
    every = tuple(Origin)
    assert repr(published_evidence(snapshot, every)) == repr(published_evidence(without, every))


def test_the_safety_board_reads_what_went_wrong_with_the_product() -> None:
    """One lot with a minor deviation, its dose infused, then recalled."""
    bench = Bench(files=product_files(POPULATIONS))
    bench.make_ready()
    bench.act(
        "report_product_deviation", TECHNICIAN, lot="L1", at="2014-01-17", severity="minor", description="Fed a day late",
    )  # fmt: skip
    given = {"volume": "10"}
    bench.act(
        "infuse", participant="S-1", at="2014-01-20T10:00", given_dose="141000000", values=given, dose="X1"
    )
    bench.act("open_recall", QP, recall="R1", lots=["L1"], at="2014-01-21", reason="A doubt")
    report = make_safety_report(take_snapshot(bench.trial.ledger))
    (facts,) = [
        b for s in report.sections if s.id == "product" for b in s.blocks if isinstance(b, Particulars)
    ]
    said = {head: text_of(pieces) for head, pieces in facts.facts}
    assert said["Lots"] == "1 begun: 0 certified, 0 certified on conditions, 0 rejected, 1 recalled"
    assert said["Doses"] == "1 prescribed: 1 infused, 0 returned or destroyed, 0 refused at the bedside"
    assert said["Deviations in manufacture"] == "1 reported: 0 major or critical, 1 not closed"
    assert said["Recalls"] == "1 opened: 1 not closed"
    assert shown(report, "product-deviations") == {"L1: Fed a day late": ["minor", "open"]}
    rows = shown(report, "product-infusions")
    assert rows["Viable of all cells prepared"][1] == "95.3"  # 1.41e8 of 1.48e8, as above
    entries = {entry.sequence: entry.kind for entry in bench.trial.ledger.entries()}
    behind = {entries[n] for n in report.parents("safety.product.lots.recalled")}
    assert Kind.LOT_RECALLED in behind
    assert Kind.RECALL_OPENED in {entries[n] for n in report.parents("safety.product.recalls.open")}
