"""A frame and a covariance structure brought to the maximum of the likelihood, in well-scaled units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.likelihood import Likelihood
from charcot.statistics.mixed.model_frame import ModelFrame
from charcot.statistics.mixed.newton import Optimum, maximise_from
from charcot.statistics.mixed.patterns import Subjects, group_by_pattern
from charcot.statistics.mixed.starts import choose_starts
from charcot.statistics.mixed.structures import STRUCTURES, SpatialExponential
from charcot.statistics.mixed.structures.structure import Array


@dataclass(frozen=True)
class Fitted:
    """A fit at its maximum. With V the covariance of the coefficients `beta` (p), V = root root'.

    `scale` is what the outcome was divided by; `log_likelihood` is that of the data as given. `slots` (n) is the
    place of each row of the frame within its subject. `tried` tells of starts and structures given up before.
    """

    frame: ModelFrame
    covariance: str
    reml: bool
    subjects: Subjects
    slots: NDArray[np.intp]
    likelihood: Likelihood
    optimum: Optimum
    scale: float
    beta: Array
    root: Array
    log_likelihood: float
    tried: tuple[str, ...]

    @property
    def n_parameters(self) -> int:
        """The number of covariance parameters."""
        return int(self.optimum.point.theta.size)

    @property
    def parameter_covariance(self) -> Array:
        """The covariance of the covariance parameters: the inverse of the observed information."""
        return np.asarray(2 * np.linalg.inv(self.optimum.derivatives.hessian))


@dataclass(frozen=True)
class Scaled:
    """The rows as the likelihood takes them: X orthonormal times sqrt(n), y the residual of least squares."""

    subjects: Subjects
    slots: NDArray[np.intp]
    scale: float
    triangle: Array
    start: Array


def arrange(frame: ModelFrame) -> Scaled:
    """Put each subject's weighted and scaled rows side by side."""
    n, p = frame.x.shape
    heavy = np.sqrt(frame.weights)
    orthonormal, triangle = np.linalg.qr(frame.x * heavy[:, None])
    outcome = frame.y * heavy
    shares = orthonormal.T @ outcome
    residual = outcome - orthonormal @ shares
    scale = float(np.sqrt(residual @ residual / n))
    size = float(np.sqrt(outcome @ outcome / n))
    if scale <= 1e-10 * size or scale == 0:
        raise CannotFit("the covariates explain the outcome completely: there is no variation left to model")
    triangle = triangle / np.sqrt(n)
    rows = np.column_stack([orthonormal * np.sqrt(n), residual / scale])
    subject, n_subjects = frame.subject.values, frame.n_subjects
    assert frame.group.levels is not None and frame.visit.levels is not None
    times = None
    if frame.times is None:
        slots, m = frame.visit.values, len(frame.visit.levels)
    else:
        order = np.lexsort((*frame.times.T[::-1], subject))
        sizes = np.bincount(subject, minlength=n_subjects)
        slots = np.empty(n, dtype=np.intp)
        slots[order] = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        m = int(sizes.max())
        times = np.zeros((n_subjects, m, frame.times.shape[1]))
        times[subject, slots] = frame.times
    z = np.zeros((n_subjects, m, p + 1))
    z[subject, slots] = rows
    seen = np.zeros((n_subjects, m), dtype=bool)
    seen[subject, slots] = True
    group = np.zeros(n_subjects, dtype=np.intp)
    group[subject] = frame.group.values
    subjects = Subjects(z, seen, group, times, len(frame.group.levels))
    return Scaled(subjects, slots, scale, triangle, np.linalg.solve(triangle, shares / np.sqrt(n)))


