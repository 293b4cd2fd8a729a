"""The screening log: everybody who was considered, in the order of their screening, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.datasets.overview import Asked
from charcot.ledger import Entry
from charcot.participants import Dossier
from charcot.web.frame import address, leaf_at, moment_of, page_of, rows_of, show, sites_of, view_of
from charcot.web.matrix import say_standing
from charcot.web.visibility import Discretion, discretion_of

ROWS = 100
MOST_ROWS = 1000
"""People on the page with all of them, which is for paper."""


@dataclass(frozen=True)
class ScreenedLine:
    """One person who was considered."""

    participant: str
    site: str
    screened: Entry | None
    consent: Entry | None
    assessed: Entry | None
    not_met: Sequence[str]
    """The criteria that were not met when eligibility was last assessed, those waived among them."""
    waived: Sequence[str]
    enrolled: Entry | None
    declined: Entry | None
    why: str
    stands: str


@require_safe
def screening_log(request: HttpRequest) -> HttpResponse:
    """Everybody who was screened."""
    view, rows = view_of(request), rows_of(request, ROWS, MOST_ROWS)
    asked = Asked(sites=sites_of(request))
    found, everybody = view.overview.find(asked, (page_of(request) - 1) * rows, rows)
    if not found and everybody:
        found, everybody = view.overview.find(asked, (everybody - 1) // rows * rows, rows)
    discretion = discretion_of(request, view)
    dossiers = [view.dossier(summary.participant) for summary in found]
    sites = {site.id: site.name for site in view.nobody.protocol.trial.design.sites}
    context = {
        "lines": [_line(dossier, discretion, sites) for dossier in dossiers if dossier is not None],
        "leaf": leaf_at(request, found, everybody, rows, most=MOST_ROWS),
        "several": len(sites) > 1,
    }
    as_of = view.head.sequence if moment_of(request) else None
    crumbs = [(_("Participants"), address("participants", as_of=as_of))]
    return show(request, view, "web/screening_log.html", context, here="participants", crumbs=crumbs)


def _line(dossier: Dossier, discretion: Discretion, sites: dict[str, str]) -> ScreenedLine:
    standing = dossier.standing
    assessed = standing.assessments[-1] if standing.assessments else None
    verdicts = [] if assessed is None else assessed.data["criteria"]
    declined = standing.declined
    return ScreenedLine(
        dossier.participant,
        sites.get(dossier.site, dossier.site),
        standing.screened,
        standing.consents[0].entry if standing.consents else None,
        assessed,
        [str(verdict["criterion"]) for verdict in verdicts if verdict["verdict"] == "not_met"],
        list(standing.waivers),
        standing.enrolled,
        declined,
        "" if declined is None else discretion.reason(declined) or "",
        say_standing(standing.status),
    )
