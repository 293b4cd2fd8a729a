"""The pages: the trial's home, its report, and what is said where something does not exist or breaks."""

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.web.matrix import lay_out_matrix
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import snapshot_today
from charcot.wiring.serving import TRIAL
from charcot.wiring.writing import current_report

REPORT_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "font-src": ["data:"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
}
"""The report is one file with its style and fonts inside, and no script."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The trial at a glance: where everybody stands, and the record's receipt."""
    snapshot = snapshot_today(_trial(request))
    context = {"snapshot": snapshot, "charter": snapshot.charter, "matrix": lay_out_matrix(snapshot)}
    return render(request, "web/home.html", context)


@require_safe
@csp_replace(REPORT_POLICY)
def report(request: HttpRequest) -> HttpResponse:
    """The report as of the last entry."""
    return HttpResponse(current_report(_trial(request)))


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the ledger can be read; for a supervisor, with nothing of the trial in it."""
    _trial(request).ledger.head()
    return HttpResponse("ok\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for a request that cannot be understood."""
    return _message(request, 400, _("This request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what may not be seen."""
    return _message(request, 403, _("This page may not be seen from here."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that leads nowhere."""
    return _message(request, 404, _("There is no such page."))


def broken(request: HttpRequest) -> HttpResponse:
    """The page for a fault of the program. It tells nothing of the trial."""
    return _message(request, 500, _("Something went wrong here. Nothing was changed in the record."))


def _message(request: HttpRequest, status: int, text: str) -> HttpResponse:
    return render(request, "web/message.html", {"text": text}, status=status)


def _trial(request: HttpRequest) -> TrialFolder:
    trial: TrialFolder = request.environ[TRIAL]  # type: ignore[attr-defined]  # every request here is WSGI
    return trial
