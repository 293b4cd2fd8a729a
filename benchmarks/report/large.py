"""How long the report of a large trial takes, and how many bytes it has: the shipped trial, many times over.

Every person of the shipped trial is copied under new numbers, entry by entry, onto one chain. So the entries are as a
site would make them, and there are as many participants as are asked for.
"""

import argparse
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from charcot import library
from charcot.conduct import Trial
from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Entry, Head, MemoryLedger, MemoryVault, canonical_json
from charcot.ledger.chain import hash_entry
from charcot.report import make_report, render_docx, render_html, render_pdf
from charcot.simulation import play, shipped_course
from charcot.wiring.clock import SimulatedClock

HOME = Path(str(library.__file__)).parent / "royan_admsc"
PEOPLE = 20


class Entries:
    """A ledger that is nothing but entries."""

    def __init__(self, held: list[Entry]) -> None:
        self._held = held

    def head(self) -> Head:
        last = self._held[-1]
        return Head(last.sequence, last.hash, last.recorded_at)

    def entries(self, *, until: int | None = None, **_: Any) -> Iterator[Entry]:
        return iter(self._held[:until])


def played() -> list[Entry]:
    root = HOME / "protocol"
    files = {str(path.relative_to(root)): path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))}
    published = YAML(typ="safe").load((HOME / "course" / "published.yaml").read_text("utf-8"))
    claims = (HOME / "claims.yaml").read_text("utf-8")
    clock, ledger = SimulatedClock(datetime(2013, 1, 1, tzinfo=UTC)), MemoryLedger()
    play(Trial(ledger, MemoryVault(), clock), clock, shipped_course(files, published, claims))
    return list(ledger.entries())


def many(entries: list[Entry], times: int) -> list[Entry]:
    """The same trial with everybody in it `times` times over."""
    found: list[Entry] = []
    for began, act in groupby(entries, key=lambda entry: entry.act):
        together = list(act)
        for copy in range(times if together[0].participant else 1):
            shift = len(found) + 1 - began
            for entry in together:
                found.append(_moved(entry, shift, copy, found[-1].hash if found else entry.previous_hash))
    return found


def _moved(entry: Entry, shift: int, copy: int, before: str) -> Entry:
    content = json.loads(entry.text)
    content["sequence"] = entry.sequence + shift
    content["act"]["began"] = entry.act + shift
    if entry.participant:
        person = int(entry.participant.split("-")[1])
        content["subject"] = f"participant/S-{copy * PEOPLE + person:05d}"
    text = canonical_json(content)
    return Entry(text, before, hash_entry(before, text))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--participants", type=int, default=1000)
    asked.add_argument("--pdf", action="store_true")
    asked.add_argument("--docx", action="store_true")
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    entries = many(played(), max(1, round(given.participants / PEOPLE)))
    print(f"{len(entries)} entries")
    began = time.perf_counter(), time.process_time()

    def told(what: str) -> None:
        nonlocal began
        now = time.perf_counter(), time.process_time()
        print(f"{what}: {now[0] - began[0]:.1f} s, of which {now[1] - began[1]:.1f} s computing", flush=True)
        began = now

    snapshot = take_snapshot(Entries(entries))  # type: ignore[arg-type]  # what a snapshot reads of a ledger
    told(f"snapshot of {len(snapshot.dossiers)} participants")
    datasets = derive_datasets(snapshot)
    told("datasets")
    report = make_report(snapshot, datasets)
    told(f"report of {len(report.results)} results")
    page = render_html(report)
    told(f"HTML, {len(page.encode()) / 1e6:.2f} MB")
    if given.out:
        given.out.write_text(page, "utf-8")
    if given.pdf:
        told(f"PDF, {len(render_pdf(report)) / 1e6:.2f} MB")
    if given.docx:
        told(f"DOCX, {len(render_docx(report)) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
