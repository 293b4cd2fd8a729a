"""Linear mixed models: a straight or bent line for all, and each subject's own line about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from charcot.statistics.distributions import compute_f_tail, compute_t_quantile
from charcot.statistics.intervals import as_level
from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.columns import Covariate, as_categories, column_of
from charcot.statistics.mixed.contrasts import JointTest, LinearTest, check_contrasts
from charcot.statistics.random_effects.components import estimate_components, predict_effects
from charcot.statistics.random_effects.compression import FloatArray, compress
from charcot.statistics.random_effects.design import (
    Knot,
    RandomDesign,
    count_rows,
    design_from_arrays,
    design_from_formula,
    make_getter,
    require_fittable,
)
from charcot.statistics.random_effects.fitting import fit_factor, list_places
from charcot.statistics.random_effects.inference import (
    Precision,
    compute_df,
    compute_f,
    make_kenward_roger,
    make_satterthwaite,
)
from charcot.statistics.random_effects.words import describe_boundary, describe_methods, print_model

if TYPE_CHECKING:
    import polars as pl

Method = Literal["reml", "ml"]
Degrees = Literal["satterthwaite", "kenward-roger"]


@dataclass(frozen=True, repr=False, eq=False)
class LinearMixedModel:
    """A fitted linear mixed model; `print` shows it.

    `coefficients`: term, estimate, standard_error, df, t, p, lower, upper, in the order of the design, and
    `coefficient_covariance` p x p (Kenward and Roger's where asked for). `variance_components`: effect, with,
    covariance, sd_or_correlation, lower, upper. `random_covariance` q x q. `random_effects`: a row for each subject with
    its number of values, the predicted deviation of each effect from the mean and the conditional SD of it.
    `singular` says that the estimate lies at the boundary, and `note` what that means ("" else). `n_observations` values of
    `n_subjects` were used, `n_dropped` rows lacked something. AIC and BIC count fixed effects also under REML, and
    BIC takes log(n), as R's lme4.
    """

    formula: str
    random: str
    subject: str
    method: Method
    df: Degrees
    level: float
    n_observations: int
    n_subjects: int
    n_dropped: int
    coefficients: "pl.DataFrame"
    coefficient_covariance: FloatArray
    variance_components: "pl.DataFrame"
    random_covariance: FloatArray
    residual_variance: float
    random_effects: "pl.DataFrame"
    log_likelihood: float
    aic: float
    bic: float
    singular: bool
    converged: bool
    steps: int
    note: str
    correlated: bool
    terms: tuple[str, ...]
    effects: tuple[str, ...]
    _design: RandomDesign = field(repr=False)
    _precision: Precision = field(repr=False)
    _beta: FloatArray = field(repr=False)
    _predicted: FloatArray = field(repr=False)

    def contrast(self, weights: Any, *, level: float | None = None) -> LinearTest | JointTest:
        """Test a weighted sum of fixed effects by t (p weights, or terms with weights), several rows of them by F.

        CannotFit for weights that do not fit the terms, or only zeros.
        """
        if isinstance(weights, Mapping):
            if unknown := [term for term in weights if term not in self.terms]:
                raise CannotFit(
                    f"{unknown[0]!r} is not a term; the terms are {', '.join(map(repr, self.terms))}"
                )
            weights = [float(weights.get(term, 0.0)) for term in self.terms]
        rows = check_contrasts(weights, self.terms)
        if rows.shape[0] > 1:
            return JointTest(*compute_f(self._precision, self._beta, rows))
        return _estimate(
            self._precision, self._beta, rows[0], self.level if level is None else as_level(level)
        )

    def predict(
        self, data: Any = None, *, per_subject: bool = True, random: Any = None, subject: Any = None
    ) -> "pl.DataFrame":
        """Predict the outcome of each row of `data` (of the rows used, if None): `estimate`.

        With `per_subject` on each subject's own line, else on the population's, with standard_error, lower and upper of
        this mean. Where the model was made of arrays, `data` is the fixed columns; each subject's own line needs `random` and
        `subject` beside them. CannotFit for a subject that the model does not know, or a row that lacks something.
        """
        import polars as pl

        x, z, codes = self._rows_of(data, per_subject, random, subject)
        line = x @ self._beta
        if per_subject:
            return pl.DataFrame({"estimate": line + (z * self._predicted[codes]).sum(axis=1)})
        found = [_estimate(self._precision, self._beta, row, self.level) for row in x]
        names = ("estimate", "standard_error", "lower", "upper")
        return pl.DataFrame({name: [getattr(one, name) for one in found] for name in names})

    def _rows_of(
        self, data: Any, per_subject: bool, random: Any, subject: Any
    ) -> tuple[FloatArray, FloatArray, "np.ndarray[Any, np.dtype[np.intp]]"]:
        design = self._design
        if data is None:
            return design.x, design.z, design.codes
        if design.fixed is None or design.random is None:
            x = np.asarray(data, dtype=np.float64).reshape(-1, len(self.terms))
            if not per_subject:
                return x, x, design.codes
            if random is None or subject is None:
                raise CannotFit(
                    "a subject's own line needs its random columns and its label: give both, or per_subject=False"
                )
            z = np.asarray(random, dtype=np.float64).reshape(-1, len(self.effects))
            return x, z, self._find(column_of(subject))
        get, n = make_getter(data, design.knot), count_rows(data)
        names = design.fixed.formula.variables + (design.random.formula.variables if per_subject else ())
        columns = {name: get(name) for name in dict.fromkeys(names)}
        missing = np.zeros(n, dtype=bool)
        for column in columns.values():
            missing |= column.missing
        if missing.any():
            raise CannotFit(f"{int(missing.sum())} of the rows to predict lack a value: leave them out")
        x, _ = design.fixed.encode(columns.__getitem__, n)
        if not per_subject:
            return x, x, design.codes
        return x, design.random.encode(columns.__getitem__, n)[0], self._find(get(self.subject))

    def _find(self, column: Covariate) -> "np.ndarray[Any, np.dtype[np.intp]]":
        who = as_categories(column)
        assert who.levels is not None
        places = {label: place for place, label in enumerate(self._design.subjects)}
        if unknown := [label for label in who.without_unused_levels().levels or () if label not in places]:
            raise CannotFit(
                f"the model does not know {', '.join(unknown[:5])}: for somebody new only the population's line is "
                "known (per_subject=False)"
            )
        if who.missing.any():
            raise CannotFit("a row to predict has no subject: leave it out, or take per_subject=False")
        found = np.array([places.get(label, 0) for label in who.levels], dtype=np.intp)
        return np.asarray(found[who.values], dtype=np.intp)

    @cached_property
    def residuals(self) -> "pl.DataFrame":
        """row (of the data, from 0), subject, fitted, raw, scaled, population: what each row leaves.

        `fitted` is the subject's own line, `raw` the outcome minus it, `scaled` that divided by the residual's SD,
        `population` the outcome minus the population's line.
        """
        import polars as pl

        design = self._design
        fitted = self.predict()["estimate"].to_numpy()
        raw = design.y - fitted
        return pl.DataFrame(
            {
                "row": design.rows,
                "subject": [design.subjects[code] for code in design.codes],
                "fitted": fitted,
                "raw": raw,
                "scaled": raw / np.sqrt(self.residual_variance),
                "population": design.y - design.x @ self._beta,
            }
        )

    @property
    def methods_sentence(self) -> str:
        """What was done, for a paper."""
        return describe_methods(self)

    def __repr__(self) -> str:
        flag = ", singular" if self.singular else ""
        return (
            f"LinearMixedModel({self.formula!r}, random={self.random!r} of {self.n_subjects} subjects, n={self.n_observations}, "
            f"{self.method.upper()} log-likelihood {self.log_likelihood:.6g}{flag})"
        )

    def __str__(self) -> str:
        return print_model(self)


def linear_mixed_model(
    formula: Any,
    data: Any,
    *,
    subject: Any,
    random: Any = "1",
    correlated: bool = True,
    time: str | None = None,
    knot: float | None = None,
    method: Method = "reml",
    df: Degrees = "satterthwaite",
    level: float = 0.95,
) -> LinearMixedModel:
    """Fit a linear mixed model with random effects of subjects, such as an intercept and a slope of each.

    `formula` such as `y ~ months` on a polars or pandas frame or a mapping of arrays, `subject` the column of who it
    is, `random` what varies between subjects: "1", or "1 + months" (with `correlated=False` independently). `time`
    and `knot` add the columns `{time}_before` and `{time}_after` the knot [unit of time], each with its own slope.
    Or arrays: outcome n, fixed columns n x p, labels n, random columns n x q. Rows with anything missing are left
    out and counted; text has treatment coding, levels sorted. CannotFit (a ValueError), in words, for too few
    subjects or values, columns that cannot be told apart, or no convergence. Source: Laird & Ware 1982; Bates
    et al. 2015; agrees with R's lme4, lmerTest and pbkrtest.

    >>> months, people = [0, 3, 6, 9] * 4, [name for name in "ABCD" for _ in range(4)]
    >>> score = [40, 37, 33, 31, 44, 43, 39, 38, 38, 34, 30, 28, 39, 38, 38, 36]
    >>> fit = linear_mixed_model("score ~ months", {"score": score, "months": months, "who": people},
    ...                          subject="who", random="1 + months")
    >>> fit
    LinearMixedModel('score ~ months', random='1 + months' of 4 subjects, n=16, REML log-likelihood -29.4054)
    >>> slope = fit.contrast({"months": 1})
    >>> print(f"{slope.estimate:.3f} ({slope.lower:.3f} to {slope.upper:.3f}), df {slope.df:.2f}")
    -0.800 (-1.395 to -0.205), df 3.00
    """
    if method not in ("reml", "ml"):
        raise CannotFit(f"the methods are reml and ml, not {method!r}")
    if df not in ("satterthwaite", "kenward-roger"):
        raise CannotFit(f"degrees of freedom are satterthwaite or kenward-roger, not {df!r}")
    if df == "kenward-roger" and method == "ml":
        raise CannotFit(
            "Kenward and Roger's method is defined for REML: use method='reml', or df='satterthwaite'"
        )
    level = as_level(level)
    design = _read(formula, data, subject, random, time, knot)
    require_fittable(design)
    q, reml = len(design.effects), method == "reml"
    places = list_places(q, correlated)
    compressed = compress(design.x, design.y, design.z, design.codes)
    try:
        fit = fit_factor(compressed, places, reml)
    except np.linalg.LinAlgError as error:
        raise CannotFit(
            "the outcome is explained without a residual: the variance within subjects is 0, or too small to be told from it"
        ) from error
    if np.sqrt(fit.deviance.sigma2) <= 1e-12 * float(np.abs(design.y).max()):
        raise CannotFit(
            "the outcome is explained without a residual: within subjects it is exactly on a line, as if it had been computed"
        )
    if not fit.converged:
        raise CannotFit(
            f"the likelihood found no maximum in {fit.steps} Newton steps from two starts: the data hardly tell the random "
            "effects apart; try fewer of them, or correlated=False"
        )

    make = make_kenward_roger if df == "kenward-roger" else make_satterthwaite
    precision = make(compressed, fit, places)
    beta = np.asarray(
        np.linalg.solve(compressed.x_root, compressed.start + fit.deviance.fixed), dtype=np.float64
    )
    predicted, apart = predict_effects(compressed, fit)
    scale = np.outer(compressed.z_scale, compressed.z_scale)
    likelihood, parameters = -fit.deviance.value / 2, len(design.terms) + len(places) + 1
    covariance = fit.deviance.sigma2 * (fit.factor @ fit.factor.T) / scale
    return LinearMixedModel(
        formula=formula if isinstance(formula, str) else "y ~ " + " + ".join(design.terms),
        random=random if isinstance(random, str) else " + ".join(design.effects),
        subject=subject if isinstance(subject, str) else "subject",
        method=method,
        df=df,
        level=level,
        n_observations=design.y.size,
        n_subjects=len(design.subjects),
        n_dropped=design.n_rows - design.y.size,
        coefficients=_list_coefficients(precision, beta, design.terms, level),
        coefficient_covariance=precision.adjusted,
        variance_components=estimate_components(compressed, fit, places, design.effects, level),
        random_covariance=covariance,
        residual_variance=fit.deviance.sigma2,
        random_effects=_list_predictions(design, predicted, apart),
        log_likelihood=likelihood,
        aic=2 * parameters - 2 * likelihood,
        bic=float(np.log(design.y.size)) * parameters - 2 * likelihood,
        singular=fit.rank < q,
        converged=fit.converged,
        steps=fit.steps,
        note=describe_boundary(covariance, design.effects) if fit.rank < q else "",
        correlated=correlated,
        terms=design.terms,
        effects=design.effects,
        _design=design,
        _precision=precision,
        _beta=beta,
        _predicted=predicted,
    )  # fmt: skip


def _read(
    formula: Any,
    data: Any,
    subject: Any,
    random: Any,
    time: str | None,
    knot: float | None,
) -> RandomDesign:
    if (time is None) != (knot is None):
        raise CannotFit("a knot needs both: time, the column it lies in, and knot, where it lies")
    bend = Knot(time, float(knot)) if time is not None and knot is not None else None
    if isinstance(formula, str):
        if not isinstance(subject, str) or not isinstance(random, str):
            raise CannotFit(
                "with a formula, subject is the name of a column and random the right side of a formula"
            )
        return design_from_formula(formula, data, subject, random, bend)
    if isinstance(subject, str) or bend is not None:
        raise CannotFit("with arrays, subject is an array of labels, and a knot is a column of yours")
    fixed = np.asarray(data, dtype=np.float64)
    if isinstance(random, str):
        if random != "1":
            raise CannotFit("with arrays, random is an array of columns, or '1' for an intercept")
        random = np.ones(fixed.shape[0])
    return design_from_arrays(formula, fixed, subject, random)


def _estimate(precision: Precision, beta: FloatArray, weights: FloatArray, level: float) -> LinearTest:
    estimate = float(weights @ beta)
    error = float(np.sqrt(weights @ precision.adjusted @ weights))
    df = compute_df(precision, weights)
    t, reach = estimate / error, compute_t_quantile((1 + level) / 2, df) * error
    return LinearTest(estimate, error, df, t, compute_f_tail(t**2, 1, df), estimate - reach, estimate + reach)


def _list_coefficients(
    precision: Precision, beta: FloatArray, terms: tuple[str, ...], level: float
) -> "pl.DataFrame":
    import polars as pl

    found = [_estimate(precision, beta, row, level) for row in np.eye(beta.size)]
    names = ("estimate", "standard_error", "df", "t", "p", "lower", "upper")
    return pl.DataFrame({"term": terms} | {name: [getattr(one, name) for one in found] for name in names})


def _list_predictions(design: RandomDesign, predicted: FloatArray, apart: FloatArray) -> "pl.DataFrame":
    import polars as pl

    columns: dict[str, object] = {
        "subject": list(design.subjects),
        "n": np.bincount(design.codes),
    }
    for place, effect in enumerate(design.effects):
        columns[effect] = predicted[:, place]
        columns[f"{effect}_sd"] = np.sqrt(np.maximum(apart[:, place, place], 0.0))
    return pl.DataFrame(columns)
