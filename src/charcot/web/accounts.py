"""Accounts: the administrator's list, and what can be done to one; and setting a password by a link."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from charcot.refusal import BadValue, Refusal
from charcot.web.frame import address, show, tell, view_of
from charcot.web.plain_words import require_words
from charcot.web.signed_in import actor_of, for_everybody, for_who_may, open_trial_of
from charcot.web.signing_in import trial_name
from charcot.wiring import accounts as kept
from charcot.wiring.accounts import LINK_HOLDS
from charcot.wiring.signing_in import require_own_password
from charcot.wiring.tries import require_patience

LONGEST_CODE, LONGEST_REASON = 150, 500
DONE = {
    "close": gettext_lazy("the account of %(person)s is closed"),
    "open": gettext_lazy("the account of %(person)s is open again"),
    "second_factor": gettext_lazy(
        "the second factor of %(person)s was taken away; another is set up at the next sign-in"
    ),
    "unlock": gettext_lazy("%(person)s may try again"),
}


@for_who_may("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """Every account, and a field to make one."""
    if request.method != "POST":
        return _list(request)
    person = request.POST.get("person", "").strip()
    try:
        require_words(person, "person", _("The person's code"), LONGEST_CODE)
        code = kept.create_account(open_trial_of(request), actor_of(request), person)
    except Refusal as refusal:
        return _list(request, refusal, person)
    return _hand_over(request, person, code)


def _list(request: HttpRequest, refusal: Refusal | None = None, person: str = "") -> HttpResponse:
    view = view_of(request)
    lines = kept.list_accounts()
    have = {line.person for line in lines}
    context = {
        "lines": lines,
        "refusal": refusal,
        "person": person or request.GET.get("person", ""),
        "codes": sorted({d.person for d in view.charter.delegations} - have),
    }
    crumbs = [(_("People"), address("people"))]
    response = show(request, view, "web/accounts.html", context, here="people", crumbs=crumbs)
    response.status_code = 200 if refusal is None else 400
    return response


@for_who_may("administer")
@sensitive_post_parameters("password", "token")
@require_POST
def change_account(request: HttpRequest, person: str) -> HttpResponse:
    """Closes or opens an account, takes password or second factor away, or lets somebody try again."""
    trial, actor = open_trial_of(request), actor_of(request)
    what, reason = request.POST.get("what", ""), request.POST.get("reason", "").strip()
    changes: dict[str, Callable[[], str | None]] = {
        "close": lambda: kept.disable_account(trial, actor, person, reason),
        "open": lambda: kept.enable_account(trial, actor, person, reason),
        "password": lambda: kept.reset_password(trial, actor, person, reason),
        "second_factor": lambda: kept.reset_second_factor(trial, actor, person, reason),
        "unlock": lambda: kept.unlock_account(trial, actor, person, reason),
    }
    if what not in changes:
        raise BadValue(
            _("This cannot be done to an account."),
            rule=_("Accounts: what an administrator may change"),
            next_step=_("Use the buttons of the person's page."),
        )
    require_words(reason, "reason", _("The reason"), LONGEST_REASON)
    require_own_password(request, request.POST.get("password", ""), request.POST.get("token", ""))
    code = changes[what]()
    if code is not None:
        return _hand_over(request, person, code)
    tell(request, _("Done: %(what)s.") % {"what": str(DONE[what]) % {"person": person}})
    return HttpResponseRedirect(reverse("person", args=[person]))


def _hand_over(request: HttpRequest, person: str, code: str) -> HttpResponse:
    """The link by which a password is set, shown this once."""
    link = request.build_absolute_uri(reverse("set_password", args=[code]))
    context = {"person": person, "link": link, "hours": round(LINK_HOLDS.total_seconds() / 3600)}
    crumbs = [(_("People"), address("people")), (_("Accounts"), address("accounts"))]
    return show(request, view_of(request), "web/hand_over.html", context, here="people", crumbs=crumbs)


@for_everybody
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest, code: str) -> HttpResponse:
    """Sets a first or a new password by the link that the administrator handed over."""
    refusal: Refusal | None = None
    person = ""
    try:
        require_patience(request, "")
        person = kept.person_of_link(code)
        if request.method == "POST":
            kept.set_password_by_link(code, request.POST.get("password", ""), request.POST.get("again", ""))
            return HttpResponseRedirect(reverse("sign_in"))
    except Refusal as found:
        refusal = found
    context = {"person": person, "refusal": refusal, "trial_name": trial_name(request)}
    return render(request, "web/set_password.html", context, status=400 if refusal else 200)
