"""What a report reads from the protocol: which form is the baseline, which measures are followed, and when."""

from dataclasses import dataclass, replace

from charcot.analysis.result import Status
from charcot.clinical_time import DAYS_PER_MONTH
from charcot.protocol import Protocol
from charcot.protocol.comparison import BaselinePredictors, ExpectedScenario, WatchedEvent
from charcot.protocol.design import Population
from charcot.protocol.plan import FollowedMeasure
from charcot.protocol.schedule import Encounter

_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0}


@dataclass(frozen=True)
class Measure:
    """A measure that is followed over the visits: its dataset and column, the form it is filled on, its name and unit."""

    id: str
    dataset: str
    column: str
    part: str
    label: str
    short: str
    unit: str
    planned: str
    places: int = 1


MEASURES: dict[FollowedMeasure, Measure] = {
    "alsfrs_r_total": Measure(
        "alsfrs_r_total", "function", "total", "function", "ALSFRS-R total, points of 48",
        "ALSFRS-R total", "points of 48", "",
    ),
    "alsfrs_r_percent": Measure(
        "alsfrs_r", "function", "percent", "function", "ALSFRS-R, per cent of 48 points",
        "ALSFRS-R", "% of 48", "",
    ),
    "fvc_litres": Measure(
        "fvc_litres", "lung_function", "fvc_litres", "lung_function", "Forced vital capacity, litres",
        "FVC, litres", "L", "", 2,
    ),
    "fvc_percent": Measure(
        "fvc", "lung_function", "fvc_percent", "lung_function",
        "Forced vital capacity, per cent of predicted", "FVC", "% of predicted", "",
    ),
}  # fmt: skip
"""What can be followed; `planned` is filled with the planned result that follows it."""


def follow(measure: FollowedMeasure, planned: str) -> Measure:
    """A measure as one planned result reads it."""
    return replace(MEASURES[measure], planned=planned)


@dataclass(frozen=True)
class ExpectedSurvivalPlan:
    """What predicts survival: the items of the baseline form, and what is taken for predictors that it does not hold."""

    planned: str
    predictors: BaselinePredictors
    scenarios: tuple[ExpectedScenario, ...]


@dataclass(frozen=True)
class ReportPlan:
    """What the report reads from where; `plan_report` takes it from a protocol, the defaults are the shipped trial's."""

    baseline_form: str = "published_baseline"
    baseline_skip: tuple[str, ...] = ("table1_id",)
    baseline_onset: tuple[str, str] | None = ("alsfrs_r", "disease_duration")
    """ALSFRS-R total and months since onset, from which the progression rate deltaFS is derived."""
    screened: str = "screened"
    enrolled: str = "enrolled"
    treated: str = "treated"
    event_category: str = "category"
    event_outcome: str = "outcome"
    procedure_form: str = "procedure"
    procedure_item: str = "kind"
    horizon_months: float = 12.5
    """Visits up to here are the course of function; later ones are long-term follow-up."""
    measures: tuple[Measure, ...] = (
        follow("alsfrs_r_percent", "figure2_alsfrs_r"),
        follow("fvc_percent", "figure2_fvc"),
    )
    anovas: tuple[Measure, ...] = (
        follow("alsfrs_r_percent", "anova_alsfrs_r"),
        follow("fvc_percent", "anova_fvc"),
    )
    mixed_slopes: tuple[Measure, ...] = (
        follow("alsfrs_r_total", "slope_alsfrs_r"),
        follow("fvc_percent", "slope_fvc"),
    )
    mmrms: tuple[tuple[Measure, str], ...] = (
        (follow("alsfrs_r_total", "mmrm_alsfrs_r"), "us"),
        (follow("fvc_percent", "mmrm_fvc"), "us"),
    )
    """Each with the covariance of the visits to try first."""
    survival_months: tuple[int, ...] = (0, 12, 24, 36, 48, 60)
    expected_survival: ExpectedSurvivalPlan | None = None
    expected_courses: tuple[Measure, ...] = ()
    """Measures whose course is held against that of PRO-ACT."""
    watched: tuple[tuple[str, WatchedEvent], ...] = ()
    """Events held against background rates, each with the planned result it belongs to."""
    earlier_trials: str | None = None
    """The planned result that holds the trial against earlier ones."""
    most_listed: int = 60
    """Participants up to which they are listed and drawn one by one; of more, the exported datasets hold the rows."""


