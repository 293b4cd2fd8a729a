"""Datasets as SPSS files (.sav): labels, value labels, real dates, and the data cut as the moment of creation."""

import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from charcot.datasets import Column, Dataset
from charcot.exchange.datasets_flat import NO_YES, flatten, longest, require_exact, require_shorter
from charcot.exchange.dictionary import Variable, label_in_bytes, shorten
from charcot.exchange.dictionary_names import name_for_spss
from charcot.ledger import Receipt

LONGEST_TEXT = 32767
"""Bytes that a text variable of SPSS holds."""
LONGEST_LABEL, LONGEST_VALUE_LABEL, LONGEST_FILE_LABEL = 255, 120, 64
"""Bytes of the label of a variable, of a value and of a file."""

CREATED = 92
"""Where the header says when the file was made: after rec_type[4] prod_name[60] layout_code, nominal_case_size,
compression, weight_index and ncases [4 each] and bias[8] stand creation_date[9] `dd mmm yy` and creation_time[8]
`hh:mm:ss` (GNU PSPP Developers Guide, System File Format, File Header Record)."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def write_sav(dataset: Dataset, file: Path, *, cut: datetime, receipt: Receipt) -> tuple[Variable, ...]:
    """Writes a dataset for SPSS. Raises BadValue where a value would not fit unaltered."""
    import pyreadstat

    frame = flatten(dataset)
    require_exact(dataset, frame)
    names = name_for_spss(frame.columns)
    labels: dict[str, str | None] = {}
    values: dict[str, dict[Any, str]] = {}
    formats, measures = {}, {}
    for column in dataset.columns:
        name, series = names[column.name], frame[column.name]
        labels[name] = label_in_bytes(column, LONGEST_LABEL)
        values[name] = _value_labels(dataset, column, series)
        formats[name] = _format(series)
        measures[name] = "nominal" if values[name] or series.dtype == pl.String else "scale"
        if series.dtype == pl.String:
            require_shorter(dataset, column.name, longest(series), LONGEST_TEXT)
    pyreadstat.write_sav(
        frame.rename(names),
        file,
        file_label=_cut_bytes(dataset.label, LONGEST_FILE_LABEL),
        column_labels=labels,
        note=textwrap.wrap(str(receipt), 80),
        variable_value_labels={name: listed for name, listed in values.items() if listed},
        variable_format={name: form for name, form in formats.items() if form},
        variable_measure=measures,
    )
    _set_created(file, cut)
    return tuple(
        Variable(column, names[column.name], _stored(frame[column.name], bool(values[names[column.name]])))
        for column in dataset.columns
    )


def _set_created(file: Path, cut: datetime) -> None:
    """Puts the data cut where the moment of writing stood, so that the same data give the same bytes."""
    moment = cut.astimezone(UTC)
    created = f"{moment:%d} {MONTHS[moment.month - 1]} {moment:%y}{moment:%H:%M:%S}".encode("ascii")
    with file.open("r+b") as opened:
        opened.seek(CREATED)
        opened.write(created)


def _value_labels(dataset: Dataset, column: Column, series: pl.Series) -> dict[Any, str]:
    if dataset.frame.schema[column.name] == pl.Boolean:
        return dict(NO_YES)
    labels = {code: _cut_bytes(meaning, LONGEST_VALUE_LABEL) for code, meaning in column.codes.items()}
    if series.dtype == pl.String:
        return dict(labels)
    return {int(code): meaning for code, meaning in labels.items() if code.lstrip("-").isdecimal()}


def _format(series: pl.Series) -> str | None:
    """How a number is shown: with all its decimal places, up to six. None leaves dates and texts to the writer."""
    if series.dtype not in (pl.Int64, pl.Float64):
        return None
    numbers = series.drop_nulls().to_list()
    digits = max((len(f"{number:.0f}") for number in numbers), default=1)
    if series.dtype == pl.Int64:
        return f"F{min(max(digits, 4), 40)}.0"
    places = max((len(f"{number:.6f}".rstrip("0").partition(".")[2]) for number in numbers), default=2)
    return f"F{min(max(digits + places + 1, 8), 40)}.{places}"


def _stored(series: pl.Series, labelled: bool) -> str:
    if series.dtype == pl.String:
        return f"text, up to {max(longest(series), 1)} bytes" + (", labelled" if labelled else "")
    kinds = {pl.Date: "date (DATE11)", pl.Datetime: "date and time (DATETIME20)"}
    return kinds.get(series.dtype.base_type(), "number, labelled" if labelled else "number")


def _cut_bytes(text: str, limit: int) -> str:
    characters = limit
    while len(shorten(text, characters).encode()) > limit:
        characters -= 1
    return shorten(text, characters)
