"""Datasets as Stata files (.dta, format 118 of Stata 14 and later): labels, value labels, real dates, long texts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from charcot.datasets import Column, Dataset
from charcot.exchange.datasets_flat import NO_YES, flatten, longest, require_exact
from charcot.exchange.dictionary import Variable, label_of, shorten
from charcot.exchange.dictionary_names import name_for_stata

LONGEST_TEXT = 2045
"""Bytes of a text of fixed length (str2045); longer ones are written as strL (Stata, help data types)."""
LONGEST_LABEL, LONGEST_VALUE_LABEL = 80, 500
"""Characters of the label of a variable or a file; of a value (Stata takes 32 000, shared here by all codes)."""
LONG = range(-2_147_483_647, 2_147_483_621)
"""Whole numbers that Stata's type long holds."""
_DATES = {pl.Date: "td", pl.Datetime: "tc"}


def write_dta(dataset: Dataset, file: Path, *, cut: datetime) -> tuple[Variable, ...]:
    """Writes a dataset for Stata, stamped with the data cut. Raises BadValue where a number would be rounded."""
    import pandas  # type: ignore[import-untyped]  # pandas ships no types
    from pandas.io.stata import StataWriterUTF8  # type: ignore[import-untyped]  # pandas ships no types

    class Writer(StataWriterUTF8):  # type: ignore[misc]  # its base has no types
        """pandas also reserves words of Mata, such as `end`, which Stata takes as names: here none are left to it."""

        RESERVED_WORDS = property(lambda self: frozenset(), lambda self, words: None)

    frame = flatten(dataset)
    require_exact(dataset, frame)
    names = name_for_stata(frame.columns)
    columns, values, dates, long_texts, stored = {}, {}, {}, [], {}
    for column in dataset.columns:
        name, series = names[column.name], frame[column.name]
        numbers = number_codes(column, series)
        if series.dtype == pl.String and numbers:
            series = series.replace_strict(numbers, return_dtype=pl.Int64)
        columns[name] = _as_pandas(pandas, series)
        values[name] = _value_labels(dataset, column, numbers)
        stored[column.name] = _stored(series, numbers, bool(values[name]))
        if series.dtype.base_type() in _DATES:
            dates[name] = _DATES[series.dtype.base_type()]
        if series.dtype == pl.String and longest(series) > LONGEST_TEXT:
            long_texts.append(name)
    Writer(
        file,
        pandas.DataFrame(columns),
        convert_dates=dates,
        write_index=False,
        byteorder="<",
        time_stamp=cut.astimezone(UTC).replace(tzinfo=None),
        data_label=shorten(dataset.label, LONGEST_LABEL),
        variable_labels={names[column.name]: label_of(column, LONGEST_LABEL) for column in dataset.columns},
        convert_strl=long_texts,
        version=118,
        value_labels={name: listed for name, listed in values.items() if listed},
    ).write_file()
    return tuple(Variable(column, names[column.name], stored[column.name]) for column in dataset.columns)


def number_codes(column: Column, series: pl.Series) -> dict[str, int]:
    """The number that stands for each code, for Stata labels numbers only; empty where the texts stay.

    Codes that are whole numbers stand for themselves, no and yes are 0 and 1, all others are counted from 1 in the
    order of the protocol. Texts stay where one is not a code: several answers at once, or a code since removed.
    """
    codes = tuple(column.codes)
    if not codes or (series.dtype == pl.String and not set(series.drop_nulls()) <= set(codes)):
        return {}
    if all(code.lstrip("-").isdecimal() and str(int(code)) == code and int(code) in LONG for code in codes):
        return {code: int(code) for code in codes}
    if set(codes) == set(NO_YES.values()):
        return {meaning: number for number, meaning in NO_YES.items()}
    return {code: number for number, code in enumerate(codes, start=1)} if series.dtype == pl.String else {}


def _value_labels(dataset: Dataset, column: Column, numbers: dict[str, int]) -> dict[int, str]:
    if dataset.frame.schema[column.name] == pl.Boolean:
        return NO_YES
    return {number: shorten(column.codes[code], LONGEST_VALUE_LABEL) for code, number in numbers.items()}


def _as_pandas(pandas: Any, series: pl.Series) -> Any:
    """The column in the type from which pandas writes the Stata type that is meant."""
    values = series.to_list()
    if series.dtype == pl.Int64:
        fits = all(number in LONG for number in values if number is not None)
        return pandas.Series(values, dtype="Int32" if fits else "float64")
    if series.dtype == pl.Float64:
        return pandas.Series(values, dtype="float64")
    if series.dtype == pl.String:
        return pandas.Series([text or "" for text in values], dtype=object)
    if not values:
        return pandas.Series([], dtype="datetime64[ns]")
    return pandas.Series(series.cast(pl.Datetime("us")).to_list(), dtype=object)


def _stored(series: pl.Series, numbers: dict[str, int], labelled: bool) -> str:
    if series.dtype == pl.String:
        return "long text (strL)" if longest(series) > LONGEST_TEXT else "text"
    if any(code != str(number) for code, number in numbers.items()):
        return "labelled number: " + "; ".join(f"{number} = {code}" for code, number in numbers.items())
    kinds = {pl.Date: "date (%td)", pl.Datetime: "date and time (%tc)"}
    return kinds.get(series.dtype.base_type(), "labelled number" if labelled else "number")
