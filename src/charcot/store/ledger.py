"""The ledger in a database: entered into by one writer at a time, read in pages that hold no lock."""

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import attrgetter

from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from charcot.ledger import (
    Clock,
    Draft,
    Entry,
    Head,
    Kind,
    Receipt,
    Row,
    check_chain,
    link,
    require_premises,
    row_of,
)
from charcot.refusal import BrokenRecord, OutOfOrder, Refusal
from charcot.store.ledger_reading import (
    ENTRY_COLUMNS,
    PAGE,
    Choice,
    read_backwards,
    read_chosen,
    read_head,
    read_span,
    read_subjects_since,
)
from charcot.store.triggers import TABLE

COLUMNS = ("sequence", "previous_hash", "hash", "kind", "subject", "recorded_at", "text")
_values = attrgetter(*COLUMNS)
FRESH = 0.2
"""For how long a connection that answered is taken to be there still [s]."""
_asked = threading.local()
"""When the connection to each database last answered in this thread."""
FEW = 20
"""Up to how many entries go to PostgreSQL in one INSERT; more are quicker by COPY."""
LOCK = 0x63686172636F74
"""The advisory lock on PostgreSQL under which the ledger of a database grows: 'charcot' in ASCII."""


class LedgerBusy(Refusal):
    """Other writers held the ledger for longer than this one would wait."""


class DatabaseLedger:
    """The ledger in the database `alias`, for any number of threads and processes."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def head(self) -> Head:
        """Where the ledger ends."""
        return read_head(_connect(self.alias))

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        kinds: Collection[Kind] | None = None,
        person: str | None = None,
        form: str | None = None,
        after: int = 0,
        until: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """Entries in order, or in the opposite one, that fit: those that were there when the reading began."""
        connection = _connect(self.alias)
        choice = Choice(subjects, kinds, person, form, after, until)
        if newest_first:
            pages = read_backwards(connection, choice)
        elif choice.is_everything:
            pages = read_span(connection, ENTRY_COLUMNS, after, until)
        else:
            pages = read_chosen(connection, choice)
        for page in pages:
            for _, text, previous_hash, own_hash in page:
                entry = Entry(text, previous_hash, own_hash)
                if form is None or entry.data.get("form") == form:
                    yield entry

    def rows(self, *, until: int | None = None) -> Iterator[Row]:
        """The entries exactly as they are held, even where someone changed them."""
        for page in read_span(_connect(self.alias), COLUMNS, None, until):
            for values in page:
                yield Row(*values)

    def append(
        self, drafts: Sequence[Draft], *, seen: int, watching: Collection[str], clock: Clock
    ) -> tuple[Entry, ...]:
        """Enters all drafts or none; what is returned is on the disk.

        Raises PremiseChanged, ClockBehind, and LedgerBusy. Must not be called inside another transaction,
        which could still be rolled back (RuntimeError).
        """
        connection = _connect(self.alias)
        try:
            with transaction.atomic(using=self.alias, durable=True):
                take_lock(connection)
                head = read_head(connection)
                if head.sequence > seen:
                    require_premises(read_subjects_since(connection, seen), watching)
                entries = link(drafts, head, clock())
                _insert(connection, [row_of(entry) for entry in entries])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlite_errorname", "") not in {
                "SQLITE_BUSY",
                "SQLITE_BUSY_SNAPSHOT",
            }:
                raise
            raise LedgerBusy(
                "Others were writing into the ledger all the time.",
                rule="Store: one act is entered at a time",
                next_step="Try again. Nothing was entered. If it happens again, a program may have got stuck.",
            ) from None
        return entries

    def restore(self, rows: Iterable[Row], receipt: Receipt) -> None:
        """Fills an empty ledger with rows exactly as they are, and keeps them only if they verify.

        Raises OutOfOrder where the ledger is not empty, BrokenRecord where chain or receipt do not hold.
        """
        connection = _connect(self.alias)
        with transaction.atomic(using=self.alias, durable=True):
            take_lock(connection)
            if read_head(connection).sequence:
                raise OutOfOrder(
                    "There is a trial already in this database.",
                    rule="Store: a backup is never restored over a trial",
                    next_step="Restore into a new folder, or into an empty database.",
                )
            for batch in _batches(rows):
                _insert(connection, batch)
            end, fault = check_chain(self.rows(), receipt)
            if fault is None and end.sequence > receipt.sequence:
                raise _broken(receipt.sequence + 1, "the receipt does not count it")
            if fault is not None:
                raise _broken(fault.sequence, fault.what)


def take_lock(connection: BaseDatabaseWrapper) -> None:
    """Waits until no one else writes; holds until the transaction ends, in which it is the first statement.

    On SQLite, BEGIN IMMEDIATE has done it. On PostgreSQL the isolation level gives each statement its own snapshot,
    so that what is read next is newer than the lock; and what is committed is on the disk whatever the server's default.
    """
    if connection.vendor == "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s), CASE current_setting('synchronous_commit')"
            " WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END",
            [LOCK],
        )


def _connect(alias: str) -> BaseDatabaseWrapper:
    """This thread's connection, made anew where the server has gone away meanwhile; asked again after `FRESH`."""
    connection = connections[alias]
    if connection.vendor == "sqlite" or connection.connection is None or connection.in_atomic_block:
        return connection
    asked_at = getattr(_asked, alias, None)
    if connection.connection.closed or asked_at is None or time.monotonic() - asked_at > FRESH:
        if not connection.is_usable():
            connection.close()
        setattr(_asked, alias, time.monotonic())
    return connection


def _insert(connection: BaseDatabaseWrapper, rows: Sequence[Row]) -> None:
    if not rows:
        return
    names, marks = ", ".join(COLUMNS), ", ".join(["%s"] * len(COLUMNS))
    insert = f"INSERT INTO {TABLE} ({names}) VALUES "
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"{insert}({marks})", [_values(row) for row in rows])
        elif len(rows) < FEW:
            values = [value for row in rows for value in _values(row)]
            cursor.execute(insert + ", ".join([f"({marks})"] * len(rows)), values)
        else:
            with cursor.copy(f"COPY {TABLE} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(_values(row))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == PAGE:
            yield batch
            batch = []
    yield batch


def _broken(sequence: int, what: str) -> BrokenRecord:
    return BrokenRecord(
        f"Entry {sequence} does not fit: {what}.",
        rule="Ledger: every entry is linked to the one before by its hash",
        next_step="Nothing was restored. Use an older backup, and keep this one as it is: it is evidence.",
        facts={"sequence": sequence},
    )
