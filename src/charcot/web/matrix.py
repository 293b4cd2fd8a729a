"""The matrix of participants and visits: one small sign for how each visit stands."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from charcot.datasets import Snapshot


@dataclass(frozen=True)
class Cell:
    """One visit of one participant: `status` names its colour and sign, `words` says it."""

    status: str
    sign: str
    words: str


@dataclass(frozen=True)
class MatrixRow:
    """One participant."""

    participant: str
    status: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """All participants, with the visits as heads."""

    heads: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    legend: tuple[Cell, ...]


SIGNS = {
    "complete": "■",
    "partial": "◧",
    "missed": "×",
    "open": "·",
    "due": "◇",
    "overdue": "!",
    "not_expected": "–",
    "not_anchored": " ",
}


def lay_out_matrix(snapshot: Snapshot) -> Matrix:
    """The matrix as of the snapshot's moment."""
    heads = tuple(e.label for e in snapshot.protocol.encounters if e.kind == "scheduled")
    rows = []
    for dossier in snapshot.dossiers:
        visits = snapshot.visits[dossier.participant]
        cells = [
            Cell(
                visit.status,
                SIGNS[visit.status],
                _words(visit.status, visit.actual.text if visit.actual else None),
            )
            for visit in visits
        ]
        rows.append(MatrixRow(dossier.participant, dossier.standing.status, tuple(cells)))
    legend = tuple(
        Cell(status, SIGNS[status], _words(status, None)) for status in SIGNS if SIGNS[status].strip()
    )
    return Matrix(heads, tuple(rows), legend)


def _words(status: str, actual: str | None) -> str:
    words = {
        "complete": _("complete"),
        "partial": _("partly filled"),
        "missed": _("missed, with a reason"),
        "open": _("not due yet"),
        "due": _("due now"),
        "overdue": _("overdue"),
        "not_expected": _("not expected any more"),
        "not_anchored": _("not dated yet"),
    }[status]
    return f"{words}, {actual}" if actual else words
