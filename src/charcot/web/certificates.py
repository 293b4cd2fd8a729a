"""The certificate of analysis of a lot, as a page and as a PDF."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from charcot.report.certificate import CertificateOfAnalysis, render_certificate_pdf
from charcot.web.frame import show, view_of
from charcot.web.product_sight import require_sees_product
from charcot.wiring.certificates import certificate_of
from charcot.wiring.looking import TrialView


@require_safe
def certificate(request: HttpRequest, lot: str) -> HttpResponse:
    """The certificate in its frame, each test with the entries behind it."""
    view, found = _found(request, lot)
    return show(request, view, "web/certificate.html", {"it": found}, here="product")


@require_safe
def certificate_file(request: HttpRequest, lot: str) -> HttpResponse:
    """The certificate as PDF."""
    _view, found = _found(request, lot)
    response = HttpResponse(render_certificate_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="certificate-{found.lot}.pdf"'
    return response


def _found(request: HttpRequest, lot: str) -> tuple[TrialView, CertificateOfAnalysis]:
    require_sees_product(request)
    view = view_of(request)
    found = certificate_of(view, lot)
    if found is None:
        raise Http404
    return view, found
