"""Tracing: the database's recursion answers what walking the edges answers, whatever the graph."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from charcot.conduct import read_charter
from charcot.ledger import Actor, Draft, Entry, Kind, MemoryLedger
from charcot.product.tracing import (
    KINDS,
    Direction,
    NodeTrace,
    TraceEdge,
    derive_trace_edges,
    require_node,
    walk_trace,
)
from charcot.refusal import BadValue
from charcot.wiring.settings import configure_django
from product.bench import Bench

names = st.sampled_from([f"cells/L.{letter}" for letter in "abcdef"] + ["donor/a", "dose/a"])
edges = st.builds(
    TraceEdge, parent=names, child=names, how=st.sampled_from(["split", "pool"]), entry=st.integers(1, 9)
)


def split(parent: str, child: str) -> TraceEdge:
    return TraceEdge(f"cells/L.{parent}", f"cells/L.{child}", "split", 1)


directions = st.sampled_from(["forward", "back"])


@pytest.fixture(scope="module")
def alias(tmp_path_factory: pytest.TempPathFactory) -> str:
    configure_django()
    from charcot.store.site_database import open_site_database

    return open_site_database(tmp_path_factory.mktemp("site") / "site.sqlite3")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(edges, max_size=25),
    st.integers(0, 9),
    names,
    directions,
    st.integers(0, 9),
    st.booleans(),
    st.integers(1, 6),
)
@example([split(*pair) for pair in ("ab", "ac", "cd", "be")], 0, "cells/L.a", "forward", 9, False, 4)
def test_the_database_answers_as_a_walk_does_also_in_circles_and_as_of_earlier(
    alias: str,
    drawn: list[TraceEdge],
    between: int,
    start: str,
    direction: Direction,
    until: int,
    by_steps: bool,
    most: int,
) -> None:
    from charcot.product import trace_graph
    from charcot.store.local import traces

    earlier, later = ([e for e in drawn if (e.entry <= between) == before] for before in (True, False))
    traces.forget_traces(alias)
    traces.write_traces(alias, earlier, traces.TracedUpTo(between, "", ""), after=0)
    traces.write_traces(alias, later, traces.TracedUpTo(9, "", ""), after=between)
    traces.write_traces(alias, later, traces.TracedUpTo(between + 1, "", ""), after=10)  # comes too late
    walked = walk_trace([e for e in set(drawn) if e.entry <= until], start, direction)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traces, "MOST_BY_STEPS", 99 if by_steps else 0)
        patch.setattr(traces, "A_PAGE", 16 * most)
        for place in (traces, trace_graph):
            patch.setattr(place, "EDGES_A_NODE", 1)
        answers = traces.TraceAnswers(alias)
        answers.reach(start, direction, 9)  # what is kept of the whole record is not taken for an earlier one
        reach = answers.reach(start, direction, until)
        whole, same = answers.trace(start, direction, until)
        near, also = answers.trace(start, direction, until, most)
    assert whole == walked
    assert reach.counts() == {kind: n for kind in KINDS if (n := len(walked.of_kind(kind)))}
    for kind in reach.counts():
        ordered = sorted(one.name for one in walked.of_kind(kind))
        assert list(reach.page(kind)) == list(same.page(kind)) == list(also.page(kind)) == ordered
        assert list(reach.page(kind, after=ordered[0], most=2)) == ordered[1:3]
    in_order = sorted(drawn, key=lambda e: e.entry)
    told = [*dict.fromkeys(node for e in in_order for node in (e.parent, e.child)), start]
    nearest = sorted(walked.nodes, key=lambda one: (one.steps, told.index(one.node)))
    assert sorted(near.nodes) == sorted(nearest[:most])
    assert near.more_nodes == len(walked.nodes) - len(near.nodes)
    listed = {one.node for one in near.nodes}
    between_listed = {e for e in walked.edges if e.parent in listed and e.child in listed}
    assert set(near.edges) <= between_listed and near.more_edges == len(walked.edges) - len(near.edges)
    assert len(near.edges) == min(len(between_listed), most)
    far = {e.child if direction == "forward" else e.parent for e in between_listed}
    assert far == {e.child if direction == "forward" else e.parent for e in near.edges}


@given(st.lists(edges, max_size=25), names)
def test_a_drawing_shows_every_node_once_and_no_box_lies_over_another(
    drawn: list[TraceEdge], start: str
) -> None:
    configure_django()
    from charcot.web.trace_drawing import WIDE, draw_trace
    from charcot.web.trace_path import find_path, fold_alike

    ahead, behind = (walk_trace(drawn, start, way) for way in ("forward", "back"))
    path = find_path(behind, ahead, address=str, seen=lambda _: True, say=lambda node: node.partition("/")[0])
    told = [one.node for layer in path.layers for one in layer.nodes]
    assert sorted(told) == sorted({one.node for one in (*ahead.nodes, *behind.nodes)})
    _folded, stands_for = fold_alike(path)
    assert sum(stands_for.values()) == len(told)
    drawing = draw_trace(path)
    if drawing is None:
        assert len(stands_for) < 2 or len(told) > 8
        return
    assert {one.node for one in drawing.nodes} == set(stands_for)
    rows: dict[int, list[int]] = {}
    for one in drawing.nodes:
        assert 0 <= one.x <= drawing.wide - WIDE
        rows.setdefault(one.y, []).append(one.x)
    for places in rows.values():
        assert all(right - left > WIDE for left, right in pairwise(sorted(places)))


@given(st.lists(edges, max_size=20), names, names)
def test_what_lies_before_a_node_has_the_node_ahead_of_it(
    drawn: list[TraceEdge], one: str, other: str
) -> None:
    ahead = {node.node for node in walk_trace(drawn, one, "forward").nodes}
    behind = {node.node for node in walk_trace(drawn, other, "back").nodes}
    assert (other in ahead) == (one in behind)


def entry(kind: Kind, subject: str, data: dict[str, object]) -> Entry:
    ledger = MemoryLedger()
    draft = Draft(kind, subject, "act", Actor("a", "b"), data)
    return ledger.append([draft], seen=0, watching=(), clock=lambda: datetime(2014, 1, 1, tzinfo=UTC))[0]


def test_entries_of_the_chain_make_edges_from_donor_to_event() -> None:
    step = {"does": "seed", "parents": [{"id": "L01.tissue"}], "children": [{"id": "L01.P0-a"}],
            "materials": [{"id": "M7", "amount": "1", "unit": "ml"}], "equipment": ["INC-1"]}  # fmt: skip
    feed = {**step, "does": "feed", "parents": [{"id": "L01.P0-a"}], "children": [], "equipment": []}
    form = {"form": "adverse_event", "encounter": "", "instance": 2}
    entries = [
        entry(Kind.TISSUE_PROCURED, "product/L01", {"donor": "D9", "node": "L01.tissue", "details": {}}),
        entry(Kind.STEP_PERFORMED, "product/L01", step),
        entry(
            Kind.STEP_PERFORMED,
            "product/L01",
            feed | {"materials": [{"id": "M8", "amount": "1", "unit": "ml"}]},
        ),
        entry(Kind.DOSE_PREPARED, "dose/X1", {"node": "L01.P0-a", "lot": "L01"}),
        entry(Kind.DOSE_PRESCRIBED, "dose/X1", {"participant": "P07"}),
        entry(Kind.FORM_RECORDED, "participant/P07", form),
        entry(Kind.FORM_RECORDED, "participant/P07", form | {"form": "demography"}),
    ]
    drawn = [edge for one in entries for edge in derive_trace_edges(one, {"adverse_event"})]
    ahead = walk_trace(drawn, "donor/D9", "forward")
    event = "event/P07/adverse_event/2"
    assert [node.node for node in ahead.nodes] == [
        "donor/D9", "lot/L01", "cells/L01.tissue", "cells/L01.P0-a", "dose/X1", "participant/P07", event,
    ]  # fmt: skip
    back = walk_trace(drawn, event, "back")
    assert {node.node for node in back.nodes} == {
        *(node.node for node in ahead.nodes), "material/M7", "material/M8", "equipment/INC-1",
    }  # fmt: skip
    assert [node.name for node in walk_trace(drawn, "material/M8", "forward").of_kind("participant")] == [
        "P07"
    ]


def test_a_bare_name_means_the_one_thing_that_has_it() -> None:
    assert require_node("L01", ["lot/L01"]) == "lot/L01"
    with pytest.raises(BadValue, match="names 2 things") as caught:
        require_node("a", ["donor/a", "dose/a"])
    assert "donor/a, dose/a" in caught.value.next_step
    with pytest.raises(BadValue, match="Nothing on the record"):
        require_node("L02", [])


def test_the_kept_graph_grows_with_the_record_and_agrees_with_the_genealogy(
    tmp_path: Path, alias: str
) -> None:
    from charcot.wiring.traces import TraceKeeper, event_forms_of

    bench = Bench()
    ledger = bench.trial.ledger
    kept = TraceKeeper(ledger, tmp_path / "site.sqlite3")

    def trace(asked: str, direction: str, keeper: TraceKeeper = kept) -> NodeTrace:
        now = ledger.head(), read_charter(ledger)
        return keeper.trace(keeper.find(asked, *now), direction, *now)[0]  # type: ignore[arg-type]

    bench.make_ready()
    assert trace("S-1", "back").of_kind("material")
    with pytest.raises(BadValue, match="Nothing on the record"):
        trace("nothing", "back")
    bench.act(
        "infuse",
        participant="S-1",
        at="2014-01-20T10:00",
        given_dose="141000000",
        values={"volume": "10"},
        dose="X1",
    )
    forms = event_forms_of(read_charter(ledger))
    folded = [edge for entry in ledger.entries() for edge in derive_trace_edges(entry, forms)]
    anew = TraceKeeper(ledger, tmp_path / "other.sqlite3")
    for node in sorted({name for edge in folded for name in (edge.parent, edge.child)}):
        for direction in ("forward", "back"):
            found = trace(node, direction)
            assert found == walk_trace(folded, node, direction) == trace(node, direction, anew)  # type: ignore[arg-type]
    line = bench.lot().genealogy
    cells = {node.name for node in trace("dose/X1", "back").of_kind("cells")}
    assert cells == {"L1.X1", *line.ancestors("L1.X1")}
    assert [node.name for node in trace("dose/X1", "back").of_kind("donor")] == ["D1"]
    reach = kept.reach("material/COL1", "forward", ledger.head(), read_charter(ledger))
    assert reach.concerned() == {"lot": ("L1",), "dose": ("X1",), "participant": ("S-1",)}


def test_another_record_in_the_same_place_is_read_anew(tmp_path: Path, alias: str) -> None:
    from charcot.wiring.traces import TraceKeeper

    file = tmp_path / "site.sqlite3"
    one, other = Bench(), Bench()
    one.make_ready()
    other.enrol()
    first = TraceKeeper(one.trial.ledger, file)
    head, charter = one.trial.ledger.head(), read_charter(one.trial.ledger)
    assert sum(first.reach("participant/S-1", "back", head, charter).counts().values()) > 5
    second = TraceKeeper(other.trial.ledger, file)
    with pytest.raises(BadValue, match="Nothing on the record"):
        second.find("S-1", other.trial.ledger.head(), read_charter(other.trial.ledger))
