"""How long tracing takes in a graph of 100,000 nodes: SQL recursion in the site's database, and a walk in memory."""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from charcot.product.tracing import TraceEdge, walk_trace
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


def timed(work: object, runs: int = 9) -> float:
    """The median time of a function [ms]."""
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        work()  # type: ignore[operator]
        took.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(took), 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lots", type=int, default=LOTS)
    given = parser.parse_args()
    configure_django()
    from charcot.store.local.traces import TracedUpTo, read_reached, read_trace, write_traces
    from charcot.store.site_database import open_site_database

    edges = make_edges(given.lots)
    nodes = {node for edge in edges for node in (edge.parent, edge.child)}
    with tempfile.TemporaryDirectory() as folder:
        alias = open_site_database(Path(folder) / "site.sqlite3")
        start = time.perf_counter()
        write_traces(alias, edges, TracedUpTo(given.lots, "", ""))
        built = time.perf_counter() - start
        asked = {
            "participant back": ("participant/P0500", "back"),
            "donor forward": ("donor/D0500", "forward"),
            "material in ten lots forward": ("material/M050", "forward"),
            "incubator of all lots forward": ("equipment/INC-1", "forward"),
        }
        found = {"nodes": len(nodes), "edges": len(edges), "built_s": round(built, 1)}
        for label, (node, direction) in asked.items():
            trace = read_trace(alias, node, direction, given.lots)
            assert trace == walk_trace(edges, node, direction)
            sql = timed(lambda n=node, d=direction: read_trace(alias, n, d, given.lots))
            walk = timed(lambda n=node, d=direction: walk_trace(edges, n, d), runs=3)
            affected = timed(
                lambda n=node, d=direction: read_reached(
                    alias, n, d, given.lots, ("lot", "dose", "participant")
                )
            )
            found[label] = {
                "reached": len(trace.nodes),
                "sql_ms": sql,
                "affected_ms": affected,
                "walk_ms": walk,
            }
        print(json.dumps(found, indent=1))
