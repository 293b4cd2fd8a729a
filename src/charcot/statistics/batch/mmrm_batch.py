"""MMRM for thousands of data sets of one design: `mmrm_batch`, as exact as one at a time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.statistics.batch.design import BatchDesign, design_of
from charcot.statistics.batch.inference import adjust_covariance, estimate_contrasts
from charcot.statistics.batch.moments import Floats, compute_moments
from charcot.statistics.batch.rescue import rescue
from charcot.statistics.batch.stacked import CONVERGED, Fits, fit_stack
from charcot.statistics.mixed.cannot_fit import CannotFit

if TYPE_CHECKING:
    import polars as pl

STACK = 256
"""Data sets that the NumPy engine fits at once: as many as stay in the processor's cache."""


@dataclass(frozen=True)
class BatchLines:
    """One or more linear combinations of coefficients in each data set: arrays (D, C), NaN where the fit failed."""

    estimate: Floats
    standard_error: Floats
    df: Floats
    t: Floats
    p: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, repr=False)
class MMRMBatch:
    """Fits of D data sets of one design. What is NaN belongs to a fit whose `status` says why."""

    design: BatchDesign
    fits: Fits
    covariance: Floats | None
    method: str
    df: str
    n_values: NDArray[np.intp]
    reasons: dict[int, str]
    engine: str

    def __repr__(self) -> str:
        return (
            f"MMRMBatch({len(self.fits.status)} data sets, {int(self.converged.sum())} converged, "
            f"us, {self.method}, {self.df})"
        )

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of the coefficients."""
        return self.design.terms

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which fits (D) reached their maximum."""
        return np.asarray(self.fits.status == CONVERGED)

    @property
    def status(self) -> tuple[str, ...]:
        """How each fit ended, in words: `converged`, or why there is none."""
        return tuple(self.reasons.get(place, "converged") for place in range(len(self.fits.status)))

    @property
    def visit_covariance(self) -> Floats:
        """The covariance of the visits (D, V, V)."""
        return self.fits.visit_covariance

    @cached_property
    def coefficient_covariance(self) -> Floats:
        """The covariance of the coefficients (D, p, p), adjusted where Kenward-Roger was asked for."""
        back = np.linalg.inv(self.design.triangle)
        found = self.fits.covariance if self.covariance is None else self.covariance
        return np.asarray(np.matmul(np.matmul(back, found), back.T))

    @cached_property
    def log_likelihood(self) -> Floats:
        """The log likelihood (D) with all constants, restricted if the method is reml; as `mmrm` gives it."""
        constant = self.n_values.astype(np.float64)
        deviance = self.fits.deviance
        if self.method == "reml":
            constant = constant - len(self.terms)
            deviance = deviance + 2 * np.log(np.abs(np.diag(self.design.triangle))).sum()
        return np.asarray(-0.5 * (constant * np.log(2 * np.pi) + deviance))

    @cached_property
    def coefficients(self) -> BatchLines:
        """Every coefficient of every data set: arrays (D, p), with 95 % intervals."""
        return self.contrast(np.eye(len(self.terms)))

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> BatchLines:
        """Linear combinations of coefficients, weights p or (C, p), in every data set. CannotFit if they do not fit."""
        rows = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        if rows.ndim != 2 or rows.shape[1] != len(self.terms) or not np.isfinite(rows).all():
            raise CannotFit(f"a contrast is {len(self.terms)} numbers, in the order of the terms")
        from scipy.special import stdtr, stdtrit

        turned = np.asarray(np.linalg.solve(self.design.triangle.T, rows.T).T, dtype=np.float64)
        estimate, error, df = estimate_contrasts(self.fits, turned, self.covariance)
        if self.df == "residual":
            df = np.broadcast_to((self.n_values - len(self.terms))[:, None] * 1.0, estimate.shape)
        t = estimate / error
        reach = stdtrit(df, (1 + level) / 2) * error
        return BatchLines(
            estimate, error, df, t, 2 * stdtr(df, -np.abs(t)), estimate - reach, estimate + reach
        )

    def table(self) -> "pl.DataFrame":
        """A row for each data set and term: data_set (from 0), term, estimate … upper, status."""
        import polars as pl

        data_sets, width = self.fits.beta.shape
        return pl.DataFrame(
            {
                "data_set": np.repeat(np.arange(data_sets), width),
                "term": list(self.terms) * data_sets,
                **{f.name: getattr(self.coefficients, f.name).reshape(-1) for f in fields(BatchLines)},
                "status": np.repeat(np.array(self.status, dtype=object), width),
            }
        )


