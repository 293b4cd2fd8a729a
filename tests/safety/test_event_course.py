"""The course of one event: its grade over time, and when it began against the infusion."""

import pytest

from charcot.clinical_time import ClinicalTime
from charcot.participants import FormKey
from charcot.safety.event_course import compute_time_from_infusion, follow_event
from conduct.desk import Desk, protocol_files

GRADED = (
    "  - {id: term, label: Event, type: text, required: true}\n  - {id: onset",
    "  - {id: term, label: Event, type: text, required: true}\n"
    "  - {id: grade, label: Grade, type: choice, codes: {1: One, 2: Two, 3: Three}}\n  - {id: onset",
)


@pytest.mark.parametrize(
    ("onset", "minutes", "told"),
    [
        ("2014-01-20T10:50", None, (50, 50, "minutes")),
        ("2014-01-20", "5", (5, 5, "minutes")),
        ("2014-01-20T16:59", None, (6, 6, "hours")),
        ("2014-02-25", None, (36, 36, "days")),
        ("2014-02", None, (12, 39, "days")),
        ("2014-01", None, (0, 11, "days")),
    ],
)
def test_time_from_the_infusion(onset: str, minutes: str | None, told: tuple[int, int, str]) -> None:
    found = compute_time_from_infusion(ClinicalTime(onset), ClinicalTime("2014-01-20T10:00"), minutes)
    assert found is not None
    assert (found.least, found.most, found.unit) == told


def test_before_the_infusion_there_is_no_time_from_it() -> None:
    assert compute_time_from_infusion(ClinicalTime("2013-12"), ClinicalTime("2014-01-20T10:00")) is None
    assert compute_time_from_infusion(ClinicalTime("2014-02-01"), None) is None


def test_the_worst_grade_is_kept_when_it_falls_again() -> None:
    desk = Desk(files=protocol_files(GRADED))
    desk.treat()
    desk.about("report_event", "2014-02-10", values={"term": "Rash", "grade": "1"})
    for based_on, changes in enumerate(({"grade": "3"}, {"term": "A rash"}, {"grade": "2"}), start=1):
        event = {"participant": "S-1", "form": "adverse_event", "based_on": based_on, "reason": "Seen again"}
        desk.act("correct", **event, changes=changes)
    course = follow_event(desk.dossier(), FormKey("adverse_event", "", 1))
    assert [(version.version, grade) for version, grade in course.grades] == [(1, "1"), (2, "3"), (4, "2")]
    assert course.worst == "3"
    assert course.emergent is True
    assert (course.assessments, course.narrative) == ((), None)
