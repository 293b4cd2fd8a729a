"""The command that traces the product: from any node back to where it came from, and forward to what came of it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say
from charcot.product.tracing import NodeTrace
from charcot.wiring.folder import open_folder

HEADS = {"back": "It came from, or was made with:", "forward": "Came of it:"}


def trace(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")],
    node: Annotated[
        str,
        typer.Argument(metavar="NODE", help="An id, such as L01, L01.P1-a, P07, or with its kind: dose/D01."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print nodes and edges as JSON.")] = False,
) -> None:
    """Trace a donor, material, lot, vessel, dose, participant or event: what it came from, and what came of it."""
    with refusals_in_words():
        opened = open_folder(folder)
        from charcot.wiring.traces import trace_in  # Django's settings come first

        found = [trace_in(opened, node, direction) for direction in ("back", "forward")]
    if as_json:
        typer.echo(json.dumps({one.direction: one.as_data() for one in found}, ensure_ascii=False, indent=1))
        return
    say(found[0].start, style="bold")
    for one in found:
        _say_trace(one)


def _say_trace(found: NodeTrace) -> None:
    near: dict[str, str] = {}
    for edge in found.edges:
        reached = edge.child if found.direction == "forward" else edge.parent
        near.setdefault(reached, f"{edge.how}, entry {edge.entry}")
    say(HEADS[found.direction])
    others = found.nodes[1:]
    if not others:
        say("  nothing on the record")
    for one in others:
        say(f"  {one.steps:>3}  {one.kind:<12} {one.name:<24} {near.get(one.node, '')}".rstrip())
