"""The list of queries by age, and what is done about them, in the list and on the page of a form."""

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from charcot.conduct import open_query
from charcot.participants import FormKey, Query
from charcot.refusal import BadValue, Refusal
from charcot.web.casebook import show_form
from charcot.web.filling import desktop_of
from charcot.web.frame import (
    ALONE,
    address,
    leaf_of,
    may_of,
    rows_of,
    seen_participants,
    show,
    sites_of,
    tell,
    view_of,
)
from charcot.web.query_acts import ActOutcome, act_on_picked, require_typed, say_done, sent_once, typed_in
from charcot.web.query_lines import AGES, TypedWords, age_of, clock_of, lines_of, say_age, say_query_status
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of
from charcot.web.visibility import Discretion, discretion_of
from charcot.wiring.drafts import SentAlready
from charcot.wiring.looking import TrialView

ROWS = 50
"""Queries on one page."""
MOST_ROWS = 1000
"""Queries on the page with all of them, which is for paper."""
STATES: dict[str, Callable[[Query], bool]] = {
    "pending": lambda query: query.is_pending,
    "open": lambda query: query.status == "open",
    "answered": lambda query: query.status == "answered",
    "closed": lambda query: not query.is_pending,
    "all": lambda _query: True,
}


@dataclass(frozen=True)
class QueriesAsked:
    """Which queries are looked for. `by` is check, person, or somebody's code."""

    status: str = "pending"
    age: str = ""
    by: str = ""
    participant: str = ""
    form: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def queries(request: HttpRequest) -> HttpResponse:
    """The queries of the trial, the oldest first; what is sent is done to those that are ticked."""
    view = view_of(request)
    if request.method != "POST":
        return _list(request, view)
    typed, seen = typed_in(request), _seen(request, view)
    lines = lines_of(view, discretion_of(request, view), seen, may_of(request))
    outcome = act_on_picked(request, lines, typed)
    if outcome.refused:
        return _list(request, view_of(request), typed, outcome)
    say_done(request, typed.do, outcome.done)
    return HttpResponseRedirect(request.get_full_path())


@for_who_may("query", "answer")
@require_POST
def form_queries(
    request: HttpRequest, participant: str, form: str, encounter: str, instance: int
) -> HttpResponse:
    """Asks about a form, or does something about a query on it; the form is shown again."""
    typed, view = typed_in(request), view_of(request)
    discretion = discretion_of(request, view)
    back = address("form", participant, form, encounter, instance)
    if typed.do != "ask":
        mine = [query for query in _seen(request, view) if query.participant == participant]
        outcome = act_on_picked(request, lines_of(view, discretion, mine, may_of(request)), typed)
        if outcome.refused:
            return show_form(request, participant, form, encounter, instance, typed, outcome.refused[0][1])
        say_done(request, typed.do, outcome.done)
        return HttpResponseRedirect(f"{back}#queries")
    item = request.POST.get("item", "")
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    try:
        _require_seen(discretion, form, item)
        text = require_typed(typed.text)
        with desktop_of(request).sending(sent_once(request, "ask", participant, str(key), item, text)):
            open_query(
                open_trial_of(request), actor_of(request), participant=participant, form=form, text=text,
                encounter=key.encounter, instance=instance, item=item,
            )  # fmt: skip
    except SentAlready:
        pass
    except Refusal as refusal:
        asked = TypedWords("ask", typed.text, frozenset([item]))
        return show_form(request, participant, form, encounter, instance, asked, refusal)
    tell(request, _("The question is asked."))
    return HttpResponseRedirect(f"{back}#queries")


def _require_seen(discretion: Discretion, form: str, item: str) -> None:
    if discretion.hides({"form": form, "item": item}):
        raise BadValue(
            _("This field is not shown to you."),
            rule=_("Queries: asked by who can see what they ask about"),
            next_step=_("Ask about another field, or about the whole form."),
        )


def _seen(request: HttpRequest, view: TrialView) -> Sequence[Query]:
    """The queries about participants who may be seen."""
    if sites_of(request) is None:
        return view.queries
    seen = set(seen_participants(request, view))
    return [query for query in view.queries if query.participant in seen]


def _list(
    request: HttpRequest, view: TrialView, typed: TypedWords | None = None, outcome: ActOutcome | None = None
) -> HttpResponse:
    asked, everything, now = _asked(request), _seen(request, view), clock_of(view)
    found = [query for query in everything if _fits(query, asked)]
    ages = Counter(age_of(query, now) for query in found if query.is_pending)
    if asked.age:
        found = [query for query in found if query.is_pending and age_of(query, now) == asked.age]
    if asked.status == "closed":
        found.reverse()
    leaf = leaf_of(request, found, rows_of(request, ROWS, MOST_ROWS), most=MOST_ROWS)
    discretion = discretion_of(request, view)
    may = may_of(request)
    lines = lines_of(view, discretion, leaf.rows, may)
    can = frozenset[str]().union(*(line.can for line in lines)) if lines else frozenset[str]()
    context = {
        "lines": lines,
        "leaf": leaf,
        "asked": asked,
        "filtered": asked != QueriesAsked(),
        "ages": [(age, say_age(age), ages[age], _with_age(request, age)) for age in AGES],
        "any_age": _with_age(request, ""),
        "states": [("pending", _("not closed")), *((s, say_query_status(s)) for s in ("open", "answered", "closed")), ("all", _("all"))],
        "forms": sorted({(discretion.title(q.key.form), q.key.form) for q in everything}),
        "people": sorted({q.opened.actor.person for q in everything if q.check is None}),
        "everything": len(everything),
        "can": can,
        "typed": typed or TypedWords(),
        "outcome": outcome or ActOutcome(),
        "token": secrets.token_hex(16),
        "here_address": request.get_full_path(),
    }  # fmt: skip
    return show(
        request, view, "web/queries.html", context, here="queries", status=422 if was_refused(outcome) else 200
    )  # fmt: skip


def was_refused(outcome: ActOutcome | None) -> bool:
    """Whether something that was sent was refused."""
    return outcome is not None and bool(outcome.refused)


def _asked(request: HttpRequest) -> QueriesAsked:
    given = {
        name: request.GET.get(name, "").strip() for name in ("status", "age", "by", "participant", "form")
    }
    return QueriesAsked(
        given["status"] if given["status"] in STATES else "pending",
        given["age"] if given["age"] in AGES else "",
        given["by"],
        given["participant"],
        given["form"],
    )


def _fits(query: Query, asked: QueriesAsked) -> bool:
    if not STATES[asked.status](query):
        return False
    if asked.participant.casefold() not in query.participant.casefold():
        return False
    if asked.form and query.key.form != asked.form:
        return False
    if asked.by in ("check", "person"):
        return (query.check is not None) == (asked.by == "check")
    return not asked.by or (query.check is None and query.opened.actor.person == asked.by)


def _with_age(request: HttpRequest, age: str) -> str:
    """The address of this list with queries of one age."""
    asked: dict[str, Any] = {
        name: value for name, value in request.GET.items() if name not in ("age", "page", "as_of")
    }
    as_of = request.GET.get("as_of", "")
    return address("queries", **asked, age=age, as_of=int(as_of) if as_of.isdigit() else None)
