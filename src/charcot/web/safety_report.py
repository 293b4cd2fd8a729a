"""The report to the safety board on the site: its page, the file to keep, and each of its numbers down to the entry."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.report import Report, render_html
from charcot.web.frame import address, moment_of, view_of, views_of
from charcot.web.numbers import link_report
from charcot.web.report_page import answer_figure, answer_strictly
from charcot.web.results import show_result
from charcot.web.signed_in import rests_on_everything
from charcot.wiring.looking import TrialView
from charcot.wiring.writing import render_safety_html

SINCE = "since"
"""Names the data cut, entry or time of the last report that the board got."""


@rests_on_everything
@require_safe
def safety_report(request: HttpRequest) -> HttpResponse:
    """The report, with its numbers as links and its figures alive."""
    view = view_of(request)
    as_of = view.head.sequence if moment_of(request) else None
    page = _page(request, view, lambda report: render_html(report, carries_lineage=False), "page")
    names = {"result": "safety_result", "figure": "safety_figure", "back": "safety"}
    return answer_strictly(link_report(page, as_of, **names), site=True)


@rests_on_everything
@require_safe
def safety_report_file(request: HttpRequest) -> HttpResponse:
    """The report as the file that it is when it is written: to be kept, sent and printed."""
    view = view_of(request)
    return answer_strictly(_page(request, view, render_safety_html, "file"), site=False)


@rests_on_everything
@require_safe
def safety_figure(request: HttpRequest, name: str) -> HttpResponse:
    """The specification that a drawing of the report was made from."""
    return answer_figure(view_of(request).safety_report(), name)


@rests_on_everything
@require_safe
def safety_result(request: HttpRequest, id: str) -> HttpResponse:
    """One number of the report: formula, rows that count and that do not, values, entries."""
    view = view_of(request)
    as_of = view.head.sequence if moment_of(request) else None
    crumbs = [
        (_("Safety"), address("safety", as_of=as_of)),
        (_("Report to the safety board"), address("safety_report", as_of=as_of)),
    ]
    return show_result(request, view, view.safety_report(), id, here="safety", crumbs=crumbs)


def _page(request: HttpRequest, view: TrialView, render: Callable[[Report], str], kind: str) -> str:
    """The report rendered; kept with the view unless it is told what changed since a moment of the reader's choice."""
    since = request.GET.get(SINCE, "").strip()
    if since:
        return render(view.safety_report(views_of(request).at(since)))
    return view.once(f"safety report as {kind}", lambda: render(view.safety_report()))
