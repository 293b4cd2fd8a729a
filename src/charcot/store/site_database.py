"""The database of a site, `local/site.sqlite3`: opened beside the record, and chosen for the request at hand."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from charcot.refusal import Refusal
from charcot.store.databases import BUSY_SECONDS, NewerDatabase, add_database

ALIAS = "site-"
"""How the alias of a site's database begins."""

_at_hand: ContextVar[str | None] = ContextVar("site", default=None)


class NoSite(Refusal):
    """Accounts or drafts were asked for where no site is at hand."""


class SiteRouter:
    """Sends accounts, sessions and drafts to the database of the site at hand."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Where the rows of a model are read; the record is not read through models."""
        return None if model._meta.app_label == "store" else site_alias()

    db_for_write = db_for_read


def open_site_database(path: Path) -> str:
    """The alias of the site database in an SQLite file, made and brought to the present shape. Raises NewerDatabase."""
    path = path.resolve()
    path.touch(mode=0o600)
    status = path.stat()
    place = f"{status.st_dev} {status.st_ino} {path}"
    alias = ALIAS + hashlib.sha256(place.encode()).hexdigest()[:16]
    add_database(
        alias,
        {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": BUSY_SECONDS,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            },
        },
    )
    _migrate(alias)
    return alias


def answers(alias: str) -> bool:
    """Whether a site's database can be read."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations")
    except DatabaseError:
        return False
    return True


def choose_site(alias: str) -> None:
    """From here on, in this thread or task, models are those of this site."""
    _at_hand.set(alias)


@contextmanager
def at_site(alias: str) -> Iterator[None]:
    """Within it, models are those of this site."""
    token = _at_hand.set(alias)
    try:
        yield
    finally:
        _at_hand.reset(token)


def site_alias() -> str:
    """The alias of the site at hand; raises NoSite."""
    alias = _at_hand.get()
    if alias is None:
        raise NoSite(
            "No site is open here.",
            rule="Site: accounts and drafts belong to the site of one trial",
            next_step="Open the trial's site first.",
        )
    return alias


def _migrate(alias: str) -> None:
    connection = connections[alias]
    due = {name for name in MigrationLoader(None).disk_migrations if name[0] != "store"}
    if _applied(alias) == due:
        return
    connection.disable_constraint_checking()
    try:
        with at_site(alias), transaction.atomic(using=alias, durable=True):
            if newer := _applied(alias) - due:
                raise NewerDatabase(
                    "This site was last served by a newer version of Charcot.",
                    rule="Site: a version of Charcot opens the site databases of its own and of earlier versions",
                    next_step="Install the newer version and serve the trial with it. Nothing was changed.",
                    facts={"unknown": sorted(".".join(name) for name in newer)},
                )
            executor = MigrationExecutor(connection)
            executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] != "store"])
    finally:
        connection.enable_constraint_checking()


def _applied(alias: str) -> set[tuple[str, str]]:
    connection = connections[alias]
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}
