"""The database itself refuses what is not an entry at the end, also after its table was rebuilt."""

import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction
from django.test import override_settings

from charcot.ledger import check_chain
from charcot.refusal import BrokenRecord
from charcot.store import databases, migrations, triggers
from charcot.store.databases import NewerDatabase, UnusableDatabase, open_ledger
from charcot.store.ledger import COLUMNS, DatabaseLedger

NAMES = ", ".join(COLUMNS)
REST = "'k', 's', 't', 'x'"
FORBIDDEN = {
    "update": "UPDATE store_ledgerentry SET text = 'changed' WHERE sequence = 2",
    "update of a copy": "UPDATE store_ledgerentry SET subject = 'changed' WHERE sequence = 1",
    "delete": "DELETE FROM store_ledgerentry WHERE sequence = 3",
    "delete of all": "DELETE FROM store_ledgerentry",
    "insert in the middle": f"INSERT INTO store_ledgerentry ({NAMES}) VALUES (2, 'p', 'h', {REST})",
    "insert before": f"INSERT INTO store_ledgerentry ({NAMES}) VALUES (0, 'p', 'h', {REST})",
    "insert with a gap": f"INSERT INTO store_ledgerentry ({NAMES}) SELECT 5, hash, 'h', {REST} FROM store_ledgerentry WHERE sequence = 3",
    "insert with a wrong link": f"INSERT INTO store_ledgerentry ({NAMES}) VALUES (4, 'p', 'h', {REST})",
    "upsert": f"INSERT INTO store_ledgerentry ({NAMES}) VALUES (2, 'p', 'h', {REST}) ON CONFLICT (sequence) DO UPDATE SET text = 'changed'",
}
OF_SQLITE = {
    "replace": f"REPLACE INTO store_ledgerentry ({NAMES}) VALUES (2, 'p', 'h', {REST})",
    "insert or replace": f"INSERT OR REPLACE INTO store_ledgerentry ({NAMES}) SELECT sequence, previous_hash, hash, {REST} FROM store_ledgerentry WHERE sequence = 3",
    "replace by hash": f"INSERT OR REPLACE INTO store_ledgerentry ({NAMES}) SELECT 4, hash, hash, {REST} FROM store_ledgerentry WHERE sequence = 3",
    "update or replace": "UPDATE OR REPLACE store_ledgerentry SET sequence = 1 WHERE sequence = 2",
}
OF_POSTGRESQL = {
    "truncate": "TRUNCATE store_ledgerentry",
    "truncate cascade": "TRUNCATE store_ledgerentry RESTART IDENTITY CASCADE",
    "update as a replica": "SET LOCAL session_replication_role = replica; UPDATE store_ledgerentry SET text = 'changed'",
    "merge": "MERGE INTO store_ledgerentry USING (VALUES (1)) AS v (n) ON sequence = n WHEN MATCHED THEN DELETE",
}


