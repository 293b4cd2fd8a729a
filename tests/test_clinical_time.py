"""Dates as a clinic writes them. Expected days were read off a calendar."""

from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charcot.clinical_time import ClinicalTime, Offset, add_months, months_between, parse_offset

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
months = st.integers(-1200, 1200)


@st.composite
def clinical_times(draw: st.DrawFn) -> ClinicalTime:
    moment = draw(st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31)))
    return ClinicalTime(moment.isoformat(timespec="seconds")[: draw(st.sampled_from([4, 7, 10, 16, 19]))])


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2014-01-31", 1, "2014-02-28"),
        ("2016-01-31", 1, "2016-02-29"),
        ("2014-10-31", 4, "2015-02-28"),
        ("2014-03-31", -1, "2014-02-28"),
        ("2016-02-29", 12, "2017-02-28"),
        ("2014-12-15", 1, "2015-01-15"),
        ("2014-01-15", -1, "2013-12-15"),
    ],
)
def test_months_clamp_to_the_end_of_the_month(start: str, count: int, end: str) -> None:
    assert add_months(date.fromisoformat(start), count) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2014-01-31", "2014-02-28", 1),
        ("2014-01-30", "2014-02-27", 0),
        ("2014-01-31", "2014-03-30", 1),
        ("2014-01-31", "2014-03-31", 2),
        ("2014-03-15", "2014-01-16", -1),
        ("2014-03-15", "2014-01-15", -2),
        ("2014-03-15", "2014-03-15", 0),
    ],
)
def test_whole_months(start: str, end: str, count: int) -> None:
    assert months_between(date.fromisoformat(start), date.fromisoformat(end)) == count


@given(days, months)
@example(date(2016, 2, 29), -12)
def test_counting_months_undoes_adding_them(start: date, count: int) -> None:
    end = add_months(start, count)
    assert months_between(start, end) == count
    assert end.day <= start.day
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == count


@given(days, days, days)
def test_more_days_are_never_fewer_months(start: date, one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert months_between(start, first) <= months_between(start, second)
    assert months_between(first, second) == -months_between(second, first)


@given(clinical_times())
def test_what_a_time_can_mean_lies_within_itself(time: ClinicalTime) -> None:
    assert time.earliest <= time.latest
    assert not time.surely_before(time)
    assert time.earliest.isoformat(timespec="seconds").startswith(time.text)
    assert time.latest.isoformat(timespec="seconds").startswith(time.text)
    assert time.day == time.earliest.date()


@given(clinical_times(), clinical_times())
def test_surely_before(one: ClinicalTime, other: ClinicalTime) -> None:
    width = min(len(one.text), len(other.text))
    assert one.surely_before(other) == (one.text[:width] < other.text[:width])


def test_how_much_is_known() -> None:
    known = [
        (ClinicalTime(t).is_complete, ClinicalTime(t).has_time)
        for t in ("2014", "2014-03", "2014-03-14", "2014-03-14T09:30")
    ]
    assert known == [(False, False), (False, False), (True, False), (True, True)]
    assert ClinicalTime("2016-02").latest == datetime(2016, 2, 29, 23, 59, 59)
    assert ClinicalTime("2014-03-14T09:30").latest == datetime(2014, 3, 14, 9, 30, 59)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "14",
        "2014-3-14",
        "14.03.2014",
        "2014-02-29",
        "2014-13",
        "2014-00-01",
        "0000",
        "2014-03-14T24:00",
        "2014-03-14 09:30",
        "2014-03-14T09:30Z",
        "2014-03-14\n",
        "۲۰۱۴-۰۳-۱۴",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a da"):
        ClinicalTime(text)


def test_years_of_other_calendars_are_told_apart() -> None:
    """1393 of the Iranian calendar began in March 2014."""
    assert not ClinicalTime("1393-01-05").is_of_our_calendar
    assert ClinicalTime("1900").is_of_our_calendar


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2 months", "2014-02-28T09:30"),
        ("-4 weeks", "2013-12-03T09:30"),
        ("24 hours", "2014-01-01T09:30"),
        ("+1 year", "2014-12-31T09:30"),
        ("30 minutes", "2013-12-31T10:00"),
        ("0 days", "2013-12-31T09:30"),
    ],
)
def test_lengths_of_time(text: str, end: str) -> None:
    offset = parse_offset(text)
    assert offset.after(datetime(2013, 12, 31, 9, 30)) == datetime.fromisoformat(end)
    assert parse_offset(str(offset)) == offset


@pytest.mark.parametrize(
    "text", ["", "2", "months", "2 fortnights", "1.5 days", "two weeks", "1 day 2 hours"]
)
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time"):
        parse_offset(text)


def test_an_offset_reads_as_it_was_meant() -> None:
    assert [str(Offset(n, "day")) for n in (-1, 0, 1, 2)] == ["-1 day", "0 days", "1 day", "2 days"]
