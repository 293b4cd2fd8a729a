"""The publication held to account: its claims with their verdicts, those that do not hold first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.report.claims import (
    CONTRADICTED,
    INCONSISTENT,
    NOT_COMPUTABLE,
    REPRODUCED,
    VERDICTS,
    AuditedClaim,
    ClaimsFile,
    audit_claims,
    say_counts,
)
from charcot.report.claims.results import recomputed_id, verdict_id
from charcot.report.claims.words import say_published, say_value
from charcot.web.frame import show, view_of
from charcot.web.signed_in import rests_on_everything


@dataclass(frozen=True)
class ClaimLine:
    """One claim as the page shows it."""

    audited: AuditedClaim
    published: str
    recomputed: str
    recomputed_id: str
    verdict_id: str


@dataclass(frozen=True)
class ClaimGroup:
    """The claims of one verdict."""

    id: str
    title: str
    lines: Sequence[ClaimLine]


def _titles() -> dict[str, tuple[str, str]]:
    return {
        CONTRADICTED: ("contradicted", _("Contradicted")),
        INCONSISTENT: ("inconsistent", _("Internally inconsistent")),
        NOT_COMPUTABLE: ("unknown", _("Not computable from what was published")),
        REPRODUCED: ("reproduced", _("Reproduced to the printed precision")),
    }


@rests_on_everything
@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """Every claim by its verdict."""
    view = view_of(request)
    file = view.claims if view.is_prepared else None
    if file is None:
        raise Http404
    audited = view.once("audit", lambda: audit_claims(file, view.cut))
    titles = _titles()
    groups = [
        ClaimGroup(*titles[verdict], [_line(file, one) for one in audited if one.verdict == verdict])
        for verdict in VERDICTS
    ]
    context = {
        "file": file,
        "groups": [group for group in groups if group.lines],
        "summary": say_counts(file, audited),
    }
    return show(request, view, "web/claims.html", context, here="claims")


def _line(file: ClaimsFile, audited: AuditedClaim) -> ClaimLine:
    return ClaimLine(
        audited,
        say_published(audited.claim),
        "–" if audited.recomputed is None else say_value(audited.recomputed),
        recomputed_id(audited.claim.id),
        verdict_id(audited.claim.id),
    )
