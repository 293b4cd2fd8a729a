"""Reporting clocks: which event must be told to whom by when, shown to those concerned on every page; and what was submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import Trial, record_submission
from charcot.safety import RunningClock, find_clocks, find_open_clocks
from charcot.web.act_pages import ActField, ActPage
from charcot.web.acting import run_act
from charcot.web.frame import (
    ALONE,
    address,
    leaf_of,
    may_of,
    moment_of,
    seen_participants,
    show,
    sites_of,
    view_of,
)
from charcot.web.signed_in import actor_of, for_who_may, signed_in_of
from charcot.wiring.clock import real_clock
from charcot.wiring.looking import TrialView

ROWS = 50


@dataclass(frozen=True)
class ClockLine:
    """One clock as it is shown: of participant and form by number, never by what happened."""

    clock: RunningClock
    state: str
    left: str
    href: str
    submit: str

    @property
    def is_overdue(self) -> bool:
        """Whether it has run out."""
        return self.state == "overdue"


def now_of(request: HttpRequest, view: TrialView) -> datetime:
    """The moment by which clocks are read: now, or that of the entry looked back to; in the site's time."""
    if moment_of(request) is not None or view.charter.simulated_clock:
        return view.now
    return view.charter.site_time(real_clock())


def say_left(due: datetime, now: datetime) -> str:
    """How long there is, or how long it is over."""
    late, seconds = now > due, abs((due - now).total_seconds())
    if seconds < 48 * 3600:
        hours, minutes = int(seconds // 3600), int(seconds % 3600 // 60)
        text = (
            _("%(h)s h %(m)s min") % {"h": hours, "m": minutes} if hours else _("%(m)s min") % {"m": minutes}
        )
    else:
        days = int(seconds // 86400)
        text = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return _("%(time)s over") % {"time": text} if late else _("%(time)s left") % {"time": text}


def clock_lines(request: HttpRequest, view: TrialView, clocks: Sequence[RunningClock]) -> list[ClockLine]:
    """The clocks of those participants who may be seen."""
    sites = sites_of(request)
    seen = None if sites is None else set(seen_participants(request, view))
    now = now_of(request, view)
    lines = []
    for clock in clocks:
        report = clock.report
        if seen is not None and report.participant not in seen:
            continue
        form = report.key
        lines.append(
            ClockLine(
                clock,
                clock.state_at(now),
                say_left(clock.due, now),
                address("form", report.participant, form.form, form.encounter or ALONE, form.instance),
                address("submit", report.participant, form.instance, clock.plan.id),
            )
        )
    return lines


def clocks_concerning(request: HttpRequest, view: TrialView) -> list[ClockLine]:
    """The open clocks that concern the role at the page: its own, and once they have run out those escalated to it."""
    signed_in = signed_in_of(request)
    if signed_in is None or not view.is_prepared or "read" not in signed_in.may:
        return []
    lines = clock_lines(request, view, view.ask_safety(find_open_clocks))
    return [
        line
        for line in lines
        if signed_in.role in line.clock.plan.concerns
        or (line.is_overdue and signed_in.role in line.clock.plan.escalates_to)
    ]


@require_safe
def clocks(request: HttpRequest) -> HttpResponse:
    """Every reporting clock: open ones first."""
    view = view_of(request)
    lines = clock_lines(request, view, view.ask_safety(find_clocks))
    lines.sort(key=lambda line: bool(line.clock.submissions))
    context = {
        "leaf": leaf_of(request, lines, ROWS),
        "open": sum(not line.clock.submissions for line in lines),
        "overdue": sum(line.is_overdue for line in lines),
        "may_submit": "submit" in may_of(request),
        "plans": view.nobody.protocol.reporting,
    }
    crumbs = [(_("Safety"), address("safety"))]
    return show(request, view, "web/clocks.html", context, here="safety", crumbs=crumbs)


@for_who_may("submit")
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, participant: str, instance: int, clock: str) -> HttpResponse:
    """Says that an event was submitted."""
    view = view_of(request)
    lines = clock_lines(request, view, view.ask_safety(find_clocks))
    line = next(
        (
            each
            for each in lines
            if (each.clock.report.participant, each.clock.report.key.instance, each.clock.plan.id)
            == (participant, instance, clock)
        ),
        None,
    )
    if line is None:
        raise Http404
    plan, key = line.clock.plan, line.clock.report.key
    page = ActPage(
        "submit", _("Record a submission"),
        _("%(label)s, %(participant)s, event %(number)s. Due %(due)s.")
        % {"label": plan.label, "participant": participant, "number": instance, "due": f"{line.clock.due:%Y-%m-%d %H:%M}"},
        [
            ActField("at", _("Submitted"), "minute", _("Date and time, such as 2014-03-14T09:30"), value=f"{now_of(request, view):%Y-%m-%dT%H:%M}"),
            ActField("reference", _("Reference"), "short", _("The receiver's number, or how it was sent and who took it")),
        ],
        _("Record the submission"),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, Any]) -> str:
        version = view.dossier(participant)
        shown = None if version is None else version.casebook.latest(key)
        record_submission(
            trial, actor_of(request), participant=participant, clock=clock, **key.as_data(),
            version=shown.version if shown is not None else 0, **values,
        )  # fmt: skip
        return address("clocks")

    crumbs = [(_("Safety"), address("safety")), (_("Reporting clocks"), address("clocks"))]
    return run_act(request, page, crumbs, do)
