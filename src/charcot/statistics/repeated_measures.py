"""Repeated-measures analysis of variance: one factor within subjects, and one between if wanted; complete cases only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.statistics.distributions import compute_f_tail
from charcot.statistics.sphericity import Sphericity, compute_sphericity


@dataclass(frozen=True)
class WithinEffect:
    """An effect tested within subjects against its error: sums of squares, df, F, and p uncorrected.

    `p_huynh_feldt` uses an epsilon of at most 1, and is None where the epsilon is.
    """

    sum_of_squares: float
    df: int
    mean_square: float
    error_sum_of_squares: float
    error_df: int
    error_mean_square: float
    f: float
    p: float
    p_greenhouse_geisser: float
    p_huynh_feldt: float | None


@dataclass(frozen=True)
class BetweenEffect:
    """An effect tested between subjects against subjects within groups."""

    sum_of_squares: float
    df: int
    mean_square: float
    error_sum_of_squares: float
    error_df: int
    error_mean_square: float
    f: float
    p: float


@dataclass(frozen=True)
class Grouping:
    """A factor between subjects: its groups, how many complete subjects each has, and their means (by level).

    `effect` tests the groups, `interaction` whether they change alike over the levels.
    """

    groups: tuple[str, ...]
    n: tuple[int, ...]
    means: tuple[tuple[float, ...], ...]
    effect: BetweenEffect
    interaction: WithinEffect


@dataclass(frozen=True, repr=False)
class RepeatedMeasuresAnova:
    """A repeated-measures analysis of variance; `print` shows its table.

    `n` subjects have every level; `dropped` holds the row numbers (from 0) of the `n_dropped` who have not.
    `means` are those of the complete, one for each of `levels`. `within` tests the factor; subjects (within groups)
    and total sums of squares complete the table. `between` is there if groups were given; the parts of the table add up
    to the total only if groups are of one size. `note` gives the reason for each None.
    """

    n: int
    n_dropped: int
    dropped: tuple[int, ...]
    levels: tuple[str, ...]
    means: tuple[float, ...]
    within: WithinEffect
    sphericity: Sphericity
    subjects_sum_of_squares: float
    subjects_df: int
    total_sum_of_squares: float
    total_df: int
    between: Grouping | None = None

    @property
    def note(self) -> str:
        """Why a number is not defined; "" where all are."""
        return self.sphericity.note

    @property
    def methods_sentence(self) -> str:
        """What was done, for a paper, with the warning of what leaving out the incomplete does."""
        test = (
            "Sphericity holds by definition with two levels, so no correction is due."
            if len(self.levels) == 2
            else "Sphericity was examined by Mauchly's test; p values are given uncorrected and with the degrees "
            "of freedom corrected after Greenhouse–Geisser and Huynh–Feldt (with Lecoutre's correction)."
        )
        left = {0: "none here", 1: "1 here"}.get(self.n_dropped, f"{self.n_dropped} here")
        return (
            f"Values at {len(self.levels)} levels ({self.levels[0]} to {self.levels[-1]}) were compared by analysis "
            f"of variance with one within-participant factor{self._say_groups()} in the {self.n} of "
            f"{self.n + self.n_dropped} participants who have a value at each. {test} Participants with a missing value (such as those who "
            f"died) are left out ({left}): the result describes only those measured every time, and can look "
            "better than the course of all."
        )

    def _say_groups(self) -> str:
        if self.between is None:
            return ""
        sizes = ", ".join(f"{name} {n}" for name, n in zip(self.between.groups, self.between.n, strict=True))
        return f" and one between participants ({sizes}; sums of squares of type III, sum-to-zero contrasts)"

    def __repr__(self) -> str:
        effect = self.within
        if self.between is not None:
            both = self.between.interaction
            return (
                f"RepeatedMeasuresAnova(n={self.n}, n_dropped={self.n_dropped}, levels={len(self.levels)}, "
                f"groups={len(self.between.groups)}: interaction F({both.df}, {both.error_df}) = {both.f:.5g}, "
                f"p = {both.p:.3g})"
            )
        return (
            f"RepeatedMeasuresAnova(n={self.n}, n_dropped={self.n_dropped}, levels={len(self.levels)}: "
            f"F({effect.df}, {effect.error_df}) = {effect.f:.5g}, p = {effect.p:.3g})"
        )

    def __str__(self) -> str:
        effect, shape = self.within, self.sphericity
        rows = ", ".join(map(str, self.dropped[:10])) + (", …" if self.n_dropped > 10 else "")
        mauchly = (
            f"Mauchly's W = {shape.w:.3g}, chi-squared({shape.df}) = {shape.chi_squared:.4g}, p = {shape.p:.3g}"
            if shape.w is not None
            else "Mauchly's test: not defined"
        )
        used = " (1 used)" if (shape.huynh_feldt or 0) > 1 else ""
        lines = [
            f"Repeated-measures ANOVA of {len(self.levels)} levels ({self.levels[0]} to {self.levels[-1]})",
            f"n = {self.n}; dropped as incomplete: {self.n_dropped}" + (f" (rows {rows})" if rows else ""),
            f"{'':8}{'sum of squares':>15}{'df':>6}{'mean square':>13}{'F':>9}{'p':>10}{'p (GG)':>10}{'p (HF)':>13}",
            _line("levels", effect),
            *([_line("x groups", self.between.interaction)] if self.between else []),
            f"{'error':8}{effect.error_sum_of_squares:>15.6g}{effect.error_df:>6}{effect.error_mean_square:>13.6g}",
            *([_line("groups", self.between.effect)] if self.between else []),
            f"{'subjects':8}{self.subjects_sum_of_squares:>15.6g}{self.subjects_df:>6}",
            f"{'total':8}{self.total_sum_of_squares:>15.6g}{self.total_df:>6}",
            mauchly,
            f"epsilon: Greenhouse–Geisser {shape.greenhouse_geisser:.4g}, "
            f"Huynh–Feldt {_show(shape.huynh_feldt)}{used}",
        ]
        return "\n".join([*lines, self.note] if self.note else lines)


def _line(name: str, effect: WithinEffect | BetweenEffect) -> str:
    corrected = (
        f"{effect.p_greenhouse_geisser:>10.3g}{_show(effect.p_huynh_feldt):>13}"
        if isinstance(effect, WithinEffect)
        else ""
    )
    return (
        f"{name:8}{effect.sum_of_squares:>15.6g}{effect.df:>6}{effect.mean_square:>13.6g}"
        f"{effect.f:>9.4g}{effect.p:>10.3g}{corrected}"
    )


def _show(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.4g}"


def _make_contrasts(k: int) -> NDArray[np.float64]:
    """The k x (k - 1) orthonormal Helmert contrasts: each level against the mean of those before it."""
    steps = np.arange(1, k, dtype=np.float64)
    contrasts = np.triu(np.ones((k, k - 1)))
    contrasts[1:][np.diag_indices(k - 1)] = -steps
    return contrasts / np.sqrt(steps * (steps + 1))


def _label(levels: Sequence[object] | None, k: int) -> tuple[str, ...]:
    labels = tuple(str(level) for level in (range(1, k + 1) if levels is None else levels))
    if len(labels) != k:
        raise ValueError(f"{len(labels)} labels do not fit {k} levels")
    if len(set(labels)) < k:
        raise ValueError("a level is named twice")
    return labels


def _test_within(effect: float, df: int, error: float, error_df: int, shape: Sphericity) -> WithinEffect:
    square, error_square = effect / df, error / error_df
    f, hf = square / error_square, shape.huynh_feldt
    p, p_gg, p_hf = (
        compute_f_tail(f, epsilon * df, epsilon * error_df)
        for epsilon in (1.0, shape.greenhouse_geisser, 1.0 if hf is None else min(1.0, hf))
    )
    return WithinEffect(
        effect, df, square, error, error_df, error_square, f, p, p_gg, None if hf is None else p_hf
    )


def _test_between(effect: float, df: int, error: float, error_df: int) -> BetweenEffect:
    if error <= 0:
        raise ValueError(
            "the subjects of each group have the same mean, so nothing is left as error between them"
        )
    square, error_square = effect / df, error / error_df
    f = square / error_square
    return BetweenEffect(
        effect, df, square, error, error_df, error_square, f, compute_f_tail(f, df, error_df)
    )


def _group(between: Sequence[object] | None, n: int) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Sorted groups, and the group of each subject, -1 where it is missing; one group if there is no factor."""
    if between is None:
        return ("all",), np.zeros(n, dtype=np.intp)
    labels = [None if label is None or label != label else str(label) for label in between]
    if len(labels) != n:
        raise ValueError(f"{len(labels)} groups do not fit {n} subjects")
    groups = tuple(sorted({label for label in labels if label is not None}))
    if len(groups) < 2:
        raise ValueError(f"a factor between subjects needs two groups, not {len(groups)}")
    return groups, np.array([-1 if label is None else groups.index(label) for label in labels], dtype=np.intp)


