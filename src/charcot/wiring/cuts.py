"""Data cuts of a trial's folder: made by the one door, listed, and found again."""

from charcot.conduct import cut, read_charter
from charcot.ledger import Actor
from charcot.team import Signature
from charcot.team.charter import DataCut
from charcot.wiring.acting import trial_in
from charcot.wiring.folder import TrialFolder


def make_cut(
    folder: TrialFolder,
    person: str,
    role: str,
    *,
    name: str,
    statement: str,
    at_entry: int | None = None,
    signature: Signature | None = None,
) -> DataCut:
    """Names a data cut. In a trial with a simulated clock it is made at the moment of the last entry."""
    (entry,) = cut(
        trial_in(folder),
        Actor(person, role),
        name=name,
        statement=statement,
        at_entry=at_entry,
        signature=signature,
    )
    data = entry.data
    return DataCut(data["name"], int(data["sequence"]), data["hash"], data["statement"], entry)


def list_cuts(folder: TrialFolder) -> tuple[DataCut, ...]:
    """Every data cut, in the order in which they were made."""
    return read_charter(folder.ledger).cuts
