"""Twenty processes write into one ledger for a while: is anything lost or forked, and how long does an act wait?

python benchmarks/ledger/concurrency.py --seconds 60 --writers 20
"""

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from places import place

from charcot.ledger import Actor, Draft, Kind, check_chain
from charcot.store.databases import open_ledger
from charcot.wiring.clock import real_clock
from charcot.wiring.settings import configure_django


def write(where: Path | str, name: str, until: float, told: Any) -> None:
    """One writer: acts of one entry with 15 values, until the time is over."""
    configure_django()
    ledger = open_ledger(where)
    data = {f"item_{n}": {"origin": "entered", "value": str(n)} for n in range(15)}
    act = Draft(Kind.FORM_RECORDED, f"participant/{name}", "record", Actor(name, "coordinator"), data)
    acknowledged, waits = [], []
    while time.time() < until:
        start = time.perf_counter()
        (entry,) = ledger.append([act], seen=ledger.head().sequence, watching=(), clock=real_clock)
        waits.append(time.perf_counter() - start)
        acknowledged.append((entry.sequence, entry.hash))
    told.put((acknowledged, waits))


def main() -> None:
    """Measures on both databases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--on", nargs="*", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    configure_django()
    context = multiprocessing.get_context("spawn")
    for kind in asked.on:
        with place(kind) as where:
            ledger = open_ledger(where)
            told = context.Queue()
            until = time.time() + asked.seconds
            writers = [
                context.Process(target=write, args=(where, f"{n:02}", until, told))
                for n in range(asked.writers)
            ]
            for writer in writers:
                writer.start()
            results = [told.get() for _ in writers]
            for writer in writers:
                writer.join()
            acknowledged = {one for found, _ in results for one in found}
            waits = sorted(wait for _, found in results for wait in found)
            head, fault = check_chain(ledger.rows())
            held = {(row.sequence, row.hash) for row in ledger.rows()}
            per_writer = [len(found) for found, _ in results]
            print(
                json.dumps(
                    {
                        "database": kind,
                        "writers": asked.writers,
                        "seconds": asked.seconds,
                        "acknowledged": len(waits),
                        "entries": head.sequence,
                        "lost": len(acknowledged - held),
                        "not_acknowledged": len(held - acknowledged),
                        "fault": fault and fault.what,
                        "writers_that_failed": sum(writer.exitcode != 0 for writer in writers),
                        "per_second": round(len(waits) / asked.seconds),
                        "wait_ms_median": round(1000 * waits[len(waits) // 2], 1),
                        "wait_ms_99_percent": round(1000 * waits[len(waits) * 99 // 100], 1),
                        "wait_ms_longest": round(1000 * waits[-1], 1),
                        "fewest_and_most_per_writer": [min(per_writer), max(per_writer)],
                    }
                )
            )
            ok = not fault and acknowledged == held and len(acknowledged) == len(waits)
            if not ok:
                sys.exit(1)


if __name__ == "__main__":
    main()
