"""Each participant from the infusion to the end: time followed, visits, events, procedures, and every score."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.plan import ReportPlan, population, status_of, visits_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.analysis.visit_scores import FOREVER, SCORES, Score
from charcot.clinical_time import DAYS_PER_MONTH
from charcot.protocol import Protocol

PLANNED_SWIM = "swimmer"
PLANNED_PROFILES = "profiles"
PROFILED = ("total", "fvc_percent")


@dataclass(frozen=True)
class Happening:
    """Something at a month from the infusion: a visit, an adverse event, a serious one or a procedure, with its name."""

    month: float
    kind: str
    name: str


@dataclass(frozen=True)
class Swim:
    """One participant: months followed, alive or dead at the end, counts, and what happened when."""

    participant: str
    months: Result
    died: bool
    events: Result
    procedures: Result
    visits: Result
    happenings: tuple[Happening, ...]


@dataclass(frozen=True)
class Profile:
    """One participant's recorded scores by score and encounter, and when they were taken [months]."""

    participant: str
    values: Mapping[str, Mapping[str, Result]]
    points: Mapping[str, tuple[tuple[float, float], ...]]
    died: float | None
    """Month of death, if it is known."""


@dataclass(frozen=True)
class ParticipantCourses:
    """Everybody treated, those followed longest first, and their scores; empty where they are too many to list."""

    swims: tuple[Swim, ...]
    profiles: tuple[Profile, ...]
    scores: tuple[Score, ...]
    encounters: Mapping[str, tuple[tuple[str, str], ...]]
    """The id and label of each encounter at which a score is planned, by score."""


def derive_participant_courses(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> ParticipantCourses:
    """The treated population, up to as many as the plan lists."""
    treated = population(protocol, plan.treated)
    rows = select_rows(Selection("survival", "", treated), datasets)
    scores = tuple(s for s in SCORES if s.id in PROFILED and visits_of(protocol, s.part, FOREVER))
    places = {s.id: tuple((e.id, e.label) for e, _ in visits_of(protocol, s.part, FOREVER)) for s in scores}
    if rows.height > plan.most_listed:
        return ParticipantCourses((), (), scores, places)
    happenings = _happenings(datasets, plan)
    dead = {
        row["participant"]: row["months"]
        for row in rows.filter(pl.col("died")).select("participant", "months").iter_rows(named=True)
    }
    longest = rows.sort("days", "participant", descending=[True, False])["participant"].to_list()
    return ParticipantCourses(
        tuple(_swim(datasets, protocol, plan, p, p in dead, tuple(happenings.get(p, ()))) for p in longest),
        tuple(
            _profile(datasets, protocol, plan, p, dead.get(p), scores, places)
            for p in rows["participant"].to_list()
        ),
        scores,
        places,
    )


def _swim(
    datasets: Datasets,
    protocol: Protocol,
    plan: ReportPlan,
    person: str,
    died: bool,
    happenings: tuple[Happening, ...],
) -> Swim:
    treated, who = population(protocol, plan.treated), equals("participant", person)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED_SWIM), planned=PLANNED_SWIM)
    own, stem = Selection(PEOPLE, who, treated), f"swimmer.{person}"
    procedures = f"form_{plan.procedure_form}"
    count = partial(derive, method="count_rows", among=own)
    seen = both(who, "actual IS NOT NULL")
    done = (
        Selection(procedures, who, treated)
        if procedures in datasets
        else Selection("events", "FALSE", treated)
    )
    return Swim(
        person,
        derive(
            f"{stem}.months", f"{person}: months followed", Selection("survival", who, treated), "recorded",
            column="months", unit="months",
        ),
        died,
        count(f"{stem}.events", f"{person}: adverse events", Selection("events", who, treated)),
        count(f"{stem}.procedures", f"{person}: procedures", done),
        count(f"{stem}.visits", f"{person}: visits held", Selection("visits", seen, treated)),
        happenings,
    )  # fmt: skip


def _profile(
    datasets: Datasets,
    protocol: Protocol,
    plan: ReportPlan,
    person: str,
    died: float | None,
    scores: tuple[Score, ...],
    places: Mapping[str, tuple[tuple[str, str], ...]],
) -> Profile:
    treated, who = population(protocol, plan.treated), equals("participant", person)
    values: dict[str, dict[str, Result]] = {}
    points: dict[str, tuple[tuple[float, float], ...]] = {}
    for score in scores:
        rows = select_rows(
            Selection(score.dataset, both(who, f"{score.column} IS NOT NULL"), treated), datasets
        )
        points[score.id] = tuple(
            (float(month), float(value))
            for month, value in rows.sort("month").select("month", score.column).iter_rows()
            if month is not None
        )
        here = set(rows["encounter"].to_list())
        values[score.id] = {
            encounter: derive_result(
                datasets,
                f"profile.{person}.{score.id}.{encounter}",
                f"{person}: {score.label}, {label.lower()}",
                Selection(score.dataset, both(who, equals("encounter", encounter)), treated),
                "recorded",
                column=score.column,
                unit=score.unit,
                status=status_of(protocol, PLANNED_PROFILES),
                planned=PLANNED_PROFILES,
            )
            for encounter, label in places[score.id]
            if encounter in here
        }
    return Profile(person, values, points, died)


def _happenings(datasets: Datasets, plan: ReportPlan) -> dict[str, list[Happening]]:
    found: dict[str, list[Happening]] = {}

    def add(person: str, days: int | None, kind: str, name: object) -> None:
        if days is not None and days >= 0:
            found.setdefault(person, []).append(Happening(days / DAYS_PER_MONTH, kind, str(name)))

    start = datasets["survival"].frame.select("participant", "start")
    visits = (
        datasets["visits"].frame.filter(pl.col("actual").str.len_chars() >= 10).join(start, on="participant")
    )
    visits = visits.with_columns(
        days=(pl.col("actual").str.slice(0, 10).str.to_date() - pl.col("start")).dt.total_days()
    )
    for person, days, label in visits.select("participant", "days", "label").iter_rows():
        add(person, days, "visit", label)
    events = datasets["events"].frame
    serious = pl.col("serious") if "serious" in events.columns else pl.lit("no")
    term = pl.col("term") if "term" in events.columns else pl.lit("event")
    for person, days, grave, name in (
        events.select("participant", "onset_day", serious.alias("grave"), term.alias("name")).iter_rows()
        if events.height
        else ()
    ):
        add(person, days, "serious event" if grave == "yes" else "adverse event", name)
    form = f"form_{plan.procedure_form}"
    if form in datasets and plan.procedure_item in datasets[form].frame.columns:
        codes = datasets[form].column(plan.procedure_item).codes
        rows = datasets[form].frame.select("participant", "day", plan.procedure_item)
        for person, days, name in rows.iter_rows():
            add(person, days, "procedure", codes.get(name, name))
    return found
