"""What is done about queries on pages: asked, answered, opened again, closed; one or several at once."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.conduct import answer_query, close_query, reopen_query
from charcot.ledger import Entry
from charcot.participants import Query
from charcot.refusal import BadValue, Refusal
from charcot.web.filling import desktop_of
from charcot.web.frame import tell
from charcot.web.plain_words import require_words
from charcot.web.query_lines import AskedLine, TypedWords, say_how_many
from charcot.web.signed_in import actor_of, open_trial_of
from charcot.wiring.drafts import SentAlready

LONGEST = 4000
"""Characters of a question, an answer or a reason."""


@dataclass(frozen=True)
class ActOutcome:
    """What came of an act on several things: how many were done, and what was refused of the others."""

    done: int = 0
    refused: tuple[tuple[str, Refusal], ...] = ()
    """Whom or what it was about, and the refusal."""


def typed_in(request: HttpRequest) -> TypedWords:
    """What stands in the form that was sent."""
    return TypedWords(
        request.POST.get("do", ""), request.POST.get("text", ""), frozenset(request.POST.getlist("pick"))
    )


def act_on_picked(request: HttpRequest, lines: Iterable[AskedLine], typed: TypedWords) -> ActOutcome:
    """Does one thing to the queries that were picked, one act for each participant; all of theirs or none."""
    known = {line.pick: line for line in lines}
    try:
        text = require_typed(typed.text)
        acts: Mapping[str, Callable[[str, list[str]], tuple[Entry, ...]]] = {
            "answer": lambda who, ids: answer_query(
                open_trial_of(request), actor_of(request), participant=who, query=ids, text=text
            ),
            "reopen": lambda who, ids: reopen_query(
                open_trial_of(request), actor_of(request), participant=who, query=ids, reason=text
            ),
            "close": lambda who, ids: close_query(
                open_trial_of(request), actor_of(request), participant=who, query=ids, reason=text or None
            ),
        }
        if typed.do not in acts or not typed.picked:
            raise BadValue(
                _("No query is ticked.") if typed.do in acts else _("It was not said what to do."),
                rule=_("Queries: an act says what is done about which of them"),
                next_step=_("Tick the queries, and choose a button."),
            )
        unseen = [pick for pick in typed.picked if pick not in known or known[pick].hidden]
        if unseen:
            raise BadValue(
                _("Among those that are ticked is a query that you cannot see."),
                rule=_("Queries: acted on by who can read them"),
                next_step=_("Tick them again in the list as it is now."),
            )
    except Refusal as refusal:
        return ActOutcome(refused=(("", refusal),))
    of: dict[str, list[Query]] = {}
    for pick in sorted(typed.picked, key=lambda name: known[name].query.opened.sequence):
        of.setdefault(known[pick].query.participant, []).append(known[pick].query)
    done, refused = 0, []
    for participant, queries in of.items():
        names = [query.id for query in queries]
        try:
            with desktop_of(request).sending(sent_once(request, typed.do, participant, *names, text)):
                acts[typed.do](participant, names)
            done += len(names)
        except SentAlready:
            done += len(names)
        except Refusal as refusal:
            refused.append((participant, refusal))
    return ActOutcome(done, tuple(refused))


def require_typed(text: str) -> str:
    """What was typed, without the blanks around it. Raises BadValue where it cannot be kept."""
    return require_words(text, "text", _("What was written"), LONGEST)


def sent_once(request: HttpRequest, *what: str) -> str:
    """A name for what was sent from one showing of a page, under which it is done once."""
    parts = "\x1f".join((request.POST.get("token", ""), *what))
    return hashlib.sha256(parts.encode()).hexdigest()


def say_done(request: HttpRequest, do: str, count: int) -> None:
    """Says on the next page what was done."""
    words = {
        "answer": _("Answered: %(what)s."),
        "reopen": _("Opened again: %(what)s."),
        "close": _("Closed: %(what)s."),
    }
    if count:
        tell(request, words[do] % {"what": say_how_many(count)})
