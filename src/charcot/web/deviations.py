"""The deviations from the protocol: what was found in the record and what was reported, of everybody."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.visits import Deviation
from charcot.web.frame import address, leaf_of, moment_of, rows_of, seen_snapshot, show, view_of
from charcot.web.safety import redact_deviations
from charcot.web.visibility import discretion_of

ROWS = 100
MOST_ROWS = 1000
"""Deviations on the page with all of them, which is for paper."""


@require_safe
def deviations(request: HttpRequest) -> HttpResponse:
    """Every deviation, by participant; of one kind, or with some words, where the address asks for them."""
    view = view_of(request)
    kind, text = (request.GET.get(name, "").strip() for name in ("kind", "q"))
    found = redact_deviations(
        seen_snapshot(request, view).deviations, view.entries, discretion_of(request, view)
    )
    kinds = Counter(deviation.category for deviation in found)
    chosen = [d for d in found if kind in ("", d.category) and _says(d, text.casefold())]
    leaf = leaf_of(request, chosen, rows_of(request, ROWS, MOST_ROWS), most=MOST_ROWS)
    context = {
        "deviations": leaf.rows,
        "leaf": leaf,
        "kinds": sorted(kinds.items()),
        "kind": kind,
        "q": text,
        "everything": len(found),
        "people": len({d.participant for d in chosen if d.participant}),
    }
    as_of = view.head.sequence if moment_of(request) else None
    crumbs = [(_("Participants"), address("participants", as_of=as_of))]
    return show(request, view, "web/deviations_list.html", context, here="participants", crumbs=crumbs)


def _says(deviation: Deviation, text: str) -> bool:
    words = (deviation.participant, deviation.category, deviation.section, deviation.description)
    return not text or any(text in word.casefold() for word in words)
