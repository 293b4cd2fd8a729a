"""How the command line speaks: plain lines, refusals in words, JSON where asked."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console

from charcot.refusal import Refusal

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

REFUSED = 2
"""Exit status of a command that was refused; 1 says that something checked does not hold."""


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Prints a Refusal as what, rule and next step, and ends the command."""
    try:
        yield
    except Refusal as refusal:
        errors.print(f"[bold]Not done.[/] {_escaped(refusal.what)}")
        for finding in refusal.facts.get("findings", ()):
            errors.print(f"  {_escaped(str(finding))}")
        errors.print(f"[dim]Rule:[/] {_escaped(refusal.rule)}")
        errors.print(f"[dim]What to do:[/] {_escaped(refusal.next_step)}")
        raise typer.Exit(REFUSED) from refusal


def say(text: str = "", **style: Any) -> None:
    """Prints a line, without markup."""
    console.print(_escaped(text), **style)


def say_json(data: Any) -> None:
    """Prints data as JSON, for other programs."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