def plan_report(protocol: Protocol) -> ReportPlan:
    """The choices that a protocol's analysis plan states; what it does not state has the default.

    Of two planned results that state the same, the first counts. A plan that names no measure follows none.
    """
    stated = [(result, result.reads) for result in protocol.analysis if result.reads is not None]
    earlier = next((result.id for result in protocol.analysis if result.method == "earlier_trials"), None)
    if not stated:
        return ReportPlan(earlier_trials=earlier)
    plan = ReportPlan(measures=(), anovas=(), mixed_slopes=(), mmrms=(), earlier_trials=earlier)
    for result, reads in reversed(stated):
        if reads.form is not None:
            onset = (reads.total, reads.duration) if reads.total and reads.duration else None
            plan = replace(plan, baseline_form=reads.form, baseline_skip=reads.skip, baseline_onset=onset)
        if reads.category is not None:
            plan = replace(plan, event_category=reads.category)
        if reads.outcome is not None:
            plan = replace(plan, event_outcome=reads.outcome)
        if reads.procedure is not None:
            form, _, item = reads.procedure.partition(".")
            plan = replace(plan, procedure_form=form, procedure_item=item)
        if reads.months:
            plan = replace(plan, survival_months=reads.months)
        if reads.predictors is not None and reads.scenarios:
            expected = ExpectedSurvivalPlan(result.id, reads.predictors, reads.scenarios)
            plan = replace(plan, expected_survival=expected)
        if reads.watched is not None:
            plan = replace(plan, watched=((result.id, reads.watched), *plan.watched))
        if reads.measure is not None:
            measure = follow(reads.measure, result.id)
            if result.method == "repeated_measures_anova":
                plan = replace(plan, anovas=(measure, *plan.anovas))
            elif result.method == "random_slope":
                plan = replace(plan, mixed_slopes=(measure, *plan.mixed_slopes))
            elif result.method == "mmrm":
                plan = replace(plan, mmrms=((measure, reads.covariance or "us"), *plan.mmrms))
            elif result.method == "expected_course":
                plan = replace(plan, expected_courses=(measure, *plan.expected_courses))
            elif result.method == "mean_se_trend":
                plan = replace(plan, measures=(measure, *plan.measures))
    return plan


def population(protocol: Protocol, id: str) -> Population:
    """The population with this id; KeyError where the protocol has none."""
    for found in protocol.populations:
        if found.id == id:
            return found
    raise KeyError(id)


def status_of(protocol: Protocol, planned: str) -> Status:
    """Whether the protocol's analysis plan names a result as prespecified; post hoc where it does not name it."""
    return next((result.status for result in protocol.analysis if result.id == planned), "post_hoc")


def month_of(encounter: Encounter) -> float | None:
    """The target of an encounter in months from the infusion; 0 for one before it, None for one at no fixed time."""
    if encounter.target is None:
        return None
    if encounter.anchor != "infusion" or encounter.target.amount < 0:
        return 0.0
    if encounter.target.unit in ("month", "year"):
        return float(encounter.target.amount * (12 if encounter.target.unit == "year" else 1))
    return encounter.target.amount * _DAYS[encounter.target.unit] / DAYS_PER_MONTH


def visits_of(protocol: Protocol, part: str, within: float) -> tuple[tuple[Encounter, float], ...]:
    """The scheduled encounters at which the form playing `part` is due, up to `within` months, with their months."""
    form = protocol.form_playing(part)
    found = [
        (encounter, month)
        for encounter in protocol.encounters
        if form is not None
        and form.form in protocol.forms_at(encounter.id)
        and (month := month_of(encounter)) is not None
        and month <= within
    ]
    return tuple(found)
