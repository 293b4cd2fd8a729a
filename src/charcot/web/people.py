"""People: the delegation log, what each role may do, and one person's roles, account and sign-ins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from charcot.ledger import TRIAL, Entry, Kind
from charcot.protocol import VERBS, Protocol
from charcot.team import Delegation
from charcot.web.frame import address, leaf_of, moment_of, show, view_of
from charcot.web.rail import KNOW_PEOPLE
from charcot.web.signed_in import for_who_may, present_of, signed_in_of
from charcot.wiring.accounts import AccountLine, list_accounts
from charcot.wiring.looking import TrialView
from charcot.wiring.sign_in_history import list_sign_ins

ROWS = 100
SIGHTS = {
    "open": gettext_lazy("what every role of the trial may see"),
    "blinded": gettext_lazy("what is concealed while the trial runs"),
    "product": gettext_lazy("how the product is made and tested"),
    "donor_identity": gettext_lazy("who the donor is"),
    "personal": gettext_lazy("names and contacts of participants"),
}
"""What the labels of visibility stand for."""


@dataclass(frozen=True)
class DelegationLine:
    """One line of the delegation log; `state`: today, later, ended."""

    held: Delegation
    label: str
    site: str
    state: str
    given: Entry
    signed: str
    ended: Entry | None
    end_signed: str
    can_end: bool


def delegation_lines(view: TrialView, protocol: Protocol, today: date) -> list[DelegationLine]:
    """The delegation log in the order in which it was made, with the entries behind each line."""
    entries = list(view.ledger.entries(subjects=[TRIAL]))
    by_number = {entry.sequence: entry for entry in entries}
    ends = [entry for entry in entries if entry.kind is Kind.DELEGATION_ENDED]
    sites = {site.id: site.name for site in protocol.trial.design.sites}
    found = []
    for held in view.charter.delegations:
        ended = next((e for e in reversed(ends) if _ends(e, held)), None)
        role = protocol.role(held.role)
        over = held.until is not None and held.until < today
        found.append(
            DelegationLine(
                held,
                role.label if role else held.role,
                sites.get(held.site, held.site) if held.site else (_("every site") if len(sites) > 1 else ""),
                "ended" if over else "later" if held.since > today else "today",
                by_number[held.entry],
                _signed(by_number[held.entry]),
                ended,
                _signed(ended) if ended else "",
                not over,
            )
        )
    return found


def _ends(entry: Entry, held: Delegation) -> bool:
    data = entry.data
    return (
        (data["person"], data["role"]) == (held.person, held.role)
        and data.get("site") in (None, held.site)
        and entry.sequence > held.entry
        and held.until == date.fromisoformat(data["until"])
    )


def _signed(entry: Entry) -> str:
    signature = entry.data.get("signature")
    if signature is None:
        return _("not signed; entered by %(person)s") % {"person": entry.actor.person}
    proven = {"password": _("password"), "password+totp": _("password and second factor")}
    by = proven.get(signature["method"], signature["method"])
    return _("signed by %(person)s with %(proven)s") % {"person": signature["person"], "proven": by}


@for_who_may(*KNOW_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The delegation log: who holds which role, where, from when to when, and who signed that."""
    view = view_of(request)
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    lines = delegation_lines(view, protocol, today)
    order = {role.id: place for place, role in enumerate(protocol.roles)}
    lines.sort(key=lambda line: (line.state == "ended", order.get(line.held.role, 99), line.held.since))
    context = {
        "lines": lines,
        "today": today,
        "without": _without_account(request, lines),
        "sites": len(protocol.trial.design.sites) > 1,
    }
    return show(request, view, "web/people.html", context, here="people")


def _without_account(request: HttpRequest, lines: Iterable[DelegationLine]) -> list[str]:
    """Who holds a role and has no account, for those who can make one."""
    signed_in = signed_in_of(request)
    if signed_in is None or "administer" not in signed_in.may:
        return []
    have = {line.person for line in list_accounts()}
    return sorted({line.held.person for line in lines if line.state != "ended"} - have)


@for_who_may(*KNOW_PEOPLE)
@require_safe
def delegation_log(request: HttpRequest) -> HttpResponse:
    """The delegation log to be printed and filed."""
    view = view_of(request)
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    context = {
        "lines": delegation_lines(view, protocol, today),
        "roles_held": [
            (role, [VERBS[verb] for verb in role.may])
            for role in protocol.roles
            if any(d.role == role.id for d in view.charter.delegations)
        ],
        "protocol": protocol,
        "today": today,
        "sites": len(protocol.trial.design.sites) > 1,
    }
    return show(request, view, "web/delegation_log.html", context, here="people", crumbs=_crumbs(request))


@for_who_may(*KNOW_PEOPLE)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """What each role may do and see, as the protocol in force says."""
    view = view_of(request)
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    context = {
        "protocol": protocol,
        "acts": [
            (words, [(role, verb in role.may) for role in protocol.roles])
            for verb, words in VERBS.items()
            if any(verb in role.may for role in protocol.roles)
        ],
        "sights": [
            (words, [(role, label in role.sees) for role in protocol.roles])
            for label, words in SIGHTS.items()
            if any(label in role.sees for role in protocol.roles)
        ],
    }
    return show(request, view, "web/roles.html", context, here="people", crumbs=_crumbs(request))


@for_who_may(*KNOW_PEOPLE)
@require_safe
def person(request: HttpRequest, person: str) -> HttpResponse:
    """One person: roles, changes of access, and for the administrator account and sign-ins."""
    view = view_of(request)
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    lines = [line for line in delegation_lines(view, protocol, today) if line.held.person == person]
    signed_in = signed_in_of(request)
    administers = signed_in is not None and "administer" in signed_in.may
    account: AccountLine | None = None
    if administers:
        account = next((line for line in list_accounts() if line.person == person), None)
    if not lines and account is None:
        raise Http404
    context = {
        "person": person,
        "lines": lines,
        "changes": [change for change in view.charter.access if change.person == person],
        "administers": administers,
        "own": signed_in is not None and signed_in.person == person,
        "account": account,
        "sign_ins": list_sign_ins(person, 20) if administers else [],
        "sites": len(protocol.trial.design.sites) > 1,
    }
    return show(request, view, "web/person.html", context, here="people", crumbs=_crumbs(request))


@for_who_may("administer")
@require_safe
def sign_ins(request: HttpRequest) -> HttpResponse:
    """Every sign-in and every one that failed."""
    view = view_of(request)
    text = request.GET.get("q", "").strip()
    found = [line for line in list_sign_ins(most=5000) if text.casefold() in line.person.casefold()]
    context = {"leaf": leaf_of(request, found, ROWS), "q": text}
    return show(request, view, "web/sign_ins.html", context, here="people", crumbs=_crumbs(request))


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    as_of = view_of(request).head.sequence if moment_of(request) else None
    return [(_("People"), address("people", as_of=as_of))]