def mmrm_batch(
    design: Any,
    outcomes: ArrayLike,
    *,
    method: str = "reml",
    df: str = "satterthwaite",
    engine: str = "auto",
    workers: int = 1,
) -> MMRMBatch:
    """Fit an MMRM with an unstructured covariance to each of many outcomes of one design.

    `design` is made by `batch_design`, or an array (N, V, p); `outcomes` (D, N, V) has each data set's values by
    subject and visit, NaN where missing. `method`: reml, ml. `df`: satterthwaite, kenward-roger (SAS's), residual.
    `engine`: numpy, numba (needs the extra `fast`), auto (numba where it is installed); both give the same numbers,
    which are those of `mmrm` to 1e-8. A fit that Newton's method does not bring to its maximum at once is tried again
    as `mmrm` would; if that fails too, its numbers are NaN and its `status` says why. `workers` threads share the
    work and change no number. CannotFit for what concerns all data sets.

    >>> from charcot.statistics import batch_design
    >>> rng = np.random.default_rng(1)
    >>> data = {"person": np.repeat(np.arange(40), 2), "month": ["m1", "m2"] * 40, "arm": ["a", "a", "b", "b"] * 20}
    >>> design = batch_design("~ arm * month", data, subject="person", visit="month")
    >>> result = mmrm_batch(design, rng.normal(size=(500, 40, 2)), engine="numpy")
    >>> result
    MMRMBatch(500 data sets, 500 converged, us, reml, satterthwaite)
    >>> false_alarms = (result.coefficients.p[:, 3] < 0.05).mean()  # of the interaction, which is not there
    >>> bool(0.03 < false_alarms < 0.08)
    True
    """
    made = design_of(design)
    values = np.ascontiguousarray(outcomes, dtype=np.float64)
    _require(made, values, method, df)
    reml = method == "reml"
    chosen = _choose(engine)
    fit = _fit_compiled if chosen == "numba" else _fit_stacked
    spans = np.array_split(np.arange(len(values)), max(1, min(workers, len(values))))
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(lambda span: fit(made, values[span], reml), spans))
    else:
        parts = [fit(made, values, reml)]
    fits = _join(parts)
    reasons = rescue(made, values, fits, reml)
    adjusted = None
    if df == "kenward-roger":
        adjusted = adjust_covariance(fits, lambda at: compute_moments(made.products, values[at]))
    counted = (~np.isnan(values)).sum(axis=(1, 2))
    return MMRMBatch(made, fits, adjusted, method, df, counted, reasons, chosen)


def _fit_stacked(design: BatchDesign, values: Floats, reml: bool) -> Fits:
    stacks = [values[begin : begin + STACK] for begin in range(0, max(len(values), 1), STACK)]
    return _join([fit_stack(compute_moments(design.products, stack), reml=reml) for stack in stacks])


def _fit_compiled(design: BatchDesign, values: Floats, reml: bool) -> Fits:
    from charcot.statistics.batch.lanes import fit_lanes

    return fit_lanes(design.products, values, reml=reml)


def _join(parts: Sequence[Fits]) -> Fits:
    if len(parts) == 1:
        return parts[0]
    return Fits(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Fits)))


def _choose(engine: str) -> str:
    known = find_spec("numba") is not None
    if engine not in ("auto", "numpy", "numba"):
        raise CannotFit(f"there is no engine {engine!r}; choose auto, numpy or numba")
    if engine == "numba" and not known:
        raise CannotFit("the engine numba needs numba: pip install 'charcot[fast]'; or choose engine='numpy'")
    return "numba" if known and engine != "numpy" else "numpy"


def _require(design: BatchDesign, values: Floats, method: str, df: str) -> None:
    if values.ndim != 3 or values.shape[1:] != design.x.shape[:2]:
        raise CannotFit(
            f"outcomes must be (data sets, {design.x.shape[0]} subjects, {design.x.shape[1]} visits), "
            f"not {values.shape}"
        )
    if np.isinf(values).any():
        raise CannotFit("a value of the outcomes is infinite")
    if method not in ("reml", "ml"):
        raise CannotFit(f"there is no method {method!r}; choose reml or ml")
    if df not in ("satterthwaite", "kenward-roger", "residual"):
        raise CannotFit(f"there is no df {df!r} for a batch; choose satterthwaite, kenward-roger or residual")
    if df == "kenward-roger" and method == "ml":
        raise CannotFit("Kenward–Roger is defined for method='reml' only; use it, or df='satterthwaite'")
