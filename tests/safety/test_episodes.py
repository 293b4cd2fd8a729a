"""Episodes: a report of the same term after an end is the event once more; anything else is an event of its own."""

import pytest

from charcot.analysis import ReportPlan
from charcot.analysis.event_listing import derive_event_listing
from charcot.analysis.result import rows_behind
from charcot.analysis.safety_summary import derive_safety_counts
from charcot.datasets import derive_datasets
from charcot.participants import FormKey
from charcot.report.value_sources import SourceFinder
from charcot.safety.episodes import find_episodes, latest_episodes
from charcot.safety.narrative import draft_narrative
from conduct.desk import Desk, protocol_files

ENDED = ("  - {id: onset", "  - {id: ended, label: Ended, type: date, partial: true}\n  - {id: onset")


def desk_with(*events: tuple[str, str, str | None]) -> Desk:
    """Somebody treated on 2014-01-20, with events of a term, a beginning and an end."""
    desk = Desk(files=protocol_files(ENDED))
    desk.treat()
    for term, onset, ended in events:
        desk.about(
            "report_event", onset, values={"term": term, **({"ended": ended} if ended is not None else {})}
        )
    return desk


def numbered(desk: Desk) -> list[tuple[int, int]]:
    """The episode of each report in the order of reports, and the report that its event began with."""
    found = find_episodes(desk.dossier().casebook.instances("adverse_event"))
    return [(found[key].number, found[key].first.key.instance) for key in sorted(found)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("Headache", "2014-02-01", "2014-02-03"), ("headache ", "2014-02-10", None)], [(1, 1), (2, 1)]),
        ([("Headache", "2014-02-01", None), ("Headache", "2014-02-10", None)], [(1, 1), (1, 2)]),
        ([("Headache", "2014-02-01", "2014-02-20"), ("Headache", "2014-02-10", None)], [(1, 1), (1, 2)]),
        ([("Headache", "2014-02-01", "2014-02-03"), ("Fever", "2014-02-10", None)], [(1, 1), (1, 2)]),
        ([("Headache", "2014-02-10", None), ("Headache", "2014-02-01", "2014-02-03")], [(2, 2), (1, 2)]),
        ([("Headache", "2014-02", "2014-03"), ("Headache", "2014-03-05", None)], [(1, 1), (2, 1)]),
        (
            [
                ("Headache", "2014-02-01", "2014-02-03"),
                ("Headache", "2014-02-10", "2014-02-11"),
                ("Headache", "2014-03-01", None),
            ],
            [(1, 1), (2, 1), (3, 1)],
        ),
    ],
    ids=["came back", "never ended", "not over yet", "another term", "told later", "dates by month", "twice"],
)
def test_what_is_a_further_episode(
    events: list[tuple[str, str, str | None]], expected: list[tuple[int, int]]
) -> None:
    assert numbered(desk_with(*events)) == expected


def test_one_entered_in_error_joins_nothing() -> None:
    desk = desk_with(("Headache", "2014-02-01", "2014-02-03"), ("Headache", "2014-02-10", None))
    wrong = {"participant": "S-1", "form": "adverse_event", "instance": 1, "version": 1}
    desk.act("enter_in_error", **wrong, reason="Of somebody else.")
    assert numbered(desk) == [(1, 2)]


def test_the_newest_of_each_is_what_can_come_back() -> None:
    desk = desk_with(
        ("Headache", "2014-02-01", "2014-02-03"),
        ("Fever", "2014-02-05", None),
        ("Headache", "2014-02-10", "2014-02-11"),
    )
    found = latest_episodes(desk.dossier().casebook.instances("adverse_event"))
    assert [(each.version.text("term"), each.number) for each in found] == [("Fever", 1), ("Headache", 2)]


def test_the_dataset_and_the_narrative_say_which_episode_it_is() -> None:
    desk = desk_with(("Headache", "2014-02-01", "2014-02-03"), ("Headache", "2014-02-10", None))
    frame = derive_datasets(desk.snapshot())["events"].frame
    assert frame["episode"].to_list() == [1, 2]
    assert frame["first_episode"].to_list() == [1, 1]
    reports = [e.sequence for e in desk.trial.ledger.entries() if e.data.get("form") == "adverse_event"]
    assert [sorted(set(row) & set(reports)) for row in frame["entries"]] == [reports, reports]
    dossier = desk.dossier()
    versions = {key: dossier.casebook.latest(FormKey("adverse_event", "", key)) for key in (1, 2)}
    first, second = (draft_narrative(dossier, version) for version in versions.values() if version)
    assert "It is episode 2 of this event, after event 1 from 2014-02-01 to 2014-02-03." in second
    assert "episode" not in first


def test_a_person_counts_once_and_each_episode_once() -> None:
    desk = desk_with(
        ("Headache", "2014-02-01", "2014-02-03"),
        ("Headache", "2014-02-10", None),
        ("Fever", "2014-02-10", None),
    )
    snapshot, plan = desk.snapshot(), ReportPlan()
    datasets, protocol = derive_datasets(snapshot), snapshot.protocol
    counted = {line.label: line for line in derive_safety_counts(datasets, protocol, plan).terms}
    assert (counted["Headache"].people.value, counted["Headache"].events.value) == (1, 2)
    columns, listed = derive_event_listing(datasets, protocol, plan)
    assert columns.index("episode") == columns.index("term") + 1
    told = {(e.values["term"].value, e.values["episode"].value): e.values["episode"] for e in listed}
    assert set(told) == {("Headache", 1), ("Headache", 2), ("Fever", 1)}
    (row,) = rows_behind(told["Headache", 2], datasets).to_dicts()
    sources = SourceFinder(snapshot, datasets).sources(datasets["events"], "episode", row)
    read = {(source.entry.instance, source.item, source.typed) for source in sources}
    assert read >= {(1, "ended", "2014-02-03"), (2, "onset", "2014-02-10"), (2, "term", "Headache")}
    days = SourceFinder(snapshot, datasets).sources(datasets["events"], "onset_day", row)
    assert {source.entry.instance for source in days if source.entry.form == "adverse_event"} == {2}


def test_where_nothing_came_back_no_episodes_are_listed() -> None:
    snapshot = desk_with(("Headache", "2014-02-01", "2014-02-03"), ("Fever", "2014-02-10", None)).snapshot()
    columns, _ = derive_event_listing(derive_datasets(snapshot), snapshot.protocol, ReportPlan())
    assert "term" in columns and "episode" not in columns
