"""What every section is made from: the snapshot, its protocol, the plan, the datasets, and who made which entry."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from charcot.analysis import Datasets, ReportPlan, Result, origins_behind
from charcot.analysis.plan import status_of
from charcot.datasets import Snapshot
from charcot.ledger import Entry
from charcot.protocol import Protocol


@dataclass(frozen=True)
class Material:
    """Handed to each section."""

    snapshot: Snapshot
    protocol: Protocol
    plan: ReportPlan
    datasets: Datasets

    @cached_property
    def entries(self) -> dict[int, Entry]:
        """Every entry of the snapshot under its number."""
        dossiers = self.snapshot.dossiers
        everything = (
            *self.snapshot.trial_entries,
            *self.snapshot.product_entries,
            *(entry for d in dossiers for entry in d.entries),
        )
        return {entry.sequence: entry for entry in everything}

    def planned(self, planned: str) -> str:
        """Whether a planned result was named before the data were seen, as a sentence."""
        return "Prespecified." if status_of(self.protocol, planned) == "prespecified" else "Post hoc."

    def origins(self, result: Result) -> frozenset[str]:
        """Where the values behind a result are from."""
        return origins_behind(result, self.datasets, self.entries)

    def synthetic(self, results: Iterable[Result]) -> frozenset[str]:
        """The ids of those results that rest on synthetic values."""
        return frozenset(result.id for result in results if "synthetic" in self.origins(result))
