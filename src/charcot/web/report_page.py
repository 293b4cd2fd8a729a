"""The report on the site: its page with numbers that lead on and figures that answer, and the file to keep."""

import base64
import hashlib
import re
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from charcot.report import Report
from charcot.report.document import Figure
from charcot.report.figures import Drawing, spec_for_page
from charcot.web.frame import moment_of, view_of
from charcot.web.numbers import link_report
from charcot.web.signed_in import rests_on_everything

_INSIDE = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


@rests_on_everything
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The report, with its numbers as links and its figures alive."""
    view = view_of(request)
    as_of = view.head.sequence if moment_of(request) else None
    page = view.once("linked report", lambda: link_report(view.report_page, as_of))
    return answer_strictly(page, site=True)


@rests_on_everything
@require_safe
def report_file(request: HttpRequest) -> HttpResponse:
    """The report as the file that it is when it is written: to be kept, sent and printed."""
    return answer_strictly(view_of(request).report_html, site=False)


@rests_on_everything
@require_safe
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """The specification that a drawing of the report was made from, for the page to bring it to life."""
    return answer_figure(view_of(request).report, name)


def answer_figure(report: Report, name: str) -> HttpResponse:
    """The specification of a drawing of a report."""
    for drawing in _drawings(report):
        spec = spec_for_page(drawing) if drawing.name == name else None
        if spec is not None:
            return JsonResponse(spec)
    raise Http404


def _drawings(report: Report) -> Iterator[Drawing]:
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                yield from block.drawings


def answer_strictly(page: str, *, site: bool) -> HttpResponse:
    """The page under a policy that names its own sheet and script by their hashes, and lets nothing else in."""
    hashes: dict[str, list[str]] = {"style": [], "script": []}
    for kind, text in _INSIDE.findall(page):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
        hashes[kind].append(f"'sha256-{digest}'")
    own = ["'self'"] if site else []
    response = HttpResponse(page)
    response._csp_replace = {  # type: ignore[attr-defined]  # how django-csp is told about one response
        "default-src": ["'none'"],
        "style-src": [*own, *hashes["style"]] or ["'none'"],
        "script-src": [*own, *hashes["script"]] or ["'none'"],
        "connect-src": own or ["'none'"],
        "font-src": ["data:"],
        "img-src": ["data:", *own],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return response
