"""What is left to do, for one participant or for all: queries, signatures, verification, forms, visits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from charcot.datasets import Snapshot
from charcot.participants import Dossier, FormVersion, Query, VerificationDue, list_verification
from charcot.visits import Deviation, PlannedVisit, plan_visits

CLOSING_SOON = timedelta(days=7)
"""How long before its end a window is said to be closing."""


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


@dataclass(frozen=True)
class ParticipantWork:
    """What is left to do about one participant at a moment."""

    participant: str
    site: str
    queries: tuple[Query, ...]
    """Those not closed, the oldest first."""
    to_sign: tuple[FormVersion, ...]
    to_verify: tuple[VerificationDue, ...]
    missing: tuple[MissingForm, ...]
    overdue: tuple[PlannedVisit, ...]
    due: tuple[PlannedVisit, ...]
    """Visits whose window is open, or that were begun."""
    closing: tuple[PlannedVisit, ...]
    """Those of `due` whose window ends within CLOSING_SOON."""


def list_work(dossier: Dossier, now: datetime) -> ParticipantWork:
    """What is left to do about one participant; `now` is the site's time."""
    visits = plan_visits(dossier.study.protocol, dossier.standing, dossier.casebook, now)
    return _work(dossier, visits, now)


def list_all_work(snapshot: Snapshot) -> tuple[ParticipantWork, ...]:
    """The same for everybody, as of the snapshot's moment."""
    return tuple(_work(d, snapshot.visits[d.participant], snapshot.now) for d in snapshot.dossiers)


def _work(dossier: Dossier, visits: Sequence[PlannedVisit], now: datetime) -> ParticipantWork:
    due = tuple(v for v in visits if v.status in ("due", "partial") and v.missing and _is_open(v, now))
    return ParticipantWork(
        dossier.participant,
        dossier.site,
        list_pending(dossier),
        list_unsigned(dossier),
        list_unverified(dossier),
        list_missing(dossier, visits),
        tuple(visit for visit in visits if visit.status == "overdue"),
        due,
        tuple(v for v in due if v.closes is not None and v.closes - now <= CLOSING_SOON),
    )


def _is_open(visit: PlannedVisit, now: datetime) -> bool:
    return visit.closes is not None and now.date() <= visit.closes.date()


def list_pending(dossier: Dossier) -> tuple[Query, ...]:
    """The queries that are not closed, the oldest first."""
    return tuple(query for query in dossier.queries if query.is_pending)


def list_unsigned(dossier: Dossier) -> tuple[FormVersion, ...]:
    """The forms whose newest version nobody has signed, in the order of entry."""
    newest = (versions[-1] for versions in dossier.casebook.forms.values())
    unsigned = [version for version in newest if not dossier.signatures.is_signed(version.key)]
    return tuple(sorted(unsigned, key=lambda version: version.entry.sequence))


def list_unverified(dossier: Dossier) -> tuple[VerificationDue, ...]:
    """The forms that the sampling plan chose and that are not, or no longer, verified."""
    return tuple(due for due in list_verification(dossier) if due.status != "verified")


def list_missing(dossier: Dossier, visits: Iterable[PlannedVisit]) -> tuple[MissingForm, ...]:
    """Forms of visits whose window has closed, then forms with required fields that are empty."""
    overdue = [
        MissingForm(dossier.participant, visit.encounter.id, form, ())
        for visit in visits
        if visit.status == "overdue"
        for form in visit.missing
    ]
    incomplete = [
        MissingForm(dossier.participant, key.encounter, key.form, versions[-1].missing)
        for key, versions in dossier.casebook.forms.items()
        if versions[-1].missing
    ]
    return (*overdue, *incomplete)


def check_data(snapshot: Snapshot) -> DataFindings:
    """Deviations, missing forms and failed edit checks as of the snapshot's moment."""
    missing = tuple(
        found for d in snapshot.dossiers for found in list_missing(d, snapshot.visits[d.participant])
    )
    return DataFindings(snapshot.deviations, missing, tuple(_failed(snapshot)))


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
