"""Datasets of what was to be expected: survival by ENCALS and by PRO-ACT, and the course of function, for each person."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from charcot.analysis.joined_frames import LAST_COLUMNS, gather
from charcot.analysis.plan import ExpectedSurvivalPlan, Measure, ReportPlan
from charcot.analysis.pro_act import ProActCourses
from charcot.datasets import ENTRIES, Column, Dataset
from charcot.protocol.comparison import ExpectedScenario
from charcot.scales import (
    HIGHEST_TOTAL,
    compute_conditional_survival,
    compute_linear_predictor,
)
from charcot.scales.natural_history import VITAL_CAPACITY_SLOPE

PRO_ACT = "pro_act"
"""The scenario that is no ENCALS prediction, but the joint model of PRO-ACT from the first ALSFRS-R."""
PRO_ACT_LABEL = "PRO-ACT joint model"

Numbers = NDArray[np.float64]

_PERSON = Column("participant", "Participant", pl.String)


def encals_source(plan: ReportPlan) -> str:
    """What an expectation of survival is derived from, naming the items."""
    assert plan.expected_survival is not None and plan.baseline_onset is not None
    p = plan.expected_survival.predictors
    items = ", ".join((p.age, p.onset_site, p.fvc, *plan.baseline_onset))
    return f"derived: ENCALS (Westeneng 2018) or PRO-ACT (van Eijk 2018), from {items}"


def _scenario_column(plan: ReportPlan) -> Column:
    scenarios = () if plan.expected_survival is None else plan.expected_survival.scenarios
    names = {scenario.id: scenario.label for scenario in scenarios} | {PRO_ACT: PRO_ACT_LABEL}
    return Column("scenario", "Expected by", pl.String, codes=names)


def survival_months(plan: ReportPlan) -> tuple[float, ...]:
    """The months at which survival is expected: those of the plan, and 20 steps between for the curve."""
    last = max(plan.survival_months)
    steps = np.linspace(0, last, 21).round(6).tolist()
    return tuple(sorted({float(month) for month in plan.survival_months} | set(steps)))


def derive_expected_survival(datasets: Mapping[str, Dataset], plan: ReportPlan) -> dict[str, Dataset]:
    """`expected_survival`, one row a person, scenario and month; `expected_events`, one row a person infused and scenario.

    Given the months since the first symptom that each has lived at baseline. Nothing where the plan expects nothing.
    """
    baseline = datasets.get(f"form_{plan.baseline_form}")
    if plan.expected_survival is None or plan.baseline_onset is None or baseline is None:
        return {}
    rows = baseline.frame.unique("participant", keep="last", maintain_order=True)
    total, duration = (rows[name].cast(pl.Float64).to_numpy() for name in plan.baseline_onset)
    months = np.array(survival_months(plan))
    followed = (
        rows.select("participant", pl.col("origin").alias("_origin"), pl.col(ENTRIES).alias("_entries"))
        .join(datasets["survival"].frame, on="participant", how="left", maintain_order="left")
        .with_columns(pl.col("months").clip(lower_bound=0.0))
    )
    until = followed["months"].to_numpy()
    courses = ProActCourses(total, max(float(months[-1]), float(np.nanmax(until, initial=0.0))))
    alive: dict[str, Numbers] = {}
    hazard: dict[str, Numbers] = {}
    for scenario in plan.expected_survival.scenarios:
        predictor = _predict(rows, plan.expected_survival, scenario, total, duration)
        alive[scenario.id] = compute_conditional_survival(
            predictor[:, None], duration[:, None], months[None, :]
        )
        hazard[scenario.id] = -np.log(compute_conditional_survival(predictor, duration, until))
    alive[PRO_ACT] = np.stack([courses.survival(np.full(total.shape, month)) for month in months], axis=1)
    hazard[PRO_ACT] = -np.log(courses.survival(until))
    return {
        "expected_survival": _by_month(rows, months, alive, plan),
        "expected_events": _by_person(followed, hazard, plan),
    }


def _predict(
    rows: pl.DataFrame,
    plan: ExpectedSurvivalPlan,
    scenario: ExpectedScenario,
    total: Numbers,
    duration: Numbers,
) -> Numbers:
    """The linear predictor of each; NaN where something is missing or cannot be."""
    age, fvc = (rows[name].cast(pl.Float64).to_numpy() for name in (plan.predictors.age, plan.predictors.fvc))
    site = rows[plan.predictors.onset_site]
    bulbar = np.where(
        site.is_null().to_numpy(), np.nan, (site == plan.predictors.bulbar).fill_null(False).to_numpy()
    )
    lived = np.where(duration > 0, duration, np.nan)
    onset = age - lived / 12
    delay = (
        np.full(total.shape, float(scenario.delay_months))
        if scenario.delay_months is not None
        else float(scenario.delay_share or 1) * lived
    )
    found: Numbers = compute_linear_predictor(
        slope=np.maximum(0.0, (HIGHEST_TOTAL - total) / lived),
        age_at_onset=np.where(onset > 0, onset, np.nan),
        diagnostic_delay=delay,
        fvc=np.where(fvc > 0, fvc, np.nan),
        bulbar=bulbar,
        definite=float(scenario.definite),
        ftd=float(scenario.ftd),
        c9orf72=float(scenario.c9orf72),
    )
    return found


def _by_month(rows: pl.DataFrame, months: Numbers, alive: dict[str, Numbers], plan: ReportPlan) -> Dataset:
    people = rows.select("participant", "origin", ENTRIES)
    parts = [
        pl.DataFrame(
            {
                "participant": np.repeat(people["participant"].to_numpy(), months.size),
                "scenario": [name] * (people.height * months.size),
                "month": np.tile(months, people.height),
                "alive": chances.reshape(-1),
            },
            schema={
                "participant": pl.String,
                "scenario": pl.String,
                "month": pl.Float64,
                "alive": pl.Float64,
            },
        )
        for name, chances in alive.items()
    ]
    columns = (
        _PERSON,
        _scenario_column(plan),
        Column("month", "Months from the infusion", pl.Float64, "months"),
        Column(
            "alive",
            "Chance to be free of the endpoint, given life until the infusion",
            pl.Float64,
            source=encals_source(plan),
        ),
        *LAST_COLUMNS,
    )
    frame = pl.concat(parts).with_columns(pl.col("alive").fill_nan(None))
    frame = frame.join(people, on="participant", how="left", maintain_order="left")
    return Dataset(
        "expected_survival",
        "Survival to be expected",
        "person, scenario and month",
        columns,
        frame.select(column.name for column in columns),
    )


def _by_person(followed: pl.DataFrame, hazard: dict[str, Numbers], plan: ReportPlan) -> Dataset:
    columns = (
        _PERSON,
        _scenario_column(plan),
        Column("months", "Months from infusion until death or last known alive", pl.Float64, "months"),
        Column("died", "Died", pl.Boolean),
        Column(
            "expected",
            "Events expected of this person over these months",
            pl.Float64,
            source=encals_source(plan),
        ),
        *LAST_COLUMNS,
    )
    infused = followed.filter(pl.col("months").is_not_null())
    both = gather(
        [
            infused.select(
                "participant", pl.col("_origin").alias("origin"), pl.col("_entries").alias(ENTRIES)
            ),
            infused.select("participant", "origin", ENTRIES),
        ]
    )
    base = followed.select("participant", "months", "died")
    parts = [
        base.with_columns(scenario=pl.lit(name), expected=pl.Series(values, dtype=pl.Float64).fill_nan(None))
        for name, values in hazard.items()
    ]
    frame = pl.concat(parts).filter(pl.col("months").is_not_null())
    frame = frame.join(both, on="participant", how="left", maintain_order="left")
    return Dataset(
        "expected_events",
        "Deaths observed and events expected",
        "person infused and scenario",
        columns,
        frame.select(column.name for column in columns),
    )


def derive_expected_function(
    datasets: Mapping[str, Dataset], plan: ReportPlan, visits: Mapping[str, Mapping[str, float]]
) -> dict[str, Dataset]:
    """`expected_function`, one row a person infused, measure and visit after the infusion.

    `visits` gives, for each measure, the planned month of each encounter. The baseline is the last value before or at the
    infusion; time counts from it. Without a measure in the plan there is no dataset.
    """
    found = [
        _expect_course(datasets, measure, visits[measure.id])
        for measure in plan.expected_courses
        if measure.dataset in datasets and visits.get(measure.id)
    ]
    if not found:
        return {}
    columns = (
        _PERSON,
        Column("encounter", "Encounter", pl.String),
        Column("measure", "Measure", pl.String, codes={m.id: m.short for m in plan.expected_courses}),
        Column("elapsed", "Months since the baseline", pl.Float64, "months", source="derived"),
        Column("baseline", "Value at baseline", pl.Float64, source="derived"),
        Column("observed", "Value observed", pl.Float64, source="derived"),
        Column("line", "Expected: baseline and the mean slope of PRO-ACT", pl.Float64, source="derived"),
        Column("regressed", "Expected, with regression to the mean", pl.Float64, source="derived"),
        Column(
            "living",
            "Expected, with regression to the mean, of those alive then",
            pl.Float64,
            source="derived",
        ),
        Column("gap", "Observed minus expected of those alive", pl.Float64, source="derived"),
        Column("died", "Died before the visit", pl.Boolean, source="derived"),
        *LAST_COLUMNS,
    )
    frame = pl.concat(found).select(column.name for column in columns)
    return {
        "expected_function": Dataset(
            "expected_function",
            "Course of function to be expected",
            "person, measure and visit",
            columns,
            frame,
        )
    }


def _expect_course(
    datasets: Mapping[str, Dataset], measure: Measure, visits: Mapping[str, float]
) -> pl.DataFrame:
    values = datasets[measure.dataset].frame.filter(
        pl.col(measure.column).is_not_null() & pl.col("month").is_not_null()
    )
    start = values.filter(pl.col("month") <= 0).sort("month", maintain_order=True)
    start = start.unique("participant", keep="last", maintain_order=True)
    people = datasets["survival"].frame.select(
        "participant", pl.col("died").alias("_died"), pl.col("months").alias("_until"), "origin", ENTRIES
    )
    planned = pl.DataFrame(
        {"encounter": list(visits), "_planned": list(visits.values())},
        schema={"encounter": pl.String, "_planned": pl.Float64},
    )
    seen = values.unique(["participant", "encounter"], keep="last", maintain_order=True)
    frame = (
        people.drop("origin", ENTRIES)
        .join(
            start.select(
                "participant",
                pl.col(measure.column).cast(pl.Float64).alias("baseline"),
                pl.col("month").alias("_from"),
            ),
            on="participant",
            how="inner",
            maintain_order="left",
        )
        .join(planned, how="cross", maintain_order="left")
        .join(
            seen.select(
                "participant",
                "encounter",
                pl.col(measure.column).cast(pl.Float64).alias("observed"),
                pl.col("month").alias("_at"),
            ),
            on=["participant", "encounter"],
            how="left",
            maintain_order="left",
        )
        .with_columns(
            elapsed=(pl.col("_at").fill_null(pl.col("_planned")) - pl.col("_from")).clip(lower_bound=0.0),
            died=pl.col("_died") & (pl.col("_until") < pl.col("_planned")) & pl.col("observed").is_null(),
            measure=pl.lit(measure.id),
        )
    )
    elapsed, baseline = frame["elapsed"].to_numpy(), frame["baseline"].to_numpy()
    if measure.dataset == "function":
        courses = ProActCourses(baseline, float(np.nanmax(elapsed, initial=1.0)))
        line, regressed, living = courses.line(elapsed), courses.score(elapsed), courses.score_alive(elapsed)
    else:
        line = baseline + VITAL_CAPACITY_SLOPE * elapsed
        regressed = living = np.full(line.shape, np.nan)
    sources = gather([people, start, values.filter(pl.col("encounter").is_in(list(visits)))])
    return (
        frame.with_columns(
            pl.Series("line", line),
            pl.Series("regressed", regressed).fill_nan(None),
            pl.Series("living", living).fill_nan(None),
        )
        .with_columns(gap=pl.col("observed") - pl.col("living").fill_null(pl.col("line")))
        .join(sources, on="participant", how="left", maintain_order="left")
    )
