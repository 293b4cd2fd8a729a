"""Doing an act on its page: asked, said once more where it cannot be undone, done through the one door."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from charcot.clinical_time import ClinicalTime
from charcot.conduct import (
    Trial,
    assess,
    decline,
    enrol,
    lose_to_follow_up,
    miss,
    report_deviation,
    screen,
    waive,
    withdraw,
)
from charcot.ledger import Entry
from charcot.refusal import ReasonMissing, Refusal
from charcot.visits import check_number, check_typed, normalise_moment, normalise_number
from charcot.web.act_pages import ActField, ActPage, act_page, screening_page
from charcot.web.filling import BY_SCRIPT, desktop_of, situation_at
from charcot.web.frame import address, show, tell, view_of
from charcot.web.plain_words import typed_otherwise
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of, signed_in_of
from charcot.wiring.drafts import SentAlready

VERBS: Mapping[str, Callable[..., tuple[Entry, ...]]] = {
    "assess": assess,
    "waive": waive,
    "enrol": enrol,
    "decline": decline,
    "withdraw": withdraw,
    "lose_to_follow_up": lose_to_follow_up,
    "miss": miss,
    "report_deviation": report_deviation,
}
"""The acts about one participant that have a plain page."""
READ = ("number", "whole", "day", "minute")
"""The kinds of fields that are read as on forms."""
LONGEST = 4000


@dataclass(frozen=True)
class Said:
    """What stands in an act's fields, and what is wrong with it."""

    values: Mapping[str, str]
    problems: Mapping[str, str]
    refusal: Refusal | None = None
    confirming: bool = False


@for_who_may(*VERBS)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, participant: str, verb: str) -> HttpResponse:
    """One act about one participant."""
    situation = situation_at(request, participant)
    today = f"{situation.now:%Y-%m-%d}"
    page = act_page(verb, situation.dossier, today, request.GET.get("about", ""))
    if page is None or verb not in VERBS:
        raise Http404
    _require_verb(request, verb)
    crumbs = [
        (_("Participants"), address("participants")),
        (participant, address("participant", participant)),
    ]

    def do(trial: Trial, values: dict[str, Any]) -> str:
        if verb == "miss":
            values["encounter"], _slash, values["form"] = values.pop("what").partition("/")
        VERBS[verb](trial, actor_of(request), participant=participant, **values)
        back = "eligibility" if verb in ("assess", "waive") else "participant"
        return address(back, participant)

    return run_act(request, page, crumbs, do, participant)


@for_who_may("screen")
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """A new person in the screening log."""
    view = view_of(request)
    now = view.charter.site_time(open_trial_of(request).clock())
    protocol = view.charter.ruling_on(now.date()).study.protocol
    signed_in = signed_in_of(request)
    own = signed_in.sites if signed_in is not None else None
    sites = [(site.id, site.name) for site in protocol.trial.design.sites if own is None or site.id in own]
    page = screening_page(f"{now:%Y-%m-%d}", sites)
    crumbs = [(_("Participants"), address("participants"))]

    def do(trial: Trial, values: dict[str, Any]) -> str:
        values["participant"] = values["participant"].strip()
        screen(trial, actor_of(request), **values)
        return address("participant", values["participant"])

    return run_act(request, page, crumbs, do)


def _require_verb(request: HttpRequest, verb: str) -> None:
    signed_in = signed_in_of(request)
    if signed_in is None or verb not in signed_in.may:
        raise Http404


def run_act(
    request: HttpRequest,
    page: ActPage,
    crumbs: Sequence[tuple[str, str]],
    do: Callable[[Trial, dict[str, Any]], str],
    participant: str = "",
    here: str = "participants",
) -> HttpResponse:
    """Shows an act's page, or does what was sent. `here`: its place in the rail.

    `do` is given the trial, which knows what was typed for the fields that are read otherwise, and says where to go on.
    """
    if request.method != "POST":
        values = {asked.name: asked.value for asked in page.asks}
        return _show(request, page, crumbs, participant, Said(values, {}), here)
    values = {asked.name: request.POST.get(asked.name, "") for asked in page.asks}
    problems = {
        asked.name: problem
        for asked in page.asks
        if (problem := _problem(page, asked.name, values[asked.name])) is not None
    }
    if problems:
        return _show(request, page, crumbs, participant, Said(values, problems), here)
    if page.final and "confirmed" not in request.POST:
        return _show(request, page, crumbs, participant, Said(values, {}, confirming=True), here)
    if "back" in request.POST:
        return _show(request, page, crumbs, participant, Said(values, {}), here)
    cleaned: dict[str, Any] = {asked.name: _cleaned(asked, values[asked.name]) for asked in page.asks}
    cleaned = {a.name: cleaned[a.name] for a in page.asks if a.needed or cleaned[a.name]}
    read = {a.name: str(cleaned[a.name]) for a in page.asks if a.kind in READ and a.name in cleaned}
    trial = replace(open_trial_of(request), typed=typed_otherwise(values, read))
    try:
        with desktop_of(request).sending(request.POST.get("token", "") or secrets.token_hex(16)):
            where = do(trial, cleaned)
    except SentAlready:
        return _go(request, address("participant", participant) if participant else address(here))
    except Refusal as refusal:
        return _show(request, page, crumbs, participant, _refused(page, values, refusal), here)
    tell(request, _("%(what)s: entered.") % {"what": page.title})
    return _go(request, where)


