"""The missed visits of the trial: windows that closed with forms missing, and what was said to be missed, with the reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.datasets.overview import VisitToDo
from charcot.ledger import Entry, Kind
from charcot.participants import Dossier, FormKey
from charcot.web.frame import address, leaf_of, may_of, moment_of, rows_of, show, sites_of, view_of
from charcot.web.leaving import seen_entries, site_names
from charcot.web.visibility import Discretion, discretion_of
from charcot.wiring.looking import TrialView

ROWS = 100
MOST_ROWS = 1000
"""Lines on the page with all of them, which is for paper."""
REASONS = ("without", "with")
"""What may be looked for: visits of which nobody said yet why they were missed, or those of which somebody did."""


@dataclass(frozen=True)
class MissedLine:
    """A visit, or single forms of one, that did not take place in its window. Moments are in the site's time."""

    participant: str
    site: str
    encounter: str
    label: str
    number: int
    opens: datetime | None
    closes: datetime | None
    days_past: int | None
    """Whole days since the window closed; None where a reason is recorded or there is no window."""
    forms: Sequence[str]
    """The titles of the forms that are missing; none where it is the whole visit."""
    said: Entry | None
    """What says that it was missed; None where nobody did yet."""
    reason: str
    filled_after_all: bool
    say: str
    """Where the reason is recorded, for who may."""


@require_safe
def missed_visits(request: HttpRequest) -> HttpResponse:
    """Visits that were missed: those without a reason first, the longest past first; then the reasons, the newest first."""
    view = view_of(request)
    wanted = request.GET.get("reason", "")
    overdue = _overdue(request, view) if wanted != "with" else []
    said = seen_entries(request, view, Kind.FORM_MISSED) if wanted != "without" else []
    leaf = leaf_of(request, [*overdue, *said], rows_of(request, ROWS, MOST_ROWS), most=MOST_ROWS)
    context = {
        "lines": list(_lines(request, view, leaf.rows)),
        "leaf": leaf,
        "wanted": wanted if wanted in REASONS else "",
        "without": len(overdue),
        "with": len(said),
        "several": len(site_names(view)) > 1,
    }
    as_of = view.head.sequence if moment_of(request) else None
    crumbs = [(_("Participants"), address("participants", as_of=as_of))]
    return show(request, view, "web/missed_visits.html", context, here="participants", crumbs=crumbs)


def _overdue(request: HttpRequest, view: TrialView) -> list[VisitToDo]:
    """The visits whose window closed with forms missing; those who left are not expected any more."""
    to_do, _number = view.overview.to_do(sites_of(request))
    return list(takewhile(lambda visit: visit.status == "overdue", to_do))


def _lines(request: HttpRequest, view: TrialView, found: Sequence[VisitToDo | Entry]) -> Iterator[MissedLine]:
    discretion, may_say = discretion_of(request, view), "miss" in may_of(request)
    sites = site_names(view)
    for each in found:
        dossier = view.dossier(each.participant or "")
        if dossier is None:
            continue
        site = sites.get(dossier.site, dossier.site)
        if isinstance(each, Entry):
            yield _said(each, dossier, view, discretion, site)
        else:
            yield _unsaid(each, dossier, view, discretion, site, may_say and dossier.locks.whole is None)


def _unsaid(
    due: VisitToDo, dossier: Dossier, view: TrialView, discretion: Discretion, site: str, may_say: bool
) -> MissedLine:
    visit = next(v for v in view.visits(dossier.participant) if v.encounter.id == due.encounter)
    whole = not visit.filled and not visit.missed
    return MissedLine(
        dossier.participant,
        site,
        due.encounter,
        due.label,
        1,
        visit.opens,
        visit.closes,
        None if visit.closes is None else (view.now.date() - visit.closes.date()).days,
        () if whole else [discretion.title(form) for form in visit.missing],
        said=None,
        reason="",
        filled_after_all=False,
        say=address("act", dossier.participant, "miss", about=due.encounter if whole else f"{due.encounter}/{visit.missing[0]}") if may_say else "",
    )  # fmt: skip


def _said(entry: Entry, dossier: Dossier, view: TrialView, discretion: Discretion, site: str) -> MissedLine:
    encounter, form, number = entry.data["encounter"], entry.data["form"], int(entry.data["instance"])
    protocol = dossier.study.protocol
    known = protocol.encounters_by_id.get(encounter)
    planned = [v for v in view.visits(dossier.participant) if v.encounter.id == encounter and number == 1]
    keys = [FormKey(name, encounter, number) for name in ([form] if form else protocol.forms_at(encounter))]
    return MissedLine(
        dossier.participant,
        site,
        encounter,
        known.label if known else encounter,
        number,
        planned[0].opens if planned else None,
        planned[0].closes if planned else None,
        None,
        [discretion.title(form)] if form else (),
        said=entry,
        reason=discretion.reason(entry) or "",
        filled_after_all=bool(keys) and all(key in dossier.casebook.forms for key in keys),
        say="",
    )
