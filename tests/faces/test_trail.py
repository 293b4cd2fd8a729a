"""The audit trail a page at a time is the whole audit trail, filtered and leafed through."""

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.conduct import correct, withdraw
from charcot.ledger import Actor, Entry, Kind, MemoryLedger
from charcot.refusal import Refusal
from charcot.report.audit_trail import AuditLine, list_history
from charcot.wiring.reading import TrialReader
from charcot.wiring.trail import Trail, TrailAsked
from conduct.desk import Desk
from conduct.test_same_everywhere import Act, courses
from faces.concealing import AT_THERE, open_concealed
from faces.practice import BEGAN


def fits(entry: Entry, line: AuditLine, asked: TrailAsked) -> bool:
    day = date.fromisoformat(line.recorded_at[:10])
    return (
        asked.participant in ("", line.participant)
        and asked.form in ("", line.form)
        and asked.person in ("", line.person)
        and asked.kind in ("", str(entry.kind))
        and (asked.since is None or day >= asked.since)
        and (asked.until is None or day <= asked.until)
    )


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(courses, st.data())
def test_pages_together_are_the_whole_trail(course: list[Act], data: st.DataObject) -> None:
    desk = Desk(MemoryLedger())
    for verb, actor, arguments in course:
        try:
            desk.act(verb, actor, **arguments)
        except Refusal:
            continue
        desk.clock.moment = desk.clock.moment.replace(day=data.draw(st.integers(desk.clock.moment.day, 28)))
    ledger = desk.trial.ledger
    head = data.draw(st.integers(1, ledger.head().sequence))
    days = st.none() | st.dates(date(2014, 11, 30), date(2014, 12, 29))
    asked = TrailAsked(
        participant=data.draw(st.sampled_from(["", "", "S-1", "S-2"])),
        form=data.draw(st.sampled_from(["", "", "vital_signs", "demography"])),
        person=data.draw(st.sampled_from(["", "", "dr-a", "nurse-b", "nobody"])),
        kind=data.draw(st.sampled_from(["", "", "form_recorded", "role_delegated", "banana"])),
        since=data.draw(days),
        until=data.draw(days),
    )
    entries = list(ledger.entries(until=head))
    whole = [
        (e, line) for e, line in zip(entries, list_history(entries), strict=True) if fits(e, line, asked)
    ]
    trail, most = Trail(ledger, TrialReader(ledger), head), data.draw(st.integers(1, 7))
    page = trail.page(asked, most)
    pages = [page]
    while page.has_older:
        page = trail.page(asked, most, before=page.lines[-1][0].sequence)
        pages.append(page)
    assert [line for page in pages for line in page.lines] == whole[::-1]
    while page.has_newer and page.lines:
        page = trail.page(asked, most, after=page.lines[0][0].sequence)
        if page.has_newer:
            assert len(page.lines) == most
    if whole:
        assert page.lines[:1] in ([], [whole[-1]])


def test_the_entries_of_one_act_know_each_other() -> None:
    desk = Desk(MemoryLedger())
    desk.enrol()
    ledger = desk.trial.ledger
    trail = Trail(ledger, TrialReader(ledger), ledger.head().sequence)
    enrolled = next(ledger.entries(kinds=[Kind.PARTICIPANT_ENROLLED]))
    together = [e.sequence for e in ledger.entries() if e.act == enrolled.act]
    assert sorted([enrolled.sequence, *trail.same_act(enrolled)]) == together
    assert len(together) > 1
    assert trail.line(0) is None
    assert trail.line(ledger.head().sequence + 1) is None


def test_the_record_is_searched_by_reason_for_who_may_read_the_reason(
    concealed_made: Path, tmp_path: Path
) -> None:
    practice = open_concealed(Path(shutil.copytree(concealed_made, tmp_path / "reasons")))
    desk, day = Actor("coordinator-1", "coordinator"), f"{BEGAN + timedelta(days=6):%Y-%m-%d}"
    (left,) = withdraw(
        practice.trial, desk, participant=AT_THERE, at=day, scope="treatment", reason="Moves to Tabriz"
    )
    key = {"participant": AT_THERE, "form": "laboratory_haematology", "encounter": "screening"}
    corrected = correct(
        practice.trial,
        desk,
        **key,
        based_on=1,
        changes={"haemoglobin": "9.8"},
        reason="The envelope was opened",
    )[0]

    def found(person: str, words: str) -> list[int]:
        page = practice.client(person).get("/record", {"text": words}).content.decode()
        return [int(number) for number in re.findall(r'class="seq"[^>]*>(\d+)</a>', page)]

    assert found("inspector-1", "moves to TABRIZ") == [left.sequence]
    assert found("monitor-2", "tabriz") == [left.sequence]
    assert found("inspector-1", "envelope") == [corrected.sequence]
    assert found("monitor-1", "envelope") == []  # it is about a form with an item that a monitor does not see
    assert found("inspector-1", "nobody gave such a reason") == []
