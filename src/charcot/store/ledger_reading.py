"""Reading the ledger from its table: in pages that hold no lock, forwards, backwards, and by what is asked for."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from charcot.ledger import Head, Kind
from charcot.store.triggers import TABLE

PAGE = 2000
"""How many entries are read at once."""
FIRST_PAGE = 100
"""How many entries are read at first where the newest come first; each page is twice as long as the one before."""
ACTOR_WITHIN = 1000
"""Within how many characters the text of an entry names the act and its actor, with which it begins."""
ENTRY_COLUMNS = ("sequence", "text", "previous_hash", "hash")

Page = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Choice:
    """Which entries are asked for."""

    subjects: Collection[str] | None
    kinds: Collection[Kind] | None
    person: str | None
    form: str | None
    """Where given, more entries may be found than those that are of the form."""
    after: int
    until: int | None

    @property
    def is_everything(self) -> bool:
        """Whether all entries of a span are asked for."""
        return self.subjects is None and self.kinds is None and self.person is None and self.form is None


def read(connection: BaseDatabaseWrapper, query: str, parameters: Sequence[Any] = ()) -> Page:
    """What a query finds, all at once."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: Page = cursor.fetchall()
        return found


def read_head(connection: BaseDatabaseWrapper) -> Head:
    """Where the ledger ends."""
    found = read(
        connection, f"SELECT sequence, hash, recorded_at FROM {TABLE} ORDER BY sequence DESC LIMIT 1"
    )
    return Head(*found[0]) if found else Head()


def read_subjects_since(connection: BaseDatabaseWrapper, seen: int) -> Iterator[str]:
    """The subject of each entry after one, in order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT subject FROM {TABLE} WHERE sequence > %s ORDER BY sequence", [seen])
        while page := cursor.fetchmany(PAGE):
            for (subject,) in page:
                yield subject


def read_span(
    connection: BaseDatabaseWrapper, columns: Sequence[str], after: int | None, until: int | None
) -> Iterator[Page]:
    """Pages of entries by their place. Entries never change and commit in order, so that what lies at or before
    the head at the start stays as it is, and no transaction needs to stay open while the pages are worked on."""
    (last,) = read(connection, f"SELECT max(sequence) FROM {TABLE}")[0]
    if last is None:
        return
    last = last if until is None else min(last, until)
    reached = -(2**63) if after is None else after
    while reached < last:
        # bounded on both sides: with LIMIT alone, PostgreSQL may sort all that is left for each page
        end = min(reached + PAGE, last)
        page = _read_page(connection, columns, "sequence > %s AND sequence <= %s", [reached, end])
        if page:
            yield page
            reached = end
        else:  # someone took out more than a page
            query = f"SELECT min(sequence) FROM {TABLE} WHERE sequence > %s"
            reached = read(connection, query, [reached])[0][0] - 1


def read_chosen(connection: BaseDatabaseWrapper, choice: Choice) -> Iterator[Page]:
    """Pages of the entries that fit, in order: first which they are, in one statement, then what they say."""
    condition, parameters = _condition(connection, choice)
    query = f"SELECT sequence FROM {TABLE} WHERE {condition} ORDER BY sequence"
    found = [sequence for (sequence,) in read(connection, query, parameters)]
    for start in range(0, len(found), PAGE):
        among, page = _among(connection, "sequence", found[start : start + PAGE])
        yield _read_page(connection, ENTRY_COLUMNS, among, [page])


def read_backwards(connection: BaseDatabaseWrapper, choice: Choice) -> Iterator[Page]:
    """Pages of the entries that fit, the newest first, each read only when it is asked for."""
    condition, parameters = _condition(connection, choice)
    end, size = choice.until, FIRST_PAGE
    while True:
        before, limit = ("", []) if end is None else (" AND sequence <= %s", [end])
        query = f"SELECT sequence FROM {TABLE} WHERE {condition}{before} ORDER BY sequence DESC LIMIT {size}"
        found = [sequence for (sequence,) in read(connection, query, [*parameters, *limit])]
        if not found:
            return
        among, page = _among(connection, "sequence", found)
        yield _read_page(connection, ENTRY_COLUMNS, among, [page])[::-1]
        end, size = found[-1] - 1, min(2 * size, PAGE)


def _condition(connection: BaseDatabaseWrapper, choice: Choice) -> tuple[str, list[Any]]:
    """The condition that an entry fits, and its parameters."""
    parts: list[str] = ["sequence > %s"]
    parameters: list[Any] = [choice.after]
    if choice.until is not None:
        parts.append("sequence <= %s")
        parameters.append(choice.until)
    for column, values in (("subject", choice.subjects), ("kind", choice.kinds)):
        if values is not None:
            among, chosen = _among(connection, column, sorted({str(value) for value in values}))
            parts.append(among)
            parameters.append(chosen)
    find = "instr" if connection.vendor == "sqlite" else "strpos"
    if choice.form is not None:
        parts.append(f"{find}(text, %s) > 0")
        parameters.append(f'"form":{json.dumps(choice.form, ensure_ascii=False)}')
    if choice.person is not None:
        # quotation marks within a value are escaped in the text, so that this can only be the actor's own name
        parts.append(f"{find}(substr(text, 1, {ACTOR_WITHIN}), %s) > 0")
        parameters.append(f'}},"actor":{{"person":{json.dumps(choice.person, ensure_ascii=False)},"role":')
    return " AND ".join(parts), parameters


def _among(connection: BaseDatabaseWrapper, column: str, values: list[Any]) -> tuple[str, Any]:
    """The condition that a column is one of any number of values, and its one parameter."""
    if connection.vendor == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(values)
    kind = "int" if column == "sequence" else "text"
    return f"{column} = ANY(%s::{kind}[])", values


def _read_page(
    connection: BaseDatabaseWrapper, columns: Sequence[str], condition: str, parameters: Sequence[Any]
) -> Page:
    """One page. Bytes that someone put where text belongs come as text in which the foreign ones stand as \\x.."""
    tail = f" FROM {TABLE} WHERE {condition} ORDER BY sequence"
    try:
        page = read(connection, f"SELECT {', '.join(columns)}{tail}", parameters)
    except OperationalError as error:
        if connection.vendor != "sqlite" or "decode" not in str(error):
            raise
        readable = True
    else:
        readable = connection.vendor == "sqlite" and any(
            isinstance(value, bytes) for row in page for value in row
        )
        if not readable:
            return page
    blobs = ", ".join(f"CAST({column} AS BLOB)" for column in columns[1:])
    return [
        (sequence, *(value.decode(errors="backslashreplace") for value in values))
        for sequence, *values in read(connection, f"SELECT sequence, {blobs}{tail}", parameters)
    ]
