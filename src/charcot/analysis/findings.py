"""Everything that the report says of those treated, derived once, so that synopsis and sections hold the same results."""

from dataclasses import dataclass

from charcot.analysis.baseline_listing import ListedParticipant, derive_baseline_listing
from charcot.analysis.design_limits import DesignLimits, derive_design_limits
from charcot.analysis.event_listing import (
    ListedDeath,
    ListedEvent,
    derive_death_listing,
    derive_event_listing,
)
from charcot.analysis.expected_function import ExpectedFunction, derive_expected_function_results
from charcot.analysis.expected_survival import ExpectedSurvival, derive_expected_survival_results
from charcot.analysis.exposure_summary import ExposureResults, derive_exposure_results
from charcot.analysis.function_course import FunctionCourse, derive_function_course
from charcot.analysis.laboratory_changes import LaboratoryResults, derive_laboratory_results
from charcot.analysis.laboratory_courses import LaboratoryCourses, derive_laboratory_courses
from charcot.analysis.mixed_models import MixedModels, derive_mixed_models
from charcot.analysis.outside_comparisons import (
    EarlierTrials,
    WatchedResults,
    derive_earlier_trials,
    derive_watched_results,
)
from charcot.analysis.participant_courses import ParticipantCourses, derive_participant_courses
from charcot.analysis.plan import ReportPlan, visits_of
from charcot.analysis.product_summary import ProductResults, derive_product_results
from charcot.analysis.selection import Datasets
from charcot.analysis.slope_comparison import SlopeResults, derive_slope_results
from charcot.analysis.stage_counts import StageCourse, derive_stage_courses
from charcot.analysis.survival import SurvivalResults, derive_survival_results
from charcot.analysis.table1 import BaselineLine, BaselineResults, derive_table1
from charcot.analysis.table2 import EventTable, derive_table2
from charcot.analysis.time_effect import TimeEffect, derive_time_effect
from charcot.analysis.visit_scores import ScoreCourse, derive_visit_scores
from charcot.protocol import Protocol


@dataclass(frozen=True)
class Findings:
    """The results about the treated population, by section."""

    baseline: tuple[BaselineResults, ...]
    baseline_lines: tuple[BaselineLine, ...]
    listed: tuple[ListedParticipant, ...]
    exposure: ExposureResults
    events: EventTable
    event_columns: tuple[str, ...]
    event_list: tuple[ListedEvent, ...]
    deaths: tuple[ListedDeath, ...]
    laboratory: LaboratoryResults | None
    laboratory_courses: LaboratoryCourses | None
    courses: tuple[FunctionCourse, ...]
    scores: tuple[ScoreCourse, ...]
    stages: tuple[StageCourse, ...]
    slopes: SlopeResults | None
    time_effects: tuple[TimeEffect, ...]
    mixed: MixedModels
    survival: SurvivalResults
    expected_survival: ExpectedSurvival | None
    expected_function: tuple[ExpectedFunction, ...]
    watched: tuple[WatchedResults, ...]
    earlier: EarlierTrials | None
    product: ProductResults | None
    limits: DesignLimits | None
    participants: ParticipantCourses


def derive_findings(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> Findings:
    """All of it; the treated population must not be empty."""
    lines, listed = derive_baseline_listing(datasets, protocol, plan)
    columns, event_list = derive_event_listing(datasets, protocol, plan)
    effects = (derive_time_effect(datasets, protocol, plan, measure) for measure in plan.anovas)
    return Findings(
        baseline=derive_table1(datasets, protocol, plan),
        baseline_lines=lines,
        listed=listed,
        exposure=derive_exposure_results(datasets, protocol, plan),
        events=derive_table2(datasets, protocol, plan),
        event_columns=columns,
        event_list=event_list,
        deaths=derive_death_listing(datasets, protocol, plan, event_list),
        laboratory=derive_laboratory_results(datasets, protocol, plan),
        laboratory_courses=derive_laboratory_courses(datasets, protocol, plan),
        courses=tuple(
            derive_function_course(datasets, protocol, plan, measure)
            for measure in plan.measures
            if visits_of(protocol, measure.part, plan.horizon_months)
        ),
        scores=derive_visit_scores(datasets, protocol, plan),
        stages=derive_stage_courses(datasets, protocol, plan),
        slopes=derive_slope_results(datasets, protocol, plan),
        time_effects=tuple(effect for effect in effects if effect is not None),
        mixed=derive_mixed_models(datasets, protocol, plan),
        survival=derive_survival_results(datasets, protocol, plan),
        expected_survival=derive_expected_survival_results(datasets, protocol, plan),
        expected_function=derive_expected_function_results(datasets, protocol, plan),
        watched=derive_watched_results(datasets, protocol, plan),
        earlier=derive_earlier_trials(datasets, protocol, plan),
        product=derive_product_results(datasets, protocol, plan),
        limits=derive_design_limits(datasets, protocol, plan),
        participants=derive_participant_courses(datasets, protocol, plan),
    )
