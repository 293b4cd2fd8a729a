"""Casebooks of a trial's folder as PDF: written as files, or made for a page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from charcot.conduct import read_charter
from charcot.datasets import Snapshot
from charcot.ledger import Actor, participant_subject, unseal
from charcot.protocol import Protocol, require_study
from charcot.refusal import BadValue, NotAllowed
from charcot.report.casebook import PaperKind, Unseal, render_casebook, render_paper_casebook
from charcot.report.casebook.filled import OPEN
from charcot.report.casebook.pages import CasebookSource
from charcot.team import require_may
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import ledger_as_of, snapshot_of, trial_id
from charcot.wiring.whole_files import write_whole

FILES = "casebooks"
"""Where casebooks are written, within `reports/`; those with opened personal values within `local/`."""


@dataclass(frozen=True)
class CasebookReader:
    """For whom casebooks are made: the labels they see, and whether personal values are opened."""

    sees: Collection[str] = OPEN
    personal: bool = False


def reader_in_role(folder: TrialFolder, person: str, role: str, *, personal: bool = False) -> CasebookReader:
    """Somebody who reads in a role that they hold today. Raises NotAllowed where they do not, or may not see names."""
    charter = read_charter(folder.ledger)
    now = (
        datetime.fromisoformat(folder.ledger.head().recorded_at) if charter.simulated_clock else real_clock()
    )
    day = charter.site_time(now).date()
    protocol = charter.ruling_on(day).study.protocol
    require_may(protocol, charter.delegations, Actor(person, role), "read", day)
    found = protocol.role(role)
    sees = found.sees if found else ()
    if personal and "personal" not in sees:
        able = ", ".join(r.label for r in protocol.roles if "personal" in r.sees) or "nobody in this protocol"
        raise NotAllowed(
            f"The role {found.label if found else role} does not see personal values.",
            rule="Visibility: what a role sees stands in the protocol",
            next_step=f"Personal values are seen by: {able}.",
            facts={"person": person, "role": role},
        )
    return CasebookReader(sees, personal)


def make_casebook(
    folder: TrialFolder, snapshot: Snapshot, participant: str, reader: CasebookReader | None = None
) -> bytes:
    """One participant's casebook; the same entries give the same bytes. Raises BadValue where there is nobody of that number."""
    reader = reader or CasebookReader()
    opener = _opener(folder, participant) if reader.personal else None
    return render_casebook(snapshot, participant, sees=reader.sees, unseal=opener)


def make_paper_casebook(folder: TrialFolder, kind: PaperKind, moment: str | None = None) -> bytes:
    """Every form of the protocol in force at a moment; of the working copy where no trial was opened yet."""
    if trial_id(folder) is None:
        return _working_copy(folder, kind)
    snapshot = snapshot_of(folder, moment)
    return render_snapshot_paper(snapshot, kind)


def render_snapshot_paper(snapshot: Snapshot, kind: PaperKind) -> bytes:
    """Every form of the protocol in force at the last entry."""
    at = snapshot.charter.site_time(datetime.fromisoformat(snapshot.head.recorded_at)).date()
    protocol = snapshot.charter.ruling_on(at).study.protocol
    return render_paper_casebook(
        protocol, kind, CasebookSource(at, snapshot.receipt, snapshot.charter.purpose)
    )


def write_paper_casebook(folder: TrialFolder, kind: PaperKind, moment: str | None = None) -> Path:
    """Writes `reports/casebooks/blank.pdf` or `annotated.pdf`."""
    made = make_paper_casebook(folder, kind, moment)
    return write_whole(folder.path / "reports" / FILES / f"{kind}{_until(folder, moment)}.pdf", made)


def write_casebooks(
    folder: TrialFolder,
    participants: Sequence[str] = (),
    moment: str | None = None,
    reader: CasebookReader | None = None,
) -> tuple[Path, ...]:
    """Writes a casebook for each of `participants`, for everybody where none are named.

    They lie in `reports/casebooks/`; those with opened personal values in `local/casebooks/`, which is never copied
    with the trial.
    """
    reader = reader or CasebookReader()
    snapshot = snapshot_of(folder, moment)
    everybody = tuple(dossier.participant for dossier in snapshot.dossiers)
    unknown = [name for name in participants if name not in everybody]
    if unknown:
        raise BadValue(
            f"There is no participant {', '.join(unknown)} in this trial.",
            rule="Casebook: one for each participant of the screening log",
            next_step="Write the number as the screening log has it; without one, all casebooks are written.",
            facts={"unknown": unknown},
        )
    place = folder.path / ("local" if reader.personal else "reports") / FILES
    until = _until(folder, moment)
    return tuple(
        write_whole(place / f"{name}{until}.pdf", make_casebook(folder, snapshot, name, reader))
        for name in participants or everybody
    )


def _until(folder: TrialFolder, moment: str | None) -> str:
    return "" if moment is None else f"-as-of-{ledger_as_of(folder, moment).head().sequence}"


def _working_copy(folder: TrialFolder, kind: PaperKind) -> bytes:
    protocol: Protocol = require_study(folder.protocol_files()).protocol
    return render_paper_casebook(protocol, kind, CasebookSource(protocol.version.effective, None))


def _opener(folder: TrialFolder, participant: str) -> Unseal:
    subject = participant_subject(participant)
    key = folder.vault.key_of(subject, create=False)

    def opened(form: str, item: str, sealed: str) -> str | None:
        return None if key is None else unseal(sealed, key=key, subject=subject, item=f"{form}.{item}")

    return opened
