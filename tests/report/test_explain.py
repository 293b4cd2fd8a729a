"""A number explained: its rows, who does not count and why, and every entry, against what is known by hand."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from charcot.datasets import Snapshot, take_snapshot
from charcot.ledger import Entry, Kind, Ledger
from charcot.report import Report
from charcot.report.explain import Explanation, NoSuchResult, explain_result, list_results
from charcot.report.explain_text import explanation_data, render_explanation
from charcot.report.value_sources import SourceFinder
from charcot.scales import ITEMS, compute_kings, compute_mitos


def _beside(name: str) -> ModuleType:
    """A module beside this file."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


small = _beside("small_report")
TREATED = ("S-1", "S-2", "S-3", "S-4", "S-6")


@pytest.fixture(scope="module")
def small_ledger() -> Ledger:
    found: Ledger = small.play().trial.ledger
    return found


@pytest.fixture(scope="module")
def made(small_ledger: Ledger) -> tuple[Report, Snapshot]:
    found: tuple[Report, Snapshot] = small.report_on(small_ledger)
    return found


@pytest.fixture(scope="module")
def weight(made: tuple[Report, Snapshot]) -> Explanation:
    return explain_result(*made, small.WEIGHT)


def people_entries(small_ledger: Ledger) -> set[int]:
    """What makes the treated people of the population: screened, consented, enrolled, infused, died."""
    kinds = (Kind.PARTICIPANT_SCREENED, Kind.PARTICIPANT_ENROLLED, "consent", "death")
    found = {n for person in TREATED for kind in kinds for n in small.entries_of(small_ledger, person, kind)}
    return found | {
        n for person in TREATED for n in small.entries_of(small_ledger, person, "infusion", "infusion_day")
    }


def test_value_formula_and_status(weight: Explanation) -> None:
    assert (weight.value, weight.exact, weight.n, weight.unit) == ("69", "69.0", 2, "kg")  # (68.0 + 70.0) / 2
    assert weight.formula == (
        "Mean of “Weight”; from Vital signs, where one row is one filled form; rows where “Encounter” is “Month 2”, "
        "and “Weight” is known; participants of “Treated” (“Infused” is true). "
        "Means are arithmetic means of the values that are not missing."
    )
    assert (weight.status, weight.planned, weight.sections) == ("post hoc", "weights", ("Numbers",))


def test_the_rows_that_count(weight: Explanation, small_ledger: Ledger) -> None:
    first, second = small.entries_of(small_ledger, "S-1", "vital_signs", "month_2")
    (other,) = small.entries_of(small_ledger, "S-6", "vital_signs", "month_2")
    assert [(r.participant, r.encounter, r.values["weight"]) for r in weight.rows] == [
        ("S-1", "month_2", "68"),
        ("S-6", "month_2", "70"),
    ]
    ((source,), (plain,)) = (row.sources for row in weight.rows)
    assert (source.item, source.typed, source.unit, source.origin) == ("weight", "68.0", "kg", "entered")
    entry = source.entry
    assert (entry.sequence, entry.version, entry.form, entry.encounter) == (
        second, 2, "vital_signs", "month_2",
    )  # fmt: skip
    assert (entry.person, entry.role, entry.clinical_time) == ("nurse-b", "coordinator", "2014-03-20")
    assert entry.reason == "Read from the wrong line of the paper form."
    recorded = next(e for e in small_ledger.entries() if e.sequence == second)
    assert (entry.hash, entry.recorded_at, entry.protocol) == (recorded.hash, recorded.recorded_at, "1.0")
    assert (source.typed_in, plain.typed_in, plain.entry.sequence) == (second, other, other)
    assert first not in weight.parents


def test_a_value_that_a_correction_left_alone_was_typed_before(
    made: tuple[Report, Snapshot], small_ledger: Ledger
) -> None:
    first, second = small.entries_of(small_ledger, "S-1", "vital_signs", "month_2")
    row = explain_result(*made, "pulse.month_2.mean").rows[0]
    assert [(s.item, s.typed, s.entry.sequence, s.typed_in) for s in row.sources] == [
        ("pulse", "71", second, first)
    ]


