"""Random rules on random values, NULL included: charcot (polars) and SQLite give the same three-valued answer."""

import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.protocol import Scope, Study, evaluate_rules, parse_rule

Pair = tuple[str, str]
"""A rule as charcot reads it and as SQLite reads it."""

numbers_here = st.integers(-3, 4)
decimals = st.sampled_from(["-1.5", "0.0", "0.5", "2.0", "3.25"])
dates = st.sampled_from(["2013-12-31", "2014-01-31", "2014-02-28", "2016-02-29"])
colours = st.sampled_from(["red", "green", "blue"])
values = st.fixed_dictionaries(
    {
        "a": st.none() | numbers_here.map(str),
        "b": st.none() | numbers_here.map(str),
        "x": st.none() | decimals,
        "y": st.none() | decimals,
        "s": st.none() | colours,
        "t": st.none() | colours,
        "d": st.none() | dates,
        "e": st.none() | dates,
    }
)
COLUMNS = "a INTEGER, b INTEGER, x REAL, y REAL, s TEXT, t TEXT, d TEXT, e TEXT"


def same(text: str) -> Pair:
    return text, text


def both(template: str, *parts: Pair) -> Pair:
    return template.format(*(part[0] for part in parts)), template.format(*(part[1] for part in parts))


def larger(pair: tuple[Pair, Pair]) -> st.SearchStrategy[Pair]:
    left, right = pair
    return st.sampled_from(
        [
            both("({} + {})", left, right),
            both("({} - {})", left, right),
            both("({} * {})", left, right),
            both("COALESCE({}, {})", left, right),
            both("NULLIF({}, {})", left, right),
            (f"({left[0]} / NULLIF({right[0]}, 0))", f"(CAST({left[1]} AS REAL) / NULLIF({right[1]}, 0))"),
            (f"({left[0]} / 4)", f"(CAST({left[1]} AS REAL) / 4)"),
            both("ABS({})", left),
            both("(-{})", left),
            (f"GREATEST({left[0]}, {right[0]})", f"MAX({left[1]}, {right[1]})"),
            (f"LEAST({left[0]}, {right[0]})", f"MIN({left[1]}, {right[1]})"),
        ]
    )


leaves = st.sampled_from(["a", "b", "x", "y", "2", "0.5"]).map(same)
days = st.just(("days_between(d, e)", "CAST(ROUND(julianday(e) - julianday(d)) AS INTEGER)"))
quantities = st.recursive(leaves | days, lambda part: st.tuples(part, part).flatmap(larger), max_leaves=5)
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
comparisons = st.one_of(
    st.builds(
        lambda sign, left, right: both(f"({{}} {sign} {{}})", left, right), signs, quantities, quantities
    ),
    st.builds(
        lambda left, low, high: both("({} BETWEEN {} AND {})", left, low, high), quantities, leaves, leaves
    ),
    st.builds(lambda left: both("({} NOT IN (1, 2, -1))", left), quantities),
    st.builds(lambda left: both("({} IS NULL)", left), quantities),
    st.builds(lambda sign, code: same(f"(s {sign} '{code}')"), st.sampled_from(["=", "<>"]), colours),
    st.builds(lambda sign: same(f"(s {sign} t)"), st.sampled_from(["=", "<>"])),
    st.just(same("(t IN ('red', 'blue'))")),
    st.builds(lambda sign: same(f"(d {sign} e)"), signs),
    st.builds(lambda sign, day: same(f"(d {sign} '{day}')"), signs, dates),
)


def joined(part: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    case = "(CASE WHEN a IS NULL OR x IS NULL THEN {} WHEN a > x THEN {} ELSE {} END)"
    return st.one_of(
        st.builds(lambda p, q: both("({} AND {})", p, q), part, part),
        st.builds(lambda p, q: both("({} OR {})", p, q), part, part),
        st.builds(lambda p: both("(NOT {})", p), part),
        st.builds(lambda p, q: both("({} = {})", p, q), part, part),
        st.builds(lambda p, q, r: both(case, p, q, r), part, part, part),
    )


rules = st.recursive(comparisons, joined, max_leaves=6)


@pytest.fixture(scope="module")
def answers(study: Study, known: Any) -> Any:
    def answered(texts: list[str], values: dict[str, str | None]) -> list[bool | None]:
        compiled = [parse_rule(text, Scope(study.protocol, "measures")) for text in texts]
        return [outcome.value for outcome in evaluate_rules(compiled, known(values))]

    return answered


def sqlite_answers(texts: list[str], row: dict[str, str | None]) -> list[bool | None]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE measures ({COLUMNS})")
    places = ", ".join(f":{item}" for item in row)
    connection.execute(f"INSERT INTO measures ({', '.join(row)}) VALUES ({places})", row)
    answers = connection.execute(f"SELECT {', '.join(texts)} FROM measures").fetchone()
    connection.close()
    return [None if answer is None else bool(answer) for answer in answers]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rules, min_size=1, max_size=6), values)
def test_polars_and_sqlite_agree(answers: Any, pairs: list[Pair], row: dict[str, Any]) -> None:
    ours = answers([text for text, _ in pairs], {f"measures.{item}": value for item, value in row.items()})
    assert ours == sqlite_answers([text for _, text in pairs], row)
