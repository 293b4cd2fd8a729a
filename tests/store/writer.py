"""A process that writes into a ledger and tells what was acknowledged: `writer.py PLACE NAME COUNT FILE`."""

import os
import sys
from pathlib import Path

from charcot.ledger import Actor, Draft, Kind, PremiseChanged
from charcot.store.databases import open_ledger
from charcot.wiring.clock import real_clock
from charcot.wiring.settings import configure_django


def main(place: str, name: str, count: str, told: str) -> None:
    """Enters `count` acts of one or two entries; a line for each that was acknowledged, at once."""
    configure_django()
    ledger = open_ledger(place if place.startswith("postgresql:") else Path(place))
    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    actor, subject = Actor(name, "coordinator"), f"participant/{name}"
    number = 0
    while number < int(count):
        acts = [
            Draft(Kind.FORM_RECORDED, subject, "record", actor, {"n": str(number), "part": str(part)})
            for part in range(1 + number % 2)
        ]
        try:
            entries = ledger.append(acts, seen=ledger.head().sequence, watching={subject}, clock=real_clock)
        except PremiseChanged:
            continue
        number += 1
        for entry in entries:
            os.write(out, f"{entry.sequence} {entry.hash}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
