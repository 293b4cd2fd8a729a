"""Any values of any type come back from every format as they went in."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from charcot.datasets import Column
from charcot.datasets.dataset import make_dataset
from charcot.exchange.csv_tables import csv_lines, csv_table, csv_text, formulas_in, read_csv_table
from charcot.exchange.datasets import write_datasets
from charcot.exchange.datasets_flat import flatten
from charcot.ledger import Receipt


def export(folder: Path, rows: list[dict[str, Any]], format: Any) -> Path:
    dataset = make_dataset("visits", "Visits", "visit", RANDOM, rows)
    cut = datetime(2019, 3, 5, tzinfo=UTC)
    return write_datasets(
        {"visits": dataset}, folder, format, cut=cut, receipt=Receipt("small", 42, "ab" * 32)
    )[0]


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
) | st.sampled_from(['بیمار گفت: "خوبم"\r\n', 'a,"b"\n', "=1", " ", ""])
RANDOM = (
    Column("text", "Text", pl.String),
    Column("whole", "Whole", pl.Int64),
    Column("number", "Number", pl.Float64),
    Column("truth", "Truth", pl.Boolean),
    Column("day", "Day", pl.Date),
    Column("moment", "Moment", pl.Datetime("us")),
)
RANDOM_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.none() | TEXTS,
            "whole": st.none() | st.integers(-(2**53), 2**53),
            "number": st.none() | st.floats(-1e300, 1e300),
            "truth": st.none() | st.booleans(),
            "day": st.none() | st.dates(date(1600, 1, 1), date(2400, 1, 1)),
            "moment": st.none()
            | st.datetimes(datetime.fromisoformat("1850-01-01"), datetime.fromisoformat("2150-01-01")).map(
                lambda at: at.replace(microsecond=0)
            ),
            "entries": st.lists(st.integers(1, 10**6), max_size=4),
            "origin": st.just("entered"),
        }
    ),
    max_size=6,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RANDOM_ROWS)
def test_a_column_at_a_time_is_written_as_cell_by_cell(rows: list[dict[str, Any]]) -> None:
    dataset = make_dataset("visits", "Visits", "visit", RANDOM, [*rows, *rows[::-1]])
    cell_by_cell = csv_text([dataset.frame.columns, *flatten(dataset).iter_rows()])
    table = csv_table(dataset)
    assert table.text.decode() == cell_by_cell
    assert table.lines == csv_lines(dataset.columns, [*rows, *rows[::-1]])
    assert set(table.formulas) == formulas_in(dataset.columns, rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RANDOM_ROWS)
def test_a_dataset_comes_back_from_its_text(rows: list[dict[str, Any]]) -> None:
    columns = tuple(column for column in RANDOM if column.type != pl.Boolean)
    dataset = make_dataset("visits", "Visits", "visit", columns, rows)
    assert_frame_equal(read_csv_table(csv_table(dataset)).frame, dataset.frame)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RANDOM_ROWS)
def test_any_values_come_back(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    folder = tmp_path_factory.mktemp("random")
    entries = [" ".join(map(str, row["entries"])) for row in rows]
    for format in ("sav", "dta"):
        reader = pyreadstat.read_sav if format == "sav" else pyreadstat.read_dta
        frame, _ = reader(export(folder / format, rows, format), output_format="polars")
        spaces = " " if format == "sav" else None  # SPSS fills up with spaces
        texts = [row["text"] or "" for row in rows]
        assert [t.rstrip(" ") if spaces else t for t in texts] == [
            t.rstrip(" ") if spaces else t for t in frame["text"]
        ]
        assert frame["entries"].to_list() == entries
        for name in ("whole", "number", "truth", "day", "moment"):
            assert frame[name].to_list() == [row[name] for row in rows], name
    text = export(folder / "csv", rows, "csv").read_bytes().decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text, newline="")))
    for cells, row, numbers in zip(table[1:], rows, entries, strict=True):
        as_text = [row["text"] or "", *("" if row[n] is None else row[n] for n in ("whole", "number"))]
        assert cells[0] == as_text[0]
        assert cells[1] == str(as_text[1])
        assert as_text[2] == (float(cells[2]) if cells[2] else "")
        assert cells[3] == {None: "", True: "1", False: "0"}[row["truth"]]
        assert cells[4] == ("" if row["day"] is None else row["day"].isoformat())
        assert cells[5] == ("" if row["moment"] is None else row["moment"].isoformat())
        assert cells[7] == numbers
    frame = pl.read_parquet(export(folder / "parquet", rows, "parquet"))
    assert frame.equals(make_dataset("visits", "", "", RANDOM, rows).frame)
