"""How long the safety report of a large trial takes, its reconciliation, and its boundary for each entry.

A person of the shipped trial with an event is copied under new numbers, with what a safety report reads: consent, enrolment,
infusion, vital signs, liver values, and ten adverse events each. The entries are as a site would make them, on one chain.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from charcot import library
from charcot.conduct import Trial
from charcot.datasets import take_snapshot
from charcot.ledger import Entry, Head, Kind, MemoryLedger, MemoryVault, canonical_json
from charcot.ledger.chain import hash_entry
from charcot.protocol import require_study
from charcot.report import render_docx, render_html, render_pdf
from charcot.report.safety_report import make_safety_report
from charcot.safety import SafetyWatch
from charcot.safety.reconciliation import reconcile
from charcot.simulation import play, shipped_course
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.collecting import collector_paused

Made = TypeVar("Made")
HOME = Path(str(library.__file__)).parent / "royan_admsc"
PERSON = "S-15"
FORMS = (
    "consent",
    "demography",
    "infusion",
    "vital_signs",
    "observation_6h",
    "laboratory_liver",
    "adverse_event",
)
COURSE = (Kind.PARTICIPANT_SCREENED, Kind.PARTICIPANT_ENROLLED)


class Entries:
    """A ledger that is nothing but entries."""

    def __init__(self, held: list[Entry]) -> None:
        self._held = held

    def head(self) -> Head:
        last = self._held[-1]
        return Head(last.sequence, last.hash, last.recorded_at)

    def entries(self, *, until: int | None = None, **_: Any) -> Any:
        return iter(self._held[:until])


def played() -> tuple[dict[str, str], list[Entry]]:
    root = HOME / "protocol"
    files = {str(path.relative_to(root)): path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))}
    published = YAML(typ="safe").load((HOME / "course" / "published.yaml").read_text("utf-8"))
    clock, ledger = SimulatedClock(datetime(2013, 1, 1, tzinfo=UTC)), MemoryLedger()
    play(Trial(ledger, MemoryVault(), clock), clock, shipped_course(files, published))
    return files, list(ledger.entries())


def many(entries: list[Entry], people: int, events: int) -> list[Entry]:
    """The trial's own entries, then `people` with `events` adverse events each."""
    own = [entry for entry in entries if entry.subject == "trial"]
    one = [
        entry
        for entry in entries
        if entry.participant == PERSON
        and (entry.kind in COURSE or (entry.kind is Kind.FORM_RECORDED and entry.data["form"] in FORMS))
    ]
    course = [e for e in one if e.data.get("form") != "adverse_event"]
    told = [e for e in one if e.data.get("form") == "adverse_event" and e.data["version"] == 1]
    embolus = next(
        e
        for e in entries
        if e.data.get("form") == "adverse_event"
        and e.data["values"]["category"].get("value") == "pulmonary_embolism"
    )
    found: list[Entry] = []

    def add(entry: Entry, number: int | None, instance: int | None = None) -> None:
        content = json.loads(entry.text)
        content["sequence"] = len(found) + 1
        content["act"]["began"] = len(found) + 1
        if entry is embolus:
            content["clinical_time"] = "2015-06-01"
        if number is not None:
            content["subject"] = f"participant/S-{number:05d}"
        if instance is not None:
            content["data"]["instance"] = instance
            content["data"]["version"] = 1
        text = canonical_json(content)
        before = found[-1].hash if found else entry.previous_hash
        found.append(Entry(text, before, hash_entry(before, text)))

    for entry in own:
        add(entry, None)
    for number in range(1, people + 1):
        for entry in course:
            add(entry, number)
        for instance in range(1, events + 1):
            rare = number % 50 == 0 and instance == 1
            add(embolus if rare else told[instance % len(told)], number, instance)
    return found


def timed(make: Callable[[], Made]) -> tuple[Made, str]:
    """What was made, and the seconds that went by and that were spent computing."""
    began, computing = time.perf_counter(), time.process_time()
    made = make()
    return made, f"{time.perf_counter() - began:.1f} s ({time.process_time() - computing:.1f} s of computing)"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--participants", type=int, default=10_000)
    asked.add_argument("--events", type=int, default=10)
    asked.add_argument("--since", action="store_true", help="also with what changed in the last quarter")
    given = asked.parse_args()
    files, entries = played()
    held = many(entries, given.participants, given.events)
    print(f"{len(held)} entries")

    watch = SafetyWatch(require_study(files), ZoneInfo("Asia/Tehran"))
    taken = []
    with collector_paused():  # its rounds go through all the entries held here, which no site holds
        for entry in held:
            began = time.perf_counter()
            watch.add(entry)
            taken.append(1000 * (time.perf_counter() - began))
    taken.sort()
    group = watch.boundaries["emboli"].groups[""]
    print(
        f"boundary: mean {statistics.mean(taken):.4f} ms, 99.9 % below {taken[int(0.999 * len(taken))]:.3f} ms, "
        f"longest {taken[-1]:.2f} ms; {group.events} of {group.patients}"
    )

    with collector_paused():
        snapshot, taken = timed(lambda: take_snapshot(Entries(held)))  # type: ignore[arg-type]  # what is asked of it is there
        print(f"snapshot {taken}")
        asked_of, taken = timed(lambda: [len(reconcile(d)) for d in snapshot.dossiers])
        print(f"reconciliation {taken}, {sum(asked_of)} questions about {len(asked_of)} participants")
        report, taken = timed(lambda: make_safety_report(snapshot))
        print(f"report {taken}")
        if given.since:
            then = take_snapshot(Entries(held[: 3 * len(held) // 4]))  # type: ignore[arg-type]  # as above
            again = take_snapshot(Entries(held))  # type: ignore[arg-type]  # as above
            _both, taken = timed(lambda: make_safety_report(again, then))
            print(f"report of both moments, with what changed since {taken}")
        for name, render in (
            ("html", lambda r: render_html(r, carries_lineage=False)),
            ("pdf", render_pdf),
            ("docx", render_docx),
        ):
            content, taken = timed(lambda render=render: render(report))  # type: ignore[misc]  # one of three renderers
            print(f"{name} {taken}, {len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
