"""The terms that adverse events are chosen from: those in use, and a site's own dictionary, which is looked at before it is used."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from charcot.refusal import Refusal
from charcot.safety.terms import EventTerm
from charcot.web.frame import address, may_of, show, tell, view_of, views_of
from charcot.web.signed_in import actor_of, for_who_may
from charcot.wiring.dictionary import (
    ENDINGS,
    MOST_BYTES,
    DictionaryFile,
    dictionary_in_use,
    offer_dictionary,
    take_dictionary,
    terms_of,
)

MAY_LOAD = "lock"
"""The verb of those who keep the data in order; they choose its dictionary too."""


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Every term in use, with the grades that it has, and where it is from."""
    view, folder = view_of(request), views_of(request).folder
    context = {
        "own": dictionary_in_use(folder),
        "terms": [(term, _say_grades(term)) for term in terms_of(folder.path)],
        "may_load": MAY_LOAD in may_of(request),
    }
    crumbs = [(_("Safety"), address("safety"))]
    return show(request, view, "web/terms.html", context, here="safety", crumbs=crumbs)


def _say_grades(term: EventTerm) -> str:
    return ", ".join(str(grade) for grade in sorted(term.grades))


@for_who_may(MAY_LOAD)
@require_http_methods(["GET", "HEAD", "POST"])
def load_terms(request: HttpRequest) -> HttpResponse:
    """Reads a file, shows what it holds, and takes it over once that is confirmed."""
    if request.method != "POST":
        return _ask(request)
    folder, given = views_of(request).folder, request.FILES.get("file")
    try:
        if given is None and "digest" in request.POST:
            loaded = take_dictionary(folder, request.POST["digest"], actor_of(request).person)
            tell(request, _("%(n)s terms are in use from now on.") % {"n": loaded.terms})
            return HttpResponseRedirect(address("terms"))
        if not isinstance(given, UploadedFile):
            return _ask(request, problem=_("Choose a file."))
        return _ask(request, offered=offer_dictionary(folder, given.name or "", given.chunks()))
    except Refusal as refusal:
        return _ask(request, problem=f"{refusal.what} {refusal.next_step}")


def _ask(request: HttpRequest, problem: str = "", offered: DictionaryFile | None = None) -> HttpResponse:
    context = {
        "problem": problem,
        "offered": offered,
        "own": dictionary_in_use(views_of(request).folder),
        "in_use": len(terms_of(views_of(request).folder.path)),
        "most": MOST_BYTES,
        "megabytes": f"{MOST_BYTES // 1_000_000} MB",
        "accept": ",".join(ENDINGS),
    }
    crumbs = [(_("Safety"), address("safety")), (_("Event terms"), address("terms"))]
    return show(
        request, view_of(request), "web/load_terms.html", context, here="safety", crumbs=crumbs,
        status=422 if problem else 200,
    )  # fmt: skip
