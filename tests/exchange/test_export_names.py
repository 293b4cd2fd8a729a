"""Names of variables in SPSS and Stata: short enough, allowed, never twice the same, and the same every time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.exchange.dictionary_names import name_for_spss, name_for_stata

NAMES = st.lists(
    st.from_regex(r"[a-z][a-z0-9_]{0,70}", fullmatch=True)
    | st.sampled_from(
        ["all", "with", "in", "str20", "v_all", "long", "_n", "1st", "Weight", "weight", "یک", "a" * 40]
    )
    | st.text(min_size=1, max_size=5),
    unique=True,
    max_size=12,
)


@given(NAMES)
def test_names_are_allowed_and_differ(names: list[str]) -> None:
    for named, limit in ((name_for_spss(names), 64), (name_for_stata(names), 32)):
        assert list(named) == names
        found = list(named.values())
        assert len({name.lower() for name in found}) == len(names)
        assert all(re.fullmatch(rf"[A-Za-z][A-Za-z0-9_]{{0,{limit - 1}}}", name) for name in found)


@given(NAMES)
def test_a_name_that_fits_is_kept(names: list[str]) -> None:
    plain = [n for n in names if re.fullmatch(r"[a-z][a-z0-9]*_?[a-z0-9]+", n) and 4 < len(n) <= 32]
    plain = [n for n in plain if n not in ("double", "float", "using", "str20", "weight")]
    for named in (name_for_spss(names), name_for_stata(names)):
        assert [named[name] for name in plain] == plain


@pytest.mark.parametrize(
    "word", ["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"]
)
def test_reserved_words_of_spss(word: str) -> None:
    """IBM SPSS Statistics Command Syntax Reference, Variable names: reserved keywords."""
    assert name_for_spss([word, word.lower()]) != {word: word, word.lower(): word.lower()}
    assert name_for_spss([word.lower()]) == {word.lower(): f"v_{word.lower()}"}


STATA = [
    "_all",
    "_b",
    "_coef",
    "_cons",
    "_n",
    "_N",
    "_pi",
    "_pred",
    "_rc",
    "_skip",
    "byte",
    "double",
    "float",
]


@pytest.mark.parametrize("word", [*STATA, "if", "in", "int", "long", "str7", "strL", "using", "with"])
def test_reserved_words_of_stata(word: str) -> None:
    """Stata User's Guide, 11.3 Naming conventions."""
    assert name_for_stata([word]) == {word: f"v_{word}"}


def test_words_of_mata_stay() -> None:
    assert name_for_stata(["version", "end", "function"]) == {n: n for n in ("version", "end", "function")}


def test_a_shortened_name_does_not_depend_on_its_neighbours() -> None:
    long = "time_from_first_symptom_to_diagnosis_in_months"
    alone = name_for_stata([long])[long]
    assert alone.startswith("time_from_first_symptom_t")
    assert len(alone) == 32
    assert name_for_stata([f"{long}_2", "weight", long])[long] == alone
