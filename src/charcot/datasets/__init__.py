"""Datasets: a snapshot of the ledger as tidy polars tables, each row with the entries it came from."""

from charcot.datasets.dataset import ENTRIES, Column, Dataset
from charcot.datasets.derivation import derive_datasets
from charcot.datasets.snapshot import Snapshot, take_snapshot
from charcot.datasets.summary import ParticipantSummary, VisitSummary, summarise

__all__ = [
    "ENTRIES",
    "Column",
    "Dataset",
    "ParticipantSummary",
    "Snapshot",
    "VisitSummary",
    "derive_datasets",
    "summarise",
    "take_snapshot",
]
