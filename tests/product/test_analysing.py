"""Flow cytometry on the record: computed from the raw bytes, results of waiting tests, new versions with a reason."""

from typing import Any

import pytest

from charcot.conduct.analyse_cytometry import CytometryPlan, MarkerAsked, RawFileChanged
from charcot.ledger import Entry, Kind
from charcot.product.analyses import fold_analyses, newest_analyses
from charcot.product.flow_cytometry import PositivityMethod, UnreadableTube
from charcot.refusal import OutOfOrder, ReasonMissing, Refusal
from charcot.simulation.tubes import COLOURS, draw_tube
from product.bench import REVIEWER, TESTER, Bench

GATES = b"""<g:Gating-ML xmlns:g="http://www.isac-net.org/std/Gating-ML/v2.0/gating"
  xmlns:d="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes">
  <g:RectangleGate g:id="cells">
    <g:dimension g:min="50000" g:max="140000"><d:fcs-dimension d:name="FSC-A"/></g:dimension>
    <g:dimension g:min="20000"><d:fcs-dimension d:name="SSC-A"/></g:dimension>
  </g:RectangleGate>
</g:Gating-ML>"""
PANEL = (
    MarkerAsked("CD90", "FITC-A", "stained", "isotype", "cd90"),
    MarkerAsked("CD14", "PE-A", "stained", "isotype", "cd14"),
)


def files(cd90: float = 0.97, seed: int = 1) -> dict[str, bytes]:
    stained = {"FITC-A": cd90, "PE-A": 0.01}
    drawn = {"isotype": {}, "stained": stained} | {f"single {c}": {c: 1.0} for c in COLOURS}
    return {
        name: draw_tube(name, shares, seed=[seed, n], events=13_000).content
        for n, (name, shares) in enumerate(drawn.items())
    }


def plan(tubes: dict[str, bytes] | None = None, **more: Any) -> CytometryPlan:
    given: dict[str, Any] = {
        "compensation": "stains", "unstained": "isotype", "stains": {c: f"single {c}" for c in COLOURS},
        "gates": GATES, "population": "cells", **more,
    }  # fmt: skip
    return CytometryPlan(tubes or files(), PANEL, **given)


@pytest.fixture
def grown() -> Bench:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.grow()
    for test in ("cd90", "cd14"):
        bench.act("request_test", TESTER, node="L1.P0-harvest", test=test, sampled_at="2014-01-18T10:30")
    return bench


def analyse(bench: Bench, plan: CytometryPlan, **more: Any) -> tuple[Entry, ...]:
    given = {"node": "L1.P0-harvest", "sampled_at": "2014-01-18T10:30", "plan": plan, **more}
    return bench.act("analyse_cytometry", TESTER, **given)


def test_an_analysis_gives_the_results_of_waiting_tests_and_is_made_anew_only_with_a_reason(
    grown: Bench,
) -> None:
    first, cd90, cd14 = analyse(grown, plan())
    assert [e.kind for e in (first, cd90, cd14)] == [
        Kind.CYTOMETRY_ANALYSED,
        Kind.TEST_RESULTED,
        Kind.TEST_RESULTED,
    ]
    assert float(cd90.data["value"]) == pytest.approx(97, abs=0.6) and cd90.data["verdict"] == "PASS"
    assert float(cd14.data["value"]) == pytest.approx(1, abs=0.4) and cd14.data["verdict"] == "PASS"
    kept = {file["name"]: file["sha256"] for file in first.data["files"]}
    assert [file["sha256"] for file in cd90.data["evidence"]] == [kept["stained"], kept["isotype"]]
    (one,) = fold_analyses(grown.lot().entries)
    assert (one.id, one.version, one.passage) == ("c1", 1, 0)
    marker = one.markers[0]
    low, high = map(float, marker["subtracted_interval"])
    assert low <= float(marker["subtracted"]) <= high and float(marker["at_least"]) == 95
    assert [s["by"] for s in marker["sensitivity"]] == ["p95", "p99", "p99.5", "median + 3 MAD"]

    with pytest.raises(OutOfOrder, match=r"already analysed \(c1\)"):
        analyse(grown, plan())
    ungated = plan(gates=None, population=None)
    with pytest.raises(ReasonMissing):
        analyse(grown, ungated, replaces="c1")
    with pytest.raises(RawFileChanged):
        analyse(grown, plan(files(seed=2)), replaces="c1", reason="Again")
    (second,) = analyse(grown, ungated, replaces="c1", reason="The gate cut off large cells")
    both = fold_analyses(grown.lot().entries)
    assert [(a.id, a.version) for a in both] == [("c1", 1), ("c1", 2)] and second.reason
    assert newest_analyses(both) == (both[1],)
    assert grown.lot().test("t1").value == cd90.data["value"]  # type: ignore[union-attr]  # it has its result
    # debris is negative: without the gate fewer of the events are positive
    assert float(both[1].markers[0]["subtracted"]) < float(both[0].markers[0]["subtracted"]) - 3


def test_a_share_outside_the_limit_fails_the_test_and_too_few_events_make_it_invalid() -> None:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.grow()
    bench.act("request_test", TESTER, node="L1.P0-harvest", test="cd90", sampled_at="2014-01-18T10:30")
    _, failed = analyse(bench, plan(files(cd90=0.9)))
    assert (failed.data["test"], failed.data["verdict"]) == ("cd90", "FAIL")
    bench.act("request_test", TESTER, node="L1.P0-harvest", test="cd14", sampled_at="2014-01-18T10:30")
    strict = PositivityMethod(least_sample=50_000)
    _, invalid = analyse(bench, plan(files(seed=5), method=strict))
    assert invalid.data["verdict"] == "INVALID" and "fewer than 50,000" in (invalid.reason or "")


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"compensation": "stains", "unstained": None}, "of unstained cells"),
        ({"stains": {"FITC-A": "single FITC-A"}}, "no single stain for PE-A"),
        ({"stains": {"FITC-A": "single PE-A", "PE-A": "single PE-A"}}, "brightest in"),
        ({"compensation": "file"}, "holds no spillover matrix"),
        ({"population": "lymphocytes"}, "no gate 'lymphocytes'"),
        ({"gates": b"<x/>"}, "no Gating-ML"),
        ({"gates": GATES + b" " * 200_001}, "longer than"),
    ],
)
def test_what_a_plan_lacks_is_said_in_words_and_nothing_is_entered(
    grown: Bench, changed: dict[str, Any], words: str
) -> None:
    before = grown.trial.ledger.head()
    asked = {"stains": {"FITC-A": "single FITC-A", "PE-A": "single PE-A"}, **changed}
    with pytest.raises(Refusal, match=words):
        analyse(grown, plan(files(seed=9), **asked))
    with pytest.raises(UnreadableTube):
        analyse(grown, plan({"stained": b"not a tube", "isotype": b"nor this"}))
    assert grown.trial.ledger.head() == before


def test_who_entered_the_analysis_does_not_review_its_results(grown: Bench) -> None:
    analyse(grown, plan())
    with pytest.raises(Refusal, match="entered this result"):
        grown.act("review_test", TESTER, lot="L1", test="t1", verdict="PASS")
    grown.act("review_test", REVIEWER, lot="L1", test="t1", verdict="PASS")
