"""Mixed models for repeated measures: fitting, tests, means, exact and without a loop over subjects."""

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.contrasts import JointTest, LinearTest
from charcot.statistics.mixed.means import LeastSquaresMeans
from charcot.statistics.mixed.mmrm import mmrm
from charcot.statistics.mixed.mmrm_result import MMRMResult

__all__ = ["CannotFit", "JointTest", "LeastSquaresMeans", "LinearTest", "MMRMResult", "mmrm"]
