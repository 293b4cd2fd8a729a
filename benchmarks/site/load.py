"""A trial of any size: the demonstration's participants, entered again and again under new numbers, through the port."""

import json
from collections.abc import Iterator
from pathlib import Path

from charcot.ledger import TRIAL, Draft, Entry, Kind, Ledger, participant_subject
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import TrialFolder, create_folder


def draft_again(entry: Entry, subject: str) -> Draft:
    """The same thing to be entered once more, about another subject."""
    data = json.loads(json.dumps(dict(entry.data)))
    if entry.kind is Kind.TRIAL_OPENED:
        data |= {"purpose": "practice", "clock": "real"}
    return Draft(
        entry.kind,
        subject,
        entry.verb,
        entry.actor,
        data,
        entry.clinical_time,
        entry.reason,
        entry.protocol,
    )


def values_in(entries: list[Entry]) -> int:
    """How many values the forms among some entries hold."""
    return sum(len(e.data["values"]) for e in entries if e.kind is Kind.FORM_RECORDED)


def enter(ledger: Ledger, drafts: list[Draft]) -> None:
    """Appends drafts at the end, with no premise to watch."""
    ledger.append(drafts, seen=ledger.head().sequence, watching=(), clock=real_clock)


def copies(people: list[list[Entry]], values: int) -> Iterator[tuple[str, list[Draft]]]:
    """Participants until they hold so many values together, each with what is to be entered about them."""
    number = made = 0
    while made < values:
        entries = people[number % len(people)]
        number += 1
        made += values_in(entries)
        name = f"S-{number:05}"
        yield name, [draft_again(entry, participant_subject(name)) for entry in entries]


def load(demo: TrialFolder, path: Path, values: int) -> TrialFolder:
    """A new trial folder with so many values, at least; where its ledger lies is told by CHARCOT_DATABASE_URL."""
    trial: list[Entry] = []
    people: dict[str, list[Entry]] = {}
    for entry in demo.ledger.entries():
        (trial if entry.subject == TRIAL else people.setdefault(entry.subject, [])).append(entry)
    folder = create_folder(path, demo.protocol_files())
    enter(folder.ledger, [draft_again(entry, TRIAL) for entry in trial])
    for _name, drafts in copies(list(people.values()), values):
        enter(folder.ledger, drafts)
    return folder
