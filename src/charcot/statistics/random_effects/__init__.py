"""Linear mixed models with random effects of subjects: an intercept, a slope, a bend, for all and for each."""

from charcot.statistics.random_effects.model import LinearMixedModel, linear_mixed_model

__all__ = ["LinearMixedModel", "linear_mixed_model"]
