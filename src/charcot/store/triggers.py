"""Triggers that keep the ledger append-only: made, compared with what the database holds, and put to the test."""

from collections.abc import Sequence

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from charcot.ledger import GENESIS
from charcot.refusal import BrokenRecord

TABLE = "store_ledgerentry"
MARK = "charcot: the ledger"
"""How the message of each refusal by a trigger begins."""

_SQLITE = {
    "ledger_no_update": f"""CREATE TRIGGER ledger_no_update BEFORE UPDATE ON {TABLE}
BEGIN SELECT RAISE(ABORT, '{MARK} takes no UPDATE'); END""",
    "ledger_no_delete": f"""CREATE TRIGGER ledger_no_delete BEFORE DELETE ON {TABLE}
BEGIN SELECT RAISE(ABORT, '{MARK} takes no DELETE'); END""",
    # fires before INSERT OR REPLACE would silently delete the row with the same sequence or hash
    "ledger_at_the_end": f"""CREATE TRIGGER ledger_at_the_end BEFORE INSERT ON {TABLE}
BEGIN SELECT RAISE(ABORT, '{MARK} takes entries only at its end') WHERE
NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM {TABLE})
OR NEW.previous_hash IS NOT coalesce(
(SELECT hash FROM {TABLE} ORDER BY sequence DESC LIMIT 1), '{GENESIS}')
OR EXISTS (SELECT 1 FROM {TABLE} WHERE hash = NEW.hash); END""",
}

_POSTGRESQL_FUNCTIONS = {
    "charcot_ledger_closed": f"""
BEGIN RAISE EXCEPTION '{MARK} takes no %', TG_OP; END
""",
    "charcot_ledger_end": f"""
DECLARE last record;
BEGIN
SELECT sequence, hash INTO last FROM {TABLE} ORDER BY sequence DESC LIMIT 1;
IF NEW.sequence IS DISTINCT FROM coalesce(last.sequence, 0) + 1
OR NEW.previous_hash IS DISTINCT FROM coalesce(last.hash, '{GENESIS}') THEN
RAISE EXCEPTION '{MARK} takes entries only at its end';
END IF;
RETURN NEW;
END
""",
}
_POSTGRESQL_TRIGGERS = {
    "ledger_no_update": f"BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION charcot_ledger_closed()",
    "ledger_no_delete": f"BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION charcot_ledger_closed()",
    "ledger_no_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION charcot_ledger_closed()",
    "ledger_at_the_end": f"BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION charcot_ledger_end()",
}


def triggers_stand(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database holds all triggers as this version of Charcot makes them. Changes nothing."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE]
            )
            return dict(cursor.fetchall()) == _SQLITE
        cursor.execute(
            "SELECT tgname::text, prosrc::text, tgenabled::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal",
            [TABLE],
        )
        held = {name: (source, enabled) for name, source, enabled in cursor.fetchall()}
    due = {
        name: (_POSTGRESQL_FUNCTIONS[definition.rpartition(" ")[2].removesuffix("()")], "A")
        for name, definition in _POSTGRESQL_TRIGGERS.items()
    }
    return held == due


def make_triggers(connection: BaseDatabaseWrapper) -> None:
    """Makes all triggers anew; the caller has begun a transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, statement in _SQLITE.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(statement)
            return
        for name, body in _POSTGRESQL_FUNCTIONS.items():
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
            )
        for name, definition in _POSTGRESQL_TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {TABLE}")
            cursor.execute(f"CREATE TRIGGER {name} {definition}")
            # ALWAYS: stands even where session_replication_role would silence ordinary triggers
            cursor.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}")


def require_triggers(connection: BaseDatabaseWrapper) -> None:
    """Tries every forbidden change on a row that is then rolled back; raises BrokenRecord if one went through.

    The caller has begun a transaction.
    """
    went_through = [name for name, attempt in _attempts(connection) if _succeeds(connection, attempt)]
    if went_through:
        raise BrokenRecord(
            f"The database allowed what the ledger forbids: {', '.join(went_through)}.",
            rule="Ledger: triggers refuse every change but a new entry at the end",
            next_step="Nothing was changed. Check the rights of the database's user, then report this as a fault.",
            facts={"allowed": went_through},
        )


_INSERT = (
    f"INTO {TABLE} (sequence, previous_hash, hash, kind, subject, recorded_at, text) VALUES ({{}}, {{}},"
)
_LAST = f"(SELECT coalesce(max(sequence), 0) FROM {TABLE})"
_LAST_HASH = f"coalesce((SELECT hash FROM {TABLE} ORDER BY sequence DESC LIMIT 1), '{GENESIS}')"
_REST = " '', '', '', '')"
_PROBE = "INSERT " + _INSERT.format(f"{_LAST} + 1", _LAST_HASH) + " 'probe'," + _REST


def _attempts(connection: BaseDatabaseWrapper) -> Sequence[tuple[str, str]]:
    """What must fail once a probe has been entered at the end."""
    attempts = [
        ("UPDATE", f"UPDATE {TABLE} SET text = 'changed' WHERE hash = 'probe'"),
        ("DELETE", f"DELETE FROM {TABLE} WHERE hash = 'probe'"),
        ("INSERT out of order", "INSERT " + _INSERT.format(f"{_LAST} + 2", _LAST_HASH) + " 'other'," + _REST),
        (
            "INSERT with a wrong link",
            "INSERT " + _INSERT.format(f"{_LAST} + 1", "'wrong'") + " 'other'," + _REST,
        ),
    ]
    again = _INSERT.format(_LAST, "'probe'") + " 'other'," + _REST
    same_hash = _INSERT.format(f"{_LAST} + 1", "'probe'") + " 'probe'," + _REST
    if connection.vendor == "sqlite":
        return [
            *attempts,
            ("REPLACE of an entry", "INSERT OR REPLACE " + again),
            ("REPLACE by hash", "INSERT OR REPLACE " + same_hash),
            ("UPSERT", "INSERT " + again + " ON CONFLICT (sequence) DO UPDATE SET text = 'changed'"),
        ]
    return [
        *attempts,
        ("UPSERT", "INSERT " + again + " ON CONFLICT (sequence) DO UPDATE SET text = 'changed'"),
        ("UPSERT by hash", "INSERT " + same_hash + " ON CONFLICT (hash) DO UPDATE SET text = 'changed'"),
        ("TRUNCATE", f"TRUNCATE {TABLE}"),
    ]


class _Undo(Exception):
    """Rolls a savepoint back."""


def _succeeds(connection: BaseDatabaseWrapper, attempt: str) -> bool:
    """Whether `attempt` goes through, or fails for another reason than a trigger; leaves no trace."""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(_PROBE)
            try:
                with transaction.atomic(using=connection.alias):
                    cursor.execute(attempt)
            except DatabaseError as error:
                raise _Undo(MARK not in str(error)) from None
            raise _Undo(True)
    except _Undo as outcome:
        return bool(outcome.args[0])
