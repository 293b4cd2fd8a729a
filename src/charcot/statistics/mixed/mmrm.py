"""Mixed models for repeated measures: `mmrm`, from a formula or from arrays."""

from collections.abc import Sequence
from typing import Any

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.contrasts import Inference
from charcot.statistics.mixed.degrees_of_freedom import adjust_covariance, derive_uncertainty
from charcot.statistics.mixed.fitting import fit
from charcot.statistics.mixed.mmrm_result import MMRMResult
from charcot.statistics.mixed.model_frame import frame_from_arrays, frame_from_formula
from charcot.statistics.mixed.prediction import Source
from charcot.statistics.mixed.sandwich import make_sandwich, require_kind

RULES = {
    "satterthwaite": "satterthwaite",
    "kenward-roger": "kenward-roger",
    "kenward-roger-linear": "kenward-roger",
    "kenward-roger-mmrm": "kenward-roger-mmrm",
    "between-within": "between-within",
    "residual": "residual",
}


def mmrm(
    formula: Any,
    data: Any,
    *,
    subject: Any,
    visit: Any,
    covariance: str = "us",
    group: Any = None,
    weights: Any = None,
    method: str = "reml",
    df: str = "satterthwaite",
    vcov: str = "asymptotic",
    fallback: Sequence[str] = (),
) -> MMRMResult:
    """Fit a mixed model for repeated measures: fixed effects, and a covariance of the visits of a subject.

    `formula` and `data` are a formula ("change ~ baseline + arm * visit") and a polars or pandas frame or mapping
    of columns, or an outcome (n) and a design matrix (n x p). `subject`, `visit`, `group` (of covariances) and
    `weights` are names of columns, or arrays (n). Rows with a missing value are left out; texts are categories,
    sorted, the first the reference, unless a polars Enum or pandas Categorical gives an order.

    `covariance`: us, toep, toeph, ar1, ar1h, cs, csh, ad, adh, sp_exp (`visit` is then a time, or a tuple of coordinates); `fallback` names
    those to try next if it cannot be fitted. `method`: reml, ml. `df`: satterthwaite, kenward-roger (SAS's; also
    kenward-roger-linear), kenward-roger-mmrm (R's default), between-within, residual. `vcov`: asymptotic, empirical
    (CR0), jackknife (CR3), bias-reduced (CR2). CannotFit, in words, for what cannot be. Sources: Mallinckrodt et al.
    2008, Drug Inf J 42:303; definitions as in R's mmrm 0.3.18.

    >>> data = {
    ...     "score": [38, 36, 35, 41, 40, None, 35, 31, 28, 44, 43, 41, 40, 39, 39, 36, 35, 35],
    ...     "arm": ["control"] * 9 + ["treated"] * 9,
    ...     "month": ["m1", "m3", "m6"] * 6,
    ...     "person": ["A"] * 3 + ["B"] * 3 + ["C"] * 3 + ["D"] * 3 + ["E"] * 3 + ["F"] * 3,
    ... }
    >>> result = mmrm("score ~ arm * month", data, subject="person", visit="month", covariance="ar1")
    >>> result
    MMRMResult(score: 17 values of 6 subjects, ar1, reml, satterthwaite, log likelihood -25.068)
    >>> result.contrast({"armtreated": 1, "armtreated:monthm6": 1})
    LinearTest(estimate=4.762, standard_error=3.213, t(4.49) = 1.482, p = 0.205)
    """
    if df not in RULES:
        raise CannotFit(f"there is no df {df!r}; choose one of {', '.join(RULES)}")
    if method not in ("reml", "ml"):
        raise CannotFit(f"there is no method {method!r}; choose reml or ml")
    require_kind(vcov)
    rule, reml = RULES[df], method == "reml"
    roger = rule.startswith("kenward-roger")
    if roger and not reml:
        raise CannotFit("Kenward–Roger is defined for method='reml' only; use it, or df='satterthwaite'")
    if roger and vcov != "asymptotic":
        raise CannotFit(
            f"Kenward–Roger brings its own covariance of coefficients; with vcov={vcov!r} use df='satterthwaite'"
        )
    spatial = covariance == "sp_exp"
    if isinstance(formula, str):
        frame = frame_from_formula(
            formula, data, subject=subject, visit=visit, group=group, weights=weights, spatial=spatial
        )
        effects = formula.partition("~")[2].strip()
    else:
        frame = frame_from_arrays(
            formula, data, subject=subject, visit=visit, group=group, weights=weights, spatial=spatial
        )
        effects = f"of a design matrix with {frame.x.shape[1]} columns"
    fitted = fit(frame, covariance, fallback, reml)

    sandwich = None if vcov == "asymptotic" else make_sandwich(fitted, vcov)
    uncertainty = (
        derive_uncertainty(fitted) if roger or (rule == "satterthwaite" and sandwich is None) else None
    )
    if sandwich is not None:
        variance = sandwich.covariance
    elif roger and uncertainty is not None:
        variance = adjust_covariance(fitted, uncertainty, bent=rule == "kenward-roger-mmrm")
    else:
        variance = fitted.root @ fitted.root.T
    source = Source(
        data=data,
        subject=subject if isinstance(subject, str) else None,
        visit=visit if isinstance(visit, str | tuple) else None,
        group=group if isinstance(group, str) else None,
        effects=effects,
        grouped=group is not None,
        weighted=weights is not None,
        fell_back=fitted.covariance != covariance,
    )
    return MMRMResult(Inference(fitted, variance, rule, uncertainty, sandwich), source, vcov)
