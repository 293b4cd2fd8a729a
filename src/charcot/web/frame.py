"""The frame of every page: the view of the trial that is looked at, the breadcrumb and the bands."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext

from charcot.conduct.trial import rights_under
from charcot.datasets import Snapshot
from charcot.datasets.overview import Asked
from charcot.ledger import Entry
from charcot.web.rail import rail
from charcot.web.signed_in import (
    may_see_everything,
    present_of,
    signed_in_of,
    views_of,
)
from charcot.wiring.looking import TrialView
from charcot.wiring.products import whose

__all__ = [
    "ALONE",
    "AS_OF",
    "address",
    "leaf_of",
    "may_of",
    "moment_of",
    "show",
    "tell",
    "view_of",
    "views_of",
]

AS_OF = "as_of"
ALONE = "-"
"""Stands in an address for a form that belongs to no encounter."""
TOLD = "told"
MOST_CUTS = 20
"""Data cuts that the chooser of a moment offers: the last."""


def view_of(request: HttpRequest) -> TrialView:
    """The trial as of the moment in the address. Raises a Refusal where there is no such moment."""
    view: TrialView = views_of(request).at(moment_of(request))
    return view


def moment_of(request: HttpRequest) -> str | None:
    """The entry or time that the address looks back to."""
    return request.GET.get(AS_OF, "").strip() or None


def may_of(request: HttpRequest, lock: Entry | None = None) -> frozenset[str]:
    """The verbs of which whoever is signed in can do acts here: none in the past, and fewer under a lock or the trial's."""
    signed_in = signed_in_of(request)
    if signed_in is None or moment_of(request) is not None:
        return frozenset()
    return rights_under(rights_under(signed_in.may, lock), present_of(request)[0].locked)


def address(name: str, *arguments: object, as_of: int | None = None, **query: object) -> str:
    """The address of a page, looking back as far as this one."""
    asked = {key: str(value) for key, value in query.items() if value not in (None, "")}
    if as_of is not None:
        asked[AS_OF] = str(as_of)
    where = reverse(name, args=[str(argument) for argument in arguments])
    return f"{where}?{urlencode(asked)}" if asked else where


