"""Visits against their windows, and what deviates. Windows are those of the small protocol (tests/conduct/desk.py)."""

from datetime import UTC, datetime

import pytest

from charcot.conduct.worklists import check_data
from conduct.desk import Desk, protocol_files


def on(day: str) -> datetime:
    """Noon at the site (UTC+3:30 or +4:30) on a day."""
    return datetime.fromisoformat(f"{day}T08:00").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2014-03-05", "open"),
        ("2014-03-06", "due"),  # 20 March less 14 days
        ("2014-04-03", "due"),  # 20 March and 14 days
        ("2014-04-04", "overdue"),
    ],
)
def test_both_ends_of_a_window_count(desk: Desk, day: str, status: str) -> None:
    desk.treat()
    assert desk.status_of("month_2", on(day)) == status


def test_a_visit_in_parts(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-03-20", "month_2")
    assert desk.status_of("month_2", on("2014-03-21")) == "partial"
    assert desk.status_of("month_2", on("2014-04-04")) == "overdue"
    missing = [(m.encounter, m.form) for m in check_data(desk.snapshot(on("2014-04-04"))).missing]
    assert ("month_2", "blood") in missing
    desk.about("miss", "2014-04-04", encounter="month_2", form="blood", reason="Needle phobia")
    assert desk.status_of("month_2", on("2014-04-04")) == "complete"


@pytest.mark.parametrize("verb", ["record_death", "withdraw", "lose_to_follow_up"])
def test_nothing_is_expected_after_the_end(desk: Desk, verb: str) -> None:
    more = {
        "record_death": {"cause": "x"},
        "withdraw": {"scope": "follow_up"},
        "lose_to_follow_up": {"reason": "x"},
    }
    desk.treat()
    desk.about(verb, "2014-02-20", **more[verb])
    assert desk.status_of("month_2", on("2014-06-01")) == "not_expected"


def test_an_end_after_the_window_excuses_nothing(desk: Desk) -> None:
    desk.treat()
    desk.about("record_death", "2014-04-04", cause="x")
    assert desk.status_of("month_2", on("2014-06-01")) == "overdue"


def test_a_visit_in_which_the_participant_died_is_not_overdue(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-03-20", "month_2")
    desk.about("record_death", "2014-03-21", cause="x")
    assert desk.status_of("month_2", on("2014-06-01")) == "partial"


def test_who_declined_is_expected_nowhere(desk: Desk) -> None:
    desk.begin()
    assert desk.status_of("month_2") == "not_anchored"
    desk.about("decline", "2014-01-08", reason="Afraid")
    assert desk.status_of("month_2") == "not_expected"
    assert desk.status_of("screening") == "not_expected"


def test_each_form_outside_the_window_is_a_deviation(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-04-03", "month_2")
    assert desk.snapshot().deviations == ()
    desk.fill("blood", "2014-04-04", "month_2", haemoglobin="12")
    (deviation,) = desk.snapshot().deviations
    assert (deviation.category, deviation.section, deviation.at) == ("visit window", "month_2", "2014-04-04")
    assert (
        deviation.description
        == "Blood took place on 2014-04-04, outside the window from 2014-03-06 to 2014-04-03."
    )
    (blood,) = desk.dossier().casebook.instances("blood")
    assert deviation.entries == (blood.entry.sequence,)
    visit = next(v for v in desk.snapshot().visits["S-1"] if v.encounter.id == "month_2")
    assert (visit.out_of_window, visit.days_from_target) == (True, 14)


def test_a_month_alone_is_not_surely_outside(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-04", "month_2")
    assert desk.snapshot().deviations == ()


def test_windows_move_with_a_corrected_infusion(desk: Desk) -> None:
    """Infused on 31 January after all: two months on is 31 March."""
    desk.treat()
    desk.act(
        "correct",
        participant="S-1",
        form="infusion",
        encounter="infusion_day",
        changes={"started_at": "2014-01-31T10:00"},
        based_on=1,
        reason="Misread",
    )
    visit = next(v for v in desk.snapshot().visits["S-1"] if v.encounter.id == "month_2")
    assert visit.target == datetime(2014, 3, 31, 10)


def test_what_is_left_to_look_at(desk: Desk) -> None:
    desk.begin()
    desk.about("record", "2014-01-07", form="vital_signs", encounter="screening", values={"weight": "130"})
    found = check_data(desk.snapshot(on("2014-01-08")))
    assert [(m.form, m.fields) for m in found.missing] == [("vital_signs", ("pulse",))]
    (failed,) = found.failed
    assert (failed.check, failed.severity, dict(failed.used)) == (
        "weight_expected",
        "query",
        {"weight": "130"},
    )


def test_a_check_that_is_an_error_saves_nothing() -> None:
    from charcot.refusal import BadValue

    desk = Desk(files=protocol_files())
    desk.begin()
    with pytest.raises(BadValue, match="cannot be so high"):
        desk.fill("vital_signs", "2014-01-07", "screening", weight="70", pulse="200")
    assert desk.dossier().casebook.instances("vital_signs") == ()
