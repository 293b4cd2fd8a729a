"""Queries as pages show them: about what, since when, what was said, and what whoever looks may do about each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charcot.ledger import Entry, Kind
from charcot.participants import FormKey, Query
from charcot.web.frame import ALONE
from charcot.web.visibility import Discretion, concealed
from charcot.wiring.looking import TrialView

WEEK, LONG = 7, 28
"""Days after which a query is no longer new, and after which it is old."""
AGES = ("new", "weeks", "old")


@dataclass(frozen=True)
class TypedWords:
    """What was sent and could not be done: it stands in the fields again."""

    do: str = ""
    text: str = ""
    picked: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class QueryStep:
    """One thing that became of a query."""

    entry: Entry
    did: str
    text: str


@dataclass(frozen=True)
class AskedLine:
    """One query, as whoever looks may see it."""

    query: Query
    title: str
    visit: str
    item: str
    text: str
    hidden: bool
    days: int
    age: str
    """`new`, `weeks` or `old`; of a closed one, empty."""
    steps: tuple[QueryStep, ...]
    can: frozenset[str]
    """Of answer, reopen and close, what may be done about it now."""

    @property
    def pick(self) -> str:
        """Its name among the queries of everybody."""
        return f"{self.query.participant}/{self.query.id}"

    @property
    def key(self) -> FormKey:
        """The form it is about."""
        return self.query.key

    @property
    def encounter(self) -> str:
        """Its encounter as it stands in addresses."""
        return self.key.encounter or ALONE

    @property
    def said(self) -> str:
        """How it stands, in words."""
        return say_query_status(self.query.status)

    @property
    def last_answer(self) -> QueryStep | None:
        """The newest answer."""
        answers = [step for step in self.steps if step.entry.kind is Kind.QUERY_ANSWERED]
        return answers[-1] if answers else None


def say_query_status(status: str) -> str:
    """How a query stands, in words."""
    return {"open": _("waits for an answer"), "answered": _("answered"), "closed": _("closed")}[status]


def say_age(age: str) -> str:
    """A band of ages, in words."""
    return {
        "new": _("up to 7 days"),
        "weeks": _("8 to 28 days"),
        "old": _("more than 28 days"),
    }[age]


def age_of(query: Query, now: datetime) -> str:
    """The band that a query's age falls in; `now` has its zone."""
    days = query.age(now)
    return "new" if days <= WEEK else "weeks" if days <= LONG else "old"


def clock_of(view: TrialView) -> datetime:
    """The moment by which ages are counted, with its zone."""
    return view.now.replace(tzinfo=view.charter.zone)


def lines_of(
    view: TrialView, discretion: Discretion, queries: Iterable[Query], may: Collection[str]
) -> list[AskedLine]:
    """Queries with what may be done about each; nothing can be done about what may not be seen."""
    now = clock_of(view)
    encounters = {encounter.id: encounter.label for encounter in view.nobody.protocol.encounters}
    return [_line(discretion, query, may, now, encounters) for query in queries]


def _line(
    discretion: Discretion, query: Query, may: Collection[str], now: datetime, encounters: Mapping[str, str]
) -> AskedLine:
    key, hidden = query.key, discretion.hides(query.opened.data)
    return AskedLine(
        query,
        discretion.title(key.form),
        encounters.get(key.encounter, key.encounter),
        discretion.label(key.form, query.item) if query.item else "",
        concealed("hidden") if hidden else query.text,
        hidden,
        query.age(now),
        age_of(query, now) if query.is_pending else "",
        tuple(_step(event, hidden) for event in query.events),
        frozenset() if hidden else _can(query, may),
    )


def _can(query: Query, may: Collection[str]) -> frozenset[str]:
    can = set()
    if query.status == "open" and {"answer", "query"} & set(may):
        can.add("answer")
    if "query" in may:
        can |= {"reopen"} if query.status != "open" else set()
        can |= {"close"} if query.is_pending else set()
    return frozenset(can)


def _step(event: Entry, hidden: bool) -> QueryStep:
    did = {
        Kind.QUERY_OPENED: _("asked"),
        Kind.QUERY_ANSWERED: _("answered"),
        Kind.QUERY_REOPENED: _("opened again"),
        Kind.QUERY_CLOSED: _("closed"),
    }[event.kind]
    if event.data.get("by") == "check":
        did = {
            Kind.QUERY_OPENED: _("asked by the check %(check)s"),
            Kind.QUERY_REOPENED: _("asked again by the check %(check)s"),
        }.get(event.kind, _("closed by the check %(check)s"))
        did %= {"check": event.data.get("check", "")}
    words = str(event.data.get("text") or event.reason or "")
    return QueryStep(event, did, concealed("hidden") if words and hidden else words)


def say_how_many(count: int) -> str:
    """How many queries something was done to."""
    return ngettext("%(n)d query", "%(n)d queries", count) % {"n": count}
