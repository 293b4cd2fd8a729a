"""Conditions taken apart: the same rows come out as when polars reads the whole condition at once."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.analysis.selection import Selection, both, equals, select_rows, split_condition
from charcot.datasets import Column
from charcot.datasets.dataset import make_dataset

WORDS = st.sampled_from(["a", ") AND (", "it's", "(", "x' AND 'y", ""])
PARTS = st.one_of(
    st.builds(equals, st.just("word"), WORDS),
    st.sampled_from(
        ["number > 1", "number IS NULL", "NOT number IS NULL", "number = 1 OR word = 'a'", "yes"]
    ),
    st.sampled_from(["number BETWEEN 0 AND 1", "(number >= 0)", "(yes OR number > 1) AND (word = 'a')"]),
)
CONDITIONS = st.recursive(
    PARTS, lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda c: both(*c))
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "word": st.none() | WORDS,
            "number": st.none() | st.integers(-1, 3),
            "yes": st.none() | st.booleans(),
            "origin": st.just("entered"),
            "entries": st.just([1]),
        }
    ),
    max_size=12,
)
COLUMNS = (
    Column("word", "Word", pl.String),
    Column("number", "Number", pl.Int64),
    Column("yes", "Yes", pl.Boolean),
)


BRACKETED = (
    "(number >= 0) AND word = 'a'", "(number + 1) > 2", "(yes) AND (number + 1) > 2", "(yes) OR (number = 1)",
    "word = 'a' AND (yes)", "(word = ') AND (' )", "((yes) AND (word = 'a')) OR number = 3",
)  # fmt: skip
"""Conditions that begin or end as `both` writes them, and are not."""


@pytest.mark.parametrize("where", BRACKETED)
def test_brackets_are_taken_off_only_where_they_hold_a_whole_part(where):
    rows = [
        {"word": word, "number": number, "yes": yes, "origin": "entered", "entries": [1]}
        for word in ("a", ") AND (", None)
        for number in (-1, 1, 3, None)
        for yes in (True, False, None)
    ]
    dataset = make_dataset("d", "D", "row", COLUMNS, rows)
    found = select_rows(Selection("d", where), {"d": dataset})
    assert found.equals(dataset.frame.filter(pl.sql_expr(where)))
    assert 0 < found.height < len(rows)


@given(CONDITIONS, ROWS)
def test_a_condition_in_parts_selects_what_it_selects_as_a_whole(where, rows):
    dataset = make_dataset("d", "D", "row", COLUMNS, rows)
    whole = dataset.frame.filter(pl.sql_expr(where))
    assert select_rows(Selection("d", where), {"d": dataset}).equals(whole)


@given(st.lists(PARTS, min_size=2, max_size=4))
def test_parts_that_were_put_together_come_apart_again(parts):
    together = both(*parts)
    assert split_condition(together) == tuple(inner for part in parts for inner in split_condition(part))
