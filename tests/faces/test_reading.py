"""One participant read alone is the one of the whole trial, at any moment; and nobody else is read for them."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.datasets import take_snapshot
from charcot.ledger import Entry, MemoryLedger, view_as_of
from charcot.refusal import Refusal
from charcot.wiring.looking import TrialView
from charcot.wiring.reading import TrialReader
from conduct.desk import Desk
from conduct.test_same_everywhere import Act, courses


class WatchedLedger(MemoryLedger):
    """Notes of which subjects the entries were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def entries(self, *, subjects: Collection[str] | None = None, **asked: Any) -> Iterator[Entry]:
        for entry in super().entries(subjects=subjects, **asked):
            self.read.add(entry.subject)
            yield entry


def view_of(ledger: MemoryLedger, sequence: int, reader: TrialReader, now: datetime | None) -> TrialView:
    return TrialView(ledger, view_as_of(ledger, sequence).head(), now, reader)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(courses, st.data())
def test_alone_is_as_among_all_at_any_moment(course: list[Act], data: st.DataObject) -> None:
    desk = Desk(MemoryLedger())
    ledger = desk.trial.ledger
    assert isinstance(ledger, MemoryLedger)
    reader = TrialReader(ledger, most=data.draw(st.sampled_from([1, 2, 50])))
    first = ledger.head().sequence
    for verb, actor, arguments in course:
        try:
            desk.act(verb, actor, **arguments)
        except Refusal:
            continue
        sequence = data.draw(st.integers(first, ledger.head().sequence))
        now = data.draw(st.sampled_from([None, datetime(2014, 3, 22, tzinfo=UTC)]))
        view = view_of(ledger, sequence, reader, now)
        whole = take_snapshot(view_as_of(ledger, sequence), now)
        assert view.now == whole.now
        assert view.participants == tuple(d.participant for d in whole.dossiers)
        for dossier in whole.dossiers:
            found = view.dossier(dossier.participant)
            assert found == dossier
            assert found is view.dossier(dossier.participant)
            assert view.visits(dossier.participant) == whole.visits[dossier.participant]
            alone = view.alone(dossier.participant)
            own = [d for d in whole.deviations if d.participant in (dossier.participant, "")]
            assert list(alone.deviations) == own
            assert alone.forms == whole.forms
        assert view.dossier("somebody") is None
        assert view.visits("somebody") == ()


def test_nobody_else_is_read_for_one_participant() -> None:
    ledger = WatchedLedger()
    desk = Desk(ledger)
    for name in ("S-1", "S-2", "S-3"):
        desk.enrol(name)
    reader, sequence = TrialReader(ledger), ledger.head().sequence
    view, again = (view_of(ledger, sequence, reader, None) for _ in range(2))
    ledger.read.clear()
    assert [visit.encounter.id for visit in view.visits("S-2")]
    assert view.nobody.protocol.trial.id == "SMALL-2"
    assert ledger.read == {"participant/S-2"}
    ledger.read.clear()
    assert again.visits("S-2") == view.visits("S-2")
    assert ledger.read == set()
