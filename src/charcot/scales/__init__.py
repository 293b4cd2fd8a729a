"""Instruments as pure functions: ALSFRS-R, ALS stages, progression, spirometry, and what ENCALS and PRO-ACT let expect."""

from charcot.scales.alsfrs_r import (
    HIGHEST_TOTAL,
    ITEMS,
    ScaleItem,
    ScoreFinding,
    Subscores,
    check_scores,
    compute_percent,
    compute_subscores,
    compute_total,
)
from charcot.scales.encals import (
    compute_conditional_survival,
    compute_linear_predictor,
    compute_median_survival,
    compute_survival,
)
from charcot.scales.natural_history import ExpectedCourse, compute_expected_course
from charcot.scales.progression import (
    DAYS_PER_MONTH,
    PROGRESSION_CLASSES,
    ProgressionClasses,
    compute_delta_fs,
    compute_progression_class,
)
from charcot.scales.spirometry import (
    SpirometryEquation,
    age_range,
    compute_lower_limit,
    compute_percent_predicted,
    compute_predicted,
    compute_z_score,
    equations,
)
from charcot.scales.staging import (
    STAGING_SYSTEMS,
    KingsStages,
    StagingSystem,
    compute_ft9,
    compute_kings,
    compute_mitos,
)

__all__ = [
    "DAYS_PER_MONTH",
    "HIGHEST_TOTAL",
    "ITEMS",
    "PROGRESSION_CLASSES",
    "STAGING_SYSTEMS",
    "ExpectedCourse",
    "KingsStages",
    "ProgressionClasses",
    "ScaleItem",
    "ScoreFinding",
    "SpirometryEquation",
    "StagingSystem",
    "Subscores",
    "age_range",
    "check_scores",
    "compute_conditional_survival",
    "compute_delta_fs",
    "compute_expected_course",
    "compute_ft9",
    "compute_kings",
    "compute_linear_predictor",
    "compute_lower_limit",
    "compute_median_survival",
    "compute_mitos",
    "compute_percent",
    "compute_percent_predicted",
    "compute_predicted",
    "compute_progression_class",
    "compute_subscores",
    "compute_survival",
    "compute_total",
    "compute_z_score",
    "equations",
]
