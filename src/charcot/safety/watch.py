"""The watch over safety: who was infused and what happened to them, entry by entry, with each boundary kept beside it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from charcot.clinical_time import ClinicalTime, parse_time
from charcot.ledger import Entry, Kind, name_in
from charcot.participants import FormKey
from charcot.protocol import Study
from charcot.safety.boundary_course import BoundaryCourse
from charcot.safety.facts import EventRule

AWARE = "aware_on"
"""The item of the event's form that says when the site first knew; without it the time of entry counts."""


@dataclass(frozen=True)
class WatchedInfusion:
    """One infusion as recorded last: when it began, and the groups that boundaries may count it in."""

    participant: str
    at: ClinicalTime
    values: Mapping[str, str | None]
    dose: str | None


@dataclass(frozen=True)
class WatchedReport:
    """One adverse event as recorded last, by its entry; `zone` is the site's."""

    entry: Entry
    zone: tzinfo
    at: ClinicalTime
    watched: frozenset[str]
    """The boundaries that count it."""
    clocks: Mapping[str, datetime]
    """The reporting clocks that it starts, each with when the site knew what starts it."""

    @property
    def participant(self) -> str:
        """Whose event it is."""
        return self.entry.participant or ""

    @property
    def key(self) -> FormKey:
        """The form that it is recorded on."""
        return FormKey.of(self.entry.data)

    @property
    def sequence(self) -> int:
        """The number of its entry."""
        return self.entry.sequence

    @property
    def values(self) -> Mapping[str, str | None]:
        """What was recorded, as text by item."""
        return _texts(self.entry)

    @property
    def entered_at(self) -> datetime:
        """When it was entered, in the site's time."""
        return site_time(self.entry, self.zone)


@dataclass
class _Course:
    """One participant."""

    arm: str = ""
    site: str = ""
    infusions: dict[FormKey, WatchedInfusion] = field(default_factory=dict)
    reports: dict[FormKey, WatchedReport] = field(default_factory=dict)
    gone: dict[FormKey, WatchedInfusion | WatchedReport] = field(default_factory=dict)


WATCHED_KINDS = (
    Kind.FORM_RECORDED,
    Kind.ENTERED_IN_ERROR,
    Kind.REINSTATED,
    Kind.PARTICIPANT_SCREENED,
    Kind.PARTICIPANT_ENROLLED,
    Kind.DOSE_PREPARED,
    Kind.MATERIAL_USED,
    Kind.SAFETY_REVIEWED,
    Kind.SUBMISSION_RECORDED,
)
"""What the watch looks at; of other entries it only notes how far it has come."""


