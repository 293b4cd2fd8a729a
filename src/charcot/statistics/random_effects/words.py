"""A mixed model in words: what a boundary estimate means, the printed table, the sentence for a paper."""

from typing import TYPE_CHECKING

import numpy as np

from charcot.statistics.random_effects.compression import FloatArray
from charcot.statistics.random_effects.design import count

if TYPE_CHECKING:
    from charcot.statistics.random_effects.model import LinearMixedModel

DEGREES = {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward and Roger"}


def describe_boundary(covariance: FloatArray, effects: tuple[str, ...]) -> str:
    """What it means that the covariance of random effects is singular."""
    variances = np.diag(covariance)
    none = [effect for effect, variance in zip(effects, variances, strict=True) if variance == 0]
    if none:
        found = f"the variance of {' and of '.join(none)} between subjects is estimated as 0"
        meaning = (
            "these data show no more difference between subjects in it than chance within subjects makes"
        )
    elif len(effects) == 2:
        sign = "1" if covariance[0, 1] > 0 else "-1"
        found = f"the correlation of {effects[0]} and {effects[1]} between subjects is estimated as {sign}"
        meaning = "these data cannot tell the two apart, so that one is predicted from the other"
    else:
        found = "the random effects are estimated as perfectly dependent on one another"
        meaning = "these data cannot tell all of them apart"
    return (
        f"Singular fit: {found}, the boundary of what is possible. It is the best estimate, and {meaning}; it does not prove "
        "that it is so. The estimates of the fixed effects hold, but their standard errors and degrees of freedom take the "
        "boundary for the truth, and no interval is given for the variance components. A simpler random part, such as "
        "an intercept alone, can be fitted beside it."
    )


def describe_methods(model: "LinearMixedModel") -> str:
    """The sentence for a paper."""
    named = " and ".join(_name(effect) for effect in model.effects)
    apart = " (independent of one another)" if len(model.effects) > 1 and not model.correlated else ""
    likelihood = "restricted maximum likelihood" if model.method == "reml" else "maximum likelihood"
    dropped = (
        f" {count(model.n_dropped, 'row')} without an outcome or another value needed "
        f"{'was' if model.n_dropped == 1 else 'were'} left out."
        if model.n_dropped
        else ""
    )
    errors = ", and standard errors are adjusted for small samples" if model.df == "kenward-roger" else ""
    note = f" {model.note}" if model.note else ""
    return (
        f"A linear mixed model ({model.formula}) with a random {named} of each participant{apart} was fitted by {likelihood} "
        f"to {count(model.n_observations, 'value')} of {count(model.n_subjects, 'participant')}.{dropped} Degrees of freedom are those "
        f"of {DEGREES[model.df]}{errors}; intervals are {100 * model.level:g} % intervals. Every participant with a value "
        "counts, for as long as measured; what is missing is taken to be missing at random, given what was measured: a value "
        f"that ends with a death is treated as if it could have been measured.{note}"
    )


def _name(effect: str) -> str:
    return "intercept" if effect == "(Intercept)" else f"effect of {effect}"


def print_model(model: "LinearMixedModel") -> str:
    """The tables of fixed effects and variance components as text."""
    wide = max(12, *(len(term) for term in model.terms))
    lines = [
        f"Linear mixed model {model.formula}, random {model.random} of each {model.subject}"
        + ("" if model.correlated or len(model.effects) == 1 else " (uncorrelated)"),
        f"{model.method.upper()}; n = {model.n_observations} of {model.n_subjects} subjects; rows dropped: {model.n_dropped}; degrees of "
        f"freedom: {DEGREES[model.df]}",
        f"{'':{wide}}{'estimate':>12}{'SE':>11}{'df':>9}{'t':>9}{'p':>10}{f'{100 * model.level:g} % interval':>24}",
    ]
    for row in model.coefficients.iter_rows(named=True):
        between = f"{row['lower']:.5g} to {row['upper']:.5g}"
        lines.append(
            f"{row['term']:{wide}}{row['estimate']:>12.6g}{row['standard_error']:>11.5g}{row['df']:>9.5g}{row['t']:>9.4g}"
            f"{row['p']:>10.3g}{between:>24}"
        )
    lines.append("between subjects, SD (correlation), and residual:")
    for row in model.variance_components.iter_rows(named=True):
        name = row["effect"] if row["with"] is None else f"{row['effect']}, {row['with']}"
        shown = "not defined" if row["sd_or_correlation"] is None else f"{row['sd_or_correlation']:.5g}"
        between = "" if row["lower"] is None else f"{row['lower']:.5g} to {row['upper']:.5g}"
        lines.append(f"  {name:{2 * wide}}{shown:>12}{between:>26}")
    lines.append(
        f"log-likelihood {model.log_likelihood:.7g}, AIC {model.aic:.7g}, BIC {model.bic:.7g}; "
        f"converged in {count(model.steps, 'step')}"
    )
    return "\n".join([*lines, model.note] if model.note else lines)
