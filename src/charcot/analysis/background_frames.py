"""Datasets for outside comparisons: time at risk of watched events, background rates, and earlier trials."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from charcot.analysis.joined_frames import LAST_COLUMNS, gather
from charcot.analysis.plan import ReportPlan, visits_of
from charcot.datasets import ENTRIES, Column, Dataset, Snapshot
from charcot.datasets.dataset import make_dataset
from charcot.protocol import Protocol

_WINDOW_COLUMNS = (
    Column("participant", "Participant", pl.String),
    Column("watched", "Events watched", pl.String),
    Column("window_days", "Days since the infusion that are looked at", pl.Int64, "days"),
    Column("days", "Days at risk: until the first such event, the end of follow-up or of the window", pl.Int64, "days", source="derived"),
    Column("whole_days", "Days followed in the window, also after an event", pl.Int64, "days", source="derived"),
    Column("happened", "Such an event in the window", pl.Boolean, source="derived"),
    *LAST_COLUMNS,
)  # fmt: skip
_RATE_COLUMNS = (
    Column("rate", "Which rate", pl.String),
    Column("label", "Background rate", pl.String),
    Column("per_100_years", "Events per 100 person-years", pl.Float64, "per 100 person-years"),
    Column("counts", "What was counted, and in whom", pl.String),
    Column("source", "Source", pl.String),
)
_TRIAL_COLUMNS = (
    Column("trial", "Which trial", pl.String),
    Column("label", "Earlier trial", pl.String),
    Column("participants", "Participants", pl.Int64),
    Column("followed", "Participants followed for survival", pl.Int64),
    Column("alive", "Of these, alive", pl.Int64),
    Column("months", "Months of follow-up", pl.Int64, "months"),
    Column("result", "Result", pl.String),
    Column("source", "Source", pl.String),
)


def derive_background_frames(
    snapshot: Snapshot, datasets: Mapping[str, Dataset], plan: ReportPlan
) -> dict[str, Dataset]:
    """`event_windows`, `background_rates` and `earlier_trials`; the last two come from the protocol, and say its entry."""
    found: dict[str, Dataset] = {}
    if plan.watched:
        found["event_windows"] = _derive_windows(datasets, plan)
        found["background_rates"] = _derive_rates(snapshot)
    if plan.earlier_trials is not None:
        found["earlier_trials"] = _derive_trials(snapshot)
    return found


def _derive_windows(datasets: Mapping[str, Dataset], plan: ReportPlan) -> Dataset:
    people, events = datasets["survival"].frame, datasets["events"].frame
    sources = gather([people, events])
    parts = []
    for planned, watched in plan.watched:
        first = (
            events.filter(pl.sql_expr(watched.event) & (pl.col("onset_day") >= 0))
            .group_by("participant", maintain_order=True)
            .agg(pl.col("onset_day").min().alias("_first"))
        )
        for window in watched.windows:
            followed = pl.min_horizontal(pl.col("days").clip(lower_bound=0), pl.lit(window))
            parts.append(
                people.select("participant", "days")
                .join(first, on="participant", how="left", maintain_order="left")
                .select(
                    "participant",
                    pl.lit(planned).alias("watched"),
                    pl.lit(window, dtype=pl.Int64).alias("window_days"),
                    pl.min_horizontal(followed, pl.col("_first")).cast(pl.Int64).alias("days"),
                    followed.cast(pl.Int64).alias("whole_days"),
                    (pl.col("_first") <= window).fill_null(False).alias("happened"),
                )
            )
    names = {planned: watched.label for planned, watched in plan.watched}
    columns = tuple(replace(c, codes=names) if c.name == "watched" else c for c in _WINDOW_COLUMNS)
    frame = pl.concat(parts).join(sources, on="participant", how="left", maintain_order="left")
    return Dataset(
        "event_windows",
        "Time at risk of watched events",
        "person infused and window",
        columns,
        frame.select(column.name for column in columns),
    )


def _derive_rates(snapshot: Snapshot) -> Dataset:
    rows: list[dict[str, object]] = [
        {
            "rate": rate.id, "label": rate.label, "per_100_years": float(rate.per_100_years), "counts": rate.counts,
            "source": rate.source, "origin": "published", ENTRIES: [_protocol_entry(snapshot)],
        }
        for rate in snapshot.protocol.background_rates
    ]  # fmt: skip
    return make_dataset(
        "background_rates", "Background rates of the protocol", "background rate", _RATE_COLUMNS, rows
    )


def _derive_trials(snapshot: Snapshot) -> Dataset:
    rows: list[dict[str, object]] = [
        {
            "trial": trial.id, "label": trial.label, "participants": trial.participants, "followed": trial.followed,
            "alive": trial.alive, "months": trial.months, "result": trial.result, "source": trial.source,
            "origin": "published", ENTRIES: [_protocol_entry(snapshot)],
        }
        for trial in snapshot.protocol.earlier_trials
    ]  # fmt: skip
    return make_dataset(
        "earlier_trials", "Earlier trials of the protocol", "earlier trial", _TRIAL_COLUMNS, rows
    )


def _protocol_entry(snapshot: Snapshot) -> int:
    """The entry that holds the protocol in force, and with it the registry."""
    return snapshot.charter.ruling_on(snapshot.now.date()).entry.sequence


def months_of_visits(protocol: Protocol, plan: ReportPlan) -> dict[str, dict[str, float]]:
    """For each measure whose course is expected: the planned month of each of its visits after the infusion."""
    return {
        measure.id: {
            encounter.id: month
            for encounter, month in visits_of(protocol, measure.part, plan.horizon_months)
            if month > 0
        }
        for measure in plan.expected_courses
    }
