"""The twenty people: number, sex, age, build, and the dates of their course; three of them decline."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from charcot.clinical_time import add_months
from charcot.simulation.royan_admsc.drawing import around, fixed, pick, stream, whole
from charcot.simulation.royan_admsc.publication import Story, tell_stories
from charcot.simulation.royan_admsc.site_time import is_eve_of_work, is_working_day, nearest_day

MONTHS: Mapping[str, int] = {"month_2": 2, "month_4": 4, "month_6": 6, "month_12": 12, "year_5": 60}
"""The visits counted from infusion, with their calendar months."""
DECLINERS = (4, 11, 16)
"""Which places of the screening log belong to those who declined (synthetic)."""
_REACH = {"month_2": 6, "month_4": 6, "month_6": 6, "month_12": 12, "year_5": 21}
"""How many days a visit lies at most from its target; well inside every window."""


@dataclass(frozen=True)
class Person:
    """One person of the screening log. Times are in the site's zone."""

    participant: str
    story: Story
    sex: str
    age: int
    onset_site: str
    duration: int
    total: int
    """ALSFRS-R at screening."""
    fvc_percent: str
    """FVC at screening, per cent of predicted, as printed in Table 1."""
    height: int
    weight: float
    """Weight at screening [kg]."""
    consented: datetime
    decided: datetime
    """When they were enrolled, or declined."""
    imaged: datetime | None = None
    """MRI, one week before the infusion."""
    infused: datetime | None = None
    visits: Mapping[str, datetime] = field(default_factory=dict)
    died: date | None = None

    def day_after_infusion(self, day: int) -> date:
        """The date `day` days after the infusion."""
        assert self.infused is not None, "only the treated have days after infusion"
        return self.infused.date() + timedelta(days=day)

    def has(self, procedure: str, on: date) -> bool:
        """Whether a procedure was done before a day."""
        day = self.story.day_of(procedure)
        return day is not None and self.infused is not None and self.day_after_infusion(day) < on


def imagine_persons(published: Mapping[str, Any]) -> tuple[Person, ...]:
    """Everybody in the screening log, in its order; the treated stand there in the order of Table 1."""
    count = int(published["flow"]["screened"])
    if count - len(DECLINERS) != len(published["table1"]):
        raise ValueError("Table 1 and those who declined must make up everybody screened")
    treated = iter(tell_stories(published))
    stories = [Story({}) if place in DECLINERS else next(treated) for place in range(1, count + 1)]
    days = _days_of_consent(published, count)
    return tuple(
        _imagine(f"S-{place:02d}", story, day)
        for place, (story, day) in enumerate(zip(stories, days, strict=True), start=1)
    )


def _days_of_consent(published: Mapping[str, Any], count: int) -> list[date]:
    """Working days from the first days of recruitment to four weeks before its end."""
    first = date.fromisoformat(f"{published['recruitment']['from']}-03")
    last = add_months(date.fromisoformat(f"{published['recruitment']['to']}-01"), 1) - timedelta(days=34)
    rng = stream("recruitment")
    step = (last - first).days / (count - 1)
    days = []
    for place in range(count):
        inner = 0 < place < count - 1
        day = first + timedelta(days=round(place * step) + (whole(rng, -7, 7) if inner else 0))
        days.append(nearest_day(day, day - timedelta(days=10), day + timedelta(days=10), is_working_day))
    return days


def _imagine(participant: str, story: Story, day: date) -> Person:
    rng = stream(participant, "person")
    row = story.row
    sex = str(row["sex"]) if row else pick(rng, "MF", (10, 7))
    tall, weight_index = (174.0, 24.5) if sex == "M" else (161.0, 24.0)
    height = round(around(rng, tall, 5.5, tall - 12, tall + 12))
    index = around(rng, weight_index, 1.8, 20.5, 28.5)
    consented = datetime.combine(day, time(9, whole(rng, 0, 50)))
    decided = nearest_day(
        day + timedelta(days=16), day + timedelta(days=12), day + timedelta(days=21), is_working_day
    )
    person = Person(
        participant=participant,
        story=story,
        sex=sex,
        age=int(row["age"]) if row else whole(rng, 38, 62),
        onset_site=str(row["onset_site"]) if row else pick(rng, ("limb", "bulbar"), (12, 5)),
        duration=int(row["disease_duration"]) if row else whole(rng, 12, 36),
        total=int(row["alsfrs_r"]) if row else whole(rng, 29, 41),
        fvc_percent=str(row["fvc_percent"]) if row else fixed(around(rng, 72, 15, 50, 105), 1),
        height=height,
        weight=round(index * (height / 100) ** 2, 1),
        consented=consented,
        decided=datetime.combine(decided, time(11, whole(rng, 0, 55))),
    )
    return _schedule(person) if story.treated else person


def _schedule(person: Person) -> Person:
    rng = stream(person.participant, "schedule")
    day = person.consented.date()
    wanted = day + timedelta(days=28 + whole(rng, -1, 1))
    infused_on = nearest_day(wanted, day + timedelta(days=23), day + timedelta(days=40), is_eve_of_work)
    imaged_on = nearest_day(
        infused_on - timedelta(days=7),
        infused_on - timedelta(days=10),
        infused_on - timedelta(days=6),
        is_working_day,
    )
    infused = datetime.combine(infused_on, time(9, whole(rng, 0, 40)))
    death = person.story.death
    died = infused_on + timedelta(days=int(death["day"])) if death else None
    visits: dict[str, datetime] = {}
    for encounter, months in MONTHS.items():
        on = _day_of_visit(person.story, encounter, add_months(infused_on, months), infused_on, died)
        delay = whole(rng, 0, 45)
        if on is not None:
            visits[encounter] = datetime.combine(on, time(8, 30)) + timedelta(minutes=delay)
    imaged = datetime.combine(imaged_on, time(10, whole(rng, 0, 59)))
    return replace(person, imaged=imaged, infused=infused, visits=visits, died=died)


def _day_of_visit(
    story: Story, encounter: str, target: date, infused_on: date, died: date | None
) -> date | None:
    """The day of a visit: before death, not in a stay in hospital nor about a gastrostomy; None where death came first."""
    reach = timedelta(days=_REACH[encounter])
    first, last = target - reach, target + reach
    if died is not None:
        last = min(last, died - timedelta(days=3))
    if story.stay is not None:
        admitted, discharged = (infused_on + timedelta(days=day) for day in story.stay)
        if admitted <= last and first <= discharged:
            last = min(last, admitted - timedelta(days=2))
    tube = story.day_of("gastrostomy")
    if tube is not None and first <= (placed := infused_on + timedelta(days=tube)) <= last + timedelta(
        days=2
    ):
        if placed >= target:
            last = min(last, placed - timedelta(days=2))
        else:
            first = max(first, placed + timedelta(days=3))
    if last < first:
        return None
    wanted = target + timedelta(days=whole(stream(target, encounter), -3, 4))
    return nearest_day(min(max(wanted, first), last), first, last, is_working_day)
