"""Survival against what ENCALS and PRO-ACT let expect of each participant who lived to be infused."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.expected_frames import PRO_ACT, PRO_ACT_LABEL
from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol
from charcot.protocol.comparison import ExpectedScenario
from charcot.protocol.design import Population


@dataclass(frozen=True)
class ScenarioResults:
    """One way to expect: by month the number alive and free of the endpoint, and how probable as many as were seen are."""

    id: str
    label: str
    reason: str
    sensitivity: bool
    alive: Mapping[int, Result]
    chance: Result
    """Of as many alive or more at the last month."""
    events: Result
    ratio: Result
    test: Result


@dataclass(frozen=True)
class ExpectedSurvival:
    """The observed numbers alive by month, and each scenario's; the last is the joint model of PRO-ACT."""

    planned: str
    months: tuple[int, ...]
    people: Result
    predicted: Result
    """Participants with every predictor at baseline."""
    observed: Mapping[int, Result]
    deaths: Result
    scenarios: tuple[ScenarioResults, ...]
    curves: Mapping[str, tuple[tuple[float, float], ...]]
    """For the figure: by scenario the months and the mean chance, of those treated, in per cent."""

    @property
    def range(self) -> tuple[Result, Result]:
        """The least and the most expected at the last month, of the ENCALS scenarios that are not asides."""
        told = [s.alive[self.months[-1]] for s in self.scenarios if s.id != PRO_ACT and not s.sensitivity]
        known = [result for result in told if isinstance(result.value, float)] or told
        ordered = sorted(known, key=lambda result: result.value if isinstance(result.value, float) else 0.0)
        return ordered[0], ordered[-1]


def derive_expected_survival_results(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> ExpectedSurvival | None:
    """For the treated population; None where the plan or the baseline has no prediction."""
    if plan.expected_survival is None or "expected_survival" not in datasets:
        return None
    planned = plan.expected_survival.planned
    treated = population(protocol, plan.treated)
    everybody = Selection("survival", "", treated)
    months = tuple(month for month in plan.survival_months if month > 0)
    derive = partial(derive_result, datasets, status=status_of(protocol, planned), planned=planned)
    scenarios = [
        *plan.expected_survival.scenarios,
        ExpectedScenario(
            id=PRO_ACT,
            label=PRO_ACT_LABEL,
            reason="from each first ALSFRS-R, of which death alone is the end",
        ),
    ]
    first = scenarios[0].id
    at_first = both(equals("scenario", first), f"month = {months[-1]}", "alive IS NOT NULL")
    return ExpectedSurvival(
        planned=planned,
        months=months,
        people=derive(
            "expected.survival.n", "Participants followed from the infusion", everybody, "count_participants"
        ),
        predicted=derive(
            "expected.survival.predicted",
            "Participants with all predictors of survival at baseline",
            Selection("expected_survival", at_first, treated),
            "count_participants",
            among=everybody,
        ),
        observed={
            month: derive(
                f"expected.survival.month_{month}.observed",
                f"Alive at {month} months",
                everybody,
                "alive_at",
                column="months",
                at=float(month),
            )
            for month in months
        },
        deaths=derive(
            "expected.survival.deaths",
            "Deaths observed",
            Selection("survival", "died", treated),
            "count_participants",
            among=everybody,
        ),
        scenarios=tuple(_derive_scenario(derive, scenario, months, treated) for scenario in scenarios),
        curves=_derive_curves(datasets, treated),
    )


def _derive_scenario(
    derive: "partial[Result]", scenario: ExpectedScenario, months: tuple[int, ...], treated: Population
) -> ScenarioResults:
    stem, name = f"expected.survival.{scenario.id}", scenario.label
    mine = equals("scenario", scenario.id)

    def at(month: int) -> Selection:
        return Selection("expected_survival", both(mine, f"month = {month}"), treated)

    persons = Selection("expected_events", mine, treated)
    last = months[-1]
    return ScenarioResults(
        scenario.id,
        scenario.label,
        scenario.reason,
        scenario.sensitivity,
        {
            month: derive(
                f"{stem}.month_{month}.expected",
                f"Expected at {month} months: {name}",
                at(month),
                "sum_expected",
                column="alive",
                unit="participants",
            )
            for month in months
        },
        derive(
            f"{stem}.chance",
            f"Chance of as many alive or more at {last} months: {name}",
            at(last),
            "chance_of_as_many",
            column="alive",
            among=Selection("survival", "", treated),
            at=float(last),
        ),
        derive(f"{stem}.events", f"Events expected: {name}", persons, "sum_expected", column="expected"),
        derive(
            f"{stem}.ratio",
            f"Deaths over events expected: {name}",
            persons,
            "observed_over_expected",
            column="expected",
        ),
        derive(
            f"{stem}.test", f"One-sample log-rank: {name}", persons, "one_sample_log_rank", column="expected"
        ),
    )


def _derive_curves(datasets: Datasets, treated: Population) -> dict[str, tuple[tuple[float, float], ...]]:
    frame = select_rows(Selection("expected_survival", "alive IS NOT NULL", treated), datasets)
    means = (
        frame.group_by("scenario", "month", maintain_order=True)
        .agg((100 * pl.col("alive").mean()).alias("alive"))
        .sort("month", maintain_order=True)
    )
    return {
        str(name): tuple(zip(rows["month"].to_list(), rows["alive"].to_list(), strict=True))
        for (name,), rows in means.partition_by("scenario", as_dict=True).items()
    }
