"""What people type: other digits and commas are understood, and what nobody can have meant is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.protocol import Code, Item
from charcot.visits import check_text, check_typed, normalise_moment, normalise_typed

YES_NO = (Code(code="yes", label="Yes"), Code(code="no", label="No"))


def item(type: str) -> Item:
    return Item.model_validate({"id": "x", "label": "X", "type": type})


@pytest.mark.parametrize(
    ("type", "typed", "kept"),
    [
        ("decimal", "70,5", "70.5"),
        ("decimal", " ۷۰٫۵ ", "70.5"),  # Persian
        ("decimal", "٧٠٫٥", "70.5"),  # Arabic
        ("decimal", "१२.५", "12.5"),  # Devanagari
        ("decimal", "−3", "-3"),
        ("decimal", ".5", "0.5"),
        ("decimal", "1 250,5", "1250.5"),
        ("decimal", "1,250,000", "1,250,000"),  # two commas: not certain, so it stays and is refused
        ("integer", "+7", "7"),
        ("decimal", "2E6", "2e6"),
        ("decimal", "10⁶", "10⁶"),  # a superscript is no digit: it must not become 106
        ("date", "2014/3/4", "2014-03-04"),
        ("date", "۲۰۱۴-۰۳-۱۴", "2014-03-14"),
        ("date", "14 Mar 2014", "2014-03-14"),
        ("date", "March 2014", "2014-03"),
        ("date", "2014", "2014"),
        ("date", "03/04/2014", "03/04/2014"),  # March or April: not guessed
        ("datetime", "2014-03-14 9:30", "2014-03-14T09:30"),
        ("datetime", "14 mar 2014 09:30", "2014-03-14T09:30"),
        ("time", "9.05", "09:05"),
        ("yes_no", "YES", "yes"),
        ("text", "  calm \n", "calm"),
        ("text", "۷۰", "۷۰"),  # words stay as they were written
    ],
)
def test_what_is_understood(type: str, typed: str, kept: str) -> None:
    assert normalise_typed(item(type), YES_NO if type == "yes_no" else (), typed) == kept


@pytest.mark.parametrize("typed", ["10⁶", "1,250,000", "½", "٪", "1e", "--3", "1.2.3", "0x1F", "1_000"])
def test_what_is_not_certain_is_refused_and_not_guessed(typed: str) -> None:
    assert check_text(item("decimal"), (), normalise_typed(item("decimal"), (), typed)) is not None


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("a\x00b", "control"),
        ("a\x1bb", "control"),
        ("a\u202eb", "direction"),
        ("calm \U0001f600", "emoji"),
        ("<script>alert(1)</script>", "computer"),
        ("<img src=x onerror=alert(1)>", "computer"),
        ("x'; DROP TABLE entries; --", "computer"),
        ("1' OR '1'='1", "computer"),
    ],
)
def test_what_nobody_can_have_meant(typed: str, word: str) -> None:
    assert word in (check_typed(typed) or "")


@pytest.mark.parametrize(
    "typed",
    [
        "BP < 90, then > 120",
        "O'Brien's scale; select muscles weak",
        "Drop foot on the left; table turned",
        "می‌رود، بیمار آرام است",
        "Müller\nsecond line\tand so on",
        "updated; delete nothing",
    ],
)
def test_words_of_a_clinic_are_left_alone(typed: str) -> None:
    assert check_typed(typed) is None


@given(st.integers(-(10**9), 10**9), st.sampled_from(["۰", "٠", "०", "0"]))
def test_digits_of_any_script_are_the_same_number(number: int, zero: str) -> None:
    written = "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in str(number))
    assert normalise_typed(item("integer"), (), written) == str(number)


@given(st.text(max_size=60))
def test_reading_twice_changes_nothing_more(typed: str) -> None:
    for type in ("decimal", "date", "datetime", "time", "text"):
        once = normalise_typed(item(type), (), typed)
        assert normalise_typed(item(type), (), once) == once
    assert normalise_moment(normalise_moment(typed)) == normalise_moment(typed)