class SafetyWatch:
    """A fold of all entries by one version of the protocol. `add` each entry once, in order."""

    def __init__(self, study: Study, zone: tzinfo) -> None:
        self.study, self._zone = study, zone
        protocol = study.protocol
        form = protocol.form_playing("adverse_event")
        self._event_form = form.form if form is not None else ""
        self._given = {plan.form for plan in protocol.interventions}
        self._boundary_rules = {
            b.id: EventRule(study.rules.rule(b.event, self._event_form), self._event_form)
            for b in protocol.boundaries
            if form is not None
        }
        self._clock_rules = {
            c.id: EventRule(study.rules.rule(c.when, self._event_form), self._event_form)
            for c in protocol.reporting
            if form is not None
        }
        rules = (*self._boundary_rules.values(), *self._clock_rules.values())
        self._reads = tuple(dict.fromkeys(item for rule in rules for item in rule.reads))
        self._held: dict[tuple[str | None, ...], tuple[frozenset[str], tuple[str, ...]]] = {}
        """The boundaries and the clocks whose rules hold for an event, by the values that any of them reads."""
        self.boundaries = {b.id: BoundaryCourse(b) for b in protocol.boundaries}
        self.staggered: dict[tuple[str, str], int] = {}
        """For each staggering and group, how many had been infused when the board let the next one go earlier."""
        self.submissions: dict[tuple[str, FormKey, str], list[Entry]] = {}
        """What was submitted about an event, by participant, form and clock."""
        self.reviews: list[Entry] = []
        self._courses: dict[str, _Course] = {}
        self._clocked: dict[tuple[str, FormKey], WatchedReport] = {}
        self._lot_of_dose: dict[str, str] = {}
        self._materials: dict[str, set[str]] = {}
        self.sequence = 0

    def add_all(self, entries: Iterable[Entry]) -> "SafetyWatch":
        """Adds entries in order; gives itself back."""
        for entry in entries:
            self.add(entry)
        return self

    def add(self, entry: Entry) -> None:
        """What one more entry changes; in the time of one participant's events, however many there are of others."""
        self.sequence = entry.sequence
        match entry.kind:
            case Kind.FORM_RECORDED:
                form = entry.data["form"]
                if form == self._event_form:
                    self._add_report(entry)
                elif form in self._given:
                    self._add_infusion(entry)
            case Kind.ENTERED_IN_ERROR | Kind.REINSTATED:
                self._turn(entry)
            case Kind.PARTICIPANT_SCREENED:
                self._course(entry).site = str(entry.data.get("site") or "")
            case Kind.PARTICIPANT_ENROLLED:
                self._course(entry).arm = str(entry.data.get("arm") or "")
            case Kind.DOSE_PREPARED:
                self._lot_of_dose[name_in(entry.subject, "dose") or ""] = str(entry.data["lot"])
            case Kind.MATERIAL_USED:
                material = name_in(entry.subject, "material") or ""
                self._materials.setdefault(str(entry.data["lot"]), set()).add(material)
            case Kind.SAFETY_REVIEWED:
                self._add_review(entry)
            case Kind.SUBMISSION_RECORDED:
                key = (entry.participant or "", FormKey.of(entry.data), str(entry.data["clock"]))
                self.submissions.setdefault(key, []).append(entry)
            case _:
                pass

    def _site_time(self, entry: Entry) -> datetime:
        return site_time(entry, self._zone)

    def _course(self, entry: Entry) -> _Course:
        return self._courses.setdefault(entry.participant or "", _Course())

    def _add_report(self, entry: Entry) -> None:
        course, key, values = self._course(entry), FormKey.of(entry.data), entry.data["values"]
        gone, before = course.gone.pop(key, None), course.reports.get(key)
        last = before or (gone if isinstance(gone, WatchedReport) else None)
        watched, holding = self._judge(values)
        report = course.reports[key] = WatchedReport(
            entry,
            self._zone,
            parse_time(entry.clinical_time),
            watched,
            self._clocks(entry, key, last, holding),
        )
        touched = report.watched | (before.watched if before is not None else frozenset())
        self._count(entry, key, course, touched)

    def _judge(
        self, values: Mapping[str, Mapping[str, str | None]]
    ) -> tuple[frozenset[str], tuple[str, ...]]:
        place = tuple([values[item].get("value") if item in values else None for item in self._reads])
        found = self._held.get(place)
        if found is None:
            found = self._held[place] = (
                frozenset(id for id, rule in self._boundary_rules.items() if rule.holds(values)),
                tuple(id for id, rule in self._clock_rules.items() if rule.holds(values)),
            )
        return found

    def _clocks(
        self, entry: Entry, key: FormKey, last: WatchedReport | None, holding: Sequence[str]
    ) -> dict[str, datetime]:
        """Clocks run from when the site knew of the event; those that a correction starts, from the correction.

        Where the correction says another time at which the site knew, that holds. A clock about which something was submitted stays.
        """
        running = last.clocks if last is not None else {}
        if not holding and not running:
            return {}
        values = entry.data["values"]
        aware = values.get(AWARE, {}).get("value")
        corrected = last is not None and last.values.get(AWARE) == aware
        if aware is None or corrected:
            found = {id: running.get(id) or site_time(entry, self._zone) for id in holding}
        else:
            found = dict.fromkeys(holding, ClinicalTime(aware).earliest)
        kept = {id for id in running if (entry.participant or "", key, id) in self.submissions}
        return {**{id: running[id] for id in kept}, **found}

    def _add_infusion(self, entry: Entry) -> None:
        course, key = self._course(entry), FormKey.of(entry.data)
        course.gone.pop(key, None)
        moment = parse_time(entry.clinical_time)
        dose = entry.data.get("dose")
        before = course.infusions.get(key)
        course.infusions[key] = WatchedInfusion(
            entry.participant or "", moment, _texts(entry), dose or (before.dose if before else None)
        )
        self._count(entry, key, course, self.boundaries)

    def _turn(self, entry: Entry) -> None:
        course, key = self._course(entry), FormKey.of(entry.data)
        if entry.kind is Kind.ENTERED_IN_ERROR:
            found = course.reports.pop(key, None) or course.infusions.pop(key, None)
            if found is not None:
                course.gone[key] = found
        else:
            back = course.gone.pop(key, None)
            if isinstance(back, WatchedReport):
                course.reports[key] = back
            elif isinstance(back, WatchedInfusion):
                course.infusions[key] = back
        self._count(entry, key, course, self.boundaries)

    def _add_review(self, entry: Entry) -> None:
        self.reviews.append(entry)
        rule, group = str(entry.data["rule"]), str(entry.data["group"])
        if rule in self.boundaries:
            self.boundaries[rule].review(entry, self._site_time(entry))
        else:
            self.staggered[rule, group] = int(entry.data["patients"])

    def _count(self, entry: Entry, key: FormKey, course: _Course, touched: Container[str]) -> None:
        """The participant's part in each boundary that was touched, anew: in which groups infused, and had an event since."""
        place = (entry.participant or "", key)
        report = course.reports.get(key)
        if report is not None and report.clocks:
            self._clocked[place] = report
        else:
            self._clocked.pop(place, None)
        for boundary in self.boundaries.values():
            if boundary.plan.id not in touched:
                continue
            since: dict[str, ClinicalTime] = {}
            for infusion in course.infusions.values():
                for group in self.groups_of(boundary.plan.per, infusion, course.arm, course.site):
                    first = since.get(group)
                    if first is None or infusion.at.earliest < first.earliest:
                        since[group] = infusion.at
            happened = [r.at for r in course.reports.values() if boundary.plan.id in r.watched]
            parts = {g: (at, any(not e.surely_before(at) for e in happened)) for g, at in since.items()}
            boundary.count(entry, self._site_time(entry), parts)

    def groups_of(self, per: str, infusion: WatchedInfusion, arm: str, site: str) -> tuple[str, ...]:
        """The groups that an infusion belongs to, where something is counted `per` this."""
        lot = self._lot_of_dose.get(infusion.dose or "", "")
        match per:
            case "trial":
                return ("",)
            case "arm":
                return (arm,)
            case "site":
                return (site,)
            case "product_lot":
                return (lot,) if lot else ()
            case "material_lot":
                return tuple(sorted(self._materials.get(lot, ())))
            case _:
                text = infusion.values.get(per.partition(".")[2])
                return (text,) if text else ()

    def infusions_in(self, per: str, group: str) -> list[WatchedInfusion]:
        """The first infusion of everybody in a group, in the order of their times."""
        found = []
        for course in self._courses.values():
            of_group = [
                infusion
                for infusion in course.infusions.values()
                if group in self.groups_of(per, infusion, course.arm, course.site)
            ]
            if of_group:
                found.append(min(of_group, key=lambda infusion: infusion.at.earliest))
        return sorted(found, key=lambda infusion: infusion.at.earliest)

    @property
    def reports_with_clocks(self) -> list[WatchedReport]:
        """The events that start a reporting clock."""
        return list(self._clocked.values())

    def first_infused(self, participant: str) -> ClinicalTime | None:
        """When a participant was first infused."""
        course = self._courses.get(participant)
        times = [i.at for i in course.infusions.values()] if course else []
        return min(times, key=lambda at: at.earliest) if times else None


def site_time(entry: Entry, zone: tzinfo) -> datetime:
    """When an entry was made, in the site's time."""
    return datetime.fromisoformat(entry.recorded_at).astimezone(zone).replace(tzinfo=None)


def _texts(entry: Entry) -> dict[str, str | None]:
    return {item: value.get("value") for item, value in entry.data["values"].items()}
