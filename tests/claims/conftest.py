"""The shipped trial played once in memory, its claims, and their verdicts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from charcot import library
from charcot.conduct import Trial
from charcot.datasets import Snapshot, take_snapshot
from charcot.ledger import MemoryLedger, MemoryVault
from charcot.report.claims import (
    AuditedClaim,
    ClaimsFile,
    EvidenceTable,
    audit_claims,
    parse_claims,
    published_evidence,
)
from charcot.simulation import play, shipped_course
from charcot.wiring.clock import SimulatedClock

HOME = Path(str(library.__file__)).parent / "royan_admsc"


@pytest.fixture(scope="session")
def played() -> MemoryLedger:
    root = HOME / "protocol"
    files = {str(p.relative_to(root)): p.read_text("utf-8") for p in sorted(root.rglob("*.yaml"))}
    published = YAML(typ="safe").load((HOME / "course" / "published.yaml").read_text("utf-8"))
    clock = SimulatedClock(datetime(2013, 1, 1, tzinfo=UTC))
    ledger = MemoryLedger()
    play(Trial(ledger, MemoryVault(), clock), clock, shipped_course(files, published))
    return ledger


@pytest.fixture(scope="session")
def snapshot(played: MemoryLedger) -> Snapshot:
    return take_snapshot(played)


@pytest.fixture(scope="session")
def claims_text() -> str:
    return (HOME / "claims.yaml").read_text("utf-8")


@pytest.fixture(scope="session")
def claims(claims_text: str) -> ClaimsFile:
    return parse_claims("claims.yaml", claims_text)


@pytest.fixture(scope="session")
def evidence(snapshot: Snapshot) -> Mapping[str, EvidenceTable]:
    return published_evidence(snapshot)


@pytest.fixture(scope="session")
def audited(claims: ClaimsFile, snapshot: Snapshot) -> dict[str, AuditedClaim]:
    return {one.claim.id: one for one in audit_claims(claims, snapshot)}
