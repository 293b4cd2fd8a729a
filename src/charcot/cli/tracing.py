"""The command that traces the product: from any node back to where it came from, and forward to what came of it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from charcot.cli.output import refusals_in_words, say
from charcot.product.tracing import NodeTrace, Reach
from charcot.wiring.folder import open_folder

HEADS = {"back": "It came from, or was made with:", "forward": "Came of it:"}
MOST = 500
"""Nodes that are listed before and after one, nearest first; the others are counted."""


def trace(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")],
    node: Annotated[
        str,
        typer.Argument(metavar="NODE", help="An id, such as L01, L01.P1-a, P07, or with its kind: dose/D01."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print nodes and edges as JSON.")] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, help="How many things to list before and after it, nearest first.")
    ] = MOST,
    everything: Annotated[bool, typer.Option("--all", help="List everything, however much it is.")] = False,
) -> None:
    """Trace a donor, material, lot, vessel, dose, participant or event: what it came from, and what came of it."""
    with refusals_in_words():
        opened = open_folder(folder)
        from charcot.wiring.traces import trace_in  # Django's settings come first

        found = trace_in(opened, node, None if everything else most)
    if as_json:
        typer.echo(_as_json({traced.direction: _as_data(traced, reach) for traced, reach in found}))
        return
    say(found[0][0].start, style="bold")
    for traced, reach in found:
        typer.echo("\n".join(_lines(traced, reach)))


def _lines(found: NodeTrace, reach: Reach) -> Iterator[str]:
    near: dict[str, str] = {}
    for edge in found.edges:
        reached = edge.child if found.direction == "forward" else edge.parent
        near.setdefault(reached, f"{edge.how}, entry {edge.entry}")
    yield HEADS[found.direction]
    others = found.nodes[1:]
    if not others:
        yield "  nothing on the record"
    if found.more_nodes:
        counted = ", ".join(f"{kind} {many:,}" for kind, many in reach.counts().items())
        yield f"  {counted}. The nearest {len(others):,}:"
    for one in others:
        yield f"  {one.steps:>3}  {one.kind:<12} {one.name:<24} {near.get(one.node, '')}".rstrip()
    if found.more_nodes:
        yield f"  {found.more_nodes:,} more are not listed here: --all lists them too."
    if found.direction == "forward":
        for kind, names in reach.concerned().items():
            if names:
                yield f"A recall from here is about {len(names):,} {kind}{'s' * (len(names) > 1)}: {', '.join(names)}"


def _as_data(found: NodeTrace, reach: Reach) -> dict[str, Any]:
    concerned = {"concerned": reach.concerned()} if found.direction == "forward" else {}
    left_out = {"nodes": found.more_nodes, "edges": found.more_edges}
    return {"counts": reach.counts(), **concerned, "left_out": left_out, **found.as_data()}


def _as_json(traced: dict[str, dict[str, Any]]) -> str:
    """Every node and edge on a line of its own."""
    write = json.JSONEncoder(ensure_ascii=False).encode
    ways = []
    for way, data in traced.items():
        parts = [
            f"  {write(key)}: " + (_lines_of(map(write, value)) if isinstance(value, list) else write(value))
            for key, value in data.items()
        ]
        ways.append(f" {write(way)}: {{\n" + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(ways) + "\n}"


def _lines_of(values: Iterable[str]) -> str:
    inside = ",\n   ".join(values)
    return f"[\n   {inside}\n  ]" if inside else "[]"
