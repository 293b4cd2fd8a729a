"""Survival from the infusion: the curve, survival and numbers at risk at set months, the median."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals
from charcot.protocol import Protocol
from charcot.protocol.design import Population

PLANNED = "survival"


@dataclass(frozen=True)
class SurvivalTime:
    """One month: survival with its interval, the number at risk, deaths so far."""

    month: int
    survival: Result
    at_risk: Result
    deaths: Result


@dataclass(frozen=True)
class SurvivalResults:
    """The Kaplan-Meier curve and what is read from it."""

    people: Result
    curve: Result
    times: tuple[SurvivalTime, ...]
    median: Result
    deaths: Result
    alive: Result
    imputed: Result
    survivors: Mapping[str, Result]
    """ALSFRS-R of those alive at the last planned visit: mean, sd, se, n; empty where it is not measured there."""


def derive_survival_results(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> SurvivalResults:
    """Survival of the treated population."""
    treated = population(protocol, plan.treated)
    everybody = Selection("survival", "", treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    times = []
    for month in plan.survival_months:
        stem = f"survival.month_{month}"
        read = partial(derive, rows=everybody, column="months", at=float(month))
        dead = Selection("survival", f"died AND months <= {month}", treated)
        times.append(
            SurvivalTime(
                month,
                read(f"{stem}.survival", f"Survival at {month} months", method="survival_at"),
                read(f"{stem}.at_risk", f"At risk at {month} months", method="at_risk"),
                derive(
                    f"{stem}.deaths",
                    f"Deaths up to {month} months",
                    dead,
                    "count_participants",
                    among=everybody,
                ),
            )
        )

    def count(name: str, label: str, where: str) -> Result:
        rows = Selection("survival", where, treated)
        return derive(f"survival.{name}", label, rows, "count_participants", among=everybody)

    return SurvivalResults(
        people=derive("survival.n", "Participants followed", everybody, "count_participants"),
        curve=derive("survival.curve", "Survival curve", everybody, "kaplan_meier", column="months"),
        times=tuple(times),
        median=derive(
            "survival.median", "Median survival", everybody, "survival_median", column="months", unit="months"
        ),
        deaths=count("deaths", "Deaths", "died"),
        alive=count("alive", "Alive when last known", "NOT died"),
        imputed=count(
            "imputed", "Deaths whose day is the middle of what is known", "died AND end_is_imputed"
        ),
        survivors=_derive_survivors(datasets, protocol, treated),
    )


def _derive_survivors(datasets: Datasets, protocol: Protocol, treated: Population) -> dict[str, Result]:
    form = protocol.form_playing("function")
    places = [e.id for e in protocol.encounters if form is not None and form.form in protocol.forms_at(e.id)]
    if not places or "function" not in datasets:
        return {}
    rows = Selection("function", both(equals("encounter", places[-1]), "total IS NOT NULL"), treated)
    planned = "survivors_alsfrs_r"
    return {
        name: derive_result(
            datasets,
            f"survivors.{name}",
            f"ALSFRS-R of those seen at the last visit: {name}",
            rows,
            method,
            column="" if name == "n" else "total",
            unit=None if name == "n" else "points",
            status=status_of(protocol, planned),
            planned=planned,
        )
        for name, method in (("mean", "mean"), ("sd", "sd"), ("se", "se"), ("n", "count_participants"))
    }
