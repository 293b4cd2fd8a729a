"""Two reports compared: the numbers that moved and the entries that moved them, known by hand."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from charcot.ledger import Absence, Value, view_as_of
from charcot.refusal import BadValue
from charcot.report.changes_section import (
    NO_ENTRY,
    changes_data,
    make_changes,
    make_changes_report,
    render_changes_text,
)
from charcot.report.compare import ReportComparison, compare_reports
from charcot.report.document import numbers_shown
from charcot.report.table import Table


def _beside(name: str) -> ModuleType:
    """A module beside this file."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


small = _beside("small_report")


def compared(desk: object, head: int) -> ReportComparison:
    """The report at entry `head` and the report now."""
    ledger = desk.trial.ledger  # type: ignore[attr-defined]  # the desk of the small trial
    (earlier, then), (later, now) = small.report_on(view_as_of(ledger, head)), small.report_on(ledger)
    return compare_reports(earlier, later, then, now)


def test_a_correction_changes_what_rests_on_it_and_says_so() -> None:
    desk = small.play()
    head = desk.trial.ledger.head().sequence
    (old,) = small.entries_of(desk.trial.ledger, "S-1", "vital_signs", "month_2")[-1:]
    new = small.correct_weight(desk, "67.0", based_on=2)
    found = compared(desk, head)
    mean, bmi = found.changed
    assert (mean.id, mean.before, mean.after) == (small.WEIGHT, "69", "68.5")  # (67.0 + 70.0) / 2
    assert (mean.because, mean.gone) == ((old, new), (old,))
    assert (bmi.id, bmi.before, bmi.after) == ("bmi.month_2.mean", "23.5", "23.2")  # 67 / 1.7 / 1.7 = 23.18
    assert [number.id for number in found.steady] == [
        "weight.month_2.n",
        "pulse.month_2.mean",
        "visits.forms",
        "survival.month_1",  # S-1 was last seen alive when weighed
    ]
    assert (found.appeared, found.vanished, found.unchanged, found.entered) == ((), (), 2, 1)
    line = found.entries[new]
    assert (line.person, line.reason) == ("nurse-b", "Read from the wrong line of the paper form.")
    assert {(c.item, c.before, c.after) for c in line.changes} == {
        ("weight", "68.0", "67.0"),
        ("bmi", "23.5", "23.2"),
    }


def test_a_value_that_left_names_the_version_that_took_it_away() -> None:
    desk = small.play()
    head = desk.trial.ledger.head().sequence
    (old,) = small.entries_of(desk.trial.ledger, "S-1", "vital_signs", "month_2")[-1:]
    gone = Value(absent=Absence.NOT_DONE, why="The scales were not calibrated")
    (entry,) = desk.act(
        "correct", participant="S-1", form="vital_signs", encounter="month_2",
        changes={"weight": gone}, based_on=2, reason="Not a weight.",
    )  # fmt: skip
    found = {number.id: number for number in compared(desk, head).changed}
    mean = found[small.WEIGHT]
    assert (mean.before, mean.after, mean.n_before, mean.n_after) == ("69", "70", 2, 1)
    assert (mean.because, mean.gone) == ((old, entry.sequence), (old,))
    bmi = found["bmi.month_2.mean"]
    assert (bmi.before, bmi.after) == ("23.5", "–")


def test_numbers_that_are_new_and_numbers_that_are_gone() -> None:
    desk = small.play()
    head = desk.trial.ledger.head().sequence
    ledger = desk.trial.ledger
    earlier, then = small.report_on(view_as_of(ledger, head))
    (event,) = desk.about("report_event", "2014-02-02", values={"term": "Fever"})
    later, now = small.report_on(ledger)
    fever = later.results.pop("fever.share")
    earlier.results.pop("fever.n")
    found = compare_reports(earlier, later, then, now)
    assert [(n.id, n.before, n.after) for n in found.appeared] == [("fever.n", None, "1")]
    assert found.appeared[0].because == (event.sequence,)
    assert [(n.id, n.before, n.after) for n in found.vanished] == [
        (fever.id, "0.0 % (0.0 % to 52.2 %)", None)
    ]


def test_nothing_changed() -> None:
    desk = small.play()
    found = compared(desk, desk.trial.ledger.head().sequence)
    assert found.found == found.steady == ()
    assert found.unchanged == 8
    assert not found.entries


def test_a_number_that_moved_with_the_protocol_says_so() -> None:
    desk = small.play()
    head = desk.trial.ledger.head().sequence
    earlier, then = small.report_on(view_as_of(desk.trial.ledger, head))
    later, now = small.report_on(desk.trial.ledger)
    object.__setattr__(later.results["visits.forms"], "value", 99)
    found = compare_reports(earlier, later, then, now)
    assert [(n.id, n.because) for n in found.changed] == [("visits.forms", ())]
    assert NO_ENTRY in render_changes_text(found)


def test_reports_of_two_trials_or_in_the_wrong_order_are_refused() -> None:
    desk, other = small.play(), small.play()
    other.about("screen", "2014-05-05", "S-9")
    (earlier, then), (later, now) = small.report_on(desk.trial.ledger), small.report_on(other.trial.ledger)
    with pytest.raises(BadValue, match="first is the later"):
        compare_reports(later, earlier, now, then)
    different = small.play_otherwise()
    (elsewhere, there) = small.report_on(different.trial.ledger)
    with pytest.raises(BadValue, match="not of one trial"):
        compare_reports(elsewhere, later, there, now)


def test_section_text_and_data_say_the_same() -> None:
    desk = small.play()
    head = desk.trial.ledger.head().sequence
    new = small.correct_weight(desk, "67.0", based_on=2)
    found = compared(desk, head)
    later, _ = small.report_on(desk.trial.ledger)
    section = make_changes(found, later)
    table = next(block for block in section.blocks if isinstance(block, Table))
    rows = {row.label: [cell.text for cell in row.cells] for row in table.rows}
    text, data = render_changes_text(found), json.loads(json.dumps(changes_data(found), default=str))
    for number in data["changed"]:
        assert rows[number["label"]][:2] == [number["before"], number["after"]]
        assert f"{number['label']} [{number['id']}]: {number['before']} → {number['after']}" in text
    assert rows["Weight, month 2: mean"][2].startswith(f"{new}; no longer ")
    assert "weight: 68.0 → 67.0" in text
    assert {n.result.id for n in numbers_shown((section,))} == {n.id for n in found.changed}
    alone = make_changes_report(found, later)
    assert set(alone.results) == {n.id for n in found.changed}
    assert not alone.lineage
