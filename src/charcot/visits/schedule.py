"""The schedule of one participant: which encounters are expected when, and how each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from charcot.clinical_time import ClinicalTime
from charcot.participants import Casebook, FormKey, Standing
from charcot.protocol import Protocol
from charcot.protocol.schedule import Encounter

Status = Literal["complete", "partial", "missed", "open", "due", "overdue", "not_expected", "not_anchored"]


@dataclass(frozen=True)
class PlannedVisit:
    """One scheduled encounter of one participant. Moments are in the site's zone; None before the anchor is known."""

    encounter: Encounter
    target: datetime | None
    opens: datetime | None
    closes: datetime | None
    actual: ClinicalTime | None
    filled: tuple[str, ...]
    missing: tuple[str, ...]
    missed: tuple[str, ...]
    status: Status
    outside: tuple[str, ...] = ()
    """The forms that were surely filled outside the window."""

    @property
    def days_from_target(self) -> int | None:
        """Whole days by which the visit came after its target; negative before."""
        if self.actual is None or self.target is None or not self.actual.is_complete:
            return None
        return (self.actual.day - self.target.date()).days

    @property
    def out_of_window(self) -> bool:
        """Whether the visit, or a part of it, surely lies outside its window."""
        return bool(self.outside)


def plan_visits(
    protocol: Protocol, standing: Standing, casebook: Casebook, now: datetime
) -> tuple[PlannedVisit, ...]:
    """Every scheduled encounter of a participant as it stands at `now` (site's zone)."""
    return tuple(
        _visit(protocol, encounter, standing, casebook, now)
        for encounter in protocol.encounters
        if encounter.kind == "scheduled"
    )


def _visit(
    protocol: Protocol, encounter: Encounter, standing: Standing, casebook: Casebook, now: datetime
) -> PlannedVisit:
    target, opens, closes = _moments(encounter, standing)
    due = protocol.forms_at(encounter.id)
    keys = [FormKey(form, encounter.id) for form in due]
    latest = {key.form: version for key in keys if (version := casebook.latest(key)) is not None}
    actual = min((v.clinical_time for v in latest.values()), key=lambda time: time.earliest, default=None)
    missed = tuple(key.form for key in keys if key.form not in latest and casebook.is_missed(key))
    missing = tuple(form for form in due if form not in latest and form not in missed)
    status = judge_status(
        ended_at(standing),
        opens,
        closes,
        now,
        filled=bool(latest),
        missing=bool(missing),
        missed=bool(missed),
    )
    outside = tuple(form for form, v in latest.items() if _surely_outside(v.clinical_time, opens, closes))
    return PlannedVisit(
        encounter, target, opens, closes, actual, tuple(latest), missing, missed, status, outside
    )


def _surely_outside(at: ClinicalTime, opens: datetime | None, closes: datetime | None) -> bool:
    if opens is None or closes is None:
        return False
    return at.latest < first_moment(opens) or at.earliest > last_moment(closes)


def _moments(
    encounter: Encounter, standing: Standing
) -> tuple[datetime | None, datetime | None, datetime | None]:
    anchor = standing.anchor(encounter.anchor)
    target = encounter.target_from(anchor.earliest) if anchor is not None else None
    if target is None:
        return None, None, None
    opens, closes = encounter.window.around(target) if encounter.window else (target, target)
    return target, opens, closes


def judge_status(
    ended: ClinicalTime | None,
    opens: datetime | None,
    closes: datetime | None,
    now: datetime,
    *,
    filled: bool,
    missing: bool,
    missed: bool,
) -> Status:
    """How a visit stands at `now`, for somebody whose course `ended` then, whatever became of its forms."""
    if not missing and filled:
        return "complete"
    if not missing and missed:
        return "missed"
    if closes is None or opens is None:
        return "partial" if filled else "not_anchored" if ended is None else "not_expected"
    if ended is not None and ended.earliest <= last_moment(closes):
        return "partial" if filled else "not_expected"
    if now > last_moment(closes):
        return "overdue"
    if filled:
        return "partial"
    return "due" if now >= first_moment(opens) else "open"


def ended_at(standing: Standing) -> ClinicalTime | None:
    """When the participant's course ended, by death or otherwise."""
    ends = [end for end in (standing.died_at, standing.follow_up_ended_at) if end is not None]
    return min(ends, key=lambda end: end.earliest, default=None)


def overdue_visits(visits: Sequence[PlannedVisit]) -> tuple[PlannedVisit, ...]:
    """The visits whose window has closed while forms are still missing."""
    return tuple(visit for visit in visits if visit.status == "overdue")


def first_moment(moment: datetime) -> datetime:
    """The first moment of a day, from which a visit is due."""
    return moment.replace(hour=0, minute=0, second=0)


def last_moment(moment: datetime) -> datetime:
    """The last moment of a day, after which a visit is overdue."""
    return moment.replace(hour=23, minute=59, second=59)
