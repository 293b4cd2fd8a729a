"""Casebooks as PDF: of one participant as it was recorded, and of the protocol, blank or annotated."""

from typing import Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from charcot.web.frame import sites_of, view_of
from charcot.web.signed_in import sees_of, views_of
from charcot.wiring.casebooks import CasebookReader, make_casebook, render_snapshot_paper


@require_safe
def participant_casebook(request: HttpRequest, participant: str) -> HttpResponse:
    """The casebook of one participant, as far as whoever looks may see; personal values only where asked for."""
    view = view_of(request)
    snapshot = view.alone(participant)
    sites = sites_of(request)
    if not snapshot.dossiers or (sites is not None and snapshot.dossiers[0].site not in sites):
        raise Http404
    sees = sees_of(request)
    personal = request.GET.get("personal") == "1" and "personal" in sees
    reader = CasebookReader(sees, personal)
    return _pdf(
        make_casebook(views_of(request).folder, snapshot, participant, reader), f"casebook-{participant}"
    )


@require_safe
def paper_casebook(request: HttpRequest, kind: Literal["blank", "annotated"]) -> HttpResponse:
    """Every form of the protocol in force, blank or annotated."""
    return _pdf(render_snapshot_paper(view_of(request).nobody, kind), f"casebook-{kind}")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
