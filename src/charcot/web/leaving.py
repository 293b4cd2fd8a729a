"""Who left, and who was lost: each withdrawal of consent with what it stops, and each last contact with what was tried."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.ledger import Entry, Kind
from charcot.participants import Dossier, FormVersion, find_alive_after
from charcot.visits import PlannedVisit
from charcot.web.frame import address, leaf_of, moment_of, rows_of, seen_participants, show, sites_of, view_of
from charcot.web.matrix import say_standing
from charcot.web.visibility import discretion_of
from charcot.wiring.looking import TrialView

ROWS = 100
MOST_ROWS = 1000
"""Lines on the page with all of them, which is for paper."""
SCOPES = ("treatment", "follow_up", "data")


@dataclass(frozen=True)
class LeavingLine:
    """One time that a participant withdrew or could not be reached, and what came of it."""

    participant: str
    site: str
    entry: Entry
    reason: str
    stands: str
    dropped: int
    """Planned visits that are not expected any more."""
    kind: str = ""
    """Of a withdrawal, in words."""
    stops: str = ""
    """What a withdrawal stops, in words."""
    found: FormVersion | None = None
    """The contact that found somebody alive who had been lost."""


Line = Callable[[Entry, Dossier, Sequence[PlannedVisit], str, str], LeavingLine]


@require_safe
def withdrawals(request: HttpRequest) -> HttpResponse:
    """Every withdrawal of consent, the newest first; of one kind where the address asks for one."""
    view, wanted = view_of(request), request.GET.get("kind", "")
    everything = seen_entries(request, view, Kind.PARTICIPANT_WITHDREW)
    chosen = [e for e in everything if wanted not in SCOPES or e.data["scope"] == wanted]
    counts = [(s, say_scope(s), sum(e.data["scope"] == s for e in everything)) for s in SCOPES]
    more = {"wanted": wanted if wanted in SCOPES else "", "counts": counts, "everything": len(everything)}
    return _list(request, view, "web/withdrawals.html", chosen, _withdrawal, more)


@require_safe
def lost_to_follow_up(request: HttpRequest) -> HttpResponse:
    """Everybody who could not be reached any more, the newest first."""
    view = view_of(request)
    return _list(
        request, view, "web/lost.html", seen_entries(request, view, Kind.PARTICIPANT_LOST), _lost, {}
    )


def seen_entries(request: HttpRequest, view: TrialView, kind: Kind) -> list[Entry]:
    """The entries of one kind about participants who may be seen, the newest first."""
    found = list(view.ledger.entries(kinds=[kind], newest_first=True))
    if sites_of(request) is None or not found:
        return found
    seen = set(seen_participants(request, view))
    return [entry for entry in found if entry.participant in seen]


def site_names(view: TrialView) -> Mapping[str, str]:
    """The sites of the trial with their names."""
    return {site.id: site.name for site in view.nobody.protocol.trial.design.sites}


def say_scope(scope: str) -> str:
    """What somebody withdrew from, in words."""
    return {
        "treatment": _("treatment"),
        "follow_up": _("follow-up"),
        "data": _("use of data"),
    }[scope]


def say_what_stops(scope: str) -> str:
    """What a withdrawal stops, and what goes on, in words."""
    return {
        "treatment": _("No further infusion. Visits go on."),
        "follow_up": _("No further visit. What is known stays, and a death may still be recorded."),
        "data": _("Nothing more is recorded. What is recorded stays, as the protocol says."),
    }[scope]


def _list(
    request: HttpRequest,
    view: TrialView,
    template: str,
    found: Sequence[Entry],
    line: Line,
    more: Mapping[str, object],
) -> HttpResponse:
    discretion, sites = discretion_of(request, view), site_names(view)
    leaf = leaf_of(request, found, rows_of(request, ROWS, MOST_ROWS), most=MOST_ROWS)
    lines = []
    for entry in leaf.rows:
        participant = entry.participant or ""
        dossier = view.dossier(participant)
        if dossier is not None:
            site, reason = sites.get(dossier.site, dossier.site), discretion.reason(entry) or ""
            lines.append(line(entry, dossier, view.visits(participant), site, reason))
    as_of = view.head.sequence if moment_of(request) else None
    crumbs = [(_("Participants"), address("participants", as_of=as_of))]
    context = {"lines": lines, "leaf": leaf, "several": len(sites) > 1, **more}
    return show(request, view, template, context, here="participants", crumbs=crumbs)


def _withdrawal(
    entry: Entry, dossier: Dossier, visits: Sequence[PlannedVisit], site: str, reason: str
) -> LeavingLine:
    scope = str(entry.data["scope"])
    return LeavingLine(
        dossier.participant,
        site,
        entry,
        reason,
        say_standing(dossier.standing.status),
        0 if scope == "treatment" else _dropped(visits),
        say_scope(scope),
        say_what_stops(scope),
    )


def _lost(
    entry: Entry, dossier: Dossier, visits: Sequence[PlannedVisit], site: str, reason: str
) -> LeavingLine:
    return LeavingLine(
        dossier.participant,
        site,
        entry,
        reason,
        say_standing(dossier.standing.status),
        _dropped(visits),
        found=find_alive_after(dossier.study.protocol, dossier.casebook, entry),
    )


def _dropped(visits: Sequence[PlannedVisit]) -> int:
    return sum(visit.status == "not_expected" for visit in visits)