def _go(request: HttpRequest, where: str) -> HttpResponse:
    """Leads on to a page; the script of a page that outlives a lost network is told where."""
    if request.headers.get(BY_SCRIPT):
        return JsonResponse({"go": where})
    return HttpResponseRedirect(where)


def _cleaned(asked: ActField, text: str) -> str:
    """A secret stays as it was typed; numbers and dates are read as on forms."""
    match asked.kind:
        case "secret":
            return text
        case "day" | "minute":
            return normalise_moment(text)
        case "number" | "whole":
            return normalise_number(text)
        case _:
            return text.strip()


def _problem(page: ActPage, name: str, text: str) -> str | None:
    asked = next(found for found in page.asks if found.name == name)
    if not text.strip():
        return _("This is needed.") if asked.needed else None
    if len(text) > LONGEST:
        return _("This is too long: at most %(most)s characters fit.") % {"most": LONGEST}
    if asked.kind != "secret" and (wrong := check_typed(text)) is not None:
        return f"{asked.label} {wrong}"
    if asked.options and asked.kind != "scan" and text not in [value for value, _label in asked.options]:
        return _("Choose one of the list.")
    wrong = _unreadable(asked, _cleaned(asked, text))
    return None if wrong is None else f"{asked.label} {wrong}"


def _unreadable(asked: ActField, text: str) -> str | None:
    """What is wrong with a number or a date that nobody could read; None where it can be read."""
    if asked.kind in ("number", "whole"):
        whole = asked.kind == "whole"
        return check_number(text, whole=whole) or (
            _("cannot be less than 0; this is %(text)s.") % {"text": text}
            if whole and text.startswith("-")
            else None
        )
    if asked.kind in ("day", "minute"):
        try:
            moment = ClinicalTime(text)
        except ValueError as error:
            return f"{error}."
        if not moment.is_of_our_calendar:
            return _("has a year of another calendar; write the year as in 2014-03-14. This is %(text)s.") % {
                "text": text
            }
    return None


def _refused(page: ActPage, values: Mapping[str, str], refusal: Refusal) -> Said:
    """A refusal beside the field it is about; above everything where it is about none, or about several."""
    names = [asked.name for asked in page.asks]
    field = refusal.facts.get("field")
    if field not in names:
        field = _field_given(page, values, refusal.facts)
    if isinstance(refusal, ReasonMissing):
        field = next((name for name in ("reason", "justification", "description") if name in names), None)
    if field in names:
        return Said(values, {str(field): f"{refusal.what} {refusal.next_step}"})
    return Said(values, {}, refusal)


def _field_given(page: ActPage, values: Mapping[str, str], facts: Mapping[str, Any]) -> str | None:
    """The one field in which what a refusal is about was written; None where it stands in none, or in several."""
    written = {asked.name: _cleaned(asked, values.get(asked.name, "")) for asked in page.asks}
    named = [name for name, text in facts.items() if text and written.get(name) == text]
    about = [facts[name] for name in ("given", "code") if facts.get(name)]
    found = named or [name for name, text in written.items() if text in about]
    return found[0] if len(found) == 1 else None


def _show(
    request: HttpRequest,
    page: ActPage,
    crumbs: Sequence[tuple[str, str]],
    participant: str,
    said: Said,
    here: str,
) -> HttpResponse:
    shown = [
        (
            asked,
            "" if asked.kind == "secret" else said.values.get(asked.name, ""),
            said.problems.get(asked.name, ""),
            _label(page, asked.name, said.values),
        )
        for asked in page.asks
    ]
    context = {
        "act": page,
        "fields": shown,
        "said": said,
        "participant": participant,
        "kept": here == "product",
        "token": secrets.token_hex(16),
    }
    status = 422 if said.problems or said.refusal else 200
    return show(request, view_of(request), "web/act.html", context, here=here, crumbs=crumbs, status=status)


def _label(page: ActPage, name: str, values: Mapping[str, str]) -> str:
    """A value as it is said back before it is done."""
    asked = next(found for found in page.asks if found.name == name)
    return dict(asked.options).get(values.get(name, ""), values.get(name, ""))
