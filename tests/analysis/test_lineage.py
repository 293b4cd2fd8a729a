"""Numbers have parents: what lies outside them never changes a number, and what lies inside can."""

import json
from dataclasses import replace

import polars as pl
import pytest

from charcot.analysis import (
    Datasets,
    ReportPlan,
    Result,
    Selection,
    compute_again,
    derive_result,
    index_results,
    origins_behind,
    parents_of,
    rows_behind,
)
from charcot.analysis.plan import population
from charcot.analysis.table1 import derive_table1
from charcot.analysis.table2 import derive_table2
from charcot.datasets import Column, Snapshot
from charcot.datasets.dataset import make_dataset
from charcot.ledger import Entry

NUMBERS = (pl.Int64, pl.Float64)


@pytest.fixture(scope="module")
def results(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> list[Result]:
    found: list[Result] = []
    for line in derive_table1(datasets, snapshot.protocol, plan):
        found += [line.n, *line.statistics.values()]
        found += [result for level in line.levels for result in (level.count, level.share)]
    table = derive_table2(datasets, snapshot.protocol, plan)
    found += [result for line in table.events for result in (line.people, line.share, line.events)]
    return found


def _with(datasets: Datasets, name: str, frame: pl.DataFrame) -> Datasets:
    return {**datasets, name: replace(datasets[name], frame=frame)}


def _is_parent(parents: tuple[int, ...]) -> pl.Expr:
    return pl.col("entries").list.set_intersection(list(parents)).list.len() > 0


def test_changing_or_removing_what_is_no_parent_changes_no_number(
    datasets: Datasets, results: list[Result]
) -> None:
    for result in results:
        parents = parents_of(result, datasets)
        for name in {result.dataset, "participants"}:
            frame = datasets[name].frame
            numeric = [c for c, kind in frame.schema.items() if kind in NUMBERS]
            changed = frame.with_columns(
                pl.when(_is_parent(parents)).then(pl.col(c)).otherwise(pl.col(c) + 1).alias(c)
                for c in numeric
            )
            removed = frame.filter(_is_parent(parents))
            for other in (changed, removed):
                assert compute_again(result, _with(datasets, name, other)) == result.value, result.id


def test_removing_any_parent_row_can_change_the_number(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    mean = next(
        r.statistics["mean"]
        for r in derive_table1(datasets, snapshot.protocol, plan)
        if r.line.column == "fvc_percent"
    )
    frame = datasets[mean.dataset].frame
    for index in range(frame.height):
        left = frame.with_row_index().filter(pl.col("index") != index).drop("index")
        assert compute_again(mean, _with(datasets, mean.dataset, left)) != mean.value


def test_people_outside_the_population_do_not_count(datasets: Datasets, snapshot: Snapshot) -> None:
    treated = population(snapshot.protocol, "treated")
    everybody = derive_result(datasets, "a", "a", Selection("participants"), "count_participants")
    infused = derive_result(datasets, "b", "b", Selection("participants", "", treated), "count_participants")
    assert (everybody.value, infused.value) == (20, 17)


def test_the_parents_of_a_zero_are_its_denominator_and_the_events_that_were_looked_at(
    datasets: Datasets, results: list[Result]
) -> None:
    fever = next(result for result in results if result.id == "table2.fever.n")
    assert fever.value == 0
    people = rows_behind(fever, datasets)
    assert people["participant"].to_list() == [f"P{number:02d}" for number in range(1, 18)]
    events = datasets["events"].frame
    wanted = {sequence for entries in (*people["entries"], *events["entries"]) for sequence in entries}
    assert set(parents_of(fever, datasets)) == wanted


def test_parents_are_entries_of_the_right_people(datasets: Datasets, snapshot: Snapshot) -> None:
    treated = population(snapshot.protocol, "treated")
    rows = Selection("form_published_baseline", "participant = 'P03'", treated)
    age = derive_result(datasets, "a", "a", rows, "recorded", column="age")
    assert age.value == 53  # Table 1 of the paper, participant 3
    of_p03 = {entry.sequence for d in snapshot.dossiers if d.participant == "P03" for entry in d.entries}
    form = set(rows_behind(age, datasets)["entries"].to_list()[0])
    assert form <= of_p03
    assert form <= set(parents_of(age, datasets))


def test_origins_are_found_value_by_value(datasets: Datasets, snapshot: Snapshot) -> None:
    entries = {entry.sequence: entry for d in snapshot.dossiers for entry in d.entries}

    def origins(dataset: str, column: str) -> frozenset[str]:
        rows = Selection(dataset)
        return origins_behind(
            derive_result(datasets, "a", "a", rows, "mean", column=column), datasets, entries
        )

    assert origins("form_published_baseline", "age") == {"published"}
    assert origins("form_demography", "age_at_consent") == {"published"}
    assert origins("function", "percent") == {"synthetic"}


def test_a_row_has_the_origins_of_every_value_of_the_item_behind_it() -> None:
    """A row that says one origin may rest on another form that has the item from elsewhere."""

    def recorded(sequence: int, origin: str) -> Entry:
        data = {"values": {"weight": {"value": "70", "origin": origin}}}
        return Entry(json.dumps({"sequence": sequence, "kind": "form_recorded", "data": data}), "", "")

    row = {"participant": "P01", "weight": 70.0, "height": 180.0, "origin": "synthetic", "entries": [1, 2]}
    columns = (
        Column("participant", "P", pl.String), Column("weight", "W", pl.Float64), Column("height", "H", pl.Float64),
    )  # fmt: skip
    small = {"d": make_dataset("d", "D", "row", columns, [row])}
    entries = {1: recorded(1, "synthetic"), 2: recorded(2, "published")}
    for column, found in (("weight", {"synthetic", "published"}), ("height", {"synthetic"})):
        result = derive_result(small, "a", "a", Selection("d"), "mean", column=column)
        assert origins_behind(result, small, entries) == found


def test_two_results_never_share_an_id(datasets: Datasets) -> None:
    one = derive_result(datasets, "same", "a", Selection("events"), "count_rows")
    two = derive_result(datasets, "same", "b", Selection("events"), "count_rows")
    assert index_results([one, one]) == {"same": one}
    with pytest.raises(ValueError, match="same"):
        index_results([one, two])


def test_a_method_that_does_not_exist_is_refused(datasets: Datasets) -> None:
    with pytest.raises(KeyError):
        derive_result(datasets, "a", "a", Selection("events"), "guess")
