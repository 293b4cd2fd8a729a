"""One participant in a line: where they stand, their visits, what is open and how they do, for lists of thousands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from charcot.clinical_time import DAYS_PER_MONTH, ClinicalTime
from charcot.participants import Dossier, fold_locks, list_verification
from charcot.scales import ITEMS, compute_subscores
from charcot.statistics import estimate_slopes
from charcot.visits import (
    PlannedVisit,
    Status,
    ended_at,
    find_deviations,
    first_moment,
    judge_status,
    last_moment,
    plan_visits,
)

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class VisitSummary:
    """One planned visit. How it stands depends on the day alone: `before` it is due, `within` its window, `after`.

    `due_from` and `due_until` are moments in the site's time as ISO text, which sorts as time does; None before the anchor is known.
    """

    encounter: str
    label: str
    due_from: str | None
    due_until: str | None
    before: Status
    within: Status
    after: Status
    actual: str | None
    outside: bool
    filled: tuple[str, ...]
    missing: tuple[str, ...]
    missed: tuple[str, ...]

    def status_at(self, now: datetime) -> Status:
        """How it stands at `now` (site's time)."""
        moment = now.isoformat()
        if self.due_from is None or self.due_until is None or moment < self.due_from:
            return self.before
        return self.after if moment > self.due_until else self.within


@dataclass(frozen=True)
class AskedQuery:
    """A query that is not closed, and when it was asked (UTC, as entries are recorded)."""

    query: str
    asked: str


@dataclass(frozen=True)
class SeriousEvent:
    """A serious adverse event, by its form; `entered`: when it was first said to be serious (UTC)."""

    form: str
    encounter: str
    instance: int
    entered: str


@dataclass(frozen=True)
class ParticipantSummary:
    """One participant. `last` is the entry that they were last read up to."""

    participant: str
    last: int
    site: str
    standing: str
    protocol: str
    enrolled: bool
    infused: bool
    visits: tuple[VisitSummary, ...]
    forms: int
    incomplete: int
    """Forms on which required fields are empty."""
    failed_errors: int
    """Edit checks that do not hold in the newest versions, of severity `error`."""
    failed_queries: int
    """The same, of severity `query`."""
    failed_notes: int
    """The same, of severity `note`."""
    deviations: int
    queries: int
    """Queries that are not closed."""
    to_answer: int
    """Those of them that wait for an answer."""
    oldest_query: str | None
    """When the oldest of them was asked (UTC, as entries are recorded)."""
    unsigned: int
    """Forms whose newest version nobody has signed."""
    broken: int
    """Those of them that were signed, and corrected since."""
    unverified: int
    """Forms that the sampling plan chose and that are not, or no longer, verified."""
    changed: int
    """Those of them that were verified, and that a correction cleared."""
    unlocked: int
    """Forms that are not locked, by themselves or with their visit or participant."""
    asked: tuple[AskedQuery, ...]
    """The queries that are not closed, in the order in which they were asked."""
    serious: tuple[SeriousEvent, ...]
    slope: float | None
    """ALSFRS-R over all visits, by least squares [points/month]; None below two different days."""
    slope_visits: int
    """How many visits the slope rests on."""
    last_seen: str | None
    """The last day on which the participant was surely alive."""

    @property
    def is_ready_to_lock(self) -> bool:
        """Whether nothing is left to do about any of the forms but to lock them."""
        left = self.incomplete + self.failed_errors + self.queries + self.unsigned + self.unverified
        return self.unlocked > 0 and left == 0


def summarise(dossier: Dossier) -> ParticipantSummary:
    """The summary of one participant, which depends on their entries and the protocol alone, not on the day."""
    standing, casebook, protocol = dossier.standing, dossier.casebook, dossier.study.protocol
    start = datetime(1, 1, 1)  # noqa: DTZ001  # only what does not depend on the day is taken from these visits
    visits = plan_visits(protocol, standing, casebook, start)
    newest = [versions[-1] for versions in casebook.forms.values()]
    pending = [query for query in dossier.queries if query.is_pending]
    failed = [check["severity"] for version in newest for check in version.failed_checks]
    to_verify = [due.status for due in list_verification(dossier) if due.status != "verified"]
    locks = fold_locks(dossier.entries)
    slope, slope_visits = _slope(dossier)
    return ParticipantSummary(
        participant=dossier.participant,
        last=dossier.entries[-1].sequence,
        site=dossier.site,
        standing=standing.status,
        protocol=dossier.protocol_version,
        enrolled=standing.enrolled is not None,
        infused=bool(standing.infusions),
        visits=tuple(_visit(visit, ended_at(standing)) for visit in visits),
        forms=len(newest),
        incomplete=sum(bool(version.missing) for version in newest),
        failed_errors=failed.count("error"),
        failed_queries=failed.count("query"),
        failed_notes=failed.count("note"),
        deviations=len(find_deviations(protocol, standing, casebook, visits, dossier.entries)),
        queries=len(pending),
        to_answer=sum(query.status == "open" for query in pending),
        oldest_query=min((query.opened.recorded_at for query in pending), default=None),
        unsigned=sum(not dossier.signatures.is_signed(version.key) for version in newest),
        broken=sum(dossier.signatures.is_broken(version.key) for version in newest),
        unverified=len(to_verify),
        changed=to_verify.count("changed"),
        unlocked=sum(locks.of(version.key) is None for version in newest),
        asked=tuple(AskedQuery(query.id, query.opened.recorded_at) for query in pending),
        serious=tuple(_serious(dossier)),
        slope=slope,
        slope_visits=slope_visits,
        last_seen=max((day.isoformat() for day in _days_alive(dossier)), default=None),
    )


def _visit(visit: PlannedVisit, ended: ClinicalTime | None) -> VisitSummary:
    opens = None if visit.opens is None else first_moment(visit.opens)
    closes = None if visit.closes is None else last_moment(visit.closes)

    def judged(now: datetime) -> Status:
        return judge_status(
            ended,
            visit.opens,
            visit.closes,
            now,
            filled=bool(visit.filled),
            missing=bool(visit.missing),
            missed=bool(visit.missed),
        )

    always = datetime(1, 1, 1)  # noqa: DTZ001  # without a window, the day does not matter
    return VisitSummary(
        encounter=visit.encounter.id,
        label=visit.encounter.label,
        due_from=None if opens is None else opens.isoformat(),
        due_until=None if closes is None else closes.isoformat(),
        before=judged(always if opens is None else opens - _MOMENT),
        within=judged(opens or always),
        after=judged(always if closes is None else closes + _MOMENT),
        actual=None if visit.actual is None else visit.actual.text,
        outside=visit.out_of_window,
        filled=visit.filled,
        missing=visit.missing,
        missed=visit.missed,
    )


def _serious(dossier: Dossier) -> Iterator[SeriousEvent]:
    """The events whose newest version says that they are serious."""
    form = dossier.study.protocol.form_playing("adverse_event")
    for version in () if form is None else dossier.casebook.instances(form.form):
        if version.text("serious") != "yes":
            continue
        first = version
        for earlier in reversed(dossier.casebook.forms[version.key][:-1]):
            if earlier.text("serious") != "yes":
                break
            first = earlier
        key = version.key
        yield SeriousEvent(key.form, key.encounter, key.instance, first.entry.recorded_at)


def _slope(dossier: Dossier) -> tuple[float | None, int]:
    """The slope of ALSFRS-R, and on how many visits it rests."""
    form = dossier.study.protocol.form_playing("function")
    found = [] if form is None else dossier.casebook.instances(form.form)
    found = [version for version in found if version.clinical_time.is_complete]
    if len(found) < 2:
        return None, len(found)
    scores = {
        item.id: np.array([float(version.text(item.id) or "nan") for version in found]) for item in ITEMS
    }
    sub = compute_subscores(scores)
    months = [version.clinical_time.day.toordinal() / DAYS_PER_MONTH for version in found]
    total = sub.bulbar + sub.fine_motor + sub.gross_motor + sub.respiratory
    slope = estimate_slopes(months, total, [dossier.participant] * len(found))[0].slope
    return slope, int(np.count_nonzero(~np.isnan(total)))


def _days_alive(dossier: Dossier) -> Iterator[date]:
    """The days on which something was done with the living participant, or they were said to be alive."""
    standing, forms = dossier.standing, dossier.study.protocol.forms_by_id
    times = []
    for versions in dossier.casebook.forms.values():
        version = versions[-1]
        form = forms.get(version.key.form)
        plays = form.plays if form else None
        if plays != "death" and (plays != "contact" or version.text("alive") == "yes"):
            times.append(version.clinical_time)
    told = [withdrawal.entry for withdrawal in standing.withdrawals] + [
        entry for entry in (standing.screened, standing.lost) if entry is not None
    ]
    times += [ClinicalTime(entry.clinical_time or "") for entry in told]
    died = standing.died_at
    for time in times:
        if time.is_complete and not (died is not None and died.surely_before(time)):
            yield time.day
