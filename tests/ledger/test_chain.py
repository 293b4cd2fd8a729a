"""The chain: whatever is altered is found, at the first entry that does not fit."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.ledger import (
    GENESIS,
    Actor,
    ClockBehind,
    Draft,
    Kind,
    MemoryLedger,
    NoSuchMoment,
    PastIsClosed,
    Receipt,
    Row,
    UnreadableReceipt,
    canonical_json,
    check_chain,
    format_moment,
    hash_entry,
    parse_receipt,
    view_as_of,
)
from charcot.refusal import BadValue

START = datetime(2014, 1, 1, 12, tzinfo=UTC)


def filled(number: int = 5) -> MemoryLedger:
    ledger = MemoryLedger()
    for index in range(number):
        draft = Draft(
            Kind.FORM_RECORDED,
            f"participant/{index % 2}",
            "record",
            Actor("ü", "r"),
            {"n": str(index)},
            "2014-01-01",
        )
        ledger.append([draft], seen=index, watching=(), clock=lambda at=START + timedelta(minutes=index): at)
    return ledger


ROWS = list(filled().rows())
HEAD = filled().head()
RECEIPT = Receipt("SMALL-2", HEAD.sequence, HEAD.hash)
COLUMNS = [field.name for field in fields(Row)]


def test_the_hash_is_that_of_the_previous_hash_and_the_text() -> None:
    """Computed here with the standard library alone: SHA-256 over 64 zeros, then over the hash before."""
    previous = "0" * 64
    for row in ROWS:
        previous = sha256(previous.encode() + row.text.encode()).hexdigest()
        assert row.hash == previous
    assert ROWS[0].previous_hash == GENESIS == "0" * 64


@given(st.integers(0, 4), st.sampled_from(COLUMNS), st.integers(0, 10_000), st.integers(0, 0x10FFFF))
def test_any_altered_character_is_found(index: int, column: str, place: int, character: int) -> None:
    before = getattr(ROWS[index], column)
    if isinstance(before, int):
        after: object = before + 1 + character
    else:
        place %= len(before)
        after = before[:place] + chr(character) + before[place + 1 :]
    rows = list(ROWS)
    rows[index] = replace(ROWS[index], **{column: after})  # type: ignore[arg-type]
    head, fault = check_chain(rows)
    if after == before:
        assert fault is None
        return
    assert fault is not None
    assert fault.sequence == index + 1
    assert head.sequence == index


@given(st.integers(0, 4), st.integers(0, 10_000), st.text(max_size=3))
def test_any_inserted_or_removed_text_is_found(index: int, place: int, text: str) -> None:
    before = ROWS[index].text
    place %= len(before)
    for after in (before[:place] + "x" + text + before[place:], before[:place] + before[place + 1 :]):
        rows = [*ROWS[:index], replace(ROWS[index], text=after), *ROWS[index + 1 :]]
        _, fault = check_chain(rows)
        assert fault is not None
        assert fault.sequence == index + 1


@given(st.permutations(range(5)), st.sets(st.integers(0, 4)))
def test_what_is_missing_or_moved_is_found(order: list[int], without: set[int]) -> None:
    rows = [ROWS[index] for index in order if index not in without]
    head, fault = check_chain(rows, RECEIPT)
    assert (fault is None) == (rows == ROWS)
    assert rows[: head.sequence] == ROWS[: head.sequence]


def rehashed(rows: list[Row]) -> list[Row]:
    """The rows as somebody leaves them who knows how the chain is made."""
    made: list[Row] = []
    previous = GENESIS
    for row in rows:
        made.append(replace(row, previous_hash=previous, hash=hash_entry(previous, row.text)))
        previous = made[-1].hash
    return made


@pytest.mark.parametrize("text", ["5", "[]", "null", "{", "[" * 100_000, "{}"])
def test_a_rewritten_text_that_is_no_entry_is_found(text: str) -> None:
    _, fault = check_chain(rehashed([*ROWS[:2], replace(ROWS[2], text=text), *ROWS[3:]]))
    assert fault is not None
    assert fault.sequence == 3


def test_a_rewritten_ledger_is_found_by_its_receipt() -> None:
    rewritten = rehashed(
        [*ROWS[:2], replace(ROWS[2], text=ROWS[2].text.replace('"n":"2"', '"n":"3"')), *ROWS[3:]]
    )
    assert check_chain(rewritten)[1] is None
    _, fault = check_chain(rewritten, RECEIPT)
    assert fault is not None
    assert "rewritten" in fault.what
    _, fault = check_chain(ROWS[:3], RECEIPT)
    assert fault is not None
    assert "2 entries are missing" in fault.what
    assert check_chain([*ROWS], Receipt("SMALL-2", 3, ROWS[2].hash))[1] is None


@given(st.text(min_size=1, max_size=20), st.integers(0, 10**9))
def test_a_receipt_is_read_again(trial: str, number: int) -> None:
    receipt = Receipt(trial, number, HEAD.hash)
    printed = str(receipt)
    assert parse_receipt(f"Data as of today.\nReceipt: {printed[:40]}\n   {printed[40:]}\nEnd.") == receipt


def test_what_is_no_receipt() -> None:
    for text in ("", "charcot-receipt:x:5:abc", "receipt:x:5:" + "0" * 64):
        with pytest.raises(UnreadableReceipt):
            parse_receipt(text)


def test_the_past_can_be_looked_at_and_not_changed() -> None:
    ledger = filled()
    past = view_as_of(ledger, 3)
    assert [e.sequence for e in past.entries()] == [1, 2, 3]
    assert [e.sequence for e in past.entries(subjects=["participant/0"], until=99)] == [1, 3]
    assert list(past.rows()) == ROWS[:3]
    assert past.head().hash == ROWS[2].hash
    assert list(view_as_of(past, 2).entries()) == list(ledger.entries(until=2))
    with pytest.raises(PastIsClosed):
        past.append([], seen=3, watching=(), clock=lambda: START)
    for moment in (0, -1, 6, START - timedelta(seconds=1)):
        with pytest.raises(NoSuchMoment, match="entr"):
            view_as_of(ledger, moment)
    with pytest.raises(NoSuchMoment):
        view_as_of(past, 4)


@given(st.integers(0, 600))
def test_the_last_entry_by_a_moment(seconds: int) -> None:
    """Entries 1 to 5 were made at whole minutes 0 to 4."""
    expected = min(5, seconds // 60 + 1)
    assert view_as_of(filled(), START + timedelta(seconds=seconds)).head().sequence == expected


def test_moments_need_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_moment(datetime(2014, 1, 1))  # noqa: DTZ001, RUF100
    with pytest.raises(ValueError, match="time zone"):
        view_as_of(filled(), datetime(2014, 1, 1))  # noqa: DTZ001, RUF100


def test_a_clock_a_little_behind_keeps_the_order() -> None:
    ledger = filled()
    draft = Draft(Kind.FORM_RECORDED, "participant/1", "record", Actor("a", "b"))
    (entry,) = ledger.append([draft], seen=5, watching=(), clock=lambda: START + timedelta(minutes=2))
    assert entry.recorded_at == HEAD.recorded_at
    with pytest.raises(ClockBehind):
        ledger.append([draft], seen=6, watching=(), clock=lambda: START - timedelta(minutes=2))


def test_what_cannot_be_kept_is_refused() -> None:
    for value in ("a\0b", "\ud800", 1.5, float("nan"), {"a": ["b\0"]}, {"a\0": ""}, object()):
        with pytest.raises(BadValue):
            canonical_json(value)
    with pytest.raises(TypeError):
        canonical_json({1: "a", "1": "b"})
    assert canonical_json({"b": [1, True, None], "a": "ü\u202e"}) == '{"a":"ü\u202e","b":[1,true,null]}'
