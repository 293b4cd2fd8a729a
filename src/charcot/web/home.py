"""The trial's home: how far it has come, what is due, where the data stand; and the sign of life for a supervisor."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.datasets.overview import Asked
from charcot.web.donor_desk import donor_desks
from charcot.web.frame import moment_of, show, sites_of, view_of, views_of
from charcot.web.matrix import lay_out_matrix
from charcot.web.signed_in import HOME, SignedIn, for_everybody, for_who_may, signed_in_of
from charcot.web.today import Day, Desk
from charcot.wiring.health import examine
from charcot.wiring.looking import TrialView
from charcot.wiring.served import site_of

MOST_LISTED = 8
"""Lines of work that the home lists."""
MOST_ROWS = 24
"""Participants in the home's small matrix."""


@for_who_may(*HOME)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is to be done today by who is signed in, and the trial at a glance where they may read it."""
    view, signed_in = view_of(request), signed_in_of(request)
    works = signed_in is not None and moment_of(request) is None
    day = {"day": _desks(request, view, signed_in)} if works and signed_in is not None else {}
    if signed_in is not None and "read" not in signed_in.may:
        return show(request, view, "web/today.html", {**day, "today": view.now}, here="home")
    return _at_a_glance(request, view, {**day, "today": view.now})


def _desks(request: HttpRequest, view: TrialView, signed_in: SignedIn) -> list[Desk]:
    return [*Day(request, view, signed_in).desks(), *donor_desks(request, view, signed_in)]


def _at_a_glance(request: HttpRequest, view: TrialView, more: dict[str, Any]) -> HttpResponse:
    sites = sites_of(request)
    overview, trial = view.overview, view.nobody
    protocol, counts = trial.protocol, overview.count(sites)
    work, to_do = overview.to_do(sites, MOST_LISTED)
    first, everybody = overview.find(Asked(sites=sites), most=MOST_ROWS)
    as_of = view.head.sequence if moment_of(request) else None
    failed = [
        ("error", counts.failed_errors),
        ("note", counts.failed_notes),
        ("query", counts.failed_queries),
    ]
    context = {
        **more,
        "protocol": protocol,
        "receipt": trial.receipt,
        "figures": [
            (
                counts.enrolled,
                _("enrolled of %(planned)s planned") % {"planned": protocol.trial.design.planned_enrolment},
                "participants",
                {},
            ),
            (
                counts.infused_alive,
                _("alive of %(n)s treated, as far as is known") % {"n": counts.infused},
                "participants",
                {"status": "infused"},
            ),
            (counts.due, _("visits due"), "participants", {"status": "due"}),
            (counts.overdue, _("visits overdue"), "participants", {"status": "overdue"}),
        ],
        "screened": counts.screened,
        "work": work,
        "more_work": to_do - len(work),
        "missing": counts.overdue_forms + counts.incomplete,
        "deviations": counts.deviations + len(trial.deviations),
        "checks": [(severity, number) for severity, number in failed if number],
        "forms": counts.forms,
        "matrix": lay_out_matrix(protocol, first, view.now, as_of),
        "matrix_rest": everybody - len(first),
        "everybody": everybody,
    }
    template = "web/today.html" if "day" in more else "web/home.html"
    return show(request, view, template, context, here="home")


@for_everybody
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the site can do its work; for a supervisor, with nothing of the trial in it."""
    found = examine(views_of(request).folder, site_of(request).alias)
    parts = {name: "ok" if well else "broken" for name, well in asdict(found).items()}
    said = {"status": "ok" if found.is_well else "broken", **parts}
    return JsonResponse(said, status=200 if found.is_well else 503)
