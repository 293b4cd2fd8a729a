"""Statistical methods as pure functions of numbers, one method a file; they know nothing of trials."""

from charcot.statistics.batch import BatchDesign, BatchLines, MMRMBatch, batch_design, mmrm_batch
from charcot.statistics.boundaries import (
    Look,
    OperatingCharacteristics,
    StoppingBoundary,
    beta_binomial_boundary,
    boundary_of_steps,
    compute_exceedance,
    compute_operating_characteristics,
    compute_stopping_probability,
    compute_tite_exceedance,
    compute_tite_weights,
    pocock_boundary,
)
from charcot.statistics.describe import Counts, Description, count_by, describe
from charcot.statistics.fisher import FisherTest, estimate_odds_ratio
from charcot.statistics.friedman import FriedmanTest, friedman
from charcot.statistics.intervals import Interval, compute_poisson_tail, estimate_proportion, estimate_rate
from charcot.statistics.mixed import CannotFit, JointTest, LeastSquaresMeans, LinearTest, MMRMResult, mmrm
from charcot.statistics.one_sample import OneSampleLogRank, compute_survivors, one_sample_log_rank
from charcot.statistics.paired import MeanChange, estimate_mean_change
from charcot.statistics.random_effects import LinearMixedModel, linear_mixed_model
from charcot.statistics.repeated_measures import (
    BetweenEffect,
    Grouping,
    RepeatedMeasuresAnova,
    WithinEffect,
    repeated_measures_anova,
)
from charcot.statistics.slopes import SubjectSlope, estimate_slopes
from charcot.statistics.sphericity import Sphericity
from charcot.statistics.survival import SurvivalCurve, kaplan_meier

__all__ = [
    "BatchDesign",
    "BatchLines",
    "BetweenEffect",
    "CannotFit",
    "Counts",
    "Description",
    "FisherTest",
    "FriedmanTest",
    "Grouping",
    "Interval",
    "JointTest",
    "LeastSquaresMeans",
    "LinearMixedModel",
    "LinearTest",
    "Look",
    "MMRMBatch",
    "MMRMResult",
    "MeanChange",
    "OneSampleLogRank",
    "OperatingCharacteristics",
    "RepeatedMeasuresAnova",
    "Sphericity",
    "StoppingBoundary",
    "SubjectSlope",
    "SurvivalCurve",
    "WithinEffect",
    "batch_design",
    "beta_binomial_boundary",
    "boundary_of_steps",
    "compute_exceedance",
    "compute_operating_characteristics",
    "compute_poisson_tail",
    "compute_stopping_probability",
    "compute_survivors",
    "compute_tite_exceedance",
    "compute_tite_weights",
    "count_by",
    "describe",
    "estimate_mean_change",
    "estimate_odds_ratio",
    "estimate_proportion",
    "estimate_rate",
    "estimate_slopes",
    "friedman",
    "kaplan_meier",
    "linear_mixed_model",
    "mmrm",
    "mmrm_batch",
    "one_sample_log_rank",
    "pocock_boundary",
    "repeated_measures_anova",
]
