"""The course of one adverse event: its grade over time, when it began against the infusion, what was said about it besides the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Kind
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.safety.episodes import Episode, find_episodes
from charcot.safety.onset import is_treatment_emergent

Unit = Literal["minutes", "hours", "days"]
HOURS_FROM, DAYS_FROM = 120, 48 * 60
"""From how many minutes after the infusion the time is told in hours, and in days."""


@dataclass(frozen=True)
class TimeFromInfusion:
    """How long after the infusion an event began: from `least` to `most`, which differ where the date is partial."""

    least: int
    most: int
    unit: Unit


@dataclass(frozen=True)
class EventCourse:
    """One event as it went: `grades` by version, where the grade changed; `worst` is the highest of them."""

    grades: Sequence[tuple[FormVersion, str]]
    worst: str | None
    after: TimeFromInfusion | None
    emergent: bool | None
    assessments: Sequence[Entry]
    narrative: Entry | None
    episode: Episode | None
    """Which episode of its event it is; None where it does not count."""


def follow_event(dossier: Dossier, key: FormKey) -> EventCourse:
    """The course of an event of a participant, from all versions of its form."""
    versions = dossier.casebook.history(key)
    grades: list[tuple[FormVersion, str]] = []
    for version in versions:
        grade = version.text("grade")
        if grade and (not grades or grades[-1][1] != grade):
            grades.append((version, grade))
    last, infused = versions[-1], dossier.standing.infused_at
    about = [entry for entry in dossier.entries if "form" in entry.data and FormKey.of(entry.data) == key]
    told = [entry for entry in about if entry.kind is Kind.NARRATIVE_SIGNED]
    return EventCourse(
        tuple(grades),
        max((grade for _version, grade in grades), default=None),
        compute_time_from_infusion(last.clinical_time, infused, last.text("minutes_after_infusion")),
        is_treatment_emergent(last.clinical_time, infused),
        tuple(entry for entry in about if entry.kind is Kind.RELATION_ASSESSED),
        told[-1] if told else None,
        find_episodes(dossier.casebook.instances(key.form)).get(key),
    )


def compute_time_from_infusion(
    onset: ClinicalTime, infused: ClinicalTime | None, minutes: str | None = None
) -> TimeFromInfusion | None:
    """The time from the infusion to onset, in the unit in which it is told; None where it began before, or nobody was infused.

    `minutes`: as the form says them, which is more exact than a date.
    """
    if minutes is not None and minutes.isdigit():
        return _told(int(minutes))
    if infused is None or not infused.is_complete or onset.latest < infused.earliest:
        return None
    if "T" in onset.text and "T" in infused.text:
        return _told(int((onset.earliest - infused.earliest).total_seconds() // 60))
    least = max(0, (onset.earliest.date() - infused.day).days)
    return TimeFromInfusion(least, (onset.latest.date() - infused.day).days, "days")


def _told(minutes: int) -> TimeFromInfusion:
    if minutes < HOURS_FROM:
        return TimeFromInfusion(minutes, minutes, "minutes")
    if minutes < DAYS_FROM:
        return TimeFromInfusion(minutes // 60, minutes // 60, "hours")
    return TimeFromInfusion(minutes // 1440, minutes // 1440, "days")
