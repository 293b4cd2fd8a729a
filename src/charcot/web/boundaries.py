"""Stopping boundaries: each against its events, what holds the next infusion, and the signed review that lifts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import review_safety
from charcot.conduct.review_safety import DECISIONS, REVIEWING
from charcot.ledger import Entry
from charcot.protocol import Boundary, Staggering
from charcot.refusal import BadValue, Refusal
from charcot.report.format import format_number
from charcot.safety import BoundaryGroup, BoundaryPoint, SafetyWatch
from charcot.safety.boundary_design import compute_design
from charcot.web.act_pages import ActField
from charcot.web.frame import address, may_of, show, tell, view_of
from charcot.web.plain_words import require_words
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of
from charcot.web.timescale import AxisTick, place_text
from charcot.wiring.signing_in import check_signature

WIDTH, HEIGHT = 420, 200
LONGEST_STATEMENT = 4000
LEFT, RIGHT, TOP, BOTTOM = 34.0, 400.0, 14.0, 164.0


@dataclass(frozen=True)
class BoundaryPicture:
    """Events against participants: the course as one line, the boundary as another; coordinates as text."""

    course: str
    limit: str
    last_x: str
    last_y: str
    across: Sequence[AxisTick]
    upward: Sequence[AxisTick]
    words: str


@dataclass(frozen=True)
class SeenGroup:
    """One boundary in one group, as it stands."""

    plan: Boundary
    group: str
    patients: int
    events: int
    limit: int
    held: BoundaryPoint | None
    stopped: bool
    review: Entry | None
    picture: BoundaryPicture
    design: Sequence[tuple[str, str, str, bool]]
    """What it does at each true share: share and chance [%], participants expected, and whether the share is its p0."""


def groups_seen(watch: SafetyWatch) -> list[SeenGroup]:
    """Every boundary, group by group."""
    return [
        _seen(course.plan, group)
        for course in watch.boundaries.values()
        for _name, group in sorted(course.groups.items())
    ]


def _seen(plan: Boundary, group: BoundaryGroup) -> SeenGroup:
    points = tuple(group.points)
    limit = points[-1].limit if points else plan.stop[0].events
    return SeenGroup(
        plan, group.group, group.patients, group.events, limit, group.held,
        group.review is not None and group.review.data["decision"] == "stop",
        group.review, draw_boundary(plan, points), _design(plan),
    )  # fmt: skip


def _design(plan: Boundary) -> list[tuple[str, str, str, bool]]:
    return [
        (
            format_number(100 * found.risk, 1, trim=True),
            format_number(100 * found.stopping, 1),
            format_number(found.people, 1),
            found.risk == float(plan.p0),
        )
        for found in compute_design(plan)
    ]


def draw_boundary(plan: Boundary, points: Sequence[BoundaryPoint]) -> BoundaryPicture:
    """The picture of a boundary; n on the way across, participants with an event on the way up."""
    last = points[-1] if points else None
    most = max(plan.planned, last.patients if last else 0, 1)
    top = max(plan.stop[-1].events, last.events if last else 0) + 1

    def x(patients: float) -> str:
        return place_text(LEFT + (RIGHT - LEFT) * patients / most)

    def y(events: float) -> str:
        return place_text(BOTTOM - (BOTTOM - TOP) * events / top)

    course = [(0, 0), *((p.patients, p.events) for p in points)]
    walked = [course[0]]
    for (_n, before), (patients, events) in pairwise(course):
        walked += [(patients, before), (patients, events)]
    ends = [step.up_to for step in plan.stop]
    ends[-1] = most
    starts = [0, *ends[:-1]]
    stairs = [
        (edge, step.events)
        for start, end, step in zip(starts, ends, plan.stop, strict=True)
        for edge in (start, end)
    ]
    every = 1 if most <= 20 else 5 * -(-most // 50)
    across = [AxisTick(x(n), str(n)) for n in range(0, most + 1, every) if most > 20 or n % 2 == most % 2]
    words = _("%(events)s participants with an event of %(patients)s infused; it stops at %(limit)s") % {
        "events": last.events if last else 0,
        "patients": last.patients if last else 0,
        "limit": last.limit if last else plan.stop[0].events,
    }
    return BoundaryPicture(
        " ".join(f"{x(a)},{y(b)}" for a, b in walked), " ".join(f"{x(a)},{y(b)}" for a, b in stairs),
        x(last.patients if last else 0), y(last.events if last else 0), across,
        [AxisTick(y(k), str(k)) for k in range(top + 1)], words,
    )  # fmt: skip


@require_safe
def boundaries(request: HttpRequest) -> HttpResponse:
    """Every boundary and staggering, and what holds."""
    view = view_of(request)
    seen = view.ask_safety(groups_seen)
    protocol = view.nobody.protocol
    context = {
        "groups": seen,
        "staggering": protocol.staggering,
        "held": [group for group in seen if group.held],
        "reviewers": [role.label for role in protocol.roles if "review_safety" in role.may],
        "may_review": "review_safety" in may_of(request),
        "reviews": view.ask_safety(lambda watch: list(reversed(watch.reviews))),
        "width": WIDTH,
        "height": HEIGHT,
    }
    crumbs = [(_("Safety"), address("safety"))]
    return show(request, view, "web/boundaries.html", context, here="safety", crumbs=crumbs)


@for_who_may("review_safety")
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, rule: str) -> HttpResponse:
    """The safety board's review of a boundary or staggering: go on, or stop, signed."""
    group = request.GET.get("group", "")
    if request.method != "POST":
        return _review_page(request, rule, group)
    given = {name: request.POST.get(name, "").strip() for name in ("decision", "statement", "seen")}
    try:
        require_words(given["statement"], "statement", _("The statement"), LONGEST_STATEMENT)
        if (
            not (given["seen"].isascii() and given["seen"].isdigit() and len(given["seen"]) < 10)
            or given["decision"] not in DECISIONS
        ):
            raise BadValue(
                _("The decision is missing."),
                rule=_("Safety board: a review says whether the trial goes on"),
                next_step=_("Choose one."),
            )
        signature = check_signature(
            request, request.POST.get("password", ""), request.POST.get("token", ""), REVIEWING
        )
        review_safety(
            open_trial_of(request), actor_of(request), rule=rule, group=group, decision=given["decision"],
            statement=given["statement"], seen=int(given["seen"]), signature=signature,
        )  # fmt: skip
    except Refusal as refusal:
        return _review_page(request, rule, group, given, refusal)
    tell(
        request,
        _("The review is signed. Infusions may go on.")
        if given["decision"] == "continue"
        else _("The review is signed. No infusion is possible."),
    )
    return HttpResponseRedirect(address("boundaries"))


def _review_page(
    request: HttpRequest,
    rule: str,
    group: str,
    given: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    view = view_of(request)
    seen = next(
        (each for each in view.ask_safety(groups_seen) if (each.plan.id, each.group) == (rule, group)), None
    )
    staggering: Staggering | None = next(
        (each for each in view.nobody.protocol.staggering if each.id == rule), None
    )
    if seen is None and staggering is None:
        raise Http404
    context = {
        "seen": seen,
        "staggering": staggering,
        "given": given or {},
        "refusal": refusal,
        "meaning": REVIEWING,
        "width": WIDTH,
        "height": HEIGHT,
        "events": seen.events if seen else 0,
        "decision": ActField(
            "decision", _("Decision"), "choice",
            options=[("continue", _("The trial goes on")), ("stop", _("No further infusion"))],
        ),
    }  # fmt: skip
    crumbs = [(_("Safety"), address("safety")), (_("Boundaries"), address("boundaries"))]
    status = 200 if refusal is None else 400
    return show(request, view, "web/review_safety.html", context, here="safety", crumbs=crumbs, status=status)