def require_refusals(ledger: DatabaseLedger) -> None:
    connection = connections[ledger.alias]
    before = list(ledger.rows())
    for name, statement in (
        FORBIDDEN | (OF_SQLITE if connection.vendor == "sqlite" else OF_POSTGRESQL)
    ).items():
        with (
            pytest.raises(DatabaseError, match="charcot: the ledger takes"),
            transaction.atomic(using=ledger.alias),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert list(ledger.rows()) == before, name


@pytest.fixture
def filled(database_kind: str, make_ledger: Callable[[str], DatabaseLedger], clock, draft) -> DatabaseLedger:
    ledger = make_ledger(database_kind)
    ledger.append([draft("trial"), draft(), draft()], seen=0, watching=(), clock=clock)
    return ledger


def test_every_change_is_refused(filled: DatabaseLedger) -> None:
    require_refusals(filled)


def test_a_connection_that_is_not_ours_is_refused_too(make_place, clock, draft) -> None:
    import sqlite3

    place = make_place("sqlite")
    open_ledger(place).append([draft(), draft(), draft()], seen=0, watching=(), clock=clock)
    with sqlite3.connect(place) as connection:
        for name, statement in (FORBIDDEN | OF_SQLITE).items():
            with pytest.raises(sqlite3.IntegrityError, match="charcot: the ledger takes"):
                connection.execute(statement)
                pytest.fail(name)


LATER = """
from django.db import migrations, models

def stop(apps, editor):
    {stop}

class Migration(migrations.Migration):
    dependencies = [("store", "{last}")]
    operations = [
        migrations.AddField("ledgerentry", "note", models.TextField(default="", db_default="")),
        migrations.AlterField("ledgerentry", "kind", models.CharField(max_length=200)),
        migrations.RunPython(stop),
    ]
"""


@contextmanager
def later_version(directory: Path, stop: str) -> Iterator[None]:
    """A later version of Charcot, with one more migration; on SQLite, Django makes the table anew for it."""
    shipped = sorted(Path(migrations.__path__[0]).glob("0*.py"))
    with version_with(directory, shipped, {"9000_later": LATER.format(stop=stop, last=shipped[-1].stem)}):
        yield


@contextmanager
def version_with(directory: Path, shipped: list[Path], further: dict[str, str]) -> Iterator[None]:
    """A version of Charcot with these migrations."""
    name = f"version_{uuid.uuid4().hex}"
    package = directory / name
    package.mkdir()
    (package / "__init__.py").touch()
    for file in shipped:
        shutil.copy(file, package)
    for module, text in further.items():
        (package / f"{module}.py").write_text(text)
    sys.path.insert(0, str(directory))
    with override_settings(MIGRATION_MODULES={"store": name}):
        yield
    sys.path.remove(str(directory))


def test_a_ledger_of_the_first_version_is_opened_with_all_it_holds(
    database_kind: str, make_place: Callable[[str], Path | str], clock, draft, tmp_path
) -> None:
    place = make_place(database_kind)
    with version_with(tmp_path, [Path(migrations.__path__[0]) / "0001_ledger.py"], {}):
        made = open_ledger(place).append([draft("trial"), draft(), draft()], seen=0, watching=(), clock=clock)
    again = open_ledger(place)
    assert tuple(again.entries()) == made
    require_refusals(again)
    again.append([draft()], seen=3, watching=(), clock=clock)
    assert check_chain(again.rows())[1] is None


def test_a_rebuilt_table_gets_its_triggers_again(
    database_kind: str, make_place: Callable[[str], Path | str], clock, draft, monkeypatch, tmp_path
) -> None:
    place = make_place(database_kind)
    ledger = open_ledger(place)
    ledger.append([draft("trial"), draft(), draft()], seen=0, watching=(), clock=clock)
    dropped: list[bool] = []
    make = databases.make_triggers

    def watch(connection) -> None:
        dropped.append(not triggers.triggers_stand(connection))
        make(connection)

    monkeypatch.setattr(databases, "make_triggers", watch)
    with later_version(tmp_path, "pass"):
        again = open_ledger(place)
    assert dropped == [database_kind == "sqlite"]
    require_refusals(again)
    again.append([draft()], seen=3, watching=(), clock=clock)
    assert check_chain(again.rows())[1] is None


def test_a_migration_that_fails_changes_nothing(
    database_kind: str, make_place: Callable[[str], Path | str], clock, draft, tmp_path
) -> None:
    place = make_place(database_kind)
    ledger = open_ledger(place)
    ledger.append([draft("trial"), draft(), draft()], seen=0, watching=(), clock=clock)
    with later_version(tmp_path, "raise ZeroDivisionError"), pytest.raises(ZeroDivisionError):
        open_ledger(place)
    assert triggers.triggers_stand(connections[ledger.alias])
    require_refusals(open_ledger(place))


@pytest.mark.parametrize("missing", range(3))
def test_a_trigger_that_does_not_hold_stops_the_opening(
    database_kind: str, make_ledger: Callable[[str], DatabaseLedger], missing: int, clock, draft
) -> None:
    ledger = make_ledger(database_kind)
    ledger.append([draft()], seen=0, watching=(), clock=clock)
    connection = connections[ledger.alias]
    name = ("ledger_no_update", "ledger_no_delete", "ledger_at_the_end")[missing]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {name}" + (" ON store_ledgerentry" if database_kind == "postgresql" else "")
        )
    assert not triggers.triggers_stand(connection)
    with pytest.raises(BrokenRecord) as refused, transaction.atomic(using=ledger.alias):
        triggers.require_triggers(connection)
    assert refused.value.facts["allowed"]
    assert ledger.head().sequence == 1


def test_a_newer_database_is_not_opened(database_kind: str, make_place: Callable[[str], Path | str]) -> None:
    place = make_place(database_kind)
    ledger = open_ledger(place)
    with connections[ledger.alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '0999_later', '2030-01-01')"
        )
    with pytest.raises(NewerDatabase) as refused:
        open_ledger(place)
    assert refused.value.facts == {"unknown": ["0999_later"]}


def test_a_database_that_is_there_is_opened_without_writing(
    database_kind: str, make_place: Callable[[str], Path | str]
) -> None:
    place = make_place(database_kind)
    alias = open_ledger(place).alias
    seen: list[str] = []

    def record(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connections[alias].execute_wrapper(record):
        assert open_ledger(place).alias == alias
    assert seen
    assert all(sql.lstrip().startswith(("SELECT", "PRAGMA journal_mode", "SHOW")) for sql in seen)


@pytest.mark.parametrize(
    "address", ["postgresql://", "mysql://localhost/x", "nonsense", "postgresql://a b c"]
)
def test_an_address_that_cannot_be_read(address: str) -> None:
    with pytest.raises(UnusableDatabase) as refused:
        open_ledger(address)
    assert address not in str(refused.value) or address == "postgresql://"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "trial.sqlite3").write_bytes(b"not a database" * 1000)
    with pytest.raises(UnusableDatabase, match="cannot be read as a database"):
        open_ledger(tmp_path / "trial.sqlite3")


@pytest.mark.postgresql
def test_a_database_that_is_not_fit(postgresql_server: str) -> None:
    with pytest.raises(UnusableDatabase, match="cannot be reached"):
        open_ledger(postgresql_server.replace("/postgres?", "/missing?"))
    name = f"latin_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        with pytest.raises(UnusableDatabase, match="UTF-8"):
            open_ledger(postgresql_server.replace("/postgres?", f"/{name}?"))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
