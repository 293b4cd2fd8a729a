"""Tests of linear combinations of coefficients: t for one, F for several."""

from dataclasses import dataclass

import numpy as np

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.degrees_of_freedom import (
    Uncertainty,
    combine_t,
    compute_between_within,
    compute_kenward_roger,
    compute_satterthwaite,
    involved,
)
from charcot.statistics.mixed.fitting import Fitted
from charcot.statistics.mixed.sandwich import Sandwich, compute_sandwich_df
from charcot.statistics.mixed.structures.structure import Array


@dataclass(frozen=True)
class LinearTest:
    """A linear combination of coefficients with its interval, and the test that it is 0 (two-sided)."""

    estimate: float
    standard_error: float
    df: float
    t: float
    p: float
    lower: float
    upper: float

    def __repr__(self) -> str:
        return (
            f"LinearTest(estimate={self.estimate:.5g}, standard_error={self.standard_error:.4g}, "
            f"t({self.df:.4g}) = {self.t:.4g}, p = {self.p:.3g})"
        )


@dataclass(frozen=True)
class JointTest:
    """The test that several linear combinations of coefficients are all 0."""

    f: float
    numerator_df: int
    denominator_df: float
    p: float

    def __repr__(self) -> str:
        return (
            f"JointTest(F({self.numerator_df}, {self.denominator_df:.4g}) = {self.f:.4g}, p = {self.p:.3g})"
        )


@dataclass(frozen=True)
class Lines:
    """Linear combinations side by side: arrays of one length."""

    estimate: Array
    standard_error: Array
    df: Array
    t: Array
    p: Array
    lower: Array
    upper: Array


@dataclass(frozen=True)
class Inference:
    """How coefficients of a fit are tested: their covariance (p x p), and the rule for degrees of freedom."""

    fitted: Fitted
    covariance: Array
    rule: str
    uncertainty: Uncertainty | None
    sandwich: Sandwich | None

    def degrees_of_freedom(self, contrasts: Array) -> Array:
        """The degrees of freedom of the t test of each row (k x p)."""
        frame = self.fitted.frame
        if self.rule == "residual":
            return np.full(contrasts.shape[0], float(frame.x.shape[0] - frame.x.shape[1]))
        if self.rule == "between-within":
            each = compute_between_within(frame)
            return np.array([each[row != 0].min(initial=np.inf) for row in contrasts])
        if self.sandwich is not None:
            return np.array([compute_sandwich_df(self.sandwich, row) for row in contrasts])
        assert self.uncertainty is not None
        return compute_satterthwaite(self.uncertainty, contrasts)

    def test_each(self, contrasts: Array, level: float = 0.95) -> Lines:
        """Test each row (k x p) alone."""
        from scipy.special import stdtr, stdtrit

        estimates = contrasts @ self.fitted.beta
        errors = np.sqrt(np.einsum("ij,jk,ik->i", contrasts, self.covariance, contrasts))
        df = self.degrees_of_freedom(contrasts)
        t = estimates / errors
        reach = stdtrit(df, 0.5 + level / 2) * errors
        return Lines(
            estimates, errors, df, t, 2 * stdtr(df, -np.abs(t)), estimates - reach, estimates + reach
        )

    def test_together(self, contrasts: Array) -> JointTest:
        """Test that all rows (k x p) are 0; rows that follow from others do not count."""
        from scipy.special import fdtrc

        values, vectors = np.linalg.eigh(contrasts @ self.covariance @ contrasts.T)
        kept = np.flatnonzero(values > np.sqrt(np.finfo(float).eps) * values[-1])[::-1]
        turned = vectors[:, kept].T @ contrasts
        k = int(kept.size)
        f = float(((turned @ self.fitted.beta) ** 2 / values[kept]).sum() / k)
        if self.rule == "between-within":
            df = float(compute_between_within(self.fitted.frame)[involved(contrasts)].min())
        elif self.rule == "residual" or k == 1:
            df = float(self.degrees_of_freedom(turned)[0])
        elif self.rule == "satterthwaite":
            df = combine_t(self.degrees_of_freedom(turned))
        else:
            assert self.uncertainty is not None
            df, scale = compute_kenward_roger(self.uncertainty, turned)
            f *= scale
        return JointTest(f, k, df, float(fdtrc(k, df, f)))


def check_contrasts(contrasts: Array, names: tuple[str, ...]) -> Array:
    """Rows of weights (k x p) as numbers; CannotFit for another width, or a row without weights."""
    rows = np.atleast_2d(np.asarray(contrasts, dtype=np.float64))
    if rows.ndim != 2 or rows.shape[1] != len(names):
        raise CannotFit(
            f"a contrast needs {len(names)} weights, one for each coefficient, not {rows.shape[-1]}"
        )
    if not np.isfinite(rows).all() or not rows.any(axis=1).all():
        raise CannotFit(
            "a contrast has only zeros, or a weight that is not a number: there is nothing to test"
        )
    return rows
