"""Adverse events and deaths, one by one, as recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

PLANNED_EVENTS = "adverse_event_listing"
PLANNED_DEATHS = "death_listing"
EVENT_COLUMNS = (
    "term",
    "episode",
    "grade",
    "serious",
    "onset_day",
    "outcome",
    "relation_product",
    "relation_procedure",
    "relation_disease",
)
"""What the listing shows of an event, as far as the form asks for it; of episodes only where an event came back."""


@dataclass(frozen=True)
class ListedEvent:
    """One adverse event: the participant, and what was recorded by column."""

    participant: str
    values: Mapping[str, Result]


@dataclass(frozen=True)
class ListedDeath:
    """One death: day and month from the infusion, cause as written, events and procedures of the participant in words."""

    participant: str
    day: Result
    month: Result
    cause: Result
    events: tuple[ListedEvent, ...]


def derive_event_listing(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> tuple[tuple[str, ...], tuple[ListedEvent, ...]]:
    """The columns that the events have, and every event of the treated population in order of onset; none of too many."""
    treated = population(protocol, plan.treated)
    rows = select_rows(Selection("events", "", treated), datasets)
    returned = rows.filter(pl.col("episode") > 1).height > 0
    columns = tuple(c for c in EVENT_COLUMNS if c in rows.columns and (c != "episode" or returned))
    if rows["participant"].n_unique() > plan.most_listed:
        return columns, ()
    derive = partial(
        derive_result, datasets, status=status_of(protocol, PLANNED_EVENTS), planned=PLANNED_EVENTS
    )
    listed = []
    for person, instance in (
        rows.sort("participant", "onset_day", nulls_last=True, maintain_order=True)
        .select("participant", "instance")
        .iter_rows()
    ):
        where = both(equals("participant", person), f"instance = {instance}")
        values = {
            column: derive(
                f"events.{person}.{instance}.{column}",
                f"{person}, event {instance}: {datasets['events'].column(column).label.lower()}",
                Selection("events", where, treated),
                "recorded",
                column=column,
            )
            for column in columns
        }
        listed.append(ListedEvent(person, values))
    return columns, tuple(listed)


def derive_death_listing(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan, events: tuple[ListedEvent, ...]
) -> tuple[ListedDeath, ...]:
    """Every death of the treated population in order of time, with the events of the participant; none of too many."""
    treated = population(protocol, plan.treated)
    rows = select_rows(Selection("survival", "died", treated), datasets)
    if rows.height > plan.most_listed:
        return ()
    derive = partial(
        derive_result, datasets, status=status_of(protocol, PLANNED_DEATHS), planned=PLANNED_DEATHS
    )
    listed = []
    for person in rows.sort("days", maintain_order=True)["participant"].to_list():
        own = Selection("survival", both("died", equals("participant", person)), treated)
        day, month, cause = (
            derive(f"deaths.{person}.{column}", f"{person}: {label}", own, "recorded", column=column)
            for column, label in (
                ("days", "day of death"),
                ("months", "month of death"),
                ("cause", "cause of death"),
            )
        )
        before = tuple(event for event in events if event.participant == person)
        listed.append(ListedDeath(person, day, month, cause, before))
    return tuple(listed)
