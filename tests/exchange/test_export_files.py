"""Exported files are read back by the programs' own readers, and compared with what went in."""

import csv
import io
import json
import struct
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from charcot.datasets import Column
from charcot.datasets.dataset import make_dataset
from charcot.exchange.csv_tables import dataset_tables
from charcot.exchange.datasets import write_datasets
from charcot.ledger import Receipt
from charcot.refusal import BadValue

CUT = datetime(2019, 3, 5, 7, 8, 9, tzinfo=UTC)
RECEIPT = Receipt("small", 42, "ab" * 32)
COLUMNS = (
    Column("participant", "Participant", pl.String),
    Column("weight", "Weight", pl.Float64, "kg"),
    Column("grade", "CTCAE grade", pl.Int64, codes={"1": "Mild", "2": "Moderate"}),
    Column("sex", "Sex", pl.String, codes={"F": "Female", "M": "Male"}),
    Column("finding", "Finding", pl.String, codes={"not_significant": "Abnormal, not significant"}),
    Column("died", "Died", pl.Boolean),
    Column("seen", "Seen", pl.Date),
    Column("at", "Begin", pl.Datetime("us")),
    Column("text", "یادداشت", pl.String),
)
PERSIAN = 'بیمار گفت: "خوبم"\r\nسپس، رفت'
ROWS: list[dict[str, Any]] = [
    {
        "participant": "01",
        "weight": 70.5,
        "grade": 2,
        "sex": "M",
        "finding": "not_significant",
        "died": True,
        "seen": date(2014, 3, 14),
        "at": datetime.fromisoformat("2014-03-14T09:30:15.250000"),
        "text": PERSIAN,
        "origin": "entered",
        "entries": [12, 15, 18],
    },
    {"participant": "02", "died": False, "origin": "published+synthetic", "entries": [7]},
]


def export(folder: Path, rows: list[dict[str, Any]], format: Any, columns: Any = COLUMNS) -> Path:
    dataset = make_dataset("visits", "Visits", "visit", columns, rows)
    return write_datasets({"visits": dataset}, folder, format, cut=CUT, receipt=RECEIPT)[0]


def read(file: Path) -> tuple[pl.DataFrame, Any]:
    reader = pyreadstat.read_sav if file.suffix == ".sav" else pyreadstat.read_dta
    frame, meta = reader(file, output_format="polars")
    return frame, meta


@pytest.mark.parametrize("format", ["sav", "dta"])
def test_values_labels_and_dates_come_back(tmp_path: Path, format: str) -> None:
    frame, meta = read(export(tmp_path / "out", ROWS, format))
    assert frame["weight"].to_list() == [70.5, None]
    assert frame["grade"].to_list() == [2, None]
    assert frame["died"].to_list() == [1, 0]
    assert frame["seen"].to_list() == [date(2014, 3, 14), None]
    assert frame["at"].to_list() == [ROWS[0]["at"], None]
    assert frame["text"].to_list() == [PERSIAN, ""]
    assert frame["entries"].to_list() == ["12 15 18", "7"]
    assert frame["origin"].to_list() == ["entered", "published+synthetic"]
    labels = meta.column_names_to_labels
    assert (labels["weight"], labels["text"]) == ("Weight [kg]", "یادداشت")
    assert meta.variable_value_labels["died"] == {0: "no", 1: "yes"}
    assert meta.variable_value_labels["grade"] == {1: "Mild", 2: "Moderate"}
    assert meta.file_label == "Visits"


def test_spss_keeps_text_codes_with_their_labels(tmp_path: Path) -> None:
    frame, meta = read(export(tmp_path / "out", ROWS, "sav"))
    assert frame["sex"].to_list() == ["M", ""]
    assert meta.variable_value_labels["sex"] == {"F": "Female", "M": "Male"}
    assert meta.variable_value_labels["finding"] == {"not_significant": "Abnormal, not significant"}
    assert meta.original_variable_types["seen"] == "DATE11"
    assert meta.original_variable_types["grade"] == "F4.0"
    assert "".join(meta.notes) == str(RECEIPT)


def test_stata_numbers_text_codes_in_the_order_of_the_protocol(tmp_path: Path) -> None:
    frame, meta = read(export(tmp_path / "out", ROWS, "dta"))
    assert frame["sex"].to_list() == [2, None]
    assert meta.variable_value_labels["sex"] == {1: "Female", 2: "Male"}
    types = meta.readstat_variable_types
    assert [types[name] for name in ("grade", "sex", "died", "weight")] == [
        "int32",
        "int32",
        "int32",
        "double",
    ]
    assert (meta.original_variable_types["seen"], meta.original_variable_types["at"]) == ("%td", "%tc")
    dictionary = (tmp_path / "out/data-dictionary.csv").read_text("utf-8-sig")
    stored = {row["variable"]: row["stored as"] for row in csv.DictReader(io.StringIO(dictionary))}
    assert stored["sex"] == "labelled number: 1 = F; 2 = M"


def test_stata_takes_words_of_mata_as_names(tmp_path: Path) -> None:
    columns = tuple(Column(name, name, pl.Int64) for name in ("version", "end", "function", "class"))
    _, meta = read(export(tmp_path / "out", [{"end": 1, "origin": "entered"}], "dta", columns))
    assert meta.column_names == ["version", "end", "function", "class", "origin", "entries"]


