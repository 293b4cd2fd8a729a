"""Clocks of expedited reports: when they start, when they run out, what stops them; and the mail about them."""

import email
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from charcot.conduct.holding import ask_watch
from charcot.ledger import Actor
from charcot.refusal import BadValue, OutdatedVersion
from charcot.safety import RunningClock, find_clocks, find_open_clocks
from charcot.wiring.reminding import NotSent, send_reminders
from conduct.desk import Desk, protocol_files
from safety.mail_server import mail_server

SPONSOR = Actor("sponsor-e", "sponsor")
REPORTING = """\
reporting:
  - {id: sponsor, label: To the sponsor, to: Sponsor, when: serious = 'yes', within: 24 hours, concerns: [investigator],
     escalates_to: [sponsor], source: A test}
  - {id: authority, label: To the authority, to: Authority, when: serious = 'yes' AND grade >= 4, within: 7 days,
     concerns: [sponsor], source: A test}
"""
EVENT = (
    "  - {id: term, label: Event, type: text, required: true}\n  - {id: onset",
    "  - {id: term, label: Event, type: text, required: true}\n"
    "  - {id: serious, label: Serious, type: yes_no}\n"
    "  - {id: aware_on, label: Known, type: datetime}\n"
    "  - {id: grade, label: Grade, type: choice, codes: {1: One, 3: Three, 4: Four}}\n  - {id: onset",
)
ROLE = ("sex_item:", "  - {id: sponsor, label: Sponsor, may: [submit, read]}\nsex_item:")


@pytest.fixture
def desk() -> Desk:
    files = {**protocol_files(EVENT, ROLE), "safety.yaml": REPORTING}
    found = Desk(files=files, now=datetime(2014, 3, 10, 9, tzinfo=UTC))
    found.act("delegate", person=SPONSOR.person, role=SPONSOR.role, since=date(2014, 1, 1))
    found.treat()
    return found


def clocks(desk: Desk, question: object = find_clocks) -> tuple[RunningClock, ...]:
    until = desk.trial.ledger.head().sequence
    return ask_watch(desk.trial.ledger, desk.snapshot().charter, until, "1.0", question)  # type: ignore[arg-type]  # one of two questions


def report(desk: Desk, **values: str) -> None:
    desk.about("report_event", "2014-03-08", values={"term": "Embolus", **values})


def submit(desk: Desk, clock: str = "sponsor", at: str = "2014-03-10T09:00", version: int = 1) -> None:
    event = {"participant": "S-1", "form": "adverse_event", "instance": 1, "version": version}
    desk.act("record_submission", SPONSOR, **event, clock=clock, at=at, reference="Fax 12")


def test_a_serious_event_starts_its_clocks_from_when_it_was_known(desk: Desk) -> None:
    report(desk, serious="yes", grade="4", aware_on="2014-03-09T10:15")
    sponsor, authority = clocks(desk)
    assert sponsor.due == datetime(2014, 3, 10, 10, 15)
    assert authority.due == datetime(2014, 3, 16, 10, 15)
    assert sponsor.state_at(datetime(2014, 3, 10, 10, 15)) == "running"
    assert sponsor.state_at(datetime(2014, 3, 10, 10, 16)) == "overdue"


def test_without_a_time_the_entry_starts_it(desk: Desk) -> None:
    report(desk, serious="yes", grade="3")
    (sponsor,) = clocks(desk)
    assert sponsor.since.date() == date(2014, 3, 10)


def test_what_is_not_serious_starts_none_and_becoming_serious_starts_it(desk: Desk) -> None:
    report(desk, serious="no", grade="4", aware_on="2014-03-09T10:15")
    assert clocks(desk) == ()
    event = {"participant": "S-1", "form": "adverse_event", "based_on": 1, "reason": "In hospital"}
    desk.act("correct", **event, changes={"serious": "yes"})
    assert [clock.plan.id for clock in clocks(desk)] == ["sponsor", "authority"]
    desk.act("enter_in_error", participant="S-1", form="adverse_event", version=2, reason="Of another")
    assert clocks(desk) == ()
    desk.act("reinstate", participant="S-1", form="adverse_event", reason="It was theirs")
    assert len(clocks(desk)) == 2


def test_a_clock_that_a_correction_starts_runs_from_the_correction(desk: Desk) -> None:
    report(desk, serious="yes", grade="3", aware_on="2014-03-09T10:15")
    submit(desk)
    event = {"participant": "S-1", "form": "adverse_event", "reason": "It became worse"}
    desk.act("correct", **event, based_on=1, changes={"grade": "4"})
    sponsor, authority = clocks(desk)
    assert sponsor.since == datetime(2014, 3, 9, 10, 15), "it has run since the event was known"
    assert (authority.plan.id, authority.since.date()) == ("authority", date(2014, 3, 10))
    desk.act("correct", **event, based_on=2, changes={"aware_on": "2014-03-08T08:00"})
    assert {clock.since for clock in clocks(desk)} == {datetime(2014, 3, 8, 8)}, "it says when it was known"
    desk.act("correct", **event, based_on=3, changes={"serious": "no"})
    assert [clock.plan.id for clock in clocks(desk)] == ["sponsor"], "what was submitted does not disappear"


