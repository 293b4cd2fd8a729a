"""The report to the safety board on the shipped trial: what it says, what is new since an earlier one, and the same in every format."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import pairwise

import docx
import pypdf
import pytest

from charcot.analysis import compute_again
from charcot.datasets import Snapshot
from charcot.ledger import Entry, Kind
from charcot.report import Report, render_docx, render_html, render_pdf
from charcot.report.document import Figure, Paragraph, numbers_shown
from charcot.report.explain import explain_result
from charcot.report.safety_report import derive_board_datasets, make_safety_report
from charcot.report.table import Number, text_of, walk_rows
from charcot.statistics import SurvivalCurve
from report.shipped_trial import shipped_entries, snapshot_of_entries
from report.test_same_numbers import (
    PageReader,
    grid_of,
    require_words_in_order,
    squeezed,
    tables_of,
    word_tables,
)


@lru_cache(maxsize=1)
def now() -> Snapshot:
    return snapshot_of_entries(shipped_entries())


@pytest.fixture(scope="module")
def safety() -> Report:
    """Since the summer of 2015, when one participant had died of an embolus and the other embolus had not happened."""
    then = snapshot_of_entries(tuple(e for e in shipped_entries() if e.recorded_at < "2015-07-01"))
    return make_safety_report(now(), then)


def cells(report: Report, name: str) -> dict[str, list[str]]:
    (table,) = [table for table in tables_of(report) if table.id == name]
    return {row.label: [cell.text for cell in row.cells] for _, row in walk_rows(table.rows)}


def test_it_says_what_the_paper_says_of_safety(safety: Report) -> None:
    """20 screened, 17 infused (paper, Results); two emboli; the boundary of als.md, section 4."""
    said = {id: result.value for id, result in safety.results.items()}
    people = [said[f"safety.people.{name}"] for name in ("screened", "enrolled", "infused", "died")]
    assert people == [20, 17, 17, 12]
    boundary = cells(safety, "boundaries")
    assert boundary["Pulmonary embolism"][:3] == ["2", "17", "3"]
    clocks = cells(safety, "clocks")
    assert all(state == "submitted in time" for *_rest, state in clocks.values())
    asked = cells(safety, "reconciliation")
    (table,) = [table for table in tables_of(safety) if table.id == "reconciliation"]
    shown = [row.cells[1].text for _, row in walk_rows(table.rows)]
    left = sum(not state.endswith("closed") for state in shown)
    assert 0 < left < len(shown)
    counted = [part.result.value for part in table.caption if isinstance(part, Number)]
    assert counted == [len(shown), left]
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
    embolus = max(
        e.sequence for e in shipped_entries()
        if e.participant == "S-20" and e.kind is Kind.FORM_RECORDED and e.data["form"] == "adverse_event"
        and e.data["values"]["category"]["value"] == "pulmonary_embolism"
    )  # fmt: skip
    changed = cells(safety, "changes-changed")
    before, now, because = changed["Pulmonary embolism: participants with an event"]
    assert (before, now) == ("1", "2")
    assert str(embolus) in because
    words = " ".join(str(section) for section in safety.sections if section.id == "new")
    assert "S-20, event 1: Pulmonary embolism" in words


def test_dates_are_written_as_they_are_read_aloud(safety: Report) -> None:
    """As in the trial's report; only the lines of the audit trail keep theirs, which are in UTC."""
    (death,) = (
        date.fromisoformat(e.data["values"]["died_on"]["value"])
        for e in shipped_entries()
        if e.participant == "S-10" and e.kind is Kind.FORM_RECORDED and e.data["form"] == "death"
    )
    assert cells(safety, "safety-deaths")["S-10"][0] == f"{death.day} {death:%b %Y}"
    clocks = [cell for row in cells(safety, "clocks").values() for cell in row[1:3]]
    assert clocks and all(re.fullmatch(r"\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d", cell) for cell in clocks)
    written = [text_of(b.pieces) for s in safety.sections for b in s.blocks if isinstance(b, Paragraph)]
    assert any(re.search(r"On \d{1,2} [A-Z][a-z]{2} \d{4} at \d\d:\d\d, ", text) for text in written)
    for table in tables_of(safety):
        if table.id != "changes-entries":
            written += [cell.text for _, row in walk_rows(table.rows) for cell in row.cells]
    assert not [text for text in written if re.search(r"\d{4}-\d\d-\d\d", text)]


def test_every_number_leads_to_entries(safety: Report) -> None:
    """Nothing in a table, list or caption is a bare number; every one has entries behind it, also a zero."""
    for number in numbers_shown(safety.sections):
        assert safety.parents(number.result.id), number.result.id
    plain = [
        (table.id, row.label, cell.text)
        for table in tables_of(safety)
        for _, row in walk_rows(table.rows)
        for cell in row.cells
        if any(isinstance(piece, str) and re.fullmatch(r"[\d.]+", piece.strip()) for piece in cell.pieces)
    ]
    told_then = {"safety-new", "changes-changed", "changes-appeared", "changes-entries"}
    assert {table for table, *_ in plain} <= told_then  # what an earlier report said, and what was typed


