"""The shipped trial, played once for all tests of this room."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from charcot import library
from charcot.conduct import Trial
from charcot.datasets import Snapshot, take_snapshot
from charcot.ledger import MemoryLedger, MemoryVault
from charcot.participants import Dossier, FormKey
from charcot.simulation import PlannedAct, play, shipped_course
from charcot.wiring.clock import SimulatedClock

HOME = Path(str(library.__file__)).parent / "royan_admsc"


@pytest.fixture(scope="session")
def protocol_files() -> Mapping[str, str]:
    root = HOME / "protocol"
    return {str(p.relative_to(root)): p.read_text("utf-8") for p in sorted(root.rglob("*.yaml"))}


@pytest.fixture(scope="session")
def published() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = YAML(typ="safe").load((HOME / "course" / "published.yaml").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="session")
def acts(protocol_files: Mapping[str, str], published: Mapping[str, Any]) -> tuple[PlannedAct, ...]:
    return shipped_course(protocol_files, published)


@pytest.fixture(scope="session")
def play_through() -> Callable[[tuple[PlannedAct, ...]], MemoryLedger]:
    """Plays acts on a ledger in memory."""

    def run(acts: tuple[PlannedAct, ...]) -> MemoryLedger:
        clock = SimulatedClock(datetime(2013, 1, 1, tzinfo=UTC))
        ledger = MemoryLedger()
        play(Trial(ledger, MemoryVault(), clock), clock, acts)
        return ledger

    return run


@pytest.fixture(scope="session")
def played(
    acts: tuple[PlannedAct, ...], play_through: Callable[[tuple[PlannedAct, ...]], MemoryLedger]
) -> MemoryLedger:
    return play_through(acts)


@pytest.fixture(scope="session")
def snapshot(played: MemoryLedger) -> Snapshot:
    return take_snapshot(played)


@pytest.fixture(scope="session")
def treated(snapshot: Snapshot) -> dict[int, Dossier]:
    """The seventeen of Table 1 by their number there."""
    key = FormKey("published_baseline", "screening")
    rows = [(d, d.casebook.latest(key)) for d in snapshot.dossiers]
    return {int(row.text("table1_id") or ""): d for d, row in rows if row is not None}
