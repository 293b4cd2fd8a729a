"""The rail: the places of the site that a role may open, with how much waits at each, in the order of use."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.datasets.overview import Waiting
from charcot.web.signed_in import (
    HOME,
    SignedIn,
    is_watched,
    may_see_everything,
    present_of,
    sees_of,
    signed_in_of,
)
from charcot.wiring.looking import TrialView

KNOW_PEOPLE = frozenset({"read", "delegate", "administer"})
"""Verbs of which one opens the pages about people."""
HAVE_A_HAND = frozenset({"procure", "process", "test", "release", "infuse"})
"""Verbs of the acts on the product."""
WATCH_SAFETY = frozenset({"assess_safety", "review_safety"})
"""Verbs of those to whom safety is the first thing to look at."""
BEHIND = {
    "signing": "participants",
    "locks": "record",
    "queries": "participants",
    "verification": "participants",
}
"""The place under which a page of work stands for a role that has none of its own for it."""


@dataclass(frozen=True)
class RailItem:
    """One place in the rail; `waiting` is how much waits there; 0 where that is not counted."""

    name: str
    label: str
    here: bool
    waiting: int = 0
    of: str = ""
    """What is counted, in words."""


def rail(
    here: str, request: HttpRequest, view: TrialView | None = None, as_of: int | None = None
) -> list[RailItem]:
    """The places that the role may open; nothing is counted where one looks back, or where no view is at hand."""
    signed_in = signed_in_of(request)
    reads = is_watched(request) if signed_in is None else "read" in signed_in.may
    everything = reads and may_see_everything(request)
    places: list[tuple[str, str, int, str]] = []

    def add(name: str, label: str, waiting: int = 0, of: str = "") -> None:
        places.append((name, label, waiting, of))

    if reads or (signed_in and signed_in.may & {*HOME}):
        add("home", _("Home"))
    if reads:
        add("participants", _("Participants"))
        watches = signed_in is not None and bool(signed_in.may & WATCH_SAFETY)
        if watches:
            add("safety", _("Safety"))
        if signed_in is not None:
            counts = view is not None and as_of is None and view.is_prepared
            places += _work(
                signed_in, view.overview.waiting(signed_in.sites) if view and counts else Waiting()
            )
        if _follows_product(request):
            add("product", _("Product"))
        if not watches:
            add("safety", _("Safety"))
    if everything:
        add("results", _("Results"))
        if (view.charter if view else present_of(request)[0]).claims:
            add("claims", _("Claims"))
    if reads:
        add("record", _("Record"))
    if signed_in and signed_in.may & KNOW_PEOPLE:
        add("people", _("People"))
    names = {name for name, *_rest in places}
    here = here if here in names else BEHIND.get(here, here)
    return [RailItem(name, label, name == here, waiting, of) for name, label, waiting, of in places]


def _work(signed_in: SignedIn, waiting: Waiting) -> Iterator[tuple[str, str, int, str]]:
    """The lists of work that the role has a hand in."""
    may = signed_in.may
    if may & {"query", "answer"}:
        if "query" in may:
            yield "queries", _("Queries"), waiting.queries, _("not closed")
        else:
            yield "queries", _("Queries"), waiting.to_answer, _("wait for an answer")
    if "verify" in may:
        yield "verification", _("To verify"), waiting.unverified, _("forms")
    if "sign" in may:
        yield "signing", _("To sign"), waiting.unsigned, _("forms")
    if may & {"lock", "unlock"}:
        yield "locks", _("Locks"), 0, ""


def _follows_product(request: HttpRequest) -> bool:
    """Whether the protocol in force follows a product, and the role sees it or has a hand in it."""
    signed_in = signed_in_of(request)
    may = signed_in.may if signed_in is not None else frozenset()
    if "product" not in sees_of(request) and not may & HAVE_A_HAND:
        return False
    charter, today = present_of(request)
    return bool(charter.protocols) and charter.ruling_on(today).study.protocol.product is not None