def test_who_does_not_count_and_why(weight: Explanation, small_ledger: Ledger) -> None:
    left = {(row.participant, row.encounter): row for row in weight.left_out}
    missing = left["S-2", "month_2"]
    assert (missing.verdict, missing.why) == ("missing", "“Weight”: no value")
    assert missing.reason == "Weight: not done (Scales broken)"
    missed = left["S-3", None]
    assert (missed.verdict, missed.why) == ("no_row", "not recorded at Month 2: said to be missed")
    assert missed.reason == "In hospital elsewhere."
    assert list(missed.entries) == small.entries_of(small_ledger, "S-3", Kind.FORM_MISSED)
    dead = left["S-4", None]
    assert (dead.verdict, dead.why) == ("no_row", "no visit at Month 2: died 2014-02-10")
    assert list(dead.entries) == small.entries_of(small_ledger, "S-4", "death")
    assert left["S-5", "screening"].verdict == "outside_population"
    assert {key for key, row in left.items() if row.verdict == "outside_condition"} == {
        (person, "screening") for person in TREATED
    }


def test_parents_are_those_known_by_hand(weight: Explanation, small_ledger: Ledger) -> None:
    counted = {
        small.entries_of(small_ledger, person, "vital_signs", "month_2")[-1] for person in ("S-1", "S-6")
    }
    looked_at = set(small.entries_of(small_ledger, "S-2", "vital_signs", "month_2"))  # its weight is missing
    assert set(weight.parents) == counted | looked_at | people_entries(small_ledger)
    told = {s.entry.sequence for row in weight.rows for s in row.sources}
    assert told == counted
    left_out = {sequence for row in weight.left_out for sequence in row.entries}
    assert looked_at <= left_out
    assert {entry.sequence for entry in weight.others} == set(weight.parents) - told - looked_at


def test_the_parents_of_a_zero_are_its_denominator(
    made: tuple[Report, Snapshot], small_ledger: Ledger
) -> None:
    fever = explain_result(*made, "fever.n")
    assert (fever.value, fever.rows) == ("0", ())
    assert [row.participant for row in fever.denominator] == list(TREATED)
    headaches = set(small.entries_of(small_ledger, "S-1", "adverse_event"))  # called a fever, it would count
    assert set(fever.parents) == people_entries(small_ledger) | headaches
    assert "Out of: Participants, all rows; n = 5." in fever.formula
    (headache,) = (row for row in fever.left_out if row.verdict == "outside_condition")
    assert (headache.participant, headache.values) == ("S-1", {"term": "Headache"})
    share = explain_result(*made, "fever.share")
    assert share.value == "0.0 % (0.0 % to 52.2 %)"  # 1 - 0.025 ** (1 / 5) = 0.5218, Clopper and Pearson


def test_a_computed_value_leads_to_what_it_was_computed_from(made: tuple[Report, Snapshot]) -> None:
    bmi = explain_result(*made, "bmi.month_2.mean")
    (row,) = bmi.rows
    assert [(s.item, s.typed, s.origin) for s in row.sources] == [
        ("bmi", "23.5", "derived"),  # 68 / 1.7 / 1.7 = 23.53
        ("weight", "68.0", "entered"),
        ("height", "170", "entered"),
    ]
    unknown = [found for found in bmi.left_out if found.verdict == "missing"]
    assert {found.participant for found in unknown} == {"S-2", "S-6"}  # nobody measured their height


def test_survival_rests_on_infusion_and_death(made: tuple[Report, Snapshot], small_ledger: Ledger) -> None:
    found = explain_result(*made, "survival.month_1")
    assert (found.value, found.status) == (
        "75.0 %",
        "prespecified",
    )  # S-4, of four still followed: S-3 was not seen after the infusion
    dead = next(row for row in found.rows if row.participant == "S-4")
    assert [s.typed for s in dead.sources] == ["2014-01-20T10:00", "2014-02-10"]
    assert {s.entry.sequence for s in dead.sources} == {
        *small.entries_of(small_ledger, "S-4", "infusion", "infusion_day"),
        *small.entries_of(small_ledger, "S-4", "death"),
    }


def test_scores_resolve_to_the_items_they_are_made_of(report: Report, ledger: Ledger) -> None:
    snapshot = take_snapshot(ledger)
    finder = SourceFinder(snapshot, report.datasets)
    function = report.datasets["function"]
    row = next(row for row in function.frame.iter_rows(named=True) if row["total"] is not None)
    sources = list(finder.sources(function, "percent", row))
    assert row["percent"] == pytest.approx(100 * sum(int(s.typed or "") for s in sources) / 48)
    assert {s.entry.sequence for s in sources} == {row["entries"][0]}
    for column, items in (("bulbar", 3), ("fine_motor", 3), ("gross_motor", 3), ("respiratory", 3)):
        parts = list(finder.sources(function, column, row))
        assert len(parts) == items
        assert row[column] == sum(int(s.typed or "") for s in parts)


