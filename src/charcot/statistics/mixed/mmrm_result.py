"""The result of a mixed model for repeated measures: coefficients, tests, means, predictions, residuals, words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.contrasts import Inference, JointTest, LinearTest, Lines, check_contrasts
from charcot.statistics.mixed.fitting import visit_covariances
from charcot.statistics.mixed.means import LeastSquaresMeans, make_means
from charcot.statistics.mixed.prediction import Source, predict_rows
from charcot.statistics.mixed.sandwich import whiten
from charcot.statistics.mixed.structures.structure import Array

if TYPE_CHECKING:
    import polars as pl

_RULES = {
    "satterthwaite": "Satterthwaite's degrees of freedom",
    "kenward-roger": "the standard errors and degrees of freedom of Kenward and Roger (1997), first-order",
    "kenward-roger-mmrm": "the standard errors and degrees of freedom of Kenward and Roger (1997), with second "
    "derivatives as in R's mmrm",
    "between-within": "between-within degrees of freedom",
    "residual": "residual degrees of freedom",
}
_COVARIANCES = {
    "asymptotic": "",
    "empirical": ", empirical sandwich standard errors (CR0)",
    "jackknife": ", jackknife sandwich standard errors (CR3)",
    "bias-reduced": ", bias-reduced sandwich standard errors (CR2)",
}


@dataclass(frozen=True, repr=False)
class MMRMResult:
    """A fitted mixed model for repeated measures; `print` shows its table, `methods_sentence` is for a paper.

    >>> from charcot.statistics import mmrm
    >>> data = {"y": [1, 3, 2, 5, 1, 4, 2, 2, 3, 6], "visit": ["a", "b"] * 5, "person": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]}
    >>> result = mmrm("y ~ visit", data, subject="person", visit="visit")
    >>> result.means("visit").means["estimate"].round(3).to_list()
    [1.8, 4.0]
    >>> result.contrast({"visitb": 1})  # with two complete visits, the paired t test
    LinearTest(estimate=2.2, standard_error=0.5831, t(4) = 3.773, p = 0.0196)
    >>> result.visit_covariance.round(3).tolist()  # the sample covariance
    [[0.7, 0.75], [0.75, 2.5]]
    >>> result.predict({"visit": ["b"]})["estimate"].round(3).to_list()
    [4.0]
    >>> result.residuals["raw"].round(1).to_list()[:4]
    [-0.8, -1.0, 0.2, 1.0]
    """

    inference: Inference
    source: Source
    vcov: str

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of the coefficients, in the order of the design."""
        return self.inference.fitted.frame.names

    @cached_property
    def _lines(self) -> Lines:
        return self.inference.test_each(np.eye(len(self.terms)))

    @cached_property
    def coefficients(self) -> "pl.DataFrame":
        """term, estimate, standard_error, df, t, p and the 95 % interval (lower, upper) of each coefficient."""
        import polars as pl

        return pl.DataFrame(
            {"term": list(self.terms)}
            | {name: getattr(self._lines, name) for name in Lines.__dataclass_fields__}
        )

    @property
    def coefficient_covariance(self) -> Array:
        """The covariance of the coefficients (p x p), adjusted where Kenward–Roger or a sandwich was asked for."""
        return self.inference.covariance

    @cached_property
    def visit_covariance(self) -> Array | dict[str, Array]:
        """The covariance of the visits (m x m) [unit of the outcome, squared]; by group if there are groups.

        For sp_exp that of two times at distance 1.
        """
        found = visit_covariances(self.inference.fitted)
        return found if self.source.grouped else found["all"]

    @property
    def covariance(self) -> str:
        """The covariance structure that was fitted: the one asked for, or the first fallback that converged."""
        return self.inference.fitted.covariance

    @property
    def visits(self) -> tuple[str, ...]:
        """The visits, in the order of `visit_covariance` (times for sp_exp)."""
        levels = self.inference.fitted.frame.visit.levels
        assert levels is not None
        return levels

    @property
    def log_likelihood(self) -> float:
        """The log likelihood at the maximum, restricted if the method is reml (with all constants, as R's mmrm)."""
        return self.inference.fitted.log_likelihood

    @property
    def n_observations(self) -> int:
        """The number of rows used."""
        return int(self.inference.fitted.frame.y.size)

    @property
    def n_subjects(self) -> int:
        """The number of subjects with at least one row used."""
        return self.inference.fitted.frame.n_subjects

    @property
    def aic(self) -> float:
        """Akaike's criterion; only covariance parameters count, as in SAS and R's mmrm."""
        return -2 * self.log_likelihood + 2 * self.inference.fitted.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion; covariance parameters times the log of the number of subjects."""
        return -2 * self.log_likelihood + self.inference.fitted.n_parameters * float(np.log(self.n_subjects))

    @property
    def converged(self) -> bool:
        """True: a model that does not converge is refused with CannotFit."""
        return not self.inference.fitted.optimum.status

    @property
    def tried(self) -> tuple[str, ...]:
        """What was tried and given up before this fit, in words; empty if the first try converged."""
        return self.inference.fitted.tried

    def contrast(self, weights: Any, *, level: float = 0.95) -> LinearTest | JointTest:
        """Test a linear combination of coefficients (weights p, or terms with weights) by t, several rows by F.

        `weights` is p numbers in the order of `terms`, k x p of them, or a mapping of terms to weights (others 0).
        CannotFit if they do not fit the coefficients.
        """
        if isinstance(weights, Mapping):
            if unknown := [term for term in weights if term not in self.terms]:
                raise CannotFit(
                    f"{unknown[0]!r} is not a term; the terms are {', '.join(map(repr, self.terms))}"
                )
            weights = [float(weights.get(term, 0.0)) for term in self.terms]
        rows = check_contrasts(weights, self.terms)
        if rows.shape[0] > 1:
            return self.inference.test_together(rows)
        lines = self.inference.test_each(rows, level)
        return LinearTest(**{name: float(getattr(lines, name)[0]) for name in Lines.__dataclass_fields__})

    def means(self, specification: str, *, level: float = 0.95) -> LeastSquaresMeans:
        """Least-squares means of "visit * arm", or of "arm | visit" with differences between arms at each visit."""
        return make_means(self.inference, specification, level)

    def predict(self, data: Any = None, *, conditional: bool = False, level: float = 0.95) -> "pl.DataFrame":
        """Expected outcomes of rows (by default those of the fit): estimate, standard_error, lower, upper.

        The interval is that of the mean. With `conditional`, given the subject's own observed outcomes in the
        data: an observed row is its own prediction. Null where a covariate is missing.
        """
        return predict_rows(self.inference, self.source, data, conditional, level)

    @cached_property
    def residuals(self) -> "pl.DataFrame":
        """row (of the data, from 0), subject, visit, fitted, and the raw, pearson and cholesky residual.

        Pearson residuals are divided by the standard deviation of their visit, Cholesky residuals by the root of
        the subject's covariance, which leaves them uncorrelated (R's type "normalized").
        """
        import polars as pl

        fitted = self.inference.fitted
        frame, patterns = fitted.frame, fitted.likelihood.patterns
        expected = frame.x @ fitted.beta
        raw = frame.y - expected
        sigma = fitted.likelihood.covariances(fitted.optimum.point.theta)
        variances = np.diagonal(sigma, axis1=1, axis2=2)[
            patterns.of_subject[frame.subject.values], fitted.slots
        ]
        sd = fitted.scale * np.sqrt(variances / frame.weights)
        assert frame.subject.levels is not None and frame.visit.levels is not None
        return pl.DataFrame(
            {
                "row": frame.rows,
                "subject": [frame.subject.levels[code] for code in frame.subject.values],
                "visit": [frame.visit.levels[code] for code in frame.visit.values],
                "fitted": expected,
                "raw": raw,
                "pearson": raw / sd,
                "cholesky": whiten(fitted)[frame.subject.values, fitted.slots, -1],
            }
        )

    @property
    def methods_sentence(self) -> str:
        """What was done, for a paper."""
        fitted = self.inference.fitted
        frame, structure = fitted.frame, fitted.likelihood.structure
        estimated = "restricted maximum likelihood" if fitted.reml else "maximum likelihood"
        grouped = (
            f", separately in each of {len(frame.group.levels or ())} groups" if self.source.grouped else ""
        )
        over = "visits" if self.covariance != "sp_exp" else "times"
        weights = ", weighted by the inverse of the variance" if self.source.weighted else ""
        fallen = (
            "; the structure was chosen because others before it could not be fitted"
            if self.source.fell_back
            else ""
        )
        return (
            f"{frame.outcome} was analysed with a mixed model for repeated measures, fitted by {estimated}{weights}, "
            f"with the fixed effects {self.source.effects} and {_article(structure.title)} {structure.title} covariance "
            f"of the {over} of a participant{grouped}{fallen}. Tests and intervals use "
            f"{_RULES[self.inference.rule]}{_COVARIANCES[self.vcov]}. {self.n_observations} values of "
            f"{self.n_subjects} participants were used; missing values are assumed to be missing at random."
        )

    def __repr__(self) -> str:
        fitted = self.inference.fitted
        return (
            f"MMRMResult({fitted.frame.outcome}: {self.n_observations} values of {self.n_subjects} subjects, "
            f"{self.covariance}, {'reml' if fitted.reml else 'ml'}, {self.inference.rule}, "
            f"log likelihood {self.log_likelihood:.6g})"
        )

    def __str__(self) -> str:
        fitted = self.inference.fitted
        frame, lines = fitted.frame, self._lines
        width = max(11, *(len(term) for term in self.terms))
        head = f"{'coefficient':{width}}{'estimate':>11}{'SE':>10}{'df':>8}{'t':>8}{'p':>10}{'95 % interval':>24}"
        rows = [
            f"{term:{width}}{lines.estimate[i]:>11.4g}{lines.standard_error[i]:>10.4g}{lines.df[i]:>8.1f}"
            f"{lines.t[i]:>8.2f}{lines.p[i]:>10.3g}{f'{lines.lower[i]:.4g} to {lines.upper[i]:.4g}':>24}"
            for i, term in enumerate(self.terms)
        ]
        return "\n".join(
            [
                f"Mixed model for repeated measures of {frame.outcome}: {self.n_observations} values of "
                f"{self.n_subjects} subjects ({frame.n_rows - self.n_observations} rows incomplete)",
                f"{fitted.likelihood.structure.title} covariance ({self.covariance}), "
                f"{'REML' if fitted.reml else 'ML'}, {self.inference.rule}"
                + ("" if self.vcov == "asymptotic" else f", {self.vcov} covariance of coefficients"),
                f"log likelihood {self.log_likelihood:.7g}, AIC {self.aic:.6g}, BIC {self.bic:.6g}",
                head,
                *rows,
                *(f"given up before: {text}" for text in self.tried),
            ]
        )


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
