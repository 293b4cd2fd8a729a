"""The kept summaries say what folding the whole record says, whoever kept them, whenever and however often."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from charcot.datasets import derive_datasets, summarise, take_snapshot
from charcot.datasets.overview import NEEDS, ORDERS, Asked, FoldedOverview, Overview
from charcot.ledger import Ledger, MemoryLedger
from charcot.refusal import Refusal
from charcot.visits import plan_visits
from charcot.wiring.reading import TrialReader
from charcot.wiring.summaries import SummaryKeeper
from conduct.desk import Desk
from conduct.test_same_everywhere import Act, courses

QUICK = [phase for phase in Phase if phase is not Phase.shrink]
MOMENTS = tuple(
    datetime(2014, 1, 1, 12) + timedelta(days=7 * week, seconds=second)
    for week in (0, 1, 9, 10, 11, 12, 60)
    for second in (0, 12 * 3600 - 1)
)
STANDS = (
    "",
    "due",
    "overdue",
    "closing",
    "screened",
    "consented",
    "enrolled",
    "infused",
    "died",
    "lost",
    "nowhere",
)


def keeper_of(ledger: Ledger, file: Path) -> SummaryKeeper:
    return SummaryKeeper(ledger, TrialReader(ledger, most=3), file)


def answers(overview: Overview) -> list[object]:
    """Everything that can be asked."""
    asked = [
        *(Asked(stands=stands) for stands in STANDS),
        *(Asked(need=need, order=order) for need in ("", *NEEDS) for order in ORDERS),
        *(
            Asked(text="s-1", stands=stands, sites=frozenset({"Tehran"}))
            for stands in ("", "due", "enrolled")
        ),
        Asked(sites=frozenset({"Elsewhere"})),
        Asked(text="S-9"),
    ]
    sites = (None, {"Tehran"}, {"Elsewhere"})
    return [
        *((question, overview.find(question)) for question in asked),
        overview.find(Asked(), start=1, most=1),
        overview.find(Asked(), most=0),
        *(overview.count(each) for each in sites),
        *(overview.to_do(each) for each in sites),
        overview.to_do(most=1),
        *(overview.standings(each) for each in sites),
        *(overview.asked(each) for each in sites),
        *(overview.serious("2014-01", each) for each in sites),
        overview.serious("2014-01", most=1),
        overview.serious("2014-02"),
    ]


@settings(max_examples=30, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))
@given(courses, st.data())
def test_kept_and_folded_say_the_same(tmp_path: Path, course: list[Act], data: st.DataObject) -> None:
    desk = Desk(MemoryLedger())
    ledger = desk.trial.ledger
    file = tmp_path / f"{abs(hash(str(course)))}{data.draw(st.integers(0, 10**9))}.sqlite3"
    keepers = [keeper_of(ledger, file) for _ in range(2)]
    heads = [ledger.head()]
    for verb, actor, arguments in course:
        try:
            desk.act(verb, actor, **arguments)
        except Refusal:
            continue
        heads.append(ledger.head())
        if data.draw(st.booleans()):
            seen = data.draw(st.sampled_from(heads[-2:]))  # one that fell behind reads too
            data.draw(st.sampled_from(keepers)).overview(seen, data.draw(st.sampled_from(MOMENTS)))
    whole = take_snapshot(ledger)
    now = data.draw(st.sampled_from(MOMENTS))
    kept = data.draw(st.sampled_from(keepers)).overview(ledger.head(), now)
    folded = FoldedOverview(map(summarise, take_snapshot(ledger, now.replace(tzinfo=UTC)).dossiers), now)
    assert answers(kept) == answers(folded)
    for dossier in whole.dossiers:
        (summary,) = kept.find(Asked(text=dossier.participant))[0]
        for moment in MOMENTS:
            visits = plan_visits(dossier.study.protocol, dossier.standing, dossier.casebook, moment)
            assert [v.status_at(moment) for v in summary.visits] == [v.status for v in visits]


def test_lines_of_another_record_are_made_anew(tmp_path: Path) -> None:
    one, other = Desk(MemoryLedger()), Desk(MemoryLedger())
    one.enrol("S-1")
    other.enrol("T-1")
    for desk in (one, other):
        found, _ = (
            keeper_of(desk.trial.ledger, tmp_path / "site.sqlite3")
            .overview(desk.trial.ledger.head(), MOMENTS[0])
            .find(Asked())
        )
        assert [s.participant for s in found] == ["S-1" if desk is one else "T-1"]


def test_only_those_whom_an_act_concerns_are_folded_again(tmp_path: Path, monkeypatch) -> None:
    from charcot.wiring import summaries

    desk = Desk(MemoryLedger())
    for name in ("S-1", "S-2", "S-3"):
        desk.begin(name)
    keeper = keeper_of(desk.trial.ledger, tmp_path / "site.sqlite3")
    keeper.overview(desk.trial.ledger.head(), MOMENTS[0])
    folded: list[str] = []

    def watched(dossier):
        folded.append(dossier.participant)
        return summarise(dossier)

    monkeypatch.setattr(summaries, "summarise", watched)
    keeper.overview(desk.trial.ledger.head(), MOMENTS[0])
    assert folded == []
    desk.weigh("2014-01-07", "screening", participant="S-2")
    keeper.overview(desk.trial.ledger.head(), MOMENTS[0])
    assert folded == ["S-2"]


def test_the_last_day_seen_is_that_of_the_survival_dataset() -> None:
    desk = Desk(MemoryLedger())
    desk.treat("S-1")
    desk.weigh("2014-03-22", "month_2", participant="S-1")
    desk.treat("S-2")
    desk.about("contact", "2014-06-02", "S-2", alive=True)
    desk.treat("S-3")
    desk.about("contact", "2014-06-02", "S-3", alive=False)
    snapshot = desk.snapshot()
    survival = derive_datasets(snapshot)["survival"].frame
    ends = {row["participant"]: row["end"].isoformat() for row in survival.iter_rows(named=True)}
    assert {d.participant: summarise(d).last_seen for d in snapshot.dossiers} == ends


@pytest.mark.parametrize("order", [o for o in ORDERS if o != "number"])
def test_those_of_whom_it_is_not_known_come_last(order: str, tmp_path: Path) -> None:
    desk = Desk(MemoryLedger())
    desk.begin("S-1")
    found, total = (
        keeper_of(desk.trial.ledger, tmp_path / "s.sqlite3")
        .overview(desk.trial.ledger.head(), MOMENTS[0])
        .find(Asked(order=order))
    )
    assert (len(found), total) == (1, 1)
