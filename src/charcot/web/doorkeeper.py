"""The doorkeeper: middleware that opens each page only to those who are signed in and may see it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from charcot.web.messages import message, not_found
from charcot.web.signed_in import (
    HOME,
    READ,
    SignedIn,
    find_signed_in,
    is_watched,
    may_see_everything,
    present_of,
    signed_in_of,
    views_of,
)
from charcot.web.signing_in import show_sign_in
from charcot.wiring.carrying import carry
from charcot.wiring.signing_in import sign_out, still_signed_in

BY_SCRIPT = "X-Charcot-Sheet"
"""The header of what the script of a form sends; it keeps what was typed itself."""
SIGN_IN = "X-Charcot-Sign-In"
"""The header of an answer 401 that tells a script where to sign in."""
BACKGROUND = "X-Charcot-Background"
"""The header of a request that a page makes by itself; it does not keep anybody signed in."""


class Doorkeeper:
    """Notes who is signed in, and lets them through to the pages that their role may open.

    A page that says nothing about it opens to roles that may read the record.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Goes on; what was written for one person is kept by no browser or proxy."""
        person = still_signed_in(request, active=BACKGROUND not in request.headers)
        request.person = person  # type: ignore[attr-defined]  # what the pages read
        request.signed_in = (  # type: ignore[attr-defined]  # as above
            None if person is None else find_signed_in(request, person)
        )
        response = self._get_response(request)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, _arguments: Any, named: Mapping[str, Any]
    ) -> HttpResponse | None:
        """Lets the request through, or answers it."""
        opens: tuple[str, ...] | None = getattr(view, "opens", READ)
        person, signed_in = request.person, signed_in_of(request)  # type: ignore[attr-defined]  # noted above
        if opens is None:
            return None
        if person is None:
            return _unknown(request, opens, getattr(view, "rests_on_everything", False))
        if signed_in is None or (opens and not any(verb in signed_in.may for verb in opens)):
            return _closed(request, signed_in, person, opens)
        unproven = signed_in.needs_second_factor and not signed_in.second_factor
        if getattr(view, "rests_on_everything", False) and not may_see_everything(request):
            return _too_much(request)
        if signed_in.sites is not None and _of_another_site(request, signed_in.sites, named):
            return not_found(request, Exception())
        if unproven and not getattr(view, "before_second_factor", False):
            return HttpResponseRedirect(reverse("second_factor"))
        return None


def _unknown(request: HttpRequest, opens: tuple[str, ...], everything: bool) -> HttpResponse | None:
    """What somebody gets who is not signed in, or no longer."""
    if is_watched(request):
        if opens in (READ, HOME) and request.method in ("GET", "HEAD", "OPTIONS"):
            return _too_much(request) if everything and not may_see_everything(request) else None
        return message(
            request,
            404 if opens not in (READ, HOME) else 405,
            _("This cannot be done: a demonstration is only shown."),
        )
    was_signed_in, person = request.user.is_authenticated, request.user.get_username()
    if was_signed_in:
        sign_out(request)
    if request.method in ("GET", "HEAD") and not _by_script(request):
        return HttpResponseRedirect(sign_in_address(request.get_full_path(), out=was_signed_in))
    back = _page_behind(request)
    sent = request.method == "POST" and was_signed_in and not _by_script(request) and back != "/"
    kept = sent and carry(request, person, back)
    response = show_sign_in(request, back, signed_out=True, kept=bool(kept), person=person, status=401)
    response[SIGN_IN] = sign_in_address(back, out=True)
    return response


def _of_another_site(request: HttpRequest, sites: frozenset[str], named: Mapping[str, Any]) -> bool:
    """Whether the address names a participant of a site at which the role does not hold."""
    if "participant" not in named:
        return False
    dossier = views_of(request).at().dossier(str(named["participant"]))
    return dossier is not None and dossier.site not in sites


def _too_much(request: HttpRequest) -> HttpResponse:
    return message(
        request,
        403,
        _("This rests on more than your role sees."),
        rule=_("Visibility: results are open to roles of every site that see all that they are made of"),
        next_step=_("Ask the data manager or the statistician for what you need."),
    )


def sign_in_address(back: str, *, out: bool = False) -> str:
    """Where to sign in, to come back to a page afterwards."""
    asked = ({} if back == "/" else {"next": back}) | ({"out": "1"} if out else {})
    where = reverse("sign_in")
    return f"{where}?{urlencode(asked)}" if asked else where


def _by_script(request: HttpRequest) -> bool:
    return any(name in request.headers for name in ("HX-Request", BACKGROUND, BY_SCRIPT))


def _page_behind(request: HttpRequest) -> str:
    """The page of this site from which something was sent; the home where that is not known."""
    from_ = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    host = request.get_host()
    if from_ and url_has_allowed_host_and_scheme(from_, {host}):
        return "/" + from_.split(host, 1)[-1].lstrip("/") if host in from_ else from_
    return "/"


def _closed(
    request: HttpRequest, signed_in: SignedIn | None, person: str, opens: tuple[str, ...]
) -> HttpResponse:
    """What somebody gets whose role does not open the page."""
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    able = [role.label for role in protocol.roles if any(verb in role.may for verb in opens)]
    at_home = request.resolver_match is not None and request.resolver_match.url_name == "home"
    if signed_in is not None and at_home:
        return HttpResponseRedirect(
            reverse("people" if signed_in.may & {"administer", "delegate"} else "account")
        )
    if signed_in is None:
        givers = [role.label for role in protocol.roles if "delegate" in role.may]
        return message(
            request,
            403,
            _("%(person)s holds no role in this trial today.") % {"person": person},
            rule=_("Roles: what somebody may see and do comes from the delegation log"),
            next_step=_("Ask for a role to be delegated to you. This can be done by: %(who)s.")
            % {"who": ", ".join(givers)},
        )
    role = protocol.role(signed_in.role)
    return message(
        request,
        403,
        _("The role %(role)s does not open this page.") % {"role": role.label if role else signed_in.role},
        rule=_("Roles: what a role may do and see is in the protocol"),
        next_step=_("It opens to: %(who)s.") % {"who": ", ".join(able)},
    )
