"""The README of an export: what the files are, up to when, and how to read them, in plain words."""

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime

from charcot.datasets import Dataset
from charcot.exchange.csv_tables import CsvTable
from charcot.exchange.dictionary import Variable
from charcot.ledger import Receipt

_DOCUMENTED = {
    "csv": """\
The tables are CSV (RFC 4180) in UTF-8 with a byte order mark, which Excel and SPSS need to see that it is UTF-8.
In R read them with fileEncoding = "UTF-8-BOM", in Python with encoding="utf-8-sig". Dates are written 2014-03-14,
times 2014-03-14T09:30:00, no and yes 0 and 1.
Missing values are empty cells. A text that is there but empty is written as "".""",
    "parquet": """\
The tables are Parquet, with whole numbers, dates, lists and truth values as such. Labels, units, codes and sources
are in the key-value metadata of each file, under keys that begin with charcot.
Missing values are nulls.""",
    "sav": """\
The tables are SPSS files. No and yes are 0 and 1 with labels; codes are kept as they were stored, with labels; dates
are dates. Labels longer than SPSS takes end with an ellipsis: the dictionary has them in full.
Missing numbers and dates are system missing. A missing text is an empty one: SPSS does not tell the two apart.
SPSS fills texts up with spaces, so spaces at the end of a text are lost.""",
    "dta": """\
The tables are Stata files for Stata 14 or later. No and yes are 0 and 1 with labels; dates are dates (%td), times
%tc. Stata labels numbers only, so codes that are texts became labelled numbers: the dictionary says which number
stands for which code, under "stored as". Texts longer than 2045 bytes are of type strL.
Missing numbers and dates are . (system missing). A missing text is an empty one: Stata does not tell the two apart.""",
}

_ORIGINS = """\
The variable origin says where the values of a row came from; several are joined by +.
  published   printed in the publication that the trial follows
  synthetic   drawn by a program where the publication prints nothing: no patient stands behind them
  entered     typed in by the staff of the trial
  imported    taken over from another system
  derived     computed from other values
The variable entries lists the numbers of the entries in the trial's record that a row was made from."""

_NAMES = """\
Names that {program} does not take were shortened: the dictionary has both. A name never depends on the data."""

_FORMULAS = """\
CAUTION WITH SPREADSHEETS
These texts begin with = + - or @, and a spreadsheet program that opens the file directly would take them for
formulas. They are given here as they were recorded. Import the file (in Excel: Data, From Text) and choose Text for:
{columns}"""


def compose_readme(
    datasets: Sequence[tuple[str, Dataset | CsvTable, tuple[Variable, ...]]],
    *,
    file_format: str,
    cut: datetime,
    receipt: Receipt,
    note: str,
) -> str:
    """The README of datasets by name, each in a file; its line ends are those that every editor shows."""
    moment = f"{cut.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    parts = [
        f"Datasets of the clinical trial {receipt.trial}",
        *([textwrap.fill(note, 110)] if note else []),
        f"Data cut  {moment}: the moment of the last entry, number {receipt.sequence}\nReceipt   {receipt}\n"
        "The receipt proves which state of the record these files were made from. The same record gives the same files.",
        "FILES\n" + "\n".join(_describe(f"{name}.{file_format}", dataset) for name, dataset, _ in datasets),
        "data-dictionary.csv (UTF-8) explains every variable: label, type, unit, codes, source, and its name in the file.",
        f"HOW TO READ THEM\n{_DOCUMENTED[file_format]}",
        *([_NAMES.format(program=_PROGRAMS[file_format])] if _renamed(datasets) else []),
        "Clinical dates and times are those of the site's own clocks. Where a day or month is not known, the date is a\n"
        "text such as 2014-03.",
        f"WHERE THE VALUES CAME FROM\n{_ORIGINS}",
    ]
    if file_format == "csv":
        risky = [
            f"  {name}: {', '.join(table.formulas)}"
            for name, table, _ in datasets
            if isinstance(table, CsvTable) and table.formulas
        ]
        parts += [_FORMULAS.format(columns="\n".join(risky))] if risky else []
    return "\r\n".join("\n\n".join(parts).splitlines()) + "\r\n"


_PROGRAMS = {"sav": "SPSS", "dta": "Stata", "csv": "", "parquet": ""}


def _renamed(datasets: Sequence[tuple[str, Dataset | CsvTable, tuple[Variable, ...]]]) -> bool:
    return any(
        variable.name != variable.column.name for _, _, variables in datasets for variable in variables
    )


def _describe(file: str, dataset: Dataset | CsvTable) -> str:
    rows = dataset.height
    return f"  {file}\n      {dataset.label}: one row per {dataset.one_row_per}; {rows} {'row' if rows == 1 else 'rows'}"