def _require_enough(frame: ModelFrame, covariance: str, likelihood: Likelihood) -> None:
    """CannotFit if the structure asks more of the data than there is."""
    assert frame.group.levels is not None and frame.visit.levels is not None
    patterns = likelihood.patterns
    title = f"the {likelihood.structure.title} covariance ({covariance})"
    for number, label in enumerate(frame.group.levels):
        mine = patterns.group == number
        n_subjects = int(patterns.counts[mine].sum())
        where = f" in group {label!r}" if patterns.n_groups > 1 else ""
        if n_subjects < likelihood.per_group:
            raise CannotFit(
                f"{title} has {likelihood.per_group} parameters, more than the {n_subjects} subjects{where}: choose a "
                "structure with fewer, such as ar1 or cs"
            )
        if covariance == "us":
            together = (patterns.both_seen[mine] * patterns.counts[mine, None, None]).sum(axis=0)
            apart = np.argwhere(np.tril(together == 0))
            if apart.size:
                pairs = [
                    f"{frame.visit.levels[low]} and {frame.visit.levels[high]}" for high, low in apart[:3]
                ]
                raise CannotFit(
                    f"{title} cannot be estimated{where}: no subject has both {', nor '.join(pairs)}; choose a "
                    "structure that does not need every pair of visits, such as ar1h or cs"
                )


def fit_structure(frame: ModelFrame, scaled: Scaled, covariance: str, reml: bool) -> Fitted:
    """Fit one structure; CannotFit says what was tried if no start led to a maximum."""
    structure = STRUCTURES[covariance]
    likelihood = Likelihood(group_by_pattern(scaled.subjects), structure, reml)
    _require_enough(frame, covariance, likelihood)
    found, tried = maximise_from(likelihood, choose_starts(likelihood))
    if found is None:
        raise CannotFit(
            f"the {structure.title} covariance ({covariance}) did not converge ({'; '.join(tried)}): choose a simpler "
            "structure, or name some in fallback="
        )
    n, p = frame.x.shape
    point, scale = found.point, scaled.scale
    minus_two = point.value - float(np.log(frame.weights).sum())
    if reml:
        fixed = 2 * float(np.log(np.abs(np.diag(scaled.triangle))).sum())
        minus_two += (n - p) * np.log(2 * np.pi * scale**2) + fixed
    else:
        minus_two += n * np.log(2 * np.pi * scale**2)
    inverse = np.linalg.inv(scaled.triangle)
    return Fitted(
        frame=frame,
        covariance=covariance,
        reml=reml,
        subjects=scaled.subjects,
        slots=scaled.slots,
        likelihood=likelihood,
        optimum=found,
        scale=scale,
        beta=scaled.start + scale * inverse @ point.beta,
        root=scale * inverse @ point.root,
        log_likelihood=-0.5 * minus_two,
        tried=tried,
    )


def fit(frame: ModelFrame, covariance: str, fallback: Sequence[str], reml: bool) -> Fitted:
    """Fit the first structure that can be fitted, of the one wanted and those to fall back on."""
    names = [covariance, *fallback]
    if unknown := [name for name in names if name not in STRUCTURES]:
        raise CannotFit(f"there is no covariance {unknown[0]!r}; choose one of {', '.join(STRUCTURES)}")
    spatial = [isinstance(STRUCTURES[name], SpatialExponential) for name in names]
    if any(spatial) and not all(spatial):
        raise CannotFit(
            "sp_exp takes visits as times and the others as categories: they cannot stand in for each other"
        )
    scaled = arrange(frame)
    tried: list[str] = []
    for name in names:
        try:
            fitted = fit_structure(frame, scaled, name, reml)
        except CannotFit as refusal:
            tried.append(str(refusal))
            continue
        tried.extend(f"{name}, {text}" for text in fitted.tried)
        return Fitted(**{**vars(fitted), "tried": tuple(tried)})
    raise CannotFit(" Then: ".join(tried))


def visit_covariances(fitted: Fitted) -> dict[str, Array]:
    """The covariance matrix of each group (m x m); for spatial structures of two times at distance 1."""
    frame, likelihood = fitted.frame, fitted.likelihood
    assert frame.group.levels is not None
    structure, found = likelihood.structure, {}
    for label, part in zip(frame.group.levels, likelihood.split(fitted.optimum.point.theta), strict=True):
        if isinstance(structure, SpatialExponential):
            sigma = structure.build(part, np.array([[0.0, 1.0], [1.0, 0.0]]))
        else:
            sigma = structure.build(part, likelihood.patterns.m)
        found[label] = sigma * fitted.scale**2
    return found
