"""The person at the page: who is signed in, in which role, and what that role may open, do and see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from charcot.conduct import Trial
from charcot.ledger import Actor
from charcot.refusal import NotAllowed
from charcot.team import Charter, sites_of
from charcot.wiring.acting import trial_in
from charcot.wiring.clock import real_clock
from charcot.wiring.served import VIEWS, site_of
from charcot.wiring.serving import TrialViews
from charcot.wiring.signing_in import ROLE, accounts_exist

OPEN = ("open", "product")
"""What anybody sees of a demonstration that is shown without sign-in."""
READ = ("read",)
HOME = ("read", "administer")
"""Whom the home opens to: who reads finds the trial there, who administers the accounts."""
NEVER_IN_RESULTS = {"personal", "donor_identity"}

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and in which of the roles that they hold today."""

    person: str
    role: str
    roles: tuple[str, ...]
    sites: frozenset[str] | None
    """The sites at which they hold the role; None: every site."""
    may: frozenset[str]
    sees: frozenset[str]
    second_factor: bool
    """Whether the second factor was given at this sign-in."""
    needs_second_factor: bool = False
    """Whether the role asks for one."""

    @property
    def site(self) -> str | None:
        """The one site that the role is bound to, if it is one."""
        return next(iter(self.sites)) if self.sites is not None and len(self.sites) == 1 else None

    @property
    def actor(self) -> Actor:
        """The person in the role, as acts name them."""
        return Actor(self.person, self.role)


def signed_in_of(request: HttpRequest) -> SignedIn | None:
    """Who is signed in; None where a demonstration is watched without sign-in."""
    found: SignedIn | None = getattr(request, "signed_in", None)
    return found


def views_of(request: HttpRequest) -> TrialViews:
    """The views that the server keeps of its trial."""
    views: TrialViews = request.environ[VIEWS]  # type: ignore[attr-defined]  # every request here is WSGI
    return views


def is_watched(request: HttpRequest) -> bool:
    """Whether this is a demonstration that anybody may look at, as it has no accounts."""
    return site_of(request).purpose == "demo" and not accounts_exist()


def actor_of(request: HttpRequest) -> Actor:
    """Who acts; raises NotAllowed where nobody is signed in."""
    signed_in = signed_in_of(request)
    if signed_in is None:
        raise NotAllowed(
            "Nobody is signed in.",
            rule="Roles: every act names the person who does it, and the role",
            next_step="Sign in first. A demonstration without accounts can only be looked at.",
        )
    return signed_in.actor


def open_trial_of(request: HttpRequest) -> Trial:
    """The trial to act on."""
    return trial_in(views_of(request).folder)


def sees_of(request: HttpRequest) -> frozenset[str]:
    """The visibility labels of what may be seen on this request."""
    signed_in = signed_in_of(request)
    return frozenset(OPEN) if signed_in is None else signed_in.sees


def for_everybody(view: View) -> View:
    """A page that is shown before sign-in."""
    view.opens = None  # type: ignore[attr-defined]  # read by the doorkeeper
    return view


def for_who_may(*verbs: str) -> Callable[[View], View]:
    """A page for those whose role has one of these verbs; without verbs, for everybody who is signed in."""

    def mark(view: View) -> View:
        view.opens = verbs  # type: ignore[attr-defined]  # read by the doorkeeper
        return view

    return mark


def rests_on_everything(view: View) -> View:
    """A page that rests on the data of every site, and on items of every label that results are made of."""
    view.rests_on_everything = True  # type: ignore[attr-defined]  # read by the doorkeeper
    return view


def may_see_everything(request: HttpRequest) -> bool:
    """Whether the role is of every site, and sees all that the results are made of."""
    signed_in = signed_in_of(request)
    charter, today = present_of(request)
    labels = {
        label
        for form in charter.ruling_on(today).study.protocol.forms
        if form.subject == "participant"
        for label in (form.visibility, *(item.visibility for item in form.items))
    }
    if charter.ruling_on(today).study.protocol.product is not None:
        labels.add("product")
    bound = signed_in is not None and signed_in.sites is not None
    return not bound and labels - NEVER_IN_RESULTS <= sees_of(request)


def before_second_factor(view: View) -> View:
    """A page that opens before the second factor was set up that the role needs."""
    view.before_second_factor = True  # type: ignore[attr-defined]  # read by the doorkeeper
    return view


def find_signed_in(request: HttpRequest, person: str) -> SignedIn | None:
    """The person in the role that they chose, of those they hold today; None where they hold none."""
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    held = {d.role for d in charter.delegations if d.person == person and d.holds_on(today)}
    roles = tuple(role.id for role in protocol.roles if role.id in held)
    chosen = request.session.get(ROLE)
    role = protocol.role(chosen if chosen in roles else roles[0]) if roles else None
    if role is None:
        return None
    verified = request.user.is_verified()  # type: ignore[union-attr]  # set by django-otp
    return SignedIn(
        person,
        role.id,
        roles,
        sites_of(charter.delegations, Actor(person, role.id), today),
        frozenset(role.may),
        frozenset(role.sees),
        second_factor=bool(verified),
        needs_second_factor=role.second_factor,
    )


def present_of(request: HttpRequest) -> tuple[Charter, date]:
    """The trial's own facts as they were when the request came in, and the day at the site."""
    kept: tuple[Charter, date] | None = getattr(request, "present", None)
    if kept is None:
        kept = _read_present(request)
        request.present = kept  # type: ignore[attr-defined]  # read above
    return kept


def _read_present(request: HttpRequest) -> tuple[Charter, date]:
    view = views_of(request).at()
    moment = datetime.fromisoformat(view.head.recorded_at) if view.charter.simulated_clock else real_clock()
    return view.charter, view.charter.site_time(moment).date()
