"""Locks: what is locked, by whom and since when; locking and unlocking forms, visits and participants, with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import Trial
from charcot.conduct import lock as enter_lock
from charcot.conduct import unlock as enter_unlock
from charcot.ledger import TRIAL, Entry, Kind
from charcot.participants import Dossier, FormKey
from charcot.protocol import Protocol
from charcot.web.act_pages import ActField, ActPage
from charcot.web.acting import run_act
from charcot.web.filling import situation_at
from charcot.web.frame import ALONE, address, leaf_of, rows_of, seen_by, show, view_of
from charcot.web.lock_notes import note_of, place_address
from charcot.web.signed_in import actor_of, for_who_may, present_of, signed_in_of

ROWS = 100
MOST_ROWS = 2000
"""Locks on the page with all of them, which is for paper."""
SCOPES = ("form", "visit", "participant")


@dataclass(frozen=True)
class LockedPlace:
    """One lock that holds: what it is on, its page, and where it is opened."""

    entry: Entry
    participant: str
    what: str
    href: str
    unlock: str


@require_safe
def locks(request: HttpRequest) -> HttpResponse:
    """Every lock that holds, the trial's first."""
    view = view_of(request)
    charter, today = present_of(request)
    protocol = charter.ruling_on(today).study.protocol
    entries = view.ledger.entries(kinds=[Kind.LOCKED, Kind.UNLOCKED])
    holding = _holding(filter(seen_by(request, view), entries))
    signed_in = signed_in_of(request)
    unlocks = signed_in is not None and "unlock" in signed_in.may
    found = [_place(protocol, entry, unlocks=unlocks) for entry in holding]
    past = [
        entry
        for entry in view.ledger.entries(subjects=[TRIAL], kinds=[Kind.LOCKED])
        if view.charter.locked is None or entry.sequence != view.charter.locked.sequence
    ]
    context = {
        "trial_lock": note_of(request, view.charter.locked),
        "past": past,
        "leaf": leaf_of(request, found, rows_of(request, ROWS, MOST_ROWS), most=MOST_ROWS),
        "locks": signed_in is not None and "lock" in signed_in.may and signed_in.sites is None,
    }
    return show(request, view, "web/locks.html", context, here="locks")


def _holding(entries: Iterable[Entry]) -> list[Entry]:
    """The locks of forms, visits and participants that were not opened again, by participant."""
    holding: dict[tuple[Any, ...], Entry] = {}
    for entry in entries:
        data = entry.data
        if data["scope"] == "trial":
            continue
        place = (
            entry.participant,
            data["scope"],
            data.get("encounter"),
            data.get("instance"),
            data.get("form"),
        )
        holding.pop(place, None)
        if entry.kind is Kind.LOCKED:
            holding[place] = entry
    return sorted(holding.values(), key=lambda entry: (entry.participant or "", entry.sequence))


def _place(protocol: Protocol, entry: Entry, *, unlocks: bool) -> LockedPlace:
    data, participant = entry.data, entry.participant or ""
    href = address("participant", participant)
    if data["scope"] == "form":
        key = FormKey.of(data)
        href = address("form", participant, key.form, key.encounter or ALONE, key.instance)
    elif data["scope"] == "visit":
        number = int(data["instance"])
        href = address("visit", participant, data["encounter"], no=number if number > 1 else None)
    opens = place_address("unlock", participant, data) if unlocks else ""
    return LockedPlace(entry, participant, say_place(protocol, data), href, opens)


def say_place(protocol: Protocol, data: Any) -> str:
    """What a lock is on: a form with its visit, a visit, or everything about a participant."""
    if data["scope"] == "participant":
        return _("everything about the participant")
    where = protocol.encounters_by_id.get(data["encounter"])
    visit = where.label if where else str(data["encounter"])
    number = f" {data['instance']}" if int(data["instance"]) > 1 else ""
    if data["scope"] == "visit":
        return _("visit: %(visit)s") % {"visit": visit + number}
    form = protocol.forms_by_id.get(data["form"])
    title = form.title if form else str(data["form"])
    return f"{title}{number}, {visit}" if visit else f"{title}{number}"


@for_who_may("lock")
@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: HttpRequest, participant: str) -> HttpResponse:
    """Locks a form, a visit or a participant."""
    dossier = situation_at(request, participant).dossier
    asked = _asked(request, dossier)
    what = say_place(dossier.study.protocol, asked)
    page = ActPage(
        "lock", _("Lock: %(what)s") % {"what": what},
        _("Nothing can be entered, corrected or attached here until it is unlocked. It can still be read, queried, verified and signed."),
        [ActField("reason", _("Reason, if there is one to give"), "long", needed=False)], _("Lock it"),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, Any]) -> str:
        enter_lock(trial, actor_of(request), participant=participant, **asked, **values)
        return _back(participant, asked)

    return run_act(request, page, _crumbs(participant), do, participant)


@for_who_may("unlock")
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest, participant: str) -> HttpResponse:
    """Unlocks a form, a visit or a participant, with the reason."""
    dossier = situation_at(request, participant).dossier
    asked = _asked(request, dossier)
    if request.method != "POST" and _held(dossier, asked) is None:
        raise Http404
    what = say_place(dossier.study.protocol, asked)
    page = ActPage(
        "unlock", _("Unlock: %(what)s") % {"what": what},
        _("No signature is cancelled by this. A signature stops holding only where a form is corrected afterwards, and then it is shown with what changed."),
        [ActField("reason", _("Reason"), "long")], _("Unlock it"),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, Any]) -> str:
        enter_unlock(trial, actor_of(request), participant=participant, **asked, **values)
        return _back(participant, asked)

    return run_act(request, page, _crumbs(participant), do, participant)


def _held(dossier: Dossier, asked: dict[str, Any]) -> Entry | None:
    locks = dossier.locks
    match asked["scope"]:
        case "form":
            return locks.forms.get(FormKey.of(asked))
        case "visit":
            return locks.visits.get((asked["encounter"], asked["instance"]))
        case _:
            return locks.participant


def _asked(request: HttpRequest, dossier: Dossier) -> dict[str, Any]:
    """The place that the address names: of a form or visit of the protocol, or the participant."""
    protocol = dossier.study.protocol
    scope = request.GET.get("scope", "participant")
    form, encounter = request.GET.get("form", ""), request.GET.get("encounter", "")
    number = request.GET.get("instance", "1")
    known = (
        scope in SCOPES
        and (scope != "form" or form in protocol.forms_by_id)
        and (scope == "participant" or encounter in protocol.encounters_by_id or (scope == "form" and not encounter))
        and number.isascii() and number.isdigit() and len(number) < 9
    )  # fmt: skip
    if not known:
        raise Http404
    if scope == "participant":
        return {"scope": scope}
    place = {"scope": scope, "encounter": encounter, "instance": int(number)}
    return place | {"form": form} if scope == "form" else place


def _back(participant: str, asked: dict[str, Any]) -> str:
    match asked["scope"]:
        case "form":
            return address("form", participant, asked["form"], asked["encounter"] or ALONE, asked["instance"])
        case "visit":
            no = asked["instance"] if asked["instance"] > 1 else None
            return address("visit", participant, asked["encounter"], no=no)
        case _:
            return address("participant", participant)


def _crumbs(participant: str) -> list[tuple[str, str]]:
    return [(_("Participants"), address("participants")), (participant, address("participant", participant))]
