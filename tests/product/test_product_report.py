"""The report's section about the product: numbers from the laboratory's record, each with the entries behind it."""

import pytest

from charcot.analysis import parents_of
from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Kind
from charcot.report import Report, make_report, render_html
from charcot.report.document import Paragraph
from charcot.report.table import Table, text_of
from product.bench import Bench, product_files

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
