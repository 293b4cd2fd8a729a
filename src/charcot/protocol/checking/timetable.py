"""Encounters: their targets and windows, and whether anything is done at them."""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import combinations

from charcot.clinical_time import Offset, add_months
from charcot.protocol.finding import Finding
from charcot.protocol.positions import Positions
from charcot.protocol.schedule import Encounter
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path

_ANCHORS = tuple(
    datetime.combine(day, time(9))
    for month in range(24)
    for day in (add_months(date(2023, 1, 1), month), add_months(date(2023, 1, 31), month))
)
"""Days on which windows are compared: the first and last of each month of an ordinary year and a leap year."""


def check_timetable(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """Encounters that cannot be planned as they are written."""
    for i, encounter in enumerate(protocol.encounters):
        yield from _check_encounter(("encounters", i), encounter, positions)
    yield from _check_overlap(protocol, positions)
    used = {name for activity in protocol.activities for name in activity.at}
    used |= {intervention.encounter for intervention in protocol.interventions}
    for i, encounter in enumerate(protocol.encounters):
        if encounter.id not in used:
            what = f"nothing is done at the encounter {encounter.id}: no activity names it"
            instead = "add it to the `at` of an activity, or remove it"
            yield positions.finding("unused-encounter", ("encounters", i), what, instead)


def _check_encounter(path: Path, encounter: Encounter, positions: Positions) -> Iterator[Finding]:
    for key in ("anchor", "target", "window"):
        given = getattr(encounter, key)
        if encounter.kind == "scheduled" and given is None:
            example = {"anchor": "infusion", "target": "2 months", "window": "-14 days to +14 days"}[key]
            what = f"the encounter {encounter.id} is scheduled and has no {key}"
            yield positions.finding(
                "no-window", path, what, f"add `{key}: {example}`, or write `kind: unscheduled`"
            )
        if encounter.kind == "unscheduled" and given is not None:
            what = f"the encounter {encounter.id} is unscheduled and has a {key}"
            instead = f"remove the {key}, or write `kind: scheduled`"
            yield positions.finding("unscheduled-window", (*path, key), what, instead)
    if encounter.window is None:
        return
    first, last = encounter.window.around(_ANCHORS[0])
    if first > last:
        what = f"the window of {encounter.id} ends before it begins"
        yield positions.finding(
            "reversed-window", (*path, "window"), what, "write the earlier end first, as -14 days to +14 days"
        )
    elif not first <= _ANCHORS[0] <= last:
        what = f"the window of {encounter.id} does not contain its target: it is counted from the target"
        instead = "write how far before and after the target is allowed, as -14 days to +14 days"
        yield positions.finding("target-outside-window", (*path, "window"), what, instead)


def _check_overlap(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    planned = [
        (i, encounter)
        for i, encounter in enumerate(protocol.encounters)
        if encounter.kind == "scheduled" and encounter.anchor and encounter.target and encounter.window
    ]
    for (_, first), (j, second) in combinations(planned, 2):
        if first.anchor != second.anchor:
            continue
        anchor = _overlapping(first, second)
        if anchor is not None:
            what = f"the windows of {first.id} and {second.id} overlap: {_span(first)} and {_span(second)}"
            if all(_overlapping(first, second, start) is None for start in _ANCHORS[:2]):
                what += f" (counted from {anchor:%d %B})"
            instead = "make one of the two windows narrower, so that a visit belongs to one encounter only"
            yield positions.finding("overlapping-windows", ("encounters", j, "window"), what, instead)


def _overlapping(first: Encounter, second: Encounter, only: datetime | None = None) -> datetime | None:
    """An anchor from which a moment lies in both windows."""
    by_day = not any(offset.unit in ("minute", "hour") for offset in (*_offsets(first), *_offsets(second)))
    for anchor in (only,) if only is not None else _ANCHORS:
        (start, end), (other_start, other_end) = _window(first, anchor), _window(second, anchor)
        if by_day and start.date() <= other_end.date() and other_start.date() <= end.date():
            return anchor
        if not by_day and start <= other_end and other_start <= end:
            return anchor
    return None


def _offsets(encounter: Encounter) -> tuple[Offset, ...]:
    window = encounter.window
    return (encounter.target, window.before, window.after) if encounter.target and window else ()


def _window(encounter: Encounter, anchor: datetime) -> tuple[datetime, datetime]:
    target = encounter.target_from(anchor)
    assert target is not None and encounter.window is not None
    return encounter.window.around(target)


def _span(encounter: Encounter) -> str:
    window = encounter.window
    return f"{encounter.target} ({window.before} to +{window.after})" if window else str(encounter.target)
