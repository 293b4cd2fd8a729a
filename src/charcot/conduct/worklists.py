"""What is left to do: forms that are missing, checks that failed, visits that are due."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from charcot.datasets import Snapshot
from charcot.visits import Deviation


@dataclass(frozen=True)
class MissingForm:
    """A form whose visit's window has closed, or whose required fields are empty (`fields`)."""

    participant: str
    encounter: str
    form: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class FailedEditCheck:
    """An edit check that did not hold in the newest version of a form."""

    participant: str
    form: str
    check: str
    severity: str
    message: str
    used: Mapping[str, Any]
    entry: int


@dataclass(frozen=True)
class DataFindings:
    """All that a data manager has to look at."""

    deviations: tuple[Deviation, ...]
    missing: tuple[MissingForm, ...]
    failed: tuple[FailedEditCheck, ...]


def check_data(snapshot: Snapshot) -> DataFindings:
    """Deviations, missing forms and failed edit checks as of the snapshot's moment."""
    return DataFindings(snapshot.deviations, tuple(_missing(snapshot)), tuple(_failed(snapshot)))


def _missing(snapshot: Snapshot) -> Iterator[MissingForm]:
    for dossier in snapshot.dossiers:
        for visit in snapshot.visits[dossier.participant]:
            if visit.status == "overdue":
                for form in visit.missing:
                    yield MissingForm(dossier.participant, visit.encounter.id, form, ())
        for versions in dossier.casebook.forms.values():
            if versions[-1].missing:
                key = versions[-1].key
                yield MissingForm(dossier.participant, key.encounter, key.form, versions[-1].missing)


def _failed(snapshot: Snapshot) -> Iterator[FailedEditCheck]:
    for dossier in snapshot.dossiers:
        for versions in dossier.casebook.forms.values():
            newest = versions[-1]
            for check in newest.failed_checks:
                yield FailedEditCheck(
                    dossier.participant,
                    str(newest.key),
                    check["check"],
                    check["severity"],
                    check["message"],
                    check["used"],
                    newest.entry.sequence,
                )
