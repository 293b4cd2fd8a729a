"""Everybody in the trial as a matrix, and one participant as a page."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from charcot.datasets.overview import CLOSING, NEEDS, ORDERS, Asked
from charcot.participants import Dossier
from charcot.web.casebook import encounters_of, seen_forms
from charcot.web.course import draw_function, draw_lung_function
from charcot.web.expected_course import draw_expected
from charcot.web.filling import FILLS, desktop_of
from charcot.web.frame import (
    address,
    leaf_at,
    may_of,
    moment_of,
    page_of,
    rows_of,
    seen_participants,
    show,
    sites_of,
    view_of,
)
from charcot.web.laboratory import draw_laboratory
from charcot.web.lock_notes import note_of, offer_of
from charcot.web.matrix import lay_out_matrix, say_standing
from charcot.web.next_steps import NextStep, acts_for, fill_address, steps_for
from charcot.web.product_sight import seen_node_test, sees_product
from charcot.web.product_strip import strips_of
from charcot.web.repeating import added_row, repeated_tables
from charcot.web.safety import events_of, redact_deviations
from charcot.web.saved_views import PLAIN, SavedViews, act_on_views, opening_view, saved_views_of
from charcot.web.timeline import draw_timeline
from charcot.web.visibility import discretion_of
from charcot.wiring.looking import TrialView
from charcot.wiring.products import product_around

ROWS = 200
"""Participants on one page of the matrix."""
MOST_ROWS = 2000
"""Participants on the page with everybody who fits, which is for paper."""
FILTERS = {"q": "", "status": "", "need": "", "site": "", "order": "number"}
"""What the address of the matrix may ask for, and how each is where it does not."""


@require_http_methods(["GET", "HEAD", "POST"])
def participants(request: HttpRequest) -> HttpResponse:
    """The matrix, filtered by number, site, where people or their visits stand, and what is open; with saved views."""
    if request.method == "POST":
        return act_on_views(request, "participants", FILTERS, lambda saved: _matrix(request, saved, 400))
    return opening_view(request, "participants") or _matrix(
        request, saved_views_of(request, "participants", FILTERS)
    )


def _matrix(request: HttpRequest, saved: SavedViews | None, status: int = 200) -> HttpResponse:
    """Everybody who fits the filters, a page at a time, or all on one to be printed."""
    view = view_of(request)
    overview, protocol = view.overview, view.nobody.protocol
    asked = _asked(request)
    rows = rows_of(request, ROWS, MOST_ROWS)
    found, fitting = overview.find(asked, (page_of(request) - 1) * rows, rows)
    if not found and fitting:
        found, fitting = overview.find(asked, (fitting - 1) // rows * rows, rows)
    as_of = view.head.sequence if moment_of(request) else None
    everybody = overview.find(Asked(sites=sites_of(request)), most=0)[1]
    choices = [
        *((status, say_standing(status)) for status in overview.standings(sites_of(request))),
        ("due", _("a visit is due")),
        ("overdue", _("a visit is overdue")),
        (CLOSING, _("a window closes within a week")),
    ]
    sites = _sites(request, view)
    context = {
        "matrix": lay_out_matrix(protocol, found, view.now, as_of),
        "leaf": leaf_at(request, found, fitting, rows, most=MOST_ROWS),
        "today": view.now,
        "everybody": everybody,
        "asked": asked,
        "saved": saved,
        "sites": sites,
        "site": request.GET.get("site", ""),
        "filtered": asked != Asked(sites=sites_of(request)),
        "plain": PLAIN,
        "choices": choices,
        "asked_words": _say_asked(asked, dict(choices), dict(sites).get(request.GET.get("site", ""), "")),
        "needs": [(need, say_need(need)) for need in NEEDS],
        "orders": [(order, say_order(order)) for order in ORDERS],
    }
    return show(request, view, "web/participants.html", context, here="participants", status=status)


def _say_asked(asked: Asked, choices: Mapping[str, str], site: str) -> str:
    """The filters in words, for paper, where the fields do not stand."""
    words = [asked.text, choices.get(asked.stands, ""), say_need(asked.need) if asked.need else "", site]
    if asked.order != "number":
        words.append(_("sorted by: %(order)s") % {"order": say_order(asked.order)})
    return "; ".join(filter(None, words))


def _sites(request: HttpRequest, view: TrialView) -> list[tuple[str, str]]:
    """The sites among which may be chosen; none where there is but one."""
    bound = sites_of(request)
    sites = [s for s in view.nobody.protocol.trial.design.sites if bound is None or s.id in bound]
    return [(site.id, site.name) for site in sites] if len(sites) > 1 else []


def _asked(request: HttpRequest) -> Asked:
    """What the address asks for; what it cannot ask for is left out."""
    given = {name: request.GET.get(name, "").strip() for name in FILTERS}
    bound, site = sites_of(request), given["site"]
    chosen = frozenset([site]) if site and (bound is None or site in bound) else bound
    return Asked(
        text=given["q"],
        stands=given["status"],
        need=given["need"] if given["need"] in NEEDS else "",
        sites=chosen,
        order=given["order"] if given["order"] in ORDERS else "number",
    )


def say_need(need: str) -> str:
    """What participants may be looked for by, in words."""
    return {
        "incomplete": _("required fields are empty"),
        "failed": _("a check does not hold"),
        "deviations": _("has deviations"),
        "queries": _("a query is not closed"),
        "to_answer": _("a query waits for an answer"),
        "unsigned": _("a form is not signed"),
        "broken": _("a signed form was corrected"),
        "unverified": _("a form is to be verified"),
        "changed": _("a verified form was corrected"),
        "ready_to_lock": _("ready to lock"),
        "followed": _("still followed"),
    }[need]


def say_order(order: str) -> str:
    """What participants are sorted by, in words."""
    return {
        "number": _("number"),
        "slope": _("fastest fall of ALSFRS-R"),
        "last_seen": _("longest not seen"),
        "oldest_query": _("oldest query"),
        "to_verify": _("most to verify"),
    }[order]


@require_safe
def participant(request: HttpRequest, participant: str) -> HttpResponse:
    """One participant: standing, timeline, function, events, forms."""
    view = view_of(request)
    snapshot = view.alone(participant)
    dossier = view.dossier(participant)
    if dossier is None:
        raise Http404
    numbers = seen_participants(request, view)
    place = numbers.index(participant)
    as_of = view.head.sequence if moment_of(request) else None
    discretion = discretion_of(request, view)
    lock = dossier.locks.whole
    may = may_of(request, lock)
    may_fill = bool(may & {*FILLS})
    tables = repeated_tables(snapshot, discretion, dossier, may, request.GET.get("add", ""), as_of)
    adding = next((table for table in tables if table.adding), None)
    context = {
        **(added_row(request, participant, adding, dossier) if adding else {}),
        "adding": adding,
        "events_table": next((t for t in tables if t.plays == "adverse_event"), None),
        "tables": [table for table in tables if table.plays != "adverse_event"],
        "dossier": dossier,
        "standing": dossier.standing,
        "participant_node": f"participant/{participant}",
        "strip": strips_of(product_around(view, participant), participant, seen_node_test(request, view))
        if sees_product(request)
        else [],
        "stands": say_standing(dossier.standing.status),
        "timeline": draw_timeline(snapshot, discretion, dossier, as_of),
        "courses": draw_function(snapshot, discretion, dossier, as_of),
        "lung": draw_lung_function(snapshot, discretion, dossier, as_of),
        "expected": draw_expected(snapshot, discretion, dossier),
        "laboratory": draw_laboratory(discretion, dossier, as_of, may_of(request)),
        "events": events_of(snapshot, discretion, participant),
        "deviations": redact_deviations(
            (d for d in snapshot.deviations if d.participant),
            {entry.sequence: entry for entry in dossier.entries},
            discretion,
        ),
        "encounters": encounters_of(snapshot, dossier),
        "forms": len(seen_forms(dossier)),
        "may_fill": may_fill,
        "next": steps_for(dossier, snapshot.visits[participant], may),
        "acts": acts_for(dossier, may),
        "drafts": _drafts(request, dossier) if may_fill else [],
        "lock": note_of(request, lock, participant),
        "can_lock": offer_of(request, dossier),
        "can_sign": "sign" in may,
        "before": numbers[place - 1] if place else None,
        "after": numbers[place + 1] if place + 1 < len(numbers) else None,
    }
    crumbs = [(_("Participants"), address("participants", as_of=as_of))]
    return show(request, view, "web/participant.html", context, here="participants", crumbs=crumbs)


def _drafts(request: HttpRequest, dossier: Dossier) -> list[NextStep]:
    """What whoever is signed in has begun for this participant and not entered."""
    forms = dossier.study.protocol.forms_by_id
    return [
        NextStep(
            _("%(form)s, your draft") % {"form": forms[key.form].title},
            fill_address(participant, key),
            _("saved, not entered"),
        )
        for participant, key, _at in desktop_of(request).listed()
        if participant == dossier.participant and key.form in forms
    ]
