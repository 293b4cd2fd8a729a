"""The folder of an export: its files, dictionary and README; all or nothing; the same bytes on any day and anywhere."""

import csv
import hashlib
import io
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from charcot.datasets import Column, Dataset
from charcot.datasets.dataset import make_dataset
from charcot.exchange import datasets as export
from charcot.exchange.datasets import write_datasets
from charcot.ledger import Receipt
from charcot.refusal import BadValue, OutOfOrder

CUT = datetime(2019, 3, 5, 7, 8, 9, 123456, tzinfo=UTC)
RECEIPT = Receipt("small", 42, "ab" * 32)
LONG = "time_from_first_symptom_to_diagnosis_in_months"
COLUMNS = (
    Column("with", "Seen with a carer", pl.Boolean, source="interval_history.with"),
    Column(LONG, "Time to diagnosis, " * 20, pl.Float64, "months", source="derived"),
    Column("note", "Note", pl.String),
    Column("sex", "Sex", pl.String, codes={"F": "Female", "M": "Male"}),
    Column("day", "Day", pl.Date),
)


def example() -> dict[str, Dataset]:
    row: dict[str, Any] = {"with": True, LONG: 3.25, "note": "=SUM(A1)", "sex": "F", "day": CUT.date()}
    rows = [{**row, "origin": "entered", "entries": [1, 2]}, {"origin": "synthetic", "entries": [3]}]
    return {
        "visits": make_dataset("visits", "Visits", "visit", COLUMNS, rows),
        "form_events": make_dataset("events", "Adverse events", "event", COLUMNS[2:3], []),
    }


def write(out: Path, format: Any, **changes: Any) -> tuple[Path, ...]:
    return write_datasets(
        changes.pop("datasets", example()), out, format, cut=CUT, receipt=RECEIPT, **changes
    )


@pytest.mark.parametrize("format", ["csv", "parquet", "sav", "dta"])
def test_the_files_of_an_export(tmp_path: Path, format: str) -> None:
    paths = write(tmp_path / "new/out", format, note="DEMO: no patient stands behind these values.")
    names = [f"visits.{format}", f"form_events.{format}", "data-dictionary.csv", "README.txt"]
    assert paths == tuple(tmp_path / "new/out" / name for name in names)
    assert sorted(path.name for path in (tmp_path / "new/out").iterdir()) == sorted(names)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out"]
    readme = paths[-1].read_text("utf-8")
    for part in ("small", "2019-03-05 07:08:09 UTC", str(RECEIPT), "DEMO: no patient", "synthetic", "2 rows"):
        assert part in readme
    assert ("visits: note" in readme) == (format == "csv")


@pytest.mark.parametrize(("format", "program_limit"), [("sav", 64), ("dta", 32), ("csv", 99)])
def test_the_dictionary_lists_every_variable_under_both_names(
    tmp_path: Path, format: str, program_limit: int
) -> None:
    paths = write(tmp_path / "out", format)
    raw = paths[-2].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [(row["dataset"], row["variable"]) for row in rows] == [
        (key, column.name) for key, dataset in example().items() for column in dataset.columns
    ]
    by_name = {row["variable"]: row for row in rows if row["dataset"] == "visits"}
    assert by_name["sex"]["codes"] == "F = Female; M = Male"
    assert by_name[LONG]["label"] == COLUMNS[1].label
    assert (by_name[LONG]["unit"], by_name[LONG]["source"]) == ("months", "derived")
    assert by_name["with"]["type"] == "no or yes"
    assert by_name["with"]["one row per"] == "visit"
    assert (by_name[LONG]["name in the file"] == LONG) == (len(LONG) <= program_limit)
    if format != "csv":
        reader = pyreadstat.read_sav if format == "sav" else pyreadstat.read_dta
        _, meta = reader(paths[0], output_format="polars")
        assert meta.column_names == [row["name in the file"] for row in by_name.values()]
        label = meta.column_names_to_labels[by_name[LONG]["name in the file"]] or ""
        assert label.startswith("Time to diagnosis, Time")
        assert label.endswith("… [months]")


def test_the_header_of_spss_files_shows_the_data_cut(tmp_path: Path) -> None:
    """Bytes 92 to 109: date and time of creation (GNU PSPP Developers Guide, File Header Record)."""
    file = write(tmp_path / "out", "sav")[0]
    assert file.read_bytes()[92:109] == b"05 Mar 1907:08:09"
    _, meta = pyreadstat.read_sav(file, metadataonly=True)
    assert meta.creation_time == CUT.replace(tzinfo=None, microsecond=0)


def test_the_header_of_stata_files_shows_the_data_cut(tmp_path: Path) -> None:
    """<timestamp>, a byte 17 and `dd Mon yyyy hh:mm` (Stata, help dta, 5.1.6 Datetime stamp)."""
    file = write(tmp_path / "out", "dta")[0]
    assert b"<timestamp>\x1105 Mar 2019 07:08</timestamp>" in file.read_bytes()[:300]
    assert b"<release>118</release><byteorder>LSF</byteorder>" in file.read_bytes()[:100]
    _, meta = pyreadstat.read_dta(file, metadataonly=True)
    assert meta.creation_time == CUT.replace(tzinfo=None, second=0, microsecond=0)


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("format", ["csv", "parquet", "sav", "dta"])
def test_the_same_data_and_cut_give_the_same_bytes(tmp_path: Path, format: str) -> None:
    """Two more processes, where local time lies hours apart and sets are ordered otherwise."""
    write(tmp_path / "here", format)
    script = (
        "import runpy, sys; from pathlib import Path\n"
        f"module = runpy.run_path({str(Path(__file__))!r})\n"
        f"module['write'](Path(sys.argv[1]), {format!r})\n"
    )
    for number, zone in enumerate(("Asia/Tehran", "America/Los_Angeles")):
        environment = {
            **os.environ,
            "TZ": zone,
            "PYTHONHASHSEED": str(number),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        there = tmp_path / f"there-{number}"
        subprocess.run([sys.executable, "-c", script, str(there)], env=environment, check=True)
        assert sums(there) == sums(tmp_path / "here")


def test_the_cut_counts_as_a_moment_whatever_its_zone(tmp_path: Path) -> None:
    for name, cut in (("utc", CUT), ("tehran", CUT.astimezone(timezone(timedelta(hours=3, minutes=30))))):
        write_datasets(example(), tmp_path / name, "sav", cut=cut, receipt=RECEIPT)
    assert sums(tmp_path / "utc") == sums(tmp_path / "tehran")


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep")
    for out in (tmp_path, tmp_path / "letter.txt"):
        with pytest.raises(OutOfOrder):
            write(out, "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert all(path.exists() for path in write(tmp_path / "out", "csv"))


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(export, "compose_readme", fail)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path / "out", "sav")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="xlsx"):
        write(tmp_path / "out", "xlsx")
    with pytest.raises(BadValue, match="called"):
        write(tmp_path / "out", "csv", datasets={"../x": make_dataset("x", "X", "x", (), [])})
    with pytest.raises(ValueError, match="zone"):
        write_datasets(example(), tmp_path / "out", "csv", cut=CUT.replace(tzinfo=None), receipt=RECEIPT)
    assert list(tmp_path.iterdir()) == []
