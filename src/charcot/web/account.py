"""One's own account: password, second factor with its recovery codes, and one's sign-ins."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charcot.refusal import Refusal
from charcot.web.frame import address, show, tell, view_of
from charcot.web.signed_in import actor_of, before_second_factor, for_who_may, open_trial_of
from charcot.wiring import own_account
from charcot.wiring.sign_in_history import list_sign_ins


@for_who_may()
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What somebody's account is, and from where it was used."""
    context = {
        "factor": own_account.second_factor_of(request),
        "sign_ins": list_sign_ins(actor_of(request).person, 50),
    }
    return show(request, view_of(request), "web/account.html", context, here="account")


@for_who_may()
@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Changes one's own password."""
    if request.method != "POST":
        return _show(request, "web/own_password.html")
    old, new, again = (request.POST.get(name, "")[:500] for name in ("old", "password", "again"))
    try:
        own_account.change_own_password(request, open_trial_of(request), actor_of(request), old, new, again)
    except Refusal as refusal:
        return _show(request, "web/own_password.html", refusal)
    tell(request, _("Your password was changed. Other browsers in which you were signed in are signed out."))
    return HttpResponseRedirect(reverse("account"))


@before_second_factor
@for_who_may()
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Sets up a second factor, or another in its place; its recovery codes are shown this once."""
    refusal: Refusal | None = None
    if request.method == "POST":
        given = request.POST.get("password", "")[:500], request.POST.get("token", "")[:20]
        try:
            codes = own_account.set_up_second_factor(
                request, open_trial_of(request), actor_of(request), *given
            )
            return _show(request, "web/recovery_codes.html", codes=codes, set_up=True)
        except Refusal as found:
            refusal = found
    enrolment = own_account.enrolment_of(request, view_of(request).charter.trial)
    return _show(
        request,
        "web/second_factor.html",
        refusal,
        picture=mark_safe(enrolment.picture),
        letters=enrolment.letters,
        factor=own_account.second_factor_of(request),
    )


@for_who_may()
@sensitive_post_parameters("password", "token")
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes in place of the earlier ones, shown this once."""
    codes = own_account.renew_recovery_codes(
        request, request.POST.get("password", "")[:500], request.POST.get("token", "")[:20]
    )
    return _show(request, "web/recovery_codes.html", codes=codes)


def _show(
    request: HttpRequest, template: str, refusal: Refusal | None = None, **context: object
) -> HttpResponse:
    crumbs = [(_("Your account"), address("account"))]
    given = {"refusal": refusal, **context}
    response = show(request, view_of(request), template, given, here="account", crumbs=crumbs)
    response.status_code = 200 if refusal is None else 400
    return response
