"""Reporting clocks: who has to be told of which event by when, and whether they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry
from charcot.protocol import ReportingClock
from charcot.safety.watch import SafetyWatch, WatchedReport


@dataclass(frozen=True)
class RunningClock:
    """One clock of one event. `since`: when the site knew; `due`: when it runs out; `submissions` in the order of entry."""

    plan: ReportingClock
    report: WatchedReport
    since: datetime
    due: datetime
    submissions: tuple[Entry, ...]

    @property
    def sent_at(self) -> ClinicalTime | None:
        """When the first submission went out."""
        times = [ClinicalTime(entry.clinical_time or "") for entry in self.submissions]
        return min(times, key=lambda time: time.earliest) if times else None

    def state_at(self, now: datetime) -> Literal["running", "overdue", "submitted", "late"]:
        """Running, run out, or submitted in time or late."""
        sent = self.sent_at
        if sent is not None:
            return "late" if sent.earliest > self.due else "submitted"
        return "overdue" if now > self.due else "running"


def find_clocks(watch: SafetyWatch) -> tuple[RunningClock, ...]:
    """Every clock that an event started, the one that runs out first before the others."""
    return tuple(sorted(_clocks(watch), key=lambda clock: (clock.due, clock.report.sequence)))


def find_open_clocks(watch: SafetyWatch) -> tuple[RunningClock, ...]:
    """The clocks about which nothing was submitted yet."""
    return tuple(clock for clock in find_clocks(watch) if not clock.submissions)


def _clocks(watch: SafetyWatch) -> Iterator[RunningClock]:
    plans = watch.study.protocol.reporting
    for report in watch.reports_with_clocks:
        for plan in plans:
            since = report.clocks.get(plan.id)
            if since is not None:
                sent = watch.submissions.get((report.participant, report.key, plan.id), [])
                yield RunningClock(plan, report, since, plan.within.after(since), tuple(sent))
