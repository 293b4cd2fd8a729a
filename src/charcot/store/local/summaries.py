"""Summaries of participants in the site's database: kept, looked through and counted in SQL."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from charcot.datasets import ParticipantSummary, VisitSummary
from charcot.datasets.overview import (
    CLOSING,
    ENDED,
    VISIT_STATES,
    Asked,
    EventToSee,
    TrialCounts,
    VisitToDo,
    Waiting,
    soon_after,
)
from charcot.datasets.summary import AskedQuery, SeriousEvent
from charcot.store.local.models import ParticipantLine, QueryLine, SeriousLine, SummaryState, VisitLine

SHAPE = 2
"""Grows whenever a summary says more or something else; older lines are then made anew."""


@dataclass(frozen=True)
class ReadUpTo:
    """What the lines rest on: the last entry read, the last activation of a protocol, and the version in force."""

    seen: int
    seen_hash: str
    protocols: int
    ruling: str


def read_state(alias: str) -> ReadUpTo | None:
    """What the lines rest on; None where there are none that can be used."""
    state = SummaryState.objects.using(alias).filter(shape=SHAPE).first()
    return None if state is None else ReadUpTo(state.seen, state.seen_hash, state.protocols, state.ruling)


def forget_summaries(alias: str) -> None:
    """Takes all lines away."""
    with transaction.atomic(using=alias, durable=True):
        for model in (VisitLine, QueryLine, SeriousLine, ParticipantLine, SummaryState):
            model._default_manager.using(alias).all().delete()


def write_summaries(alias: str, summaries: Sequence[ParticipantSummary], protocols: int) -> None:
    """Writes lines in one step, but none over a line that another process made from more."""
    with transaction.atomic(using=alias, durable=True):
        names = [summary.participant for summary in summaries]
        there = ParticipantLine.objects.using(alias).filter(participant__in=names)
        known = {name: (made, last) for name, made, last in there.values_list("pk", "protocols", "last")}
        newer = [s for s in summaries if known.get(s.participant, (0, 0)) <= (protocols, s.last)]
        for model in (VisitLine, QueryLine, SeriousLine):
            lines = model._default_manager.using(alias)
            lines.filter(participant__in=[s.participant for s in newer]).delete()
        there.filter(participant__in=[s.participant for s in newer]).delete()
        ParticipantLine.objects.using(alias).bulk_create([_line(summary, protocols) for summary in newer])
        VisitLine.objects.using(alias).bulk_create(
            [_visit_line(summary.participant, visit) for summary in newer for visit in summary.visits],
            batch_size=90,
        )
        QueryLine.objects.using(alias).bulk_create(
            [QueryLine(participant_id=s.participant, **asdict(query)) for s in newer for query in s.asked],
            batch_size=200,
        )
        SeriousLine.objects.using(alias).bulk_create(
            [
                SeriousLine(participant_id=s.participant, **asdict(event))
                for s in newer
                for event in s.serious
            ],
            batch_size=150,
        )


def write_state(alias: str, reached: ReadUpTo) -> None:
    """Says how far the record was read, unless another process got further."""
    with transaction.atomic(using=alias, durable=True):
        state = SummaryState.objects.using(alias).first()
        if state is None or state.shape != SHAPE or state.seen <= reached.seen:
            SummaryState(pk=1 if state is None else state.pk, shape=SHAPE, **asdict(reached)).save(
                using=alias
            )


class KeptOverview:
    """Lists and counts of the participants as of `now` (site's time), out of the site's database."""

    def __init__(self, alias: str, now: datetime) -> None:
        self._alias = alias
        moment = Value(now.isoformat())
        self._soon = soon_after(now)
        self._status = Case(
            When(Q(due_from=None) | Q(due_until=None) | Q(due_from__gt=moment), then=F("before")),
            When(due_until__lt=moment, then=F("after")),
            default=F("within"),
        )

    def find(
        self, asked: Asked, start: int = 0, most: int | None = None
    ) -> tuple[Sequence[ParticipantSummary], int]:
        """Those who fit, from place `start` on, at most so many; and how many fit altogether."""
        lines = self._people(asked.sites)
        if asked.text:
            lines = lines.filter(folded__contains=asked.text.casefold())
        if asked.stands in VISIT_STATES:
            lines = lines.filter(
                Exists(self._visits(None, [asked.stands]).filter(participant=OuterRef("pk")))
            )
        elif asked.stands == CLOSING:
            lines = lines.filter(
                Exists(
                    self._visits(None, ["due"]).filter(participant=OuterRef("pk"), due_until__lt=self._soon)
                )
            )
        elif asked.stands:
            lines = lines.filter(standing=asked.stands)
        if asked.need:
            lines = lines.filter(_NEEDS[asked.need])
        place = _ORDERS.get(asked.order, [F(asked.order).asc(nulls_last=True)])
        chosen = lines.order_by(*place, "participant")
        page = chosen.values_list("content", flat=True)[start : None if most is None else start + most]
        found = [_summary(content) for content in page]
        whole = start == 0 and (most is None or len(found) < most)
        return found, len(found) if whole else lines.count()

    def count(self, sites: Collection[str] | None = None) -> TrialCounts:
        """The participants of some or all sites in numbers."""
        visits = dict(
            self._visits(sites, VISIT_STATES).values_list("status").annotate(Count("pk")).order_by()
        )
        closing = self._visits(sites, ["due"]).filter(due_until__lt=self._soon).count()
        missing = self._visits(sites, ["overdue"]).aggregate(n=Coalesce(Sum("missing"), 0))["n"]
        numbers = {
            "screened": Count("pk"),
            "enrolled": Count("pk", filter=Q(enrolled=True)),
            "infused": Count("pk", filter=Q(infused=True)),
            "infused_alive": Count("pk", filter=Q(infused=True) & ~Q(standing="died")),
            "ready_to_lock": Count("pk", filter=_NEEDS["ready_to_lock"]),
            **{name: Coalesce(Sum(name), 0) for name in _SUMMED},
        }
        people = self._people(sites).aggregate(**{f"n_{name}": number for name, number in numbers.items()})
        people = {name.removeprefix("n_"): number for name, number in people.items()}
        return TrialCounts(
            due=visits.get("due", 0),
            overdue=visits.get("overdue", 0),
            closing=closing,
            overdue_forms=missing,
            **people,
        )

    def waiting(self, sites: Collection[str] | None = None) -> Waiting:
        """The four of these numbers that every page shows."""
        names = ("queries", "to_answer", "unsigned", "unverified")
        found = self._people(sites).aggregate(**{f"n_{name}": Coalesce(Sum(name), 0) for name in names})
        return Waiting(**{name: found[f"n_{name}"] for name in names})

    def to_do(
        self, sites: Collection[str] | None = None, most: int | None = None
    ) -> tuple[Sequence[VisitToDo], int]:
        """Visits overdue, then due, by the day on which their window closes; and how many there are."""
        lines = self._visits(sites, VISIT_STATES)
        chosen = lines.order_by("-status", "due_until", "participant", "encounter").values_list(
            "participant", "encounter", "label", "status", "due_until", "missing"
        )
        found = [VisitToDo(*line) for line in chosen[:most]]
        return found, len(found) if most is None or len(found) < most else lines.count()

    def standings(self, sites: Collection[str] | None = None) -> Sequence[str]:
        """Where anybody stands, each once, in the order of the words."""
        return sorted(self._people(sites).values_list("standing", flat=True).distinct().order_by())

    def asked(self, sites: Collection[str] | None = None) -> Sequence[str]:
        """When each query that is not closed was asked (UTC), the oldest first."""
        lines = QueryLine.objects.using(self._alias)
        chosen = lines.all() if sites is None else lines.filter(participant__site__in=sites)
        return list(chosen.order_by("asked").values_list("asked", flat=True))

    def serious(
        self, since: str, sites: Collection[str] | None = None, most: int | None = None
    ) -> tuple[Sequence[EventToSee], int]:
        """Serious events entered since a moment (UTC), the newest first; and how many there are."""
        lines = SeriousLine.objects.using(self._alias).filter(entered__gte=since)
        lines = lines if sites is None else lines.filter(participant__site__in=sites)
        chosen = lines.order_by("-entered", "participant", "form", "encounter", "instance").values_list(
            "participant", "form", "encounter", "instance", "entered"
        )
        found = [EventToSee(*line) for line in chosen[:most]]
        return found, len(found) if most is None or len(found) < most else lines.count()

    def _people(self, sites: Collection[str] | None) -> QuerySet[ParticipantLine]:
        lines = ParticipantLine.objects.using(self._alias)
        return lines.all() if sites is None else lines.filter(site__in=sites)

    def _visits(self, sites: Collection[str] | None, states: Iterable[str]) -> QuerySet[Any]:
        lines = VisitLine.objects.using(self._alias).annotate(status=self._status)
        lines = lines.filter(status__in=list(states))
        return lines if sites is None else lines.filter(participant__site__in=sites)


_SUMMED = (
    "forms", "incomplete", "failed_errors", "failed_queries", "failed_notes", "deviations",
    "queries", "to_answer", "unsigned", "broken", "unverified", "changed",
)  # fmt: skip
_NEEDS = {
    "incomplete": Q(incomplete__gt=0),
    "failed": Q(failed_errors__gt=0) | Q(failed_queries__gt=0),
    **{
        name: Q(**{f"{name}__gt": 0})
        for name in ("deviations", "queries", "to_answer", "unsigned", "broken", "unverified", "changed")
    },
    "ready_to_lock": Q(unlocked__gt=0, incomplete=0, failed_errors=0, queries=0, unsigned=0, unverified=0),
    "followed": ~Q(standing__in=ENDED),
}
_ORDERS = {"number": [], "to_verify": [F("unverified").desc()]}


def _line(summary: ParticipantSummary, protocols: int) -> ParticipantLine:
    copied = (
        "participant", "last", "site", "standing", "enrolled", "infused", "slope", "last_seen", "oldest_query",
        "unlocked", *_SUMMED,
    )  # fmt: skip
    return ParticipantLine(
        folded=summary.participant.casefold(),
        protocols=protocols,
        content=json.dumps(asdict(summary), ensure_ascii=False, separators=(",", ":")),
        **{name: getattr(summary, name) for name in copied},
    )


def _visit_line(participant: str, visit: VisitSummary) -> VisitLine:
    return VisitLine(
        participant_id=participant,
        encounter=visit.encounter,
        label=visit.label,
        due_from=visit.due_from,
        due_until=visit.due_until,
        before=visit.before,
        within=visit.within,
        after=visit.after,
        missing=len(visit.missing),
    )


_LISTS = ("filled", "missing", "missed")


def _summary(content: str) -> ParticipantSummary:
    """The summary that a line holds."""
    data = json.loads(content)
    visits = tuple(
        VisitSummary(**{**visit, **{name: tuple(visit[name]) for name in _LISTS}}) for visit in data["visits"]
    )
    asked = tuple(AskedQuery(**query) for query in data["asked"])
    serious = tuple(SeriousEvent(**event) for event in data["serious"])
    return ParticipantSummary(**{**data, "visits": visits, "asked": asked, "serious": serious})
