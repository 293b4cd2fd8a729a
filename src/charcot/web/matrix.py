"""The matrix of participants and visits: one small square for how each visit stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charcot.clinical_time import ClinicalTime
from charcot.datasets import ParticipantSummary, VisitSummary
from charcot.protocol import Protocol
from charcot.web.frame import AS_OF

STATES = ("complete", "partial", "missed", "open", "due", "overdue", "not_expected", "not_anchored")
"""How a visit can stand, in the order of the legend."""


@dataclass(frozen=True)
class LegendSign:
    """A square and what it says."""

    status: str
    words: str


@dataclass(frozen=True)
class MatrixRow:
    """One participant; `cells` is the HTML of their visits, which are too many for a template's loop."""

    participant: str
    status: str
    standing: str
    cells: SafeString
    open: Sequence[str]
    """What is open about them, in words."""


@dataclass(frozen=True)
class Matrix:
    """Some participants, with the visits as heads."""

    heads: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    legend: tuple[LegendSign, ...]


def lay_out_matrix(
    protocol: Protocol, summaries: Iterable[ParticipantSummary], now: datetime, as_of: int | None
) -> Matrix:
    """The matrix of these participants at `now` (site's time); addresses look back to entry `as_of`, if any."""
    encounters = [e for e in protocol.encounters if e.kind == "scheduled"]
    painter = _Painter([(e.id, e.label) for e in encounters], now, as_of)
    rows = tuple(
        MatrixRow(s.participant, s.standing, say_standing(s.standing), painter.cells(s), say_open(s))
        for s in summaries
    )
    legend = tuple(LegendSign(status, say_status(status)) for status in STATES)
    return Matrix(tuple(encounter.label for encounter in encounters), rows, legend)


class _Painter:
    """Paints the squares of many participants; what repeats is made once."""

    def __init__(self, encounters: Sequence[tuple[str, str]], now: datetime, as_of: int | None) -> None:
        self._now = now
        self._query = "" if as_of is None else "?" + urlencode({AS_OF: as_of})
        stem = len(reverse("participant", args=["x"]))
        self._ends = {id: escape(reverse("visit", args=["x", id])[stem:]) for id, _label in encounters}
        self._absent = _("not part of this participant's protocol")
        self._states = {status: say_status(status) for status in STATES}
        self._until, self._outside = _("window closes"), _("outside its window")
        self._days: dict[str, str] = {}

    def cells(self, summary: ParticipantSummary) -> SafeString:
        """The cells of one participant, in the order of the heads."""
        visits = {visit.encounter: visit for visit in summary.visits}
        base, name = escape(reverse("participant", args=[summary.participant])), escape(summary.participant)
        made = []
        for encounter, end in self._ends.items():
            visit = visits.get(encounter)
            status = "not_anchored" if visit is None else visit.status_at(self._now)
            words = conditional_escape(self._absent if visit is None else self._say(visit, status))
            made.append(
                f'<td><a class="sq {status}" data-panel href="{base}{end}{self._query}" title="{words}">'
                f'<svg aria-hidden="true" viewBox="0 0 14 14"><use href="#sq-{status}"/></svg>'
                f'<span class="spoken">{name}, {words}</span></a></td>'
            )
        return mark_safe("".join(made))

    def _say(self, visit: VisitSummary, status: str) -> str:
        words = f"{visit.label}: {self._states[status]}"
        if visit.actual is not None:
            words += f", {self._day(visit.actual)}"
        elif visit.due_until is not None and status in ("open", "due", "overdue"):
            words += f", {self._until} {self._day(visit.due_until[:10])}"
        return f"{words}, {self._outside}" if visit.outside else words

    def _day(self, text: str) -> str:
        if text not in self._days:
            self._days[text] = date_format(ClinicalTime(text).day, "j M Y")
        return self._days[text]


def say_open(summary: ParticipantSummary) -> list[str]:
    """What is open about a participant, in words."""
    found = []
    if summary.queries:
        words = ngettext("%(n)s query", "%(n)s queries", summary.queries)
        found.append(words % {"n": summary.queries})
    if summary.incomplete:
        found.append(_("%(n)s incomplete") % {"n": summary.incomplete})
    return found


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