def test_a_submission_stops_its_own_clock_only(desk: Desk) -> None:
    report(desk, serious="yes", grade="4", aware_on="2014-03-09T10:15")
    with pytest.raises(OutdatedVersion):
        submit(desk, version=2)
    with pytest.raises(BadValue, match="no reporting clock"):
        submit(desk, clock="nobody")
    submit(desk)
    assert [clock.plan.id for clock in clocks(desk, find_open_clocks)] == ["authority"]
    first = clocks(desk)[0]
    assert first.state_at(datetime(2015, 1, 1)) == "submitted"
    submit(desk, at="2014-03-10T12:00")
    assert clocks(desk)[0].sent_at == first.sent_at, "a follow-up report does not make the first one late"


def test_a_late_submission_is_late(desk: Desk) -> None:
    report(desk, serious="yes", grade="3", aware_on="2014-03-08T10:15")
    submit(desk)
    assert clocks(desk)[0].state_at(datetime(2014, 3, 10)) == "late"


class _Folder:
    """A folder of which only path and ledger are asked for."""

    def __init__(self, path: Path, desk: Desk) -> None:
        self.path, self.ledger = path, desk.trial.ledger
        (path / "local").mkdir()


def test_mail_goes_out_once_for_each_stage_and_says_nothing_about_the_event(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("CHARCOT_MAIL_TO", "investigator=doctor@example.org, sponsor=duty@example.org")
    monkeypatch.delenv("CHARCOT_MAIL_HOST", raising=False)
    report(desk, serious="yes", grade="3", aware_on="2014-03-10T09:00")
    folder = _Folder(tmp_path, desk)

    def send(hour: int, day: int = 10) -> int:
        return send_reminders(folder, datetime(2014, 3, day, hour, tzinfo=UTC))  # type: ignore[arg-type]  # what is asked of it is there

    # 09:00 in Tehran is 05:30 UTC; half of the time is over at 17:30, all of it at 05:30 the next day.
    assert [send(9), send(10), send(18), send(19), send(6, 11), send(7, 11)] == [1, 0, 1, 0, 1, 0]
    mails = [
        email.message_from_bytes(path.read_bytes()) for path in sorted((tmp_path / "local/mail").iterdir())
    ]
    assert len(mails) == 3, "a file for each message"
    texts = sorted((str(m["Subject"]), str(m["To"])) for m in mails)
    assert [to for subject, to in texts if "has run out" in subject] == [
        "doctor@example.org, duty@example.org"
    ]
    assert [to for subject, to in texts if "has started" in subject] == ["doctor@example.org"]
    assert not any("Embolus" in path.read_text() for path in (tmp_path / "local/mail").iterdir())
    monkeypatch.setenv("CHARCOT_MAIL_TO", "investigator")
    with pytest.raises(BadValue, match="no role with its address"):
        send(8, 11)


def test_mail_goes_to_a_real_server_escalates_and_is_tried_again_where_it_was_not_taken(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(desk, serious="yes", grade="3", aware_on="2014-03-10T09:00")
    folder = _Folder(tmp_path, desk)

    def send(hour: int, day: int = 10) -> int:
        return send_reminders(folder, datetime(2014, 3, day, hour, tzinfo=UTC))  # type: ignore[arg-type]  # what is asked of it is there

    with mail_server() as server:
        monkeypatch.setenv("CHARCOT_MAIL_HOST", "127.0.0.1")
        monkeypatch.setenv("CHARCOT_MAIL_PORT", str(server.port))
        monkeypatch.setenv("CHARCOT_MAIL_TLS", "0")
        monkeypatch.setenv("CHARCOT_MAIL_TO", "investigator=doctor@refused.example")
        with pytest.raises(NotSent, match="did not take a message"):
            send(9)
        assert server.messages == []
        monkeypatch.setenv("CHARCOT_MAIL_TO", "investigator=doctor@example.org, sponsor=duty@example.org")
        assert [send(9), send(10), send(6, 11)] == [1, 0, 1]
    (first, started), (second, over) = server.messages
    assert first == ["doctor@example.org"]
    assert second == ["doctor@example.org", "duty@example.org"]
    assert "has started" in started
    assert "has run out" in over
    assert "S-1" in over
    assert "Embolus" not in started + over
    with pytest.raises(NotSent):
        monkeypatch.setenv("CHARCOT_MAIL_PORT", str(server.port))
        report(desk, serious="yes", grade="4", aware_on="2014-03-10T09:30")
        send(7, 11)
