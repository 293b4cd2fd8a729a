"""How long tracing takes in graphs of 100,000 nodes, from the site's database; every answer compared with a walk in memory."""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from charcot.cli.tracing import MOST, _as_data, _as_json
from charcot.product.tracing import KINDS, Direction, TraceEdge, walk_trace
from charcot.wiring.settings import configure_django

LOTS, VESSELS = 1_000, 96
"""Lots of one donor each, with so many populations of cells; each lot has a dose and a participant."""


def make_edges(lots: int) -> list[TraceEdge]:
    """A trial of many lots: each from one donor, split and split again, fed from material lots shared by ten lots."""
    edges = []
    for lot in range(lots):
        name = f"L{lot:04d}"
        edges.append(TraceEdge(f"donor/D{lot:04d}", f"lot/{name}", "procured", lot))
        edges.append(TraceEdge(f"lot/{name}", f"cells/{name}.n0", "began with", lot))
        edges.append(TraceEdge("equipment/INC-1", f"cells/{name}.n0", "used to digest", lot))
        for vessel in range(1, VESSELS):
            edges.append(
                TraceEdge(f"cells/{name}.n{(vessel - 1) // 2}", f"cells/{name}.n{vessel}", "split", lot)
            )
            edges.append(
                TraceEdge(f"material/M{lot // 10:03d}", f"cells/{name}.n{vessel}", "used to split", lot)
            )
        edges.append(TraceEdge(f"cells/{name}.n{VESSELS - 1}", f"dose/{name}", "prepared as", lot))
        edges.append(TraceEdge(f"dose/{name}", f"participant/P{lot:04d}", "prescribed for", lot))
    return edges


def make_pooled_edges(nodes: int, among: int) -> list[TraceEdge]:
    """The worst that can be thought of: every population comes of one or two others, drawn among the last so many."""
    draw = random.Random(1)
    edges = [TraceEdge("donor/D", "lot/L", "procured", 1), TraceEdge("lot/L", "cells/L.n0", "began with", 1)]
    for n in range(1, nodes):
        before = sorted({n - draw.randint(1, min(n, among)) for _ in range(draw.choice((1, 2)))})
        edges += [TraceEdge(f"cells/L.n{one}", f"cells/L.n{n}", "pool", n + 1) for one in before]
    return edges


def make_chain_edges(nodes: int) -> list[TraceEdge]:
    """One culture, split so many times."""
    return make_pooled_edges(nodes, 1)


def make_fed_edges(vessels: int, days: int) -> list[TraceEdge]:
    """Few vessels, fed every day in one incubator: little is reached over many edges."""
    cells = [f"cells/L{n:04d}.n0" for n in range(vessels)]
    return [
        TraceEdge("equipment/INC-1", one, "used to feed", day * vessels + n)
        for day in range(days)
        for n, one in enumerate(cells)
    ]


def timed(work: Callable[[], object], runs: int = 9) -> float:
    """The median processor time of a function [ms]."""
    took = []
    for _ in range(runs):
        start = time.process_time()
        work()
        took.append(1000 * (time.process_time() - start))
    return round(statistics.median(took), 1)


def time_graph(
    alias: str, edges: list[TraceEdge], asked: dict[str, tuple[str, Direction]]
) -> dict[str, object]:
    """What is asked of a graph, with its answers compared with a walk in memory."""
    forget_traces(alias)
    last = max(edge.entry for edge in edges)
    start = time.process_time()
    write_traces(alias, edges, TracedUpTo(last, "", ""), after=0)
    found: dict[str, object] = {
        "nodes": len({node for edge in edges for node in (edge.parent, edge.child)}),
        "edges": len(edges),
        "written_s": round(time.process_time() - start, 1),
    }
    for label, (node, direction) in asked.items():
        walked = walk_trace(edges, node, direction)
        answers = TraceAnswers(alias)
        reach = answers.reach(node, direction, last)
        assert reach.counts() == {kind: n for kind in KINDS if (n := len(walked.of_kind(kind)))}
        assert answers.trace(node, direction, last)[0] == walked
        near = answers.trace(node, direction, last, MOST)[0]
        assert len(near.nodes) + near.more_nodes == len(walked.nodes)
        most = max(reach.counts(), key=lambda kind: len(reach.names[kind]))

        def page(answers: TraceAnswers, n: str = node, d: Direction = direction, kind: str = most) -> object:
            reach = answers.reach(n, d, last)
            return reach.counts(), reach.page(kind, "", 100)

        def command(answers: TraceAnswers, n: str = node, d: Direction = direction) -> object:
            return _as_json({d: _as_data(*answers.trace(n, d, last, MOST))})

        def whole(answers: TraceAnswers, n: str = node, d: Direction = direction) -> object:
            return _as_json({d: _as_data(*answers.trace(n, d, last))})

        found[label] = {
            "reached": len(walked.nodes),
            "page_first_ms": timed(lambda do=page: do(TraceAnswers(alias))),
            "page_again_ms": timed(lambda do=page, kept=answers: do(kept)),
            "command_ms": timed(lambda do=command: do(TraceAnswers(alias))),
            "everything_ms": timed(lambda do=whole: do(TraceAnswers(alias)), runs=3),
        }
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lots", type=int, default=LOTS)
    given = parser.parse_args()
    configure_django()
    from charcot.store.local.traces import TraceAnswers, TracedUpTo, forget_traces, write_traces
    from charcot.store.site_database import open_site_database

    half = given.lots // 2
    lots: dict[str, tuple[str, Direction]] = {
        "participant back": (f"participant/P{half:04d}", "back"),
        "donor forward": (f"donor/D{half:04d}", "forward"),
        "material in ten lots forward": (f"material/M{half // 10:03d}", "forward"),
        "incubator of all lots forward": ("equipment/INC-1", "forward"),
    }
    nodes = given.lots * 100
    first: dict[str, tuple[str, Direction]] = {
        "donor forward": ("donor/D", "forward"),
        "last back": (f"cells/L.n{nodes - 1}", "back"),
    }
    with tempfile.TemporaryDirectory() as folder:
        alias = open_site_database(Path(folder) / "site.sqlite3")
        found = {
            "lots": time_graph(alias, make_edges(given.lots), lots),
            "pooled from all before": time_graph(alias, make_pooled_edges(nodes, nodes), first),
            "pooled from the last 200": time_graph(alias, make_pooled_edges(nodes, 200), first),
            "one chain": time_graph(alias, make_chain_edges(nodes), first),
            "fed every day": time_graph(
                alias,
                make_fed_edges(nodes // 100, 100),
                {"incubator forward": ("equipment/INC-1", "forward")},
            ),
        }
        print(json.dumps(found, indent=1))