@pytest.mark.parametrize(
    ("codes", "value", "read_back"),
    [
        ({"yes": "Yes", "no": "No"}, "yes", 1),
        ({"yes": "Yes", "no": "No"}, "no", 0),
        ({"4": "Normal", "0": "None"}, "4", 4),
        ({"01": "One", "02": "Two"}, "02", 2),
        ({"cramps": "Cramps", "pain": "Pain"}, "cramps,pain", "cramps,pain"),
    ],
)
def test_numbers_that_stand_for_codes_in_stata(
    tmp_path: Path, codes: dict[str, str], value: str, read_back: object
) -> None:
    column = Column("answer", "Answer", pl.String, codes=codes)
    frame, _ = read(export(tmp_path / "out", [{"answer": value, "origin": "entered"}], "dta", (column,)))
    assert frame["answer"].to_list() == [read_back]


@pytest.mark.parametrize("format", ["csv", "parquet", "sav", "dta"])
def test_a_dataset_without_rows_has_all_its_variables(tmp_path: Path, format: str) -> None:
    file = export(tmp_path / "out", [], format)
    names = [*(column.name for column in COLUMNS), "origin", "entries"]
    if format == "csv":
        assert file.read_bytes() == b"\xef\xbb\xbf" + ",".join(names).encode() + b"\r\n"
    elif format == "parquet":
        assert pl.read_parquet(file).columns == names
    else:
        frame, meta = read(file)
        assert (frame.height, meta.column_names) == (0, names)
        assert meta.variable_value_labels["grade"] == {1: "Mild", 2: "Moderate"}
        assert meta.original_variable_types["seen"] == {"sav": "DATE11", "dta": "%td"}[format]


def test_parquet_keeps_types_and_carries_the_meaning(tmp_path: Path) -> None:
    file = export(tmp_path / "out", ROWS, "parquet")
    assert pl.read_parquet(file).equals(make_dataset("visits", "", "", COLUMNS, ROWS).frame)
    metadata = pl.read_parquet_metadata(file)
    assert metadata["charcot.receipt"] == str(RECEIPT)
    assert json.loads(metadata["charcot.columns"])["weight"]["unit"] == "kg"


def test_csv_tells_a_missing_text_from_an_empty_one(tmp_path: Path) -> None:
    columns = (Column("text", "Text", pl.String), Column("number", "Number", pl.Float64))
    rows: list[dict[str, Any]] = [
        {"text": "", "number": 1e-7, "origin": "entered", "entries": [7]},
        {"text": None, "number": float("nan"), "origin": "entered", "entries": [7]},
        {"text": "=1+1", "number": -2.0, "origin": "entered", "entries": [7]},
    ]
    dataset = make_dataset("visits", "Visits", "visit", columns, rows)
    assert dataset_tables({"visits": dataset}) == {
        "datasets/visits.csv": 'text,number,origin,entries\r\n"",1e-07,entered,7\r\n,,entered,7\r\n=1+1,-2.0,entered,7\r\n'
    }


def test_long_texts(tmp_path: Path) -> None:
    """2045 bytes is the longest str# of Stata, 32767 the longest text of SPSS."""
    texts = ["x" * 2045, "ü" * 1023, PERSIAN * 200, None, "ü" * 1023]
    columns = (Column("a", "A", pl.String), Column("b", "B", pl.String))
    rows: list[dict[str, Any]] = [{"a": text, "b": text, "origin": "entered"} for text in texts]
    for format in ("dta", "sav"):
        frame, _ = read(export(tmp_path / format, rows, format, columns))
        assert frame["a"].to_list() == frame["b"].to_list() == [text or "" for text in texts]
    one = [{"a": "x" * 2045, "b": "x" * 2046, "origin": "entered"}]
    frame, meta = read(export(tmp_path / "one", one, "dta", columns))
    assert frame["b"].to_list() == ["x" * 2046]
    assert meta.readstat_variable_types == {
        "a": "string",
        "b": "string",
        "origin": "string",
        "entries": "string",
    }
    longer = [{"a": "x" * 32768, "b": "", "origin": "entered"}]
    with pytest.raises(BadValue, match="32768 bytes"):
        export(tmp_path / "longer", longer, "sav", columns)
    assert not (tmp_path / "longer").exists()


def test_missing_numbers_are_the_system_missing_of_stata(tmp_path: Path) -> None:
    """Missing `.`: long 2147483621, double 2^1023 (Stata, help dta, 4 Representation of numbers)."""
    columns = (Column("n", "N", pl.Int64), Column("x", "X", pl.Float64), Column("day", "Day", pl.Date))
    data = export(tmp_path / "out", [{"origin": "a"}], "dta", columns).read_bytes()
    begin = data.index(b"<data>") + len(b"<data>")
    assert struct.unpack("<idd", data[begin : begin + 20]) == (2_147_483_621, 2.0**1023, 2.0**1023)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1])
def test_a_whole_number_that_would_be_rounded_is_refused(tmp_path: Path, value: int) -> None:
    for format in ("sav", "dta"):
        with pytest.raises(BadValue, match="round"):
            export(tmp_path / format, [{"n": value, "origin": "a"}], format, (Column("n", "N", pl.Int64),))


def test_an_infinite_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="infinite"):
        export(tmp_path / "x", [{"n": float("inf")}], "csv", (Column("n", "N", pl.Float64),))
