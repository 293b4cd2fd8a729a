"""Events against background rates, and survival against earlier trials: numbers from outside, with all that misleads."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals
from charcot.protocol import Protocol
from charcot.protocol.comparison import BackgroundRate, EarlierTrial, WatchedEvent
from charcot.protocol.design import Population


@dataclass(frozen=True)
class RateComparison:
    """One background rate: events expected in the time at risk, as many or more by chance, and in all time followed."""

    rate: BackgroundRate
    per_100_years: Result
    expected: Result
    chance: Result
    expected_whole: Result
    chance_whole: Result


@dataclass(frozen=True)
class WindowResults:
    """One window of days since the infusion."""

    days: int
    events: Result
    years: Result
    whole_years: Result
    rate: Result
    comparisons: tuple[RateComparison, ...]


@dataclass(frozen=True)
class WatchedResults:
    """Watched events over each window that the protocol names."""

    planned: str
    watched: WatchedEvent
    windows: tuple[WindowResults, ...]


@dataclass(frozen=True)
class EarlierComparison:
    """An earlier trial, and where its survival is known the numbers beside it."""

    trial: EarlierTrial
    participants: Result
    followed: Result | None = None
    alive: Result | None = None
    alive_here: Result | None = None
    p_value: Result | None = None


@dataclass(frozen=True)
class EarlierTrials:
    """The registry, in the order of the protocol."""

    planned: str
    people: Result
    trials: tuple[EarlierComparison, ...]


def derive_watched_results(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> tuple[WatchedResults, ...]:
    """Every watched event, for the treated population."""
    treated = population(protocol, plan.treated)
    if "event_windows" not in datasets:
        return ()
    rates = {
        rate.id: derive_result(
            datasets,
            f"expected.rate.{rate.id}",
            f"Background rate: {rate.label}",
            Selection("background_rates", equals("rate", rate.id)),
            "recorded",
            column="per_100_years",
            unit="per 100 person-years",
        )
        for rate in protocol.background_rates
    }
    return tuple(
        WatchedResults(
            planned,
            watched,
            tuple(
                _derive_window(datasets, protocol, planned, days, watched, treated, rates)
                for days in watched.windows
            ),
        )
        for planned, watched in plan.watched
    )


def _derive_window(
    datasets: Datasets,
    protocol: Protocol,
    planned: str,
    days: int,
    watched: WatchedEvent,
    treated: Population,
    rates: Mapping[str, Result],
) -> WindowResults:
    derive = partial(derive_result, datasets, status=status_of(protocol, planned), planned=planned)
    stem, title = f"expected.{planned}.day_{days}", f"{watched.label} up to day {days}"
    here = both(equals("watched", planned), f"window_days = {days}")
    people = Selection("event_windows", here, treated)
    happened = Selection("event_windows", both(here, "happened"), treated)

    def compare(rate: BackgroundRate) -> RateComparison:
        among = Selection("background_rates", equals("rate", rate.id))
        mine = partial(derive, rows=people, among=among)
        name, words = f"{stem}.{rate.id}", f"{title}, {rate.label}"
        return RateComparison(
            rate,
            rates[rate.id],
            mine(f"{name}.expected", f"{words}: expected", method="expected_by_rate", column="days"),
            mine(
                f"{name}.chance", f"{words}: chance of as many or more", method="poisson_tail", column="days"
            ),
            mine(
                f"{name}.expected_whole",
                f"{words}: expected, all days",
                method="expected_by_rate",
                column="whole_days",
            ),
            mine(
                f"{name}.chance_whole",
                f"{words}: chance, all days",
                method="poisson_tail",
                column="whole_days",
            ),
        )

    return WindowResults(
        days,
        derive(f"{stem}.events", f"{title}: participants", happened, "count_participants", among=people),
        derive(f"{stem}.years", f"{title}: person-years at risk", people, "person_years", column="days"),
        derive(
            f"{stem}.whole_years",
            f"{title}: person-years followed",
            people,
            "person_years",
            column="whole_days",
        ),
        derive(
            f"{stem}.rate",
            f"{title}: rate",
            people,
            "rate_per_100_years",
            column="days",
            unit="per 100 person-years",
        ),
        tuple(compare(rate) for rate in protocol.background_rates),
    )


def derive_earlier_trials(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> EarlierTrials | None:
    """The registry of the protocol held against the treated population; None where it plans none."""
    planned = plan.earlier_trials
    if planned is None or not protocol.earlier_trials:
        return None
    treated = population(protocol, plan.treated)
    everybody = Selection("survival", "", treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, planned), planned=planned)

    alive_here = {
        month: derive(
            f"expected.earlier.month_{month}.alive",
            f"Alive at {month} months in this trial",
            everybody,
            "alive_at",
            column="months",
            at=float(month),
        )
        for month in dict.fromkeys(trial.months for trial in protocol.earlier_trials)
        if month is not None
    }

    def compare(trial: EarlierTrial) -> EarlierComparison:
        stem, rows = f"expected.earlier.{trial.id}", Selection("earlier_trials", equals("trial", trial.id))

        def recorded(column: str, words: str) -> Result:
            return derive(f"{stem}.{column}", f"{trial.label}: {words}", rows, "recorded", column=column)

        participants = recorded("participants", "participants")
        if trial.followed is None or trial.alive is None or trial.months is None:
            return EarlierComparison(trial, participants)
        return EarlierComparison(
            trial,
            participants,
            recorded("followed", "followed for survival"),
            recorded("alive", f"alive at {trial.months} months"),
            alive_here[trial.months],
            derive(
                f"{stem}.p_value",
                f"Survivors here and in {trial.label}",
                everybody,
                "fisher_against_earlier",
                among=rows,
                column="months",
            ),
        )

    people = derive("expected.earlier.n", "Participants treated here", everybody, "count_participants")
    return EarlierTrials(planned, people, tuple(compare(trial) for trial in protocol.earlier_trials))
