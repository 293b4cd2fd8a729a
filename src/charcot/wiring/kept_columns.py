"""The tables of forms, kept as columns beside the record: an export derives only the rows of those who changed since."""

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from charcot import __version__
from charcot.datasets import Dataset, Snapshot
from charcot.datasets.forms import derive_form_datasets
from charcot.ledger import Entry, Head, Ledger, holds_entry, participant_of, participant_subject
from charcot.participants import open_dossier
from charcot.wiring.collecting import collector_paused
from charcot.wiring.reading import TrialReader

KEPT = "columns"
"""Their place in the trial's `local/`; it may be removed at any time and is made again."""
STATE = "state.json"
SHAPE = 1
"""Raised whenever a row of a form's table comes to mean something else."""


@dataclass(frozen=True)
class _State:
    """Up to where the kept rows were derived, by what; rows made otherwise are not used."""

    seen: int
    seen_hash: str
    protocols: int
    """The last entry that put a protocol into force."""
    ruling: str
    """The version that holds on the day of the last entry."""
    made_by: str
    where: str
    """The folder with the columns, a new one each time."""


def form_datasets(ledger: Ledger, place: Path) -> tuple[dict[str, Dataset], Snapshot]:
    """The newest tables of all forms, as `derive_form_datasets` makes them from the whole record, under `form_…`.

    `place` is where the columns are kept, made where it is not there. The snapshot holds only the participants that were read anew; its head, charter and receipt are those of the trial.
    """
    head, reader = ledger.head(), TrialReader(ledger, most=2)
    charter = reader.charter(head.sequence)
    today = charter.site_time(datetime.fromisoformat(head.recorded_at)).date()
    state = _State(
        seen=head.sequence,
        seen_hash=head.hash,
        protocols=charter.protocols[-1].entry.sequence,
        ruling=charter.ruling_on(today).version,
        made_by=f"{__version__}/{SHAPE}",
        where=secrets.token_hex(8),
    )
    kept = _read(ledger, place, state)
    if kept is None:
        changed = frozenset(reader.participants(head.sequence))
    else:
        newer = ledger.entries(after=kept[0].seen, until=head.sequence)
        changed = frozenset(name for entry in newer if (name := entry.participant) is not None)
    snapshot = _snapshot(ledger, reader, head, changed)
    with collector_paused():
        made = {f"form_{name}": dataset for name, dataset in derive_form_datasets(snapshot).items()}
    if kept is not None:
        if not _fit(made, kept[1]):
            shutil.rmtree(place, ignore_errors=True)
            return form_datasets(ledger, place)
        made = {name: _joined(dataset, kept[1][name], changed) for name, dataset in made.items()}
    if kept is None or kept[0].seen != head.sequence:
        _write(place, state, made)
    return made, snapshot


def _snapshot(ledger: Ledger, reader: TrialReader, head: Head, changed: frozenset[str]) -> Snapshot:
    """The trial with the dossiers of some participants."""
    charter = reader.charter(head.sequence)
    moment = charter.site_time(datetime.fromisoformat(head.recorded_at))
    of: dict[str, list[Entry]] = {}
    subjects = [participant_subject(name) for name in changed]
    entries = ledger.entries(subjects=None if len(changed) > 100 else subjects, until=head.sequence)
    for entry in entries if changed else ():
        if (name := participant_of(entry.subject)) in changed:
            of.setdefault(str(name), []).append(entry)
    with collector_paused():
        dossiers = tuple(open_dossier(charter, name, of[name], moment.date()) for name in sorted(of))
    return Snapshot(charter, dossiers, (), head, moment)


def _joined(new: Dataset, kept: pl.DataFrame, changed: frozenset[str]) -> Dataset:
    """The kept rows of those who did not change, and the new ones, in the order of participants."""
    if not changed:
        return replace(new, frame=kept)
    unchanged = kept.filter(~pl.col("participant").is_in(list(changed)))
    frame = pl.concat([unchanged, new.frame]).sort("participant", maintain_order=True)
    return replace(new, frame=frame)


def _fit(made: Mapping[str, Dataset], kept: Mapping[str, pl.DataFrame]) -> bool:
    return made.keys() == kept.keys() and all(
        dataset.frame.schema == kept[name].schema for name, dataset in made.items()
    )


def _read(ledger: Ledger, place: Path, now: _State) -> tuple[_State, dict[str, pl.DataFrame]] | None:
    """What is kept, where it was made from this record under these protocols by this version; None otherwise."""
    try:
        told = json.loads((place / STATE).read_text())
        if told.keys() != asdict(now).keys():
            return None
        state = _State(**told)
        same = (state.protocols, state.ruling, state.made_by) == (now.protocols, now.ruling, now.made_by)
        if not same or state.seen > now.seen:
            return None
        if not holds_entry(ledger, state.seen, state.seen_hash):
            return None
        files = sorted((place / state.where).iterdir())
        frames = {file.stem: pl.read_ipc(file.read_bytes()) for file in files}
    except (OSError, ValueError, PolarsError):
        return None
    return state, frames


def _write(place: Path, state: _State, made: Mapping[str, Dataset]) -> None:
    """Writes the columns into a folder of their own and then points to it, so that whoever reads meanwhile finds all or nothing."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place / state.where
    new.mkdir(mode=0o700)
    for name, dataset in made.items():
        dataset.frame.write_ipc(new / f"{name}.arrow")
    pointer = place / f"{state.where}.json"
    pointer.write_text(json.dumps(asdict(state)))
    pointer.replace(place / STATE)
    for other in place.iterdir():
        if other.is_dir() and other != new:
            shutil.rmtree(other, ignore_errors=True)
