"""Everybody in the trial as a matrix, and one participant as a page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.datasets import Snapshot
from charcot.participants import Dossier
from charcot.web.casebook import encounters_of, seen_forms
from charcot.web.course import draw_function, draw_lung_function
from charcot.web.frame import address, leaf_of, moment_of, show, view_of
from charcot.web.matrix import lay_out_matrix, say_standing
from charcot.web.safety import events_of, redact_deviations
from charcot.web.timeline import draw_timeline
from charcot.web.visibility import Discretion

ROWS = 200
"""Participants on one page of the matrix."""
WORK = ("due", "overdue")


@require_safe
def participants(request: HttpRequest) -> HttpResponse:
    """The matrix, filtered by number and by where people or their visits stand."""
    view = view_of(request)
    snapshot = view.snapshot
    text, status = request.GET.get("q", "").strip(), request.GET.get("status", "").strip()
    found = [d for d in snapshot.dossiers if _matches(snapshot, d, text.casefold(), status)]
    leaf = leaf_of(request, found, ROWS)
    present = dict.fromkeys(d.standing.status for d in snapshot.dossiers)
    context = {
        "matrix": lay_out_matrix(snapshot, leaf.rows),
        "leaf": leaf,
        "everybody": len(snapshot.dossiers),
        "q": text,
        "status": status,
        "choices": [
            *((s, say_standing(s)) for s in sorted(present)),
            ("due", _("a visit is due")),
            ("overdue", _("a visit is overdue")),
        ],
    }
    return show(request, view, "web/participants.html", context, here="participants")


def _matches(snapshot: Snapshot, dossier: Dossier, text: str, status: str) -> bool:
    if text and text not in dossier.participant.casefold():
        return False
    if status in WORK:
        return any(visit.status == status for visit in snapshot.visits[dossier.participant])
    return not status or dossier.standing.status == status


@require_safe
def participant(request: HttpRequest, participant: str) -> HttpResponse:
    """One participant: standing, timeline, function, events, forms."""
    view = view_of(request)
    snapshot = view.alone(participant)
    dossier = view.dossier(participant)
    if dossier is None:
        raise Http404
    numbers = view.participants
    place = numbers.index(participant)
    as_of = view.head.sequence if moment_of(request) else None
    discretion = Discretion(view)
    context = {
        "dossier": dossier,
        "standing": dossier.standing,
        "words": say_standing(dossier.standing.status),
        "timeline": draw_timeline(snapshot, dossier, as_of),
        "courses": draw_function(snapshot, dossier, as_of),
        "lung": draw_lung_function(snapshot, dossier, as_of),
        "events": events_of(snapshot, participant),
        "deviations": redact_deviations(
            (d for d in snapshot.deviations if d.participant),
            {entry.sequence: entry for entry in dossier.entries},
            discretion,
        ),
        "encounters": encounters_of(snapshot, dossier),
        "forms": len(seen_forms(dossier)),
        "before": numbers[place - 1] if place else None,
        "after": numbers[place + 1] if place + 1 < len(numbers) else None,
    }
    crumbs = [(_("Participants"), address("participants", as_of=as_of))]
    return show(request, view, "web/participant.html", context, here="participants", crumbs=crumbs)