@pytest.mark.parametrize(
    ("id", "item", "typed"),
    [
        ("safety.boundary.emboli.events", "category", {"S-10": "pulmonary_embolism", "S-20": "pulmonary_embolism"}),
        ("safety.vital_signs.systolic.after.maximum", "systolic", None),
        ("safety.deaths.S-10.cause", "cause", {"S-10": "Pulmonary embolism"}),
        ("safety.clocks.S-10.1.sponsor.due", "serious", {"S-10": "yes"}),
    ],
)  # fmt: skip
def test_a_number_opens_to_the_values_that_it_came_from(
    safety: Report, id: str, item: str, typed: dict[str, str] | None
) -> None:
    """What stands in the entries behind it; the highest systolic pressure of the paper is 180."""
    told = explain_result(safety, now(), id)
    found = [(row.participant, s.typed) for row in told.rows for s in row.sources if s.item == item]
    if typed is None:
        assert max(int(str(text)) for _, text in found) == safety.results[id].value == 180
    else:
        for person, text in typed.items():
            assert (person, text) in found


def changed(form: str, item: str, text: str, person: str) -> tuple[Entry, tuple[Entry, ...]]:
    """The last version of a form with one value changed, and all entries with it."""
    entries = shipped_entries()
    place = max(
        place
        for place, entry in enumerate(entries)
        if entry.kind is Kind.FORM_RECORDED and (entry.participant, entry.data["form"]) == (person, form)
        and entry.data["values"].get(item, {}).get("value") not in (None, text)
    )  # fmt: skip
    content = json.loads(entries[place].text)
    content["data"]["values"][item]["value"] = text
    new = Entry(json.dumps(content), entries[place].previous_hash, entries[place].hash)
    return entries[place], (*entries[:place], new, *entries[place + 1 :])


@pytest.mark.parametrize(
    ("form", "item", "text", "person", "number"),
    [
        ("adverse_event", "category", "pulmonary_embolism", "S-15", "safety.boundary.emboli.events"),
        ("adverse_event", "serious", "no", "S-10", "safety.people.serious_events"),
        ("observation_6h", "systolic", "210", "S-02", "safety.vital_signs.systolic.after.maximum"),
        ("death", "cause", "Fall", "S-13", "safety.deaths.S-13.cause"),
        ("laboratory_haematology", "haemoglobin", "5.0", "S-06", "safety.outliers.total"),
    ],
)  # fmt: skip
def test_what_changes_a_number_is_behind_it(
    safety: Report, form: str, item: str, text: str, person: str, number: str
) -> None:
    entry, entries = changed(form, item, text, person)
    data = derive_board_datasets(snapshot_of_entries(entries))
    moved = set()
    for id, result in safety.results.items():
        if isinstance(result.value, SurvivalCurve) or ".term." in id:
            continue
        if repr(compute_again(result, data)) != repr(result.value):
            moved.add(id)
            assert entry.sequence in safety.parents(id), id
    assert number in moved


def test_the_boundary_is_drawn_with_its_numbers(safety: Report) -> None:
    """Days 36 and 65 of the abstract: the first embolus came after nine infusions, the second after all seventeen.

    Chances to stop at 3, 10 and 20 %: als.md, section 4 (0.09926351, 0.45232959, 0.82267076).
    """
    (figure,) = [b for s in safety.sections for b in s.blocks if isinstance(b, Figure)]
    assert figure.id == "boundary-emboli"
    steps = [[cell.text for cell in row.cells] for _, row in walk_rows(figure.data.rows)]  # type: ignore[union-attr]  # it has its numbers
    rises = [now for before, now in pairwise(steps) if now[1] != before[1]]
    assert [(n, events) for n, events, _ in rises] == [("9", "1"), ("17", "2")]
    limits = {n: limit for n, _, limit in steps}
    assert [limits[n] for n in ("1", "2", "3", "13", "14", "17")] == ["1", "1", "2", "2", "3", "3"]
    assert "2 participants with an event of 17 infused; with so many it stops at 3" in figure.alt
    assert "1 at 9 infused, 2 at 17 infused" in figure.alt
    at = {rate: safety.results[f"safety.boundary.emboli.at_{rate}.chance"].value for rate in (0.03, 0.1, 0.2)}
    assert at == pytest.approx({0.03: 0.09926351, 0.1: 0.45232959, 0.2: 0.82267076}, abs=5e-9)
    design = cells(safety, "boundary-design-emboli")
    assert [design[rate][0] for rate in ("3 %, held acceptable (p0)", "10 %", "20 %")] == [
        "9.9",
        "45.2",
        "82.3",
    ]


def in_page(report: Report) -> list[list[list[str]]]:
    reader = PageReader()
    reader.feed(render_html(report))
    return reader.grids


def in_word(report: Report) -> list[list[list[str]]]:
    return word_tables(docx.Document(io.BytesIO(render_docx(report))))


@pytest.mark.parametrize("read", [in_page, in_word])
def test_page_and_word_have_every_cell_of_every_table_in_its_row(
    safety: Report, read: Callable[[Report], list[list[list[str]]]]
) -> None:
    assert read(safety) == [grid_of(table) for table in tables_of(safety)]


def test_the_pdf_has_every_row_under_the_title_of_its_table(safety: Report) -> None:
    """The paper's Table 2: two emboli, both fatal there; the tachycardia of three, none of it severe."""
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(safety))).pages
    words = []
    for place, page in enumerate(pages, 1):
        body = page.extract_text().partition(f"{safety.receipt.sequence}:{safety.receipt.hash[:16]}…")[2]
        words.append(body.strip().removesuffix(f"{place} of {len(pages)}"))
    require_words_in_order(safety, squeezed("".join(words)))
    lines = [re.sub(r"\s+", " ", line).strip() for text in words for line in text.splitlines()]
    here = lines.index("By term")
    until = lines.index("By worst grade")
    assert "Pulmonary embolism 2 2 2 2" in lines[here:until]
    assert "Sinus tachycardia 3 3 0 0" in lines[here:until]
    assert "Pulmonary embolism 2 17 3 open –" in lines[lines.index("Boundaries as they stand") :]
