"""The trial's home: how far it has come, what is due, where the data stand; and the sign of life for a supervisor."""

from collections import Counter
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.conduct.worklists import check_data
from charcot.datasets import Snapshot
from charcot.web.frame import show, view_of, views_of
from charcot.web.matrix import lay_out_matrix
from charcot.web.signed_in import for_everybody

MOST_LISTED = 8
"""Lines of work that the home lists."""
MOST_ROWS = 24
"""Participants in the home's small matrix."""


@dataclass(frozen=True)
class WorkLine:
    """Something to be done: a visit that is due or overdue, with the forms that are missing."""

    participant: str
    encounter: str
    label: str
    status: str
    closes: str
    forms: int


def work_of(snapshot: Snapshot) -> list[WorkLine]:
    """Visits that are overdue, then those due, each by the day on which its window closes."""
    found = [
        WorkLine(
            d.participant, v.encounter.id, v.encounter.label, v.status, f"{v.closes:%Y-%m-%d}", len(v.missing)
        )
        for d in snapshot.dossiers
        for v in snapshot.visits[d.participant]
        if v.status in ("due", "overdue") and v.closes is not None
    ]
    return sorted(found, key=lambda line: (line.status != "overdue", line.closes, line.participant))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The trial at a glance."""
    view = view_of(request)
    snapshot = view.snapshot
    standings = [d.standing for d in snapshot.dossiers]
    enrolled = sum(s.enrolled is not None for s in standings)
    treated = [s for s in standings if s.infusions]
    data, work = check_data(snapshot), work_of(snapshot)
    counted = Counter(line.status for line in work)
    protocol = snapshot.protocol
    context = {
        "protocol": protocol,
        "snapshot": snapshot,
        "figures": [
            (
                enrolled,
                _("enrolled of %(planned)s planned") % {"planned": protocol.trial.design.planned_enrolment},
                "participants",
                {},
            ),
            (
                sum(not s.death for s in treated),
                _("alive of %(n)s treated, as far as is known") % {"n": len(treated)},
                "participants",
                {"status": "infused"},
            ),
            (counted["due"], _("visits due"), "participants", {"status": "due"}),
            (counted["overdue"], _("visits overdue"), "participants", {"status": "overdue"}),
        ],
        "screened": len(standings),
        "work": work[:MOST_LISTED],
        "more_work": max(0, len(work) - MOST_LISTED),
        "data": data,
        "checks": sorted(Counter(failed.severity for failed in data.failed).items()),
        "forms": sum(len(d.casebook.forms) for d in snapshot.dossiers),
        "matrix": lay_out_matrix(snapshot, snapshot.dossiers[:MOST_ROWS]),
        "matrix_rest": max(0, len(snapshot.dossiers) - MOST_ROWS),
    }
    return show(request, view, "web/home.html", context, here="home")


@for_everybody
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the ledger can be read; for a supervisor, with nothing of the trial in it."""
    views_of(request).folder.ledger.head()
    return HttpResponse("ok\n", content_type="text/plain")
