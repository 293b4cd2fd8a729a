"""What happens between the visits: adverse events, procedures, medicines, images, stays in hospital, deaths."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from charcot.ledger import Value
from charcot.simulation.royan_admsc.desk import INVESTIGATOR, SAFETY_PHYSICIAN, Note, note
from charcot.simulation.royan_admsc.drawing import stream, whole
from charcot.simulation.royan_admsc.persons import Person
from charcot.simulation.royan_admsc.publication import Record, as_drawn, as_told
from charcot.simulation.royan_admsc.site_time import day_text, moment_text
from charcot.simulation.royan_admsc.submissions import aware_of, submit_event

GRADE_AT_FIRST: Mapping[str, str] = {"embolism_1": "3", "embolism_2": "4"}
"""The grade of an event that killed in the end, as it was first entered (synthetic; published.yaml says why)."""
WHY_FATAL = (
    "The participant died of this event; grade and outcome corrected (Table 2 gives death as its outcome)."
)
WHY_OVER = "The event is over: its end and outcome are now known."


def follow_happenings(person: Person) -> list[Note]:
    """Everything about one participant that happens outside the visits."""
    notes: list[Note] = []
    ordered = sorted(person.story.events, key=lambda event: _event_known(person, event))
    for number, event in enumerate(ordered, start=1):
        notes.append(_report(person, event, number))
        if _is_open_at_first(event):
            notes.append(_close(person, event, number))
        if event["values"]["serious"] == "yes":
            notes += submit_event(person, event, number, _first_grade(event), _corrected(person, event))
    for kind, form, write in (
        ("procedures", "procedure", _procedure),
        ("medications", "concomitant_medication", _medication),
        ("imaging", "imaging", _image),
    ):
        first = 2 if form == "concomitant_medication" else 1  # the first medicine is riluzole
        records = sorted(getattr(person.story, kind), key=lambda record: int(record["day"]))
        for number, record in enumerate(records, start=first):
            notes.append(_record(person, form, number, int(record["day"]), write(person, record)))
    if person.story.stay is not None:
        notes.append(
            _record(person, "hospitalisation", 1, person.story.stay[0], _stay(person, person.story.stay))
        )
    if person.story.death is not None:
        notes.append(_die(person, person.story.death))
    return notes


def _is_open_at_first(event: Record) -> bool:
    """Whether an event is entered before it is over: a serious one that lasts is, because its clock runs."""
    lasts = event.get("ended_at_death") or int(event.get("ended_day", 0)) > int(event.get("day", 0))
    return bool(lasts) and event["values"]["serious"] == "yes"


def _event_known(person: Person, event: Record) -> datetime:
    """When an event is entered: serious ones the day after, others once they are over. Numbers follow this order."""
    assert person.infused is not None, "only the treated have adverse events"
    if "minutes" in event:
        ended = person.infused + timedelta(minutes=int(event["ended_minutes"]))
        return ended + timedelta(minutes=int(event["minutes"]))
    if event["values"]["serious"] == "yes":
        return _known_on(person, int(event["day"]) + 1, hour=9)
    return _known_on(person, int(event["ended_day"]), hour=11)


def _report(person: Person, event: Record, number: int) -> Note:
    assert person.infused is not None, "only the treated have adverse events"
    day = int(event.get("day", 0))
    onset = day_text(person.day_after_infusion(day))
    told: dict[str, object] = {**event["values"], "onset": onset}
    if "minutes" in event:
        began = person.infused + timedelta(minutes=int(event["minutes"]))
        ended = person.infused + timedelta(minutes=int(event["ended_minutes"]))
        told |= {
            "minutes_after_infusion": event["minutes"],
            "onset_time": began.strftime("%H:%M"),
            "ended": day_text(ended),
        }
    elif "ended_day" in event and not _is_open_at_first(event):
        told["ended"] = day_text(person.day_after_infusion(int(event["ended_day"])))
    if told["serious"] == "yes":
        told["aware_on"] = moment_text(aware_of(person, event))
    values = as_told(event, told)
    if _is_open_at_first(event):
        still = ",".join(c for c in event["values"]["serious_criteria"] if c != "death")
        values |= {"grade": as_drawn(_first_grade(event)), "outcome": as_drawn("not_recovered")}
        values["serious_criteria"] = as_drawn(still)
    return note(
        _event_known(person, event) + timedelta(minutes=number),
        "report_event",
        INVESTIGATOR,
        participant=person.participant,
        at=onset,
        values=values,
    )


def _first_grade(event: Record) -> str:
    return GRADE_AT_FIRST.get(event["id"], str(event["values"]["grade"]))


def _corrected(person: Person, event: Record) -> datetime | None:
    """When a fatal event that was entered before the death is corrected; None for others."""
    if not (event.get("ended_at_death") and _is_open_at_first(event)):
        return None
    return known_of_death(person) + timedelta(days=1)


def _close(person: Person, event: Record, number: int) -> Note:
    """The correction that enters how an event ended."""
    fatal = bool(event.get("ended_at_death"))
    items = ("grade", "outcome", "serious_criteria") if fatal else ("outcome",)
    told: dict[str, object] = {item: event["values"][item] for item in items}
    if fatal:
        assert person.died is not None, "only an event of somebody who died was fatal"
        known, ended = _corrected(person, event), person.died
        assert known is not None, "the death is known"
    else:
        known = _known_on(person, int(event["ended_day"]), hour=11)
        ended = person.day_after_infusion(int(event["ended_day"]))
    return note(
        known,
        "correct",
        SAFETY_PHYSICIAN,
        participant=person.participant,
        form="adverse_event",
        instance=number,
        changes=as_told(event, {**told, "ended": day_text(ended)}),
        based_on=1,
        reason=WHY_FATAL if fatal else WHY_OVER,
    )


def _procedure(person: Person, record: Record) -> dict[str, Value]:
    told = {item: record[item] for item in ("kind", "reason", "hours_per_day") if item in record}
    return as_told(
        record,
        {**told, "performed_on": day_text(person.day_after_infusion(int(record["day"])))},
        "procedures",
    )


def _medication(person: Person, record: Record) -> dict[str, Value]:
    started = person.day_after_infusion(int(record["day"]))
    told: dict[str, object] = {item: record[item] for item in ("medicine", "indication", "route")}
    told |= {"started_on": day_text(started), "immunosuppressive": "no"}
    lasts = {"intravenous": 0, "oral": 10}[str(record["route"])]
    if record["medicine"] == "Warfarin":
        told["ongoing"] = "yes"
    else:
        told |= {"ongoing": "no", "stopped_on": day_text(started + timedelta(days=lasts))}
    return as_told(record, told)


def _image(person: Person, record: Record) -> dict[str, Value]:
    told = {
        item: record[item] for item in ("kind", "reason", "finding", "embolism", "report") if item in record
    }
    told["performed_on"] = day_text(person.day_after_infusion(int(record["day"])))
    return as_told(record, told, "imaging")


def _stay(person: Person, stay: tuple[int, int]) -> dict[str, object]:
    arrested = any(e["values"]["category"] == "respiratory_arrest" for e in person.story.events)
    return {
        "admitted_on": day_text(person.day_after_infusion(stay[0])),
        "discharged_on": day_text(person.day_after_infusion(stay[1])),
        "reason": "Pulmonary embolism" + (" with respiratory arrest" if arrested else ""),
        "planned": "no",
        "intensive_care": "yes" if arrested else "no",
    }


def _record(person: Person, form: str, number: int, day: int, values: Mapping[str, Any]) -> Note:
    known = _known_on(person, day + 1, hour=8) if day else _known_on(person, 0, hour=12)
    if "discharged_on" in values and person.story.stay is not None:
        known = _known_on(person, person.story.stay[1], hour=13)
    if values.get("stopped_on") is not None and day:
        known = _known_on(person, day + 12, hour=12)
    return note(
        known + timedelta(minutes=number),
        "record",
        participant=person.participant,
        form=form,
        instance=number,
        at=day_text(person.day_after_infusion(day)),
        values=values,
    )


def _die(person: Person, death: Record) -> Note:
    assert person.died is not None, "dated with the course"
    first_year = int(death["month"]) <= 12
    told = {
        "died_on": day_text(person.died),
        "cause": death["cause"],
        "cause_category": death["cause_category"],
        "informant": "hospital" if first_year and death["cause_category"] != "disease" else "family",
        "place": "hospital" if death["cause_category"] == "pulmonary_embolism" else "unknown",
    }
    return note(
        known_of_death(person),
        "record_death",
        INVESTIGATOR,
        participant=person.participant,
        at=day_text(person.died),
        cause=str(death["cause"]),
        values=as_told(death, told),
    )


def _known_on(person: Person, day: int, hour: int) -> datetime:
    return datetime.combine(person.day_after_infusion(day), time(hour))


def known_of_death(person: Person) -> datetime:
    """The site learns of a death within days in the first year, later at the next round of calls."""
    assert person.died is not None, "only of those who died"
    death = person.story.death or {}
    rng = stream(person.participant, "known_of_death")
    days = whole(rng, 1, 4) if int(death.get("month", 0)) <= 12 else whole(rng, 6, 45)
    return datetime.combine(person.died, time(10)) + timedelta(days=days)
