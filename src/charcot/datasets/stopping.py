"""Stopping boundaries as tables: who counts in each, how the count went, where it stands, and what each boundary does by design."""

from collections.abc import Iterator
from itertools import pairwise

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.snapshot import Snapshot
from charcot.participants import Dossier
from charcot.protocol import Boundary
from charcot.safety import BoundaryGroup, BoundaryPoint
from charcot.safety.boundary_design import compute_design

WHOLE = "whole trial"
"""What a boundary without groups is counted for."""
MOST_STEPS = 60
"""Points of a count that are kept: the last, and those before at which it rose or the limit changed."""

_WHICH = (
    Column("boundary", "Boundary", pl.String),
    Column("apart", "Counted apart for", pl.String),
)
_COUNTED = (
    Column("participant", "Participant", pl.String),
    *_WHICH,
    Column("infused_at", "First infused at", pl.String),
    Column("with_event", "Had such an event since", pl.Boolean, source="derived"),
)
_COUNT = (
    Column("events", "Participants with such an event", pl.Int64, source="derived"),
    Column("patients", "Participants infused", pl.Int64, source="derived"),
    Column("stops_at", "Participants with an event at which it stops", pl.Int64, source="protocol"),
)
_STANDING = (
    *_WHICH,
    *_COUNT,
    Column("state", "Where it stands", pl.String, source="derived"),
    Column("review", "What the safety board decided last", pl.String),
)
_STEP = (*_WHICH, Column("step", "Step of the count", pl.Int64), *_COUNT)
_BY_DESIGN = (
    Column("boundary", "Boundary", pl.String),
    Column("rate", "True share of participants who have such an event", pl.Float64),
    Column(
        "chance",
        "Chance that it ever stops",
        pl.Float64,
        source="derived: exactly, by recursion over the number of events among those not stopped (Schultz 1973)",
    ),
    Column("expected", "Participants expected until the end or the stop", pl.Float64, source="derived: the same way"),
)  # fmt: skip


def derive_boundary_counts(snapshot: Snapshot) -> Dataset:
    """One row for everybody whom a boundary counts; behind it the infusions and all adverse events of the person."""
    dossiers = {dossier.participant: dossier for dossier in snapshot.dossiers}
    rows: list[dict[str, object]] = [
        {
            "participant": participant,
            **_which(boundary, group),
            "infused_at": at.text,
            "with_event": participant in group.with_event,
            "origin": "derived",
            "entries": _entries_of(snapshot, dossiers[participant]),
        }
        for boundary, group in _groups(snapshot)
        for participant, at in sorted(group.starts.items())
    ]
    return make_dataset(
        "boundary_counts", "Who counts in the boundaries", "participant counted", _COUNTED, rows
    )


def derive_boundary_states(snapshot: Snapshot) -> Dataset:
    """One row a boundary and group, as it stands."""
    rows: list[dict[str, object]] = []
    dossiers = {dossier.participant: dossier for dossier in snapshot.dossiers}
    for boundary, group in _groups(snapshot):
        last = group.points[-1] if group.points else None
        review, decision = group.review, None if group.review is None else str(group.review.data["decision"])
        held = "stopped" if decision == "stop" else "held"
        rows.append(
            {
                **_which(boundary, group),
                "events": group.events,
                "patients": group.patients,
                "stops_at": last.limit if last else boundary.stop[0].events,
                "state": "open" if group.held is None else held,
                "review": decision,
                "origin": "derived",
                "entries": [
                    _protocol_entry(snapshot),
                    *([review.sequence] if review is not None else ()),
                    *sorted({n for person in group.starts for n in _entries_of(snapshot, dossiers[person])}),
                ],
            }
        )
    return make_dataset("boundary_states", "Boundaries as they stand", "boundary", _STANDING, rows)


def derive_boundary_steps(snapshot: Snapshot) -> Dataset:
    """The count of each boundary over time; behind a step all that its participant contributed."""
    kept = [(b, group, step, point) for b, group in _groups(snapshot) for step, point in _kept(group)]
    told = {point.sequence for _boundary, _group, _step, point in kept}
    whose = {
        entry.sequence: dossier
        for dossier in snapshot.dossiers
        if dossier.standing.infusions
        for entry in dossier.entries
        if entry.sequence in told
    }
    rows: list[dict[str, object]] = [
        {
            **_which(boundary, group),
            "step": step,
            "events": point.events,
            "patients": point.patients,
            "stops_at": point.limit,
            "origin": "derived",
            "entries": sorted({point.sequence, *_entries_of(snapshot, whose.get(point.sequence))}),
        }
        for boundary, group, step, point in kept
    ]
    return make_dataset("boundary_steps", "Boundaries over time", "step of the count", _STEP, rows)


def derive_boundary_designs(snapshot: Snapshot) -> Dataset:
    """What each boundary does at a true rate, looked at after each participant, whole ones counted."""
    rows: list[dict[str, object]] = []
    for boundary in snapshot.watch.study.protocol.boundaries:
        for found in compute_design(boundary):
            rows.append(
                {
                    "boundary": boundary.id,
                    "rate": found.risk,
                    "chance": found.stopping,
                    "expected": found.people,
                    "origin": "derived",
                    "entries": [_protocol_entry(snapshot)],
                }
            )
    return make_dataset("boundary_designs", "Boundaries by design", "boundary at a true rate", _BY_DESIGN, rows)  # fmt: skip


def _groups(snapshot: Snapshot) -> Iterator[tuple[Boundary, BoundaryGroup]]:
    for course in snapshot.watch.boundaries.values():
        for _name, group in sorted(course.groups.items()):
            yield course.plan, group


def _which(boundary: Boundary, group: BoundaryGroup) -> dict[str, object]:
    return {"boundary": boundary.id, "apart": WHOLE if boundary.per == "trial" else group.group}


def _kept(group: BoundaryGroup) -> Iterator[tuple[int, BoundaryPoint]]:
    """The steps of a count with their numbers; of very many, those at which events or limit changed, the last of them."""
    numbered = list(enumerate(group.points, 1))
    if len(numbered) > MOST_STEPS:
        told = [
            now
            for before, now in pairwise(numbered)
            if (before[1].events, before[1].limit) != (now[1].events, now[1].limit)
        ]
        numbered = sorted({*told[-MOST_STEPS:], numbered[-1]}, key=lambda pair: pair[0])
    yield from numbered


def _entries_of(snapshot: Snapshot, dossier: Dossier | None) -> list[int]:
    """Enrolment, infusions and adverse events of a participant: what decides where they count, and whether with an event."""
    return [] if dossier is None else snapshot.counted[dossier.participant]


def _protocol_entry(snapshot: Snapshot) -> int:
    """The entry that holds the boundaries: the protocol's activation."""
    return snapshot.charter.ruling_on(snapshot.now.date()).entry.sequence
