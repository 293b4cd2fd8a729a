"""The report to the safety board on the shipped trial: what it says, what is new since an earlier one, and the same in every format."""

import io
import re

import docx
import pypdf
import pytest

from charcot.ledger import Kind
from charcot.report import Report, render_docx, render_html, render_pdf
from charcot.report.document import Particulars
from charcot.report.safety_report import make_safety_report
from charcot.report.table import walk_rows
from report.shipped_trial import shipped_entries, snapshot_of_entries
from report.test_same_numbers import PageReader, grid_of, squeezed, tables_of


@pytest.fixture(scope="module")
def safety() -> Report:
    """Since the summer of 2015, when one participant had died of an embolus and the other embolus had not happened."""
    entries = shipped_entries()
    then = snapshot_of_entries(tuple(e for e in entries if e.recorded_at < "2015-07-01"))
    return make_safety_report(snapshot_of_entries(entries), then)


def cells(report: Report, name: str) -> dict[str, list[str]]:
    (table,) = [table for table in tables_of(report) if table.id == name]
    return {row.label: [cell.text for cell in row.cells] for _, row in walk_rows(table.rows)}


def test_it_says_what_the_paper_says_of_safety(safety: Report) -> None:
    """20 screened, 17 infused (paper, Results); two emboli; the boundary of als.md, section 4."""
    people = next(b for s in safety.sections for b in s.blocks if isinstance(b, Particulars))
    said = {name: words[0] for name, words in people.facts}
    assert (said["Screened"], said["Enrolled"], said["Infused"]) == ("20", "17", "17")
    boundary = cells(safety, "boundaries")
    assert boundary["Pulmonary embolism"][:3] == ["2", "17", "3"]
    clocks = cells(safety, "clocks")
    assert all(state == "submitted" for *_rest, state in clocks.values())
    asked = cells(safety, "reconciliation")
    (table,) = [table for table in tables_of(safety) if table.id == "reconciliation"]
    shown = [row.cells[1].text for _, row in walk_rows(table.rows)]
    left = sum(not state.endswith("closed") for state in shown)
    assert 0 < left < len(shown)
    said = " ".join(str(part) for part in (*table.caption, *table.notes))
    assert f"{len(shown)} questions, {left} of them not settled" in said
    assert any(
        "hypertension of grade 2" in question and "open" in query for question, query in asked.values()
    )


def test_it_says_what_is_new(safety: Report) -> None:
    new = cells(safety, "safety-new")
    for then, now, more in new.values():
        assert int(now) - int(then) == int(more)
    dead = [e for e in shipped_entries() if e.kind is Kind.FORM_RECORDED and e.data["form"] == "death"]
    told = {e.participant for e in dead if e.recorded_at < "2015-07-01"}
    assert "S-10" in told
    assert "S-20" not in told
    assert new["Died"][:2] == [str(len(told)), str(len({e.participant for e in dead}))]
    words = " ".join(str(section) for section in safety.sections if section.id == "new")
    assert "S-20, event 1: Pulmonary embolism" in words


def test_every_format_carries_the_same(safety: Report) -> None:
    grids = [grid_of(table) for table in tables_of(safety)]
    reader = PageReader()
    reader.feed(render_html(safety))
    assert [grid for grid in grids if grid not in reader.grids] == []
    document = docx.Document(io.BytesIO(render_docx(safety)))
    read = ["".join(squeezed(c.text) for r in t.rows for c in r.cells) for t in document.tables]
    printed = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(render_pdf(safety))).pages)
    plain = re.sub(r"\W", "", printed)
    for grid in grids:
        for row in grid:
            numbers = [cell for cell in row[1:] if cell and re.fullmatch(r"[\d.,()%/–-]+", cell)]
            assert any(all(number in text for number in numbers) for text in read), row
            for cell in numbers:
                assert re.sub(r"\W", "", cell) in plain, (row, cell)
