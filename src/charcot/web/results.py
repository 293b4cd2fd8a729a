"""Results: every number of the report, and what stands behind it down to the entry."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.report import Report
from charcot.report.explain import NoSuchResult, explain_result
from charcot.web.frame import ALONE, address, leaf_of, moment_of, show, view_of
from charcot.web.messages import not_found
from charcot.web.numbers import link_sections
from charcot.web.signed_in import rests_on_everything
from charcot.wiring.looking import TrialView

ROWS = 100
"""Rows of one kind on a page of a result."""
PARTS = ("rows", "left_out", "denominator", "others")


@rests_on_everything
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The tables of the report, section by section; every number opens."""
    view = view_of(request)
    report = view.report
    sections = view.once("sections", lambda: link_sections(report))
    context = {"sections": sections, "report": report, "count": len(report.results)}
    return show(request, view, "web/results.html", context, here="results")


@rests_on_everything
@require_safe
def result(request: HttpRequest, id: str) -> HttpResponse:
    """One number: formula, rows that count and that do not, values, entries."""
    view = view_of(request)
    above = (_("Results"), address("results", as_of=view.head.sequence if moment_of(request) else None))
    return show_result(request, view, view.report, id, here="results", crumbs=[above])


def show_result(
    request: HttpRequest,
    view: TrialView,
    report: Report,
    id: str,
    *,
    here: str,
    crumbs: Sequence[tuple[str, str]],
) -> HttpResponse:
    """The page of one number of a report of this view."""
    try:
        explanation = view.once(f"{here} {id}", lambda: explain_result(report, view.cut, id))
    except NoSuchResult as refusal:
        return not_found(request, refusal)
    leaves = {part: leaf_of(request, getattr(explanation, part), ROWS, part) for part in PARTS}
    origins = report.lineage[id].origins
    context = {
        "explanation": explanation,
        "leaves": leaves,
        "synthetic": "synthetic" in origins,
        "origins": sorted(origins),
        "alone": ALONE,
    }
    return show(request, view, "web/result.html", context, here=here, crumbs=crumbs)
