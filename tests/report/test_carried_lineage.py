"""What the file carries of the lineage says the same as `explain`, number by number, and stays small."""

import json
from functools import lru_cache
from typing import Any

import pytest

from charcot.report import Report
from charcot.report.carried_lineage import MOST_ELSEWHERE, MOST_ROWS, carry_lineage
from charcot.report.explain import explain_result
from charcot.report.explanation import ExplainedRow
from charcot.report.value_sources import WHEN
from report.shipped_trial import shipped_report


@lru_cache(maxsize=1)
def carried() -> tuple[Report, dict[str, Any]]:
    report = shipped_report()
    return report, json.loads(carry_lineage(report))


def place(row: ExplainedRow) -> tuple[str | None, str | None]:
    return row.participant, row.encounter


class Read:
    """Reads what was carried back into words."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def words(self, number: int) -> str | None:
        return None if number < 0 else self._data["words"][number]

    def places(self, rows: list[int]) -> list[tuple[str | None, str | None]]:
        return [(self.words(self._data["rows"][n][0]), self.words(self._data["rows"][n][1])) for n in rows]

    def values(self, rows: list[int]) -> list[tuple[int, str | None, str | None]]:
        return [(v[0], self.words(v[2]), self.words(v[3])) for n in rows for v in self._data["rows"][n][4]]

    def entries(self, rows: list[int]) -> set[int]:
        return {entry for n in rows for entry in self._data["rows"][n][3]}


IDS = (
    "table1.age.mean", "table1.fvc_percent.mean", "course.alsfrs_r.month_12.mean", "table2.any.n", "survival.median",
    "scores.total.month_12.change", "anova.alsfrs_r.f", "exposure.given_dose.mean", "flow.declined",
)  # fmt: skip


@pytest.mark.parametrize("id", IDS)
def test_a_number_says_the_same_as_explain(id: str) -> None:
    report, data = carried()
    if id not in report.results:
        pytest.skip(f"the report shows no {id}")
    read, found = Read(data), data["numbers"][id]
    told = explain_result(report, report.snapshot, id)
    assert read.words(found["formula"]) == told.formula
    assert found["counts"][0] == len(told.rows)
    assert read.places(found["counts"][1]) == [place(row) for row in told.rows[:MOST_ROWS]]
    typed = [
        (s.entry.sequence, s.origin) for row in told.rows[:MOST_ROWS] for s in row.sources if s.item != WHEN
    ]
    assert [(entry, origin) for entry, _, origin in read.values(found["counts"][1])] == typed
    reasons: dict[str, list[tuple[str | None, str | None]]] = {}
    most: dict[str, int] = {}
    for row in told.left_out:
        why = row.why + (f": {row.reason}" if row.verdict == "no_row" and row.reason else "")
        reasons.setdefault(why, []).append(place(row))
        most[why] = MOST_ELSEWHERE if row.verdict == "outside_condition" else MOST_ROWS
    assert {read.words(why): number for why, number, _ in found["out"]} == {
        why: len(rows) for why, rows in reasons.items()
    }
    for why, _, rows in found["out"]:
        said = str(read.words(why))
        assert sorted(map(str, read.places(rows))) == sorted(map(str, reasons[said][: most[said]]))
    if told.denominator:
        assert found["among"][0] == len(told.denominator)


def test_every_number_is_carried_and_every_entry_meant_is_there() -> None:
    report, data = carried()
    assert set(data["numbers"]) == set(report.results)
    read = Read(data)
    for id, found in data["numbers"].items():
        listed = [*found["counts"][1], *(found.get("among", (0, []))[1])]
        shown = {*read.entries(listed), *found["others"][1]}
        assert shown <= set(map(int, data["entries"])), id
        complete = found["counts"][0] <= MOST_ROWS and found["others"][0] <= MOST_ROWS
        if complete and found.get("among", (0,))[0] <= MOST_ROWS:
            assert set(report.parents(id)) <= shown, id


def test_a_hash_is_the_one_of_the_ledger() -> None:
    report, data = carried()
    snapshot = report.snapshot
    entries = {e.sequence: e for d in snapshot.dossiers for e in d.entries}
    some = [number for number in data["entries"] if int(number) in entries][::50]
    assert some
    for number in some:
        assert data["entries"][number][7] == entries[int(number)].hash


def test_a_text_of_the_record_cannot_end_the_script() -> None:
    report, _ = carried()
    assert "<" not in carry_lineage(report)
