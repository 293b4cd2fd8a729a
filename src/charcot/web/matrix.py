"""The matrix of participants and visits: one small square for how each visit stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from charcot.datasets import Snapshot
from charcot.participants import Dossier
from charcot.visits import PlannedVisit

STATES = ("complete", "partial", "missed", "open", "due", "overdue", "not_expected", "not_anchored")
"""How a visit can stand, in the order of the legend."""


@dataclass(frozen=True)
class Cell:
    """One visit of one participant: `status` names its square, `words` says it."""

    encounter: str
    status: str
    words: str
    outside: bool = False


@dataclass(frozen=True)
class MatrixRow:
    """One participant."""

    participant: str
    status: str
    standing: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """Some participants, with the visits as heads."""

    heads: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    legend: tuple[Cell, ...]


def lay_out_matrix(snapshot: Snapshot, dossiers: Sequence[Dossier]) -> Matrix:
    """The matrix of these participants as of the snapshot's moment."""
    encounters = [e for e in snapshot.protocol.encounters if e.kind == "scheduled"]
    rows = []
    for dossier in dossiers:
        visits = {visit.encounter.id: visit for visit in snapshot.visits[dossier.participant]}
        cells = tuple(_cell(encounter.id, visits.get(encounter.id)) for encounter in encounters)
        status = dossier.standing.status
        rows.append(MatrixRow(dossier.participant, status, say_standing(status), cells))
    legend = tuple(Cell("", status, say_status(status)) for status in STATES)
    return Matrix(tuple(encounter.label for encounter in encounters), tuple(rows), legend)


def _cell(encounter: str, visit: PlannedVisit | None) -> Cell:
    if visit is None:
        return Cell(encounter, "not_anchored", _("not part of this participant's protocol"))
    words = say_status(visit.status)
    if visit.actual is not None:
        words = f"{words}, {date_format(visit.actual.day, 'j M Y')}"
    elif visit.closes is not None and visit.status in ("open", "due", "overdue"):
        words = f"{words}, {_('window closes')} {date_format(visit.closes, 'j M Y')}"
    if visit.out_of_window:
        words = f"{words}, {_('outside its window')}"
    return Cell(encounter, visit.status, f"{visit.encounter.label}: {words}", visit.out_of_window)


def say_status(status: str) -> str:
    """How a visit stands, in words."""
    return {
        "complete": _("complete"),
        "partial": _("partly filled"),
        "missed": _("missed, with a reason"),
        "open": _("not due yet"),
        "due": _("due now"),
        "overdue": _("overdue"),
        "not_expected": _("not expected any more"),
        "not_anchored": _("not dated yet"),
    }[status]


def say_standing(status: str) -> str:
    """Where a participant stands, in words."""
    return {
        "died": _("died"),
        "declined": _("declined"),
        "withdrawn": _("withdrew"),
        "lost": _("lost to follow-up"),
        "infused": _("infused, in follow-up"),
        "enrolled": _("enrolled"),
        "consented": _("consented"),
        "screened": _("screened"),
    }[status]
