"""Flow cytometry of a lot on the site: what was analysed, marker by passage; raw files uploaded and analysed; one analysis."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from charcot.product import Lot
from charcot.product.analyses import CytometryAnalysis, fold_analyses, newest_analyses
from charcot.product.flow_cytometry.drawn_gates import KINDS, NUMBERS, SCALES
from charcot.protocol import Protocol
from charcot.refusal import Refusal
from charcot.web.cytometry_form import CytometryForm, analyse_typed, form_of, kept_files_of, plot_of
from charcot.web.frame import may_of, show, tell, view_of, views_of
from charcot.web.gate_drawing import GateCount, GatePlot
from charcot.web.product_sight import require_sees_product
from charcot.web.signed_in import for_who_may
from charcot.wiring.attachments import MOST_BYTES, MOST_REQUEST
from charcot.wiring.certificates import lot_in
from charcot.wiring.cytometry import cleaned_file, overlays_of
from charcot.wiring.looking import TrialView


@dataclass(frozen=True)
class MapCell:
    """One marker at one passage: its share in words and how it was judged."""

    text: str
    verdict: str
    analysis: str
    needs_review: bool


@dataclass(frozen=True)
class MapRow:
    """One marker with its limit, and a cell for each column; None where it was not measured."""

    marker: str
    limit: str
    cells: Sequence[MapCell | None]


@require_safe
def cytometry(request: HttpRequest, lot: str) -> HttpResponse:
    """The analyses of a lot: a map of markers by passage with their limits, and every version."""
    view, found = _lot(request, lot)
    analyses = fold_analyses(found.entries)
    newest = newest_analyses(analyses)
    context = {
        "lot": found,
        "columns": [_heading(one) for one in newest],
        "rows": map_markers(view.nobody.protocol, newest),
        "analyses": list(reversed(analyses)),
        "may_analyse": "test" in may_of(request),
    }
    return show(request, view, "web/cytometry.html", context, here="product")


def map_markers(protocol: Protocol, analyses: Sequence[CytometryAnalysis]) -> list[MapRow]:
    """Markers of the specification first, in its order, then others; a column an analysis."""
    labels = {test.id: (test.test, test.limit) for test in protocol.release_specification}
    measured: dict[str, dict[int, Mapping[str, object]]] = {}
    for place, analysis in enumerate(analyses):
        for marker in analysis.markers:
            measured.setdefault(str(marker["test"] or marker["marker"]), {})[place] = marker
    order = [key for key in labels if key in measured] + [key for key in measured if key not in labels]
    rows = []
    for key in order:
        name, limit = labels.get(key, (key, _("no limit")))
        cells: list[MapCell | None] = []
        for place, analysis in enumerate(analyses):
            here = measured[key].get(place)
            cells.append(None if here is None else _cell(here, analysis))
        rows.append(MapRow(name, limit, cells))
    return rows


def _cell(marker: Mapping[str, object], analysis: CytometryAnalysis) -> MapCell:
    share = str(marker["subtracted"])
    text = f"{float(share):.1f} %" if share else "–"
    return MapCell(
        text, str(marker["verdict"]), f"{analysis.id}/{analysis.version}", bool(marker["needs_review"])
    )


def _heading(analysis: CytometryAnalysis) -> tuple[str, str]:
    passage = "–" if analysis.passage is None else f"P{analysis.passage}"
    return passage, analysis.node.partition(".")[2]


@for_who_may("test")
@require_http_methods(["GET", "HEAD", "POST"])
def analyse(request: HttpRequest, lot: str) -> HttpResponse:
    """Raw files are uploaded, then the panel is filled in; what is sent is analysed and entered."""
    view, found = _lot(request, lot)
    problem: Refusal | None = None
    files = kept_files_of(request)
    typed = request.POST
    if request.method == "POST":
        try:
            if "analyse" in typed:
                done = analyse_typed(request, found, files)
                tell(request, _("The analysis is entered."))
                return HttpResponseRedirect(done)
            files = form_of(request, view, found, files, keep=True).files
        except Refusal as refusal:
            problem = refusal
    form: CytometryForm = form_of(request, view, found, files)
    plot: GatePlot | None = None
    counts: list[GateCount] = []
    if form.files:
        try:
            plot, counts = plot_of(request, form)
        except Refusal as refusal:
            problem = problem or refusal
    context = {
        "lot": found, "form": form, "problem": problem, "plot": plot, "counts": counts,
        "kinds": KINDS, "scales": SCALES, "needs": NUMBERS, "most": MOST_BYTES, "together": MOST_REQUEST - 1_000_000,
    }  # fmt: skip
    return show(
        request, view, "web/cytometry_form.html", context, here="product", status=400 if problem else 200
    )


@require_safe
def analysis(request: HttpRequest, lot: str, analysis: str, version: int) -> HttpResponse:
    """One version of an analysis: overlays, numbers with their intervals, sensitivity, files, gates."""
    view, found = _lot(request, lot)
    one = _analysis(found, analysis, version)
    drawing, lost = "", None
    try:
        synthetic = view.charter.purpose == "demo"
        drawn = view.once(
            f"overlays {lot} {analysis} {version}",
            lambda: overlays_of(views_of(request).folder, one, synthetic=synthetic),
        )
        wide = re.search(r'data-wide="([\d.]+)"', drawn.svg)
        width = f'<svg width="{wide[1] if wide else 900}" '
        drawing = mark_safe(drawn.svg.replace("<svg ", width, 1))
    except Refusal as refusal:
        lost = refusal
    versions = [a for a in fold_analyses(found.entries) if a.id == one.id]
    context = {
        "lot": found,
        "one": one,
        "data": one.entry.data,
        "versions": versions,
        "drawing": drawing,
        "lost": lost,
    }
    return show(request, view, "web/cytometry_analysis.html", context, here="product")


@require_safe
def cytometry_file(request: HttpRequest, lot: str, analysis: str, version: int, number: int) -> HttpResponse:
    """One raw file of an analysis, cleaned of the names and numbers of people."""
    _view, found = _lot(request, lot)
    one = _analysis(found, analysis, version)
    if not 1 <= number <= len(one.files):
        raise Http404
    name, content = cleaned_file(views_of(request).folder, one, number - 1)
    response = HttpResponse(content, content_type="application/vnd.isac.fcs")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def cytometry_gates(request: HttpRequest, lot: str, analysis: str, version: int) -> HttpResponse:
    """The gates of an analysis as Gating-ML 2.0, as they were entered."""
    _view, found = _lot(request, lot)
    gates = _analysis(found, analysis, version).entry.data["gates"]
    if gates is None:
        raise Http404
    response = HttpResponse(gates.encode(), content_type="application/xml")
    name = f"{lot}_{analysis}_{version}_gates.xml"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _lot(request: HttpRequest, lot: str) -> tuple[TrialView, Lot]:
    require_sees_product(request)
    view = view_of(request)
    found = lot_in(view, lot)
    if found is None:
        raise Http404
    return view, found


def _analysis(lot: Lot, analysis: str, version: int) -> CytometryAnalysis:
    for one in fold_analyses(lot.entries):
        if one.id == analysis and one.version == version:
            return one
    raise Http404
