"""Databases of trials: added at run time under an alias, brought to the present shape, and their triggers proved."""

import hashlib
import os
import pkgutil
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import IsolationLevel, ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from charcot.refusal import Refusal
from charcot.store.ledger import DatabaseLedger, take_lock
from charcot.store.triggers import TABLE, make_triggers, require_triggers, triggers_stand

ALIAS = "trial-"
"""How the alias of a trial's database begins."""
BUSY_SECONDS = 60
"""How long a writer waits for its turn on SQLite [s]."""


CLAIM = "charcot trial "
"""How the comment begins that says whose database it is."""


class NewerDatabase(Refusal):
    """The database was made by a later version of Charcot."""


class UnusableDatabase(Refusal):
    """The database cannot hold a ledger."""


class LedgerRouter:
    """Keeps the ledger in the databases of trials, and everything else out of them."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Whether tables of an app belong in a database."""
        return (app_label == "store") == db.startswith(ALIAS)


def open_ledger(where: Path | str) -> DatabaseLedger:
    """The ledger in the SQLite file at a path, or at a `postgresql://` address; made where there is none.

    Raises NewerDatabase, UnusableDatabase, and BrokenRecord where the triggers do not do their work.
    """
    alias = _add_sqlite(where) if isinstance(where, Path) else _add_postgresql(where)
    _prepare(connections[alias])
    return DatabaseLedger(alias)


def close_ledger(ledger: DatabaseLedger) -> None:
    """Closes this thread's connection, so that the file can be moved; the ledger reopens it when used."""
    connections[ledger.alias].close()


def is_closed(ledger: DatabaseLedger) -> bool:
    """Whether the database refuses every change of the ledger but a new entry at its end. Changes nothing."""
    return triggers_stand(connections[ledger.alias])


def require_free(ledger: DatabaseLedger) -> None:
    """Raises UnusableDatabase where a PostgreSQL database is another folder's, or holds entries already."""
    if _claim(connections[ledger.alias]) or ledger.head().sequence:
        raise UnusableDatabase(
            "This database holds a trial already.",
            rule="Store: one database, one trial",
            next_step="Create an empty database and name it in CHARCOT_DATABASE_URL.",
        )


def claim_database(ledger: DatabaseLedger, identity: str) -> None:
    """Marks a PostgreSQL database as that of one trial folder, by a comment on its table."""
    connection = connections[ledger.alias]
    with transaction.atomic(using=ledger.alias, durable=True):
        take_lock(connection)
        if _claim(connection):
            require_claim(ledger, identity)
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON TABLE {TABLE} IS %s", [CLAIM + identity])


def require_claim(ledger: DatabaseLedger, identity: str) -> None:
    """Raises UnusableDatabase unless the PostgreSQL database was claimed for this trial folder."""
    if _claim(connections[ledger.alias]) != CLAIM + identity:
        raise UnusableDatabase(
            "This database belongs to another trial folder.",
            rule="Store: one database, one trial; the folder's trial.txt and the database name the same identity",
            next_step="Correct CHARCOT_DATABASE_URL, or open the folder that belongs to it.",
        )


def _claim(connection: BaseDatabaseWrapper) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [TABLE])
        (claim,) = cursor.fetchone()
    return None if claim is None else str(claim)


def _add_sqlite(path: Path) -> str:
    path = path.resolve()
    path.touch(mode=0o600)
    # named by the file itself too: another one may come to lie at the path while this process lives
    status = path.stat()
    alias = _alias(f"{status.st_dev} {status.st_ino} {path}")
    add_database(
        alias,
        {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": BUSY_SECONDS,
                "init_command": "PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON",
            },
        },
    )
    try:
        mode = _ask(alias, "PRAGMA journal_mode=WAL")
    except DatabaseError:
        raise UnusableDatabase(
            f"{path} cannot be read as a database.",
            rule="Store: the record is an SQLite file that this user may read and write",
            next_step="Check the rights on the file and its folder. If it is damaged, restore a backup.",
        ) from None
    if mode != "wal":
        raise UnusableDatabase(
            "SQLite cannot write ahead (WAL) where this folder lies.",
            rule="Store: the ledger needs a local disk; network shares lose entries",
            next_step="Move the folder to a local disk, or keep the ledger in PostgreSQL.",
        )
    return alias


