"""Saved views on the pages of lists: which there are, which one is looked at, and what is sent about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _

from charcot.refusal import Refusal
from charcot.web.frame import address, tell
from charcot.web.signed_in import signed_in_of
from charcot.wiring.saved_views import Shelf

PLAIN = "everybody"
"""What `view` says in the address of a list that is not to open with a saved view."""


@dataclass(frozen=True)
class ViewTab:
    """One saved view: `key` is the key that opens it, if it is among the first nine."""

    name: str
    href: str
    here: bool
    opens: bool
    key: str


@dataclass(frozen=True)
class SavedViews:
    """What a list shows about the saved views of who looks."""

    tabs: tuple[ViewTab, ...]
    plain: str
    typed: str = ""
    did: str = ""
    refusal: Refusal | None = None

    @property
    def here(self) -> ViewTab | None:
        """The view that is looked at."""
        return next((tab for tab in self.tabs if tab.here), None)


def asked_of(request: HttpRequest, filters: Mapping[str, str]) -> str:
    """The filters in the address, as a view keeps them: none that is as by itself, in one order. `filters`: how each is by itself."""
    kept = QueryDict(mutable=True)
    for name, otherwise in filters.items():
        value = request.GET.get(name, "").strip()[:200]
        if value not in ("", otherwise):
            kept[name] = value
    return kept.urlencode()


def saved_views_of(
    request: HttpRequest, page: str, filters: Mapping[str, str], **more: Any
) -> SavedViews | None:
    """The saved views of a list for who is signed in; None for who only watches."""
    signed_in = signed_in_of(request)
    if signed_in is None:
        return None
    now, base = asked_of(request, filters), address(page)
    tabs = tuple(
        ViewTab(
            view.name,
            f"{base}?{view.query}" if view.query else f"{base}?view={PLAIN}",
            view.query == now,
            view.opens,
            str(place) if place < 10 else "",
        )
        for place, view in enumerate(Shelf(signed_in.person, page).views(), 1)
    )
    return SavedViews(tabs, f"{base}?view={PLAIN}", **more)


def opening_view(request: HttpRequest, page: str) -> HttpResponse | None:
    """Leads to the view that the list opens with, where the address asks for nothing."""
    signed_in = signed_in_of(request)
    if signed_in is None or request.GET:
        return None
    for view in Shelf(signed_in.person, page).views():
        if view.opens and view.query:
            return HttpResponseRedirect(f"{address(page)}?{view.query}")
    return None


def act_on_views(
    request: HttpRequest,
    page: str,
    filters: Mapping[str, str],
    show: Callable[[SavedViews | None], HttpResponse],
) -> HttpResponse:
    """Saves, renames or deletes a view, or lets the list open with it; what is refused is shown beside what was typed."""
    signed_in = signed_in_of(request)
    assert signed_in is not None  # the doorkeeper lets nobody else send anything
    shelf, sent = Shelf(signed_in.person, page), request.POST
    did, name, typed = sent.get("do", ""), sent.get("view", ""), sent.get("name", "")[:400]
    back = request.get_full_path()
    try:
        if did == "save":
            shelf.keep(typed, asked_of(request, filters), opens="opens" in sent)
            said = _("The view is saved.")
        elif did == "rename":
            shelf.rename(name, typed)
            said = _("The view has its new name.")
        elif did in ("open_with", "open_plain"):
            shelf.open_with(name if did == "open_with" else None)
            said = (
                _("Participants opens with this view.")
                if did == "open_with"
                else _("Participants opens with everybody.")
            )
        else:
            shelf.delete(name)
            said, back = _("The view is deleted; nothing else is."), f"{address(page)}?view={PLAIN}"
    except Refusal as refusal:
        return show(saved_views_of(request, page, filters, typed=typed, did=did, refusal=refusal))
    tell(request, said)
    return HttpResponseRedirect(back)
