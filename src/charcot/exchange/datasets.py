"""The export of all datasets: one file each for CSV, Parquet, SPSS or Stata, with a data dictionary and a README."""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from charcot.datasets import Dataset
from charcot.exchange.csv_tables import (
    BYTE_ORDER_MARK,
    CsvTable,
    csv_table,
    csv_text,
    read_csv_table,
    write_csv,
)
from charcot.exchange.datasets_readme import compose_readme
from charcot.exchange.dictionary import Variable, dictionary_rows
from charcot.exchange.parquet_tables import write_parquet
from charcot.exchange.spss import write_sav
from charcot.exchange.stata import write_dta
from charcot.ledger import Receipt
from charcot.refusal import BadValue, OutOfOrder

Format = Literal["csv", "parquet", "sav", "dta"]
FORMATS: tuple[str, ...] = get_args(Format)
DICTIONARY, README = "data-dictionary.csv", "README.txt"


def write_datasets(
    datasets: Mapping[str, Dataset] | Mapping[str, CsvTable],
    out: Path,
    format: Format,
    *,
    cut: datetime,
    receipt: Receipt,
    note: str = "",
) -> tuple[Path, ...]:
    """Writes every dataset under its key, the dictionary and the README into the new folder `out`, all or nothing.

    A dataset may already be text; formats other than CSV read it from there.
    `cut` is the moment of the last entry, with its zone; the same datasets and cut give the same bytes on any day.
    `note` stands at the head of the README. Raises OutOfOrder where `out` holds something, BadValue on a format
    that is not known, and where a value would not fit unaltered.
    """
    if cut.tzinfo is None:
        raise ValueError("the data cut needs a time zone")
    _require_possible(datasets, format)
    out = out.absolute()
    _require_new(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700)
    try:
        written = [
            (name, *_write(dataset, draft / f"{name}.{format}", cut, receipt))
            for name, dataset in datasets.items()
        ]
        dictionary = BYTE_ORDER_MARK + csv_text(
            dictionary_rows((name, table.one_row_per, variables) for name, table, variables in written)
        )
        (draft / DICTIONARY).write_bytes(dictionary.encode())
        readme = compose_readme(written, file_format=format, cut=cut, receipt=receipt, note=note)
        (draft / README).write_bytes(readme.encode())
        for file in draft.iterdir():
            _settle(file)
        if out.exists():
            out.rmdir()
        draft.rename(out)
    except BaseException:
        shutil.rmtree(draft)
        raise
    return tuple(out / file for file in (*(f"{name}.{format}" for name in datasets), DICTIONARY, README))


def _write(
    found: Dataset | CsvTable, file: Path, cut: datetime, receipt: Receipt
) -> tuple[Dataset | CsvTable, tuple[Variable, ...]]:
    """Writes what was found, and gives it in the shape that was written."""
    if file.suffix == ".csv":
        table = found if isinstance(found, CsvTable) else csv_table(found)
        return table, write_csv(table, file)
    dataset = found if isinstance(found, Dataset) else read_csv_table(found)
    match file.suffix:
        case ".parquet":
            return dataset, write_parquet(dataset, file, receipt=receipt)
        case ".sav":
            return dataset, write_sav(dataset, file, cut=cut, receipt=receipt)
        case _:
            return dataset, write_dta(dataset, file, cut=cut)


def _settle(file: Path) -> None:
    """Waits until a file is on the disk."""
    with file.open("r+b") as written:
        os.fsync(written.fileno())


def _require_possible(names: Iterable[str], format: str) -> None:
    if format not in FORMATS:
        raise BadValue(
            f"There is no export to {format!r}.",
            rule=f"Export: formats are {', '.join(FORMATS)}",
            next_step="Use sav for SPSS, dta for Stata, csv or parquet for everything else.",
            facts={"format": format, "formats": list(FORMATS)},
        )
    for name in names:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise BadValue(
                f"A dataset cannot be called {name!r} in a file.",
                rule="Export: a dataset's name is made of lower case letters, digits and underscores",
                next_step="Report this: it should not happen.",
                facts={"dataset": name},
            )


def _require_new(out: Path) -> None:
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise OutOfOrder(
            f"{out} exists already and is not an empty folder.",
            rule="Export: an export is never written over or among other files",
            next_step="Choose another name, or move what is there.",
            facts={"out": str(out)},
        )
