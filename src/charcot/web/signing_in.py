"""Signing in and out, and changing to another of the roles that one holds."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charcot.refusal import BadValue, Refusal
from charcot.web.frame import show, view_of
from charcot.web.signed_in import (
    actor_of,
    before_second_factor,
    for_everybody,
    for_who_may,
    present_of,
    signed_in_of,
)
from charcot.wiring import signing_in
from charcot.wiring.carrying import carried, forget_carried
from charcot.wiring.signing_in import NotSignedIn
from charcot.wiring.tries import TooManyTries

PANEL = "X-Charcot-Panel"
"""The header of a sign-in in a panel over a page, which goes on where it was."""


@for_everybody
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Asks for code, password and the six digits; then back to the page that was asked for."""
    back = local_address(request, request.POST.get("next") or request.GET.get("next") or "/")
    if request.method != "POST":
        if signed_in_of(request) is not None:
            return HttpResponseRedirect(back)
        return show_sign_in(request, back, signed_out="out" in request.GET)
    given = {name: request.POST.get(name, "")[:500] for name in ("person", "password", "token")}
    try:
        signing_in.sign_in(request, given["person"].strip(), given["password"], given["token"])
    except (NotSignedIn, TooManyTries) as refusal:
        if PANEL in request.headers:
            return JsonResponse({"what": refusal.what, "next_step": refusal.next_step}, status=403)
        return show_sign_in(request, back, refusal=refusal, person=given["person"], status=403)
    if PANEL in request.headers:
        return JsonResponse({"token": get_token(request), "person": given["person"]})
    return HttpResponseRedirect(reverse("go_on") if carried(request, given["person"].strip()) else back)


@for_who_may()
@require_safe
def go_on(request: HttpRequest) -> HttpResponse:
    """Shows what was sent while signed out, to be sent again; it is shown once, and only to who sent it."""
    kept = carried(request, actor_of(request).person)
    if kept is None:
        return HttpResponseRedirect("/")
    forget_carried(request)
    context = {"kept": kept, "said": [(name, text) for name, text in kept.fields if text]}
    return show(request, view_of(request), "web/go_on.html", context, here="")


@for_everybody
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Signs out."""
    signing_in.sign_out(request)
    return HttpResponseRedirect(reverse("sign_in"))


@for_who_may()
@before_second_factor
@require_POST
def role(request: HttpRequest) -> HttpResponse:
    """Goes on in another role."""
    signed_in, chosen = signed_in_of(request), request.POST.get("role", "")
    if signed_in is None or chosen not in signed_in.roles:
        raise BadValue(
            _("You do not hold this role today."),
            rule=_("Roles: what somebody may see and do comes from the delegation log"),
            next_step=_("Choose one of the roles that are offered."),
        )
    request.session[signing_in.ROLE] = chosen
    return HttpResponseRedirect(local_address(request, request.POST.get("next", "/")))


def local_address(request: HttpRequest, asked: str) -> str:
    """The address that was asked for if it is one of this site; the home otherwise."""
    here = url_has_allowed_host_and_scheme(asked, None) and asked.startswith("/")
    return asked if here and not asked.startswith("/sign-") else "/"


def trial_name(request: HttpRequest) -> str:
    """The short title of the trial, which is all that is told of it before sign-in."""
    charter, today = present_of(request)
    return charter.ruling_on(today).study.protocol.trial.short_title if charter.protocols else charter.trial


def show_sign_in(
    request: HttpRequest,
    back: str,
    *,
    refusal: Refusal | None = None,
    person: str = "",
    signed_out: bool = False,
    kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page on which people sign in."""
    context = {
        "next": back,
        "refusal": refusal,
        "person": person,
        "signed_out": signed_out,
        "carried": kept,
        "trial_name": trial_name(request),
    }
    return render(request, "web/sign_in.html", context, status=status)