@pytest.mark.parametrize("column", ["kings", "mitos"])
def test_a_stage_names_the_items_that_can_change_it_and_no_others(
    report: Report, ledger: Ledger, column: str
) -> None:
    """Any item that moves the stage of somebody in stage 1 or 0, or of somebody who lost all else, is named."""
    snapshot = take_snapshot(ledger)
    function = report.datasets["function"]
    row = next(row for row in function.frame.iter_rows(named=True) if row["total"] is not None)
    named = {s.item for s in SourceFinder(snapshot, report.datasets).sources(function, column, row)}
    ids = [item.id for item in ITEMS if item.id != "handling_utensils"]

    def stage(scores: dict[str, float]) -> object:
        arrays = {id: [value] for id, value in scores.items()} | {"handling_utensils": [float("nan")]}
        return compute_kings(arrays).label[0] if column == "kings" else compute_mitos(arrays)[0]

    backgrounds = [dict.fromkeys(ids, 4.0), {**dict.fromkeys(ids, 4.0), "speech": 0.0, "handwriting": 0.0}]
    backgrounds += [{**dict.fromkeys(ids, 4.0), other: 0.0} for other in ids]
    moving = {
        id
        for background in backgrounds
        for id in ids
        for value in (0.0, 1.0, 2.0, 3.0, 4.0)
        if stage({**background, id: value}) != stage(background)
    }
    assert moving == named - {"handling_utensils"}


def test_an_unknown_id_is_refused_with_what_is_near(made: tuple[Report, Snapshot]) -> None:
    with pytest.raises(NoSuchResult) as refused:
        explain_result(*made, "weight.month_2.maen")
    assert refused.value.facts["near"][0] == small.WEIGHT
    assert list_results(made[0])[0] == (small.WEIGHT, "Weight, month 2: mean", "69")


def test_text_and_data_say_the_same(weight: Explanation) -> None:
    text, data = render_explanation(weight), json.loads(json.dumps(explanation_data(weight), default=str))
    assert [row["participant"] for row in data["rows"]] == ["S-1", "S-6"]
    for row in data["rows"]:
        for source in row["sources"]:
            entry = data["entries"][str(source["entry"])]
            assert f"entry {entry['sequence']} {entry['participant']}:" in text
            assert f"“{source['typed']}” {source['unit']} [{source['origin']}]" in text
            assert entry["hash"] in text
    assert "Weight: not done (Scales broken)" in text
    assert text.splitlines()[0] == "Weight, month 2: mean: 69 kg"
    assert str(weight.receipt) in text


def other(text: str) -> str | None:
    """Another value of the same kind; None where there is no telling."""
    if text in ("yes", "no"):
        return {"yes": "no", "no": "yes"}[text]
    try:
        return str(float(text) + 1) if "." in text else str(int(text) + 1)
    except ValueError:
        return None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_entry_outside_never_changes_the_number(
    data: st.DataObject, made: tuple[Report, Snapshot], small_ledger: Ledger
) -> None:
    report, snapshot = made
    id = data.draw(st.sampled_from(sorted(report.results)))
    explanation = explain_result(report, snapshot, id)
    outside = [
        entry
        for entry in small_ledger.entries()
        if entry.kind is Kind.FORM_RECORDED and entry.sequence not in explanation.examined
    ]
    changed = data.draw(st.lists(st.sampled_from(outside), min_size=1, unique_by=lambda e: e.sequence))
    altered = {entry.sequence: _altered(entry) for entry in changed}
    assume(any(text is not None for text in altered.values()))
    texts = {number: text for number, text in altered.items() if text is not None}
    again, _ = small.report_on(small.AlteredLedger(small_ledger, texts))
    assert again.results[id].value == report.results[id].value


def _altered(entry: Entry) -> str | None:
    """The entry with every value changed that can be."""
    text = None
    for item, value in entry.data["values"].items():
        new = other(value.get("value", ""))
        if new is not None:
            text = small.with_value(Entry(text, "", "") if text else entry, item, new)
    return text


def test_each_value_that_counts_can_change_the_number(
    made: tuple[Report, Snapshot], weight: Explanation, small_ledger: Ledger
) -> None:
    entries = {entry.sequence: entry for entry in small_ledger.entries()}
    for row in weight.rows:
        (source,) = row.sources
        text = small.with_value(entries[source.entry.sequence], source.item, "90.0")
        again, _ = small.report_on(small.AlteredLedger(small_ledger, {source.entry.sequence: text}))
        kept = next(float(s.typed or "") for r in weight.rows if r is not row for s in r.sources)
        assert again.results[small.WEIGHT].value == pytest.approx((90.0 + kept) / 2)