def show(
    request: HttpRequest,
    view: TrialView,
    template: str,
    context: Mapping[str, Any],
    *,
    here: str,
    crumbs: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """A page in its frame. `crumbs` are names and addresses of the pages above it."""
    as_of = view.head.sequence if moment_of(request) else None
    charter, signed_in = view.charter, signed_in_of(request)
    frame = {
        "request": request,
        "view": view,
        "charter": charter,
        "as_of": as_of,
        "now_address": now_address(request),
        "last_cuts": charter.cuts[-MOST_CUTS:],
        "trial_name": view.nobody.protocol.trial.short_title if view.is_prepared else charter.trial,
        "rail": rail(here, request, view, as_of),
        "everything": may_see_everything(request),
        "signed_in": signed_in,
        "may": may_of(request),
        "roles": roles_of(request),
        "told": request.session.pop(TOLD, None) if signed_in is not None else None,
        "crumbs": crumbs,
        "clock_band": _clock_band(request),
    }
    return render(request, template, {**frame, **context}, status=status)


@dataclass(frozen=True)
class ClockBand:
    """What every page says to those whom open reporting clocks concern."""

    words: str
    overdue: bool


def _clock_band(request: HttpRequest) -> ClockBand | None:
    """The open reporting clocks of serious events, as they are now, for the role at the page."""
    from charcot.web.clocks import clocks_concerning  # it stands on this frame

    lines = clocks_concerning(request, views_of(request).at())
    if not lines:
        return None
    first, over = lines[0], sum(line.is_overdue for line in lines)
    words = ngettext(
        "%(n)s serious event report is due: %(participant)s, %(left)s",
        "%(n)s serious event reports are due; the first: %(participant)s, %(left)s",
        len(lines),
    ) % {"n": len(lines), "participant": first.clock.report.participant, "left": first.left}
    return ClockBand(words, over > 0)


def now_address(request: HttpRequest) -> str:
    """The address of this page as it is now."""
    query = request.GET.copy()
    query.pop(AS_OF, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def roles_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The roles that who is signed in holds today: id and label."""
    signed_in = signed_in_of(request)
    if signed_in is None:
        return []
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    return [(role.id, role.label) for role in protocol.roles if role.id in signed_in.roles]


def tell(request: HttpRequest, text: str) -> None:
    """Says something on the next page that is shown."""
    request.session[TOLD] = text


@dataclass(frozen=True)
class Leaf:
    """One page of a long list."""

    rows: Sequence[Any]
    number: int
    of: int
    total: int
    size: int
    most: int = 0
    """How many rows one page may have where all are asked for, to be printed; 0: there is no such page."""

    @property
    def can_be_whole(self) -> bool:
        """Whether all rows can be asked for on one page, and are not."""
        return self.size < self.total <= self.most

    @property
    def first(self) -> int:
        """The place of the first row, from 1; 0 where there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The place of the last row."""
        return (self.number - 1) * self.size + len(self.rows)


def sites_of(request: HttpRequest) -> frozenset[str] | None:
    """The sites whose participants may be seen; None where it is every site."""
    sites: frozenset[str] | None = getattr(getattr(request, "signed_in", None), "sites", None)
    return sites


def sees_any(request: HttpRequest, view: TrialView) -> Callable[[Collection[str]], bool]:
    """Whether one of some participants may be seen, or there is none: those of other sites may not, for who is bound to one."""
    sites = sites_of(request)
    known: dict[str, bool] = {}

    def seen(participants: Collection[str]) -> bool:
        if sites is None or not participants:
            return True
        for participant in participants:
            if participant not in known:
                dossier = view.dossier(participant)
                known[participant] = dossier is not None and dossier.site in sites
        return any(known[participant] for participant in participants)

    return seen


def seen_by(request: HttpRequest, view: TrialView) -> Callable[[Entry], bool]:
    """Whether an entry may be seen: those about participants of other sites, their doses and donors are not, for who is bound to one."""
    if sites_of(request) is None:
        return lambda _entry: True
    seen = sees_any(request, view)
    return lambda entry: seen(whose(view, entry))


def seen_participants(request: HttpRequest, view: TrialView) -> Sequence[str]:
    """The participants who may be seen, in the order of their numbers."""
    sites = sites_of(request)
    if sites is None:
        return view.participants
    key = f"participants of {sorted(sites)}"
    return view.once(
        key, lambda: [s.participant for s in view.overview.find(Asked(sites=sites), most=10**9)[0]]
    )


def seen_snapshot(request: HttpRequest, view: TrialView) -> Snapshot:
    """The dossiers of those who may be seen."""
    sites, snapshot = sites_of(request), view.snapshot
    if sites is None:
        return snapshot
    return replace(snapshot, dossiers=tuple(d for d in snapshot.dossiers if d.site in sites))


def page_of(request: HttpRequest, key: str = "page") -> int:
    """The number of the page of a list that the address asks for; 1 where it asks for none that can be."""
    asked = request.GET.get(key, "")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


def rows_of(request: HttpRequest, usual: int, most: int) -> int:
    """How many rows a page of a list has: as usual, or the most where the address asks for all."""
    return most if "all" in request.GET else usual


def leaf_at(
    request: HttpRequest, rows: Sequence[Any], total: int, size: int, key: str = "page", most: int = 0
) -> Leaf:
    """One page of a list of which only these rows were read; the last one where the address asks for more."""
    pages = max(1, -(-total // size))
    return Leaf(rows, min(page_of(request, key), pages), pages, total, size, most)


def leaf_of(request: HttpRequest, rows: Sequence[Any], size: int, key: str = "page", most: int = 0) -> Leaf:
    """The page of a list that the address asks for; the nearest there is where it asks for another."""
    pages = max(1, -(-len(rows) // size))
    number = min(page_of(request, key), pages)
    return Leaf(rows[(number - 1) * size : number * size], number, pages, len(rows), size, most)
