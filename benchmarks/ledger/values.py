"""A million item values through the port, beside a plain table with one column an item in the same database.

python benchmarks/ledger/values.py --values 1000000
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parent))

from places import place

from charcot.conduct import Trial, open_trial
from charcot.datasets import take_snapshot
from charcot.datasets.function import derive_function
from charcot.ledger import Actor, Draft, Kind, MemoryVault, check_chain, view_as_of
from charcot.store.databases import open_ledger
from charcot.wiring.clock import real_clock
from charcot.wiring.settings import configure_django
from charcot.wiring.templates import find_template

ITEMS = [
    *("gastrostomy", "speech", "salivation", "swallowing", "handwriting", "cutting_food", "dressing_hygiene"),
    *("turning_in_bed", "walking", "climbing_stairs", "dyspnoea", "orthopnoea", "respiratory_insufficiency"),
    *("mode", "total"),
]
BATCH = 500
SINGLE = 1000
"""How many entries are entered one by one, as a sample."""


def draft(number: int) -> Draft:
    """One form of 15 values, as `record` enters it."""
    data = {
        "form": "alsfrs_r",
        "encounter": "unscheduled",
        "instance": number % 140 + 1,
        "version": 1,
        "based_on": 0,
        "source": "paper",
        "values": {item: {"origin": "entered", "value": answer(item, number)} for item in ITEMS},
        "checks": {"failed": [], "unknown": []},
        "missing": [],
    }
    actor = Actor("a.nurse", "coordinator")
    return Draft(
        Kind.FORM_RECORDED,
        f"participant/{number // 140:04}",
        "record",
        actor,
        data,
        "2024-05-01T09:30",
        protocol="1.0",
    )


def answer(item: str, number: int) -> str:
    """A value that fits the item."""
    return {"gastrostomy": "no", "mode": "in_person", "total": str(24 + number % 20)}.get(
        item, str(number % 5)
    )


def plain(number: int) -> list[str]:
    """The same form as a row of a plain table."""
    return [
        f"{number // 140:04}",
        f"month_{number % 14}",
        *(answer(item, number) for item in ITEMS),
    ]


def timed(act: Callable[[], Any]) -> float:
    """How long it takes [s]."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def batches(first: int, last: int) -> Iterator[range]:
    """Numbers of forms in batches."""
    for start in range(first, last, BATCH):
        yield range(start, min(start + BATCH, last))


def measure(kind: str, forms: int, where: Path | str) -> dict[str, Any]:
    """Rates [forms/s] and times [s] of the ledger and of the plain table."""
    from django.db import connections, transaction

    ledger = open_ledger(where)
    investigator = Actor("an.investigator", "investigator")
    files = find_template("royan-admsc").protocol_files()
    trial = Trial(ledger, MemoryVault(), real_clock)
    open_trial(trial, investigator, purpose="practice", people=[investigator], protocol_files=files)
    opening = ledger.head().sequence
    single = min(SINGLE, forms // 2)
    bulk = forms - single

    def enter(numbers: range) -> None:
        ledger.append([draft(n) for n in numbers], seen=ledger.head().sequence, watching=(), clock=real_clock)

    in_batches = timed(lambda: [enter(batch) for batch in batches(0, bulk)])
    singly = timed(lambda: [enter(range(n, n + 1)) for n in range(bulk, forms)])
    subject = {"participant/0001"}

    connection = connections[ledger.alias]
    names = ", ".join(["participant", "encounter", *ITEMS])
    marks = ", ".join(["%s"] * 17)
    insert = f"INSERT INTO plain ({names}) VALUES ({marks})"
    serial = "integer PRIMARY KEY" if kind == "sqlite" else "serial PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE plain (id {serial}, {names.replace(',', ' text,')} text)")
        cursor.execute("CREATE INDEX plain_participant ON plain (participant)")

    def insert_plain(numbers: range) -> None:
        with transaction.atomic(using=ledger.alias), connection.cursor() as cursor:
            cursor.executemany(insert, [plain(n) for n in numbers])

    def read_plain() -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM plain ORDER BY id")
            return sum(1 for _ in iter(lambda: len(cursor.fetchmany(2000)), 0))

    def read_frame() -> pl.DataFrame:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM plain ORDER BY id")
            return pl.DataFrame(cursor.fetchall(), orient="row")

    plain_batches = timed(lambda: [insert_plain(batch) for batch in batches(0, bulk)])
    plain_singly = timed(lambda: [insert_plain(range(n, n + 1)) for n in range(bulk, forms)])
    plain_read = timed(read_plain)

    found: dict[str, Any] = {
        "database": kind,
        "values": 15 * forms,
        "entries": forms,
        "append_in_batches_per_s": round(bulk / in_batches),
        "append_singly_per_s": round(single / singly),
        "read_all_s": round(timed(lambda: sum(1 for _ in ledger.entries())), 3),
        "read_all_and_parse_s": round(timed(lambda: sum(len(e.data) for e in ledger.entries())), 3),
        "read_one_participant_ms": round(
            1000 * statistics.median(timed(lambda: list(ledger.entries(subjects=subject))) for _ in range(9)),
            2,
        ),
        "verify_s": round(timed(lambda: check_chain(ledger.rows())), 3),
        "snapshot_s": round(timed(lambda: take_snapshot(ledger)), 3),
        "snapshot_as_of_the_middle_s": round(
            timed(lambda: take_snapshot(view_as_of(ledger, opening + forms // 2))), 3
        ),
        "function_dataset_s": round(timed(lambda: derive_function(take_snapshot(ledger))), 3),
        "plain_read_into_polars_s": round(timed(read_frame), 3),
        "open_again_ms": round(
            1000 * statistics.median(timed(lambda: open_ledger(where)) for _ in range(9)), 2
        ),
        "plain_in_batches_per_s": round(bulk / plain_batches),
        "plain_singly_per_s": round(single / plain_singly),
        "plain_read_all_s": round(plain_read, 3),
        "times_slower_in_batches": round(in_batches / plain_batches, 1),
        "times_slower_singly": round(singly / plain_singly, 2),
    }
    found["times_slower_to_a_tidy_table"] = round(
        found["function_dataset_s"] / found["plain_read_into_polars_s"], 1
    )
    head, fault = check_chain(ledger.rows())
    assert (head.sequence, fault) == (opening + forms, None)
    if isinstance(where, Path):
        found["file_MB_with_plain"] = round(where.stat().st_size / 1e6, 1)
    return found


def main() -> None:
    """Measures on both databases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--values", type=int, default=1_000_000)
    parser.add_argument("--on", nargs="*", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    configure_django()
    for kind in asked.on:
        with place(kind) as where:
            print(json.dumps(measure(kind, asked.values // 15, where), indent=1))


if __name__ == "__main__":
    main()
