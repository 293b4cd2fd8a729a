"""The shipped trial with its whole course, played once a process, and the report of it; for tests alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from charcot import library
from charcot.analysis import Datasets, derive_report_datasets
from charcot.analysis.plan import plan_report
from charcot.conduct import Trial
from charcot.datasets import Snapshot, derive_datasets, take_snapshot
from charcot.ledger import Entry, Head, MemoryLedger, MemoryVault
from charcot.report import Report, make_report
from charcot.simulation import play, shipped_course
from charcot.wiring.clock import SimulatedClock

HOME = Path(str(library.__file__)).parent / "royan_admsc"


@dataclass(frozen=True)
class EntriesOnly:
    """A ledger that is nothing but entries, so that a test can change one; its hashes are not looked at."""

    held: tuple[Entry, ...]

    def head(self) -> Head:
        last = self.held[-1]
        return Head(last.sequence, last.hash, last.recorded_at)

    def entries(self, **_: Any) -> Iterator[Entry]:
        return iter(self.held)


@lru_cache(maxsize=1)
def shipped_entries() -> tuple[Entry, ...]:
    """Every entry of the shipped trial."""
    root = HOME / "protocol"
    files = {str(path.relative_to(root)): path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))}
    published = YAML(typ="safe").load((HOME / "course" / "published.yaml").read_text("utf-8"))
    clock, ledger = SimulatedClock(datetime(2013, 1, 1, tzinfo=UTC)), MemoryLedger()
    play(Trial(ledger, MemoryVault(), clock), clock, shipped_course(files, published))
    return tuple(ledger.entries(until=ledger.head().sequence))


def snapshot_of_entries(entries: tuple[Entry, ...]) -> Snapshot:
    """The snapshot of some entries."""
    return take_snapshot(EntriesOnly(entries))  # type: ignore[arg-type]  # what a snapshot reads of a ledger


def datasets_of(snapshot: Snapshot) -> Datasets:
    """The datasets that its report rests on."""
    return derive_report_datasets(snapshot, derive_datasets(snapshot), plan_report(snapshot.protocol))


@lru_cache(maxsize=1)
def shipped_report() -> Report:
    """The report of the shipped trial."""
    snapshot = snapshot_of_entries(shipped_entries())
    return make_report(snapshot, derive_datasets(snapshot))