def _add_postgresql(address: str) -> str:
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(address))
    except ProgrammingError:
        parts = {}
    if not address.startswith(("postgresql://", "postgres://")) or not parts.get("dbname"):
        raise UnusableDatabase(
            "The address of the database cannot be read.",
            rule="Store: a database address reads postgresql://USER:PASSWORD@HOST/DATABASE",
            next_step="Correct CHARCOT_DATABASE_URL.",
        )
    alias = _alias(address)
    add_database(
        alias,
        {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.pop("dbname"),
            "USER": parts.pop("user", ""),
            "PASSWORD": parts.pop("password", ""),
            "HOST": parts.pop("host", ""),
            "PORT": parts.pop("port", ""),
            # a snapshot a statement: the head read after the lock is then the newest
            "OPTIONS": {**parts, "isolation_level": IsolationLevel.READ_COMMITTED},
            "CONN_HEALTH_CHECKS": True,
        },
    )
    try:
        encoding = _ask(alias, "SHOW server_encoding")
    except DatabaseError:
        raise UnusableDatabase(
            "The PostgreSQL database cannot be reached.",
            rule="Store: the ledger is in the database that CHARCOT_DATABASE_URL names",
            next_step="Check that the server runs, and the address, user and password in CHARCOT_DATABASE_URL.",
        ) from None
    if encoding != "UTF8":
        raise UnusableDatabase(
            "The database does not keep text as UTF-8.",
            rule="Store: the text of an entry is kept exactly as it was entered",
            next_step="Create the database with ENCODING 'UTF8'.",
        )
    return alias


def _ask(alias: str, question: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone()
    return str(answer)


def _alias(place: str) -> str:
    return ALIAS + hashlib.sha256(place.encode()).hexdigest()[:16]


_ADDING = threading.Lock()


def add_database(alias: str, database: dict[str, Any]) -> None:
    """Makes a database known to this process under an alias."""
    with _ADDING:
        # Django fills in what is left out, but only for all databases at once, of which one is 'default'
        filled = connections.configure_settings({"default": {}, alias: {"CONN_MAX_AGE": None, **database}})
        connections.databases[alias] = filled[alias]


def _prepare(connection: BaseDatabaseWrapper) -> None:
    """Migrates where needed and makes the triggers, all in one transaction, which only succeeds if they hold."""
    shipped, _ = MigrationLoader.migrations_module("store")
    due = {module.name for module in pkgutil.iter_modules(import_module(shipped or "").__path__)}
    if _applied(connection) == due and triggers_stand(connection):
        return
    # SQLite changes tables only while it does not check foreign keys, which cannot be switched in a transaction;
    # the record has none
    connection.disable_constraint_checking()
    try:
        with transaction.atomic(using=connection.alias, durable=True):
            take_lock(connection)
            if newer := _applied(connection) - due:
                raise NewerDatabase(
                    "This trial was last opened by a newer version of Charcot.",
                    rule="Store: a version of Charcot opens the databases of its own and of earlier versions",
                    next_step="Install the newer version and open the trial with it. Nothing was changed.",
                    facts={"unknown": sorted(newer)},
                )
            executor = MigrationExecutor(connection)
            executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] == "store"])
            make_triggers(connection)
            require_triggers(connection)
    finally:
        connection.enable_constraint_checking()


def _applied(connection: BaseDatabaseWrapper) -> set[str]:
    """The migrations that the database has had."""
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT name FROM django_migrations WHERE app = 'store'")
        return {name for (name,) in cursor.fetchall()}


def _close_before_fork() -> None:
    """A connection must not be carried into a forked process: SQLite's locks and PostgreSQL's socket break."""
    for connection in connections.all(initialized_only=True):
        if connection.alias.startswith(ALIAS) and not connection.in_atomic_block:
            connection.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_close_before_fork)