def repeated_measures_anova(
    values: ArrayLike,
    *,
    levels: Sequence[object] | None = None,
    between: Sequence[object] | None = None,
) -> RepeatedMeasuresAnova:
    """Compare repeated measurements by analysis of variance: a factor within subjects, and groups if given.

    `values` is subjects x levels [any unit], NaN or None missing; a subject who misses any level is dropped and
    listed. `levels` names the columns, by default 1 to k. `between` is the group of each subject (a missing one drops
    the subject); effects are then of type III with sum-to-zero contrasts: the within effect is that of the
    unweighted mean of the groups, so that groups may differ in size. ValueError for another shape, fewer than two
    levels, groups or complete subjects, a group without any, an infinite value, labels that do not fit, or no
    variation to serve as error. Source: Maxwell & Delaney 2004, chapters 11 and 12; corrections as in
    `compute_sphericity`; as R's afex. Effect sizes are left out, for want of an independent reference.

    >>> result = repeated_measures_anova(  # five people, four drugs (Winer 1971), and one who missed a day
    ...     [[30, 28, 16, 34], [14, 18, 10, 22], [24, 20, 18, 30], [38, 34, 20, 44], [26, 28, 14, 30],
    ...      [22, None, 12, 24]])
    >>> result
    RepeatedMeasuresAnova(n=5, n_dropped=1, levels=4: F(3, 12) = 24.759, p = 1.99e-05)
    >>> print(f"{result.sphericity.greenhouse_geisser:.4f} {result.within.p_greenhouse_geisser:.4f}")
    0.6049 0.0006
    >>> result.dropped
    (5,)
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"the values must form a table of subjects by levels, not the shape {array.shape}")
    if (k := array.shape[1]) < 2:
        raise ValueError(f"repeated measures need at least two levels, not {k}")
    labels = _label(levels, k)
    if np.isinf(array).any():
        raise ValueError("a value is infinite")
    groups, codes = _group(between, array.shape[0])
    missing = np.isnan(array).any(axis=1) | (codes < 0)
    complete, codes = array[~missing], codes[~missing]
    if (n := complete.shape[0]) < 2:
        raise ValueError(f"{n} of {array.shape[0]} subjects have a value at every level: two are needed")

    sizes = np.bincount(codes, minlength=len(groups)).astype(np.float64)
    if empty := [name for name, size in zip(groups, sizes, strict=True) if size == 0]:
        raise ValueError(
            f"nobody in group {', '.join(empty)} has a value at every level: leave the group out"
        )
    free = n - len(groups)
    if free < 1:
        raise ValueError(f"{n} complete subjects in {len(groups)} groups leave nothing as error")
    centred = complete - complete.mean()
    contrasts = centred @ _make_contrasts(k)
    share = (codes[:, None] == np.arange(len(groups))) / sizes
    of_groups = share.T @ contrasts
    residuals = contrasts - of_groups[codes]
    products = residuals.T @ residuals
    error = float(np.trace(products))
    if error <= n * k * (8 * np.finfo(np.float64).eps * float(np.abs(complete).max())) ** 2:
        raise ValueError(
            "the data are constant: every subject changes by the same amounts, so nothing is left as error"
        )
    shape = compute_sphericity(products, free)
    effect = len(groups) ** 2 / float((1 / sizes).sum()) * float((of_groups.mean(axis=0) ** 2).sum())
    people = centred.mean(axis=1)
    group_people = share.T @ people
    subjects = k * float(((people - group_people[codes]) ** 2).sum())
    grouping = None
    if between is not None:
        means = share.T @ complete
        grouping = Grouping(
            groups,
            tuple(int(size) for size in sizes),
            tuple(tuple(float(mean) for mean in row) for row in means),
            _test_between(
                k * float(sizes @ (group_people - people.mean()) ** 2), len(groups) - 1, subjects, free
            ),
            _test_within(
                float(sizes @ ((of_groups - contrasts.mean(axis=0)) ** 2).sum(axis=1)),
                (k - 1) * (len(groups) - 1),
                error,
                (k - 1) * free,
                shape,
            ),
        )
    return RepeatedMeasuresAnova(
        n=n,
        n_dropped=int(missing.sum()),
        dropped=tuple(int(row) for row in np.flatnonzero(missing)),
        levels=labels,
        means=tuple(float(mean) for mean in complete.mean(axis=0)),
        within=_test_within(effect, k - 1, error, (k - 1) * free, shape),
        sphericity=shape,
        subjects_sum_of_squares=subjects,
        subjects_df=free,
        total_sum_of_squares=float(((centred - centred.mean()) ** 2).sum()),
        total_df=n * k - 1,
        between=grouping,
    )
