"""The rows of all forms as CSV, kept beside the record: an export derives only the rows of those who changed since."""

import hashlib
import json
import secrets
import shutil
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from charcot import __version__
from charcot.datasets import Column, Snapshot
from charcot.datasets.dataset import with_sources
from charcot.datasets.forms import ONE_ROW_PER, form_columns, form_rows, forms_shown
from charcot.exchange.csv_tables import CsvTable, csv_lines, formulas_in
from charcot.ledger import Entry, Head, Ledger, holds_entry, participant_of, participant_subject
from charcot.participants import open_dossier
from charcot.protocol import Form
from charcot.wiring.collecting import collector_paused
from charcot.wiring.reading import TrialReader

KEPT = "forms"
"""Their place in the trial's `local/`; it may be removed at any time and is made again."""
STATE, INDEX, SIZES, COUNTS = "state.json", "index.json", "sizes", "counts"
SHAPE = 2
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


@dataclass(frozen=True)
class _Kept:
    """Up to which entry the rows were derived, and the rows of each form in the order of participants."""

    seen: int = 0
    participants: Sequence[str] = ()
    sizes: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    """By form: how many bytes each participant has of it."""
    counts: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    """By form: how many rows each participant has of it."""
    formulas: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """By form: participants with the columns in which one of their values looks like a formula."""
    lines: Mapping[str, bytes] = field(default_factory=dict)


def form_tables(ledger: Ledger, place: Path) -> tuple[dict[str, CsvTable], Snapshot]:
    """The newest tables of all forms under `form_…`, as `derive_form_datasets` makes them from the whole record.

    `place` is where the rows are kept, made where it is not there. The snapshot holds only the participants that were read anew; its head, charter and receipt are those of the trial.
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
    )
    kept = _read(ledger, place, state)
    if kept.seen:
        newer = ledger.entries(after=kept.seen, until=head.sequence)
        changed = frozenset(name for entry in newer if (name := entry.participant) is not None)
    else:
        changed = frozenset(reader.participants(head.sequence))
    snapshot = _snapshot(ledger, reader, head, changed)
    columns = {form: with_sources(form_columns(snapshot, form)) for form in forms_shown(snapshot)}
    if kept.seen != head.sequence:
        kept = _replace_rows(kept, columns, snapshot)
        with suppress(OSError):  # no room, or two exports at once: the next one derives the rows again
            _write(place, state, kept)
    return {f"form_{form.form}": _table(kept, form, columns[form]) for form in columns}, snapshot


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


def _replace_rows(kept: _Kept, columns: Mapping[Form, Sequence[Column]], snapshot: Snapshot) -> _Kept:
    """What is kept, with the rows of the snapshot's participants in place of their older ones."""
    new = sorted({d.participant for d in snapshot.dossiers}.difference(kept.participants))
    at = [bisect_left(kept.participants, name) for name in new]
    participants = sorted([*kept.participants, *new])
    places = [bisect_left(participants, d.participant) for d in snapshot.dossiers]
    sizes, counts, formulas, lines = {}, {}, {}, {}
    none = np.zeros(len(kept.participants), np.int64)
    for form, of_form in columns.items():
        id = form.form
        sizes[id] = np.insert(kept.sizes.get(id, none), at, 0)
        counts[id] = np.insert(kept.counts.get(id, none), at, 0)
        formulas[id] = dict(kept.formulas.get(id, {}))
        starts = np.concatenate([[0], np.cumsum(sizes[id])])
        older, done = kept.lines.get(id, b""), 0
        pieces: list[bytes] = []
        for place, dossier in zip(places, snapshot.dossiers, strict=True):
            rows = form_rows(form, dossier)
            pieces += [older[done : starts[place]], csv_lines(of_form, rows)]
            done = starts[place + 1]
            sizes[id][place], counts[id][place] = len(pieces[-1]), len(rows)
            formulas[id].pop(dossier.participant, None)
            if found := formulas_in(of_form, rows):
                formulas[id][dossier.participant] = sorted(found)
        lines[id] = b"".join([*pieces, older[done:]])
    return _Kept(snapshot.head.sequence, participants, sizes, counts, formulas, lines)


def _table(kept: _Kept, form: Form, columns: tuple[Column, ...]) -> CsvTable:
    looking = {name for names in kept.formulas[form.form].values() for name in names}
    return CsvTable(
        form.form,
        form.title,
        ONE_ROW_PER,
        columns,
        int(kept.counts[form.form].sum()),
        kept.lines[form.form],
        tuple(column.name for column in columns if column.name in looking),
    )


def _read(ledger: Ledger, place: Path, now: _State) -> _Kept:
    """What is kept; nothing where it was made from another record, under other protocols, by another version, or is not whole."""
    try:
        told = json.loads((place / STATE).read_text())
        state = _State(**told["state"])
        same = (state.protocols, state.ruling, state.made_by) == (now.protocols, now.ruling, now.made_by)
        if not same or state.seen > now.seen or not holds_entry(ledger, state.seen, state.seen_hash):
            return _Kept()
        files = {name: (place / told["where"] / name).read_bytes() for name in told["sums"]}
        if any(_sum(content) != told["sums"][name] for name, content in files.items()):
            return _Kept()
        index = json.loads(files.pop(INDEX))
        numbers = {name: np.frombuffer(files.pop(name), np.int64) for name in (SIZES, COUNTS)}
    except (OSError, ValueError, KeyError, TypeError):
        return _Kept()
    each = {
        name: dict(zip(index["forms"], found.reshape(len(index["forms"]), -1), strict=True))
        for name, found in numbers.items()
    }
    lines = {name.removesuffix(".csv"): content for name, content in files.items()}
    return _Kept(state.seen, index["participants"], each[SIZES], each[COUNTS], index["formulas"], lines)


def _write(place: Path, state: _State, kept: _Kept) -> None:
    """Writes the rows into a folder of their own and then points to it, so that whoever reads meanwhile finds all or nothing."""
    forms = list(kept.lines)
    index = {"forms": forms, "participants": kept.participants, "formulas": kept.formulas}
    files = {
        INDEX: json.dumps(index).encode(),
        SIZES: b"".join(kept.sizes[form].tobytes() for form in forms),
        COUNTS: b"".join(kept.counts[form].tobytes() for form in forms),
        **{f"{form}.csv": kept.lines[form] for form in forms},
    }
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place / secrets.token_hex(8)
    new.mkdir(mode=0o700)
    for name, content in files.items():
        (new / name).write_bytes(content)
    told = {"state": asdict(state), "where": new.name, "sums": {n: _sum(c) for n, c in files.items()}}
    pointer = place / f"{new.name}.json"
    pointer.write_text(json.dumps(told))
    pointer.replace(place / STATE)
    for other in place.iterdir():
        if other.is_dir() and other != new:
            shutil.rmtree(other, ignore_errors=True)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
