"""The chooser of a moment: a day and time, an entry, or a data cut, and back to the page it was opened on."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_safe

from charcot.refusal import BadValue
from charcot.web.frame import AS_OF

_MOMENTS = {
    "entry": re.compile(r"[0-9]{1,18}"),
    "cut": re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}"),
    "day": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "time": re.compile(r"[0-9]{2}:[0-9]{2}"),
}


@require_safe
def look_back(request: HttpRequest) -> HttpResponse:
    """Goes to the page in `to` as of the moment that was chosen. Refused, in words, where none or several were."""
    given = {name: request.GET.get(name, "").strip() for name in _MOMENTS}
    page = request.GET.get("to", "/")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts=None) or not page.startswith("/"):
        page = "/"
    chosen = [name for name in ("entry", "cut", "day") if given[name]]
    wrong = [name for name, text in given.items() if text and not _MOMENTS[name].fullmatch(text)]
    if len(chosen) != 1 or wrong or (given["time"] and chosen != ["day"]):
        raise BadValue(
            "That is not one moment to look back to.",
            rule="As of: a day, with a time or without; or an entry number; or a data cut",
            next_step="Fill one of the three, and leave the others empty.",
            facts={"fields": dict.fromkeys(wrong or chosen, "Fill one of the three.")},
        )
    moment = given[chosen[0]] + (f"T{given['time']}" if given["time"] else "")
    joint = "&" if "?" in page else "?"
    return HttpResponseRedirect(f"{page}{joint}{urlencode({AS_OF: moment})}")
