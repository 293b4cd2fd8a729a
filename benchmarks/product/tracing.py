"""How long tracing takes in a graph of 100,000 nodes: SQL recursion in the site's database, and a walk in memory."""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

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


def make_pooled_edges(nodes: int) -> list[TraceEdge]:
    """The worst that can be thought of: every population pooled from two of the two hundred before it."""
    draw = random.Random(1)
    edges = [TraceEdge("donor/D", "lot/L", "procured", 1), TraceEdge("lot/L", "cells/L.n0", "began with", 1)]
    for n in range(1, nodes):
        before = sorted({max(0, n - draw.randrange(1, 200)) for _ in range(2)})
        edges += [TraceEdge(f"cells/L.n{one}", f"cells/L.n{n}", "pool", n + 1) for one in before]
    return edges


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
    write_traces(alias, edges, TracedUpTo(last, "", ""))
    found: dict[str, object] = {
        "nodes": len({node for edge in edges for node in (edge.parent, edge.child)}),
        "edges": len(edges),
        "written_s": round(time.process_time() - start, 1),
    }
    for label, (node, direction) in asked.items():
        walked = walk_trace(edges, node, direction)
        counted = count_reached(alias, node, direction, last)
        assert counted == {kind: n for kind in KINDS if (n := len(walked.of_kind(kind)))}
        assert read_trace(alias, node, direction, last) == walked
        most = max(counted, key=lambda kind: counted[kind])
        found[label] = {
            "reached": len(walked.nodes),
            "count_ms": timed(lambda n=node, d=direction: count_reached(alias, n, d, last)),
            "page_ms": timed(lambda n=node, d=direction, k=most: read_reached(alias, n, d, last, k, "", 100)),
            "affected_ms": timed(
                lambda n=node, d=direction: [
                    read_reached(alias, n, d, last, kind) for kind in ("lot", "dose", "participant")
                ]
            ),
            "all_edges_ms": timed(lambda n=node, d=direction: read_trace(alias, n, d, last), runs=3),
        }
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lots", type=int, default=LOTS)
    given = parser.parse_args()
    configure_django()
    from charcot.store.local.traces import (
        TracedUpTo,
        count_reached,
        forget_traces,
        read_reached,
        read_trace,
        write_traces,
    )
    from charcot.store.site_database import open_site_database

    half = given.lots // 2
    lots: dict[str, tuple[str, Direction]] = {
        "participant back": (f"participant/P{half:04d}", "back"),
        "donor forward": (f"donor/D{half:04d}", "forward"),
        "material in ten lots forward": (f"material/M{half // 10:03d}", "forward"),
        "incubator of all lots forward": ("equipment/INC-1", "forward"),
    }
    nodes = given.lots * 100
    pooled: dict[str, tuple[str, Direction]] = {
        "donor forward": ("donor/D", "forward"),
        "last pool back": (f"cells/L.n{nodes - 1}", "back"),
    }
    with tempfile.TemporaryDirectory() as folder:
        alias = open_site_database(Path(folder) / "site.sqlite3")
        found = {"lots": time_graph(alias, make_edges(given.lots), lots)}
        found["everything pooled"] = time_graph(alias, make_pooled_edges(nodes), pooled)
        print(json.dumps(found, indent=1))
