"""The slope of each subject by ordinary least squares, such as ALSFRS-R points per month."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class SubjectSlope:
    """The straight line of one subject; None where a number is not defined, and `note` says why ("" if none).

    `slope` and its `standard_error` are in units of value per unit of time, `intercept` is the value at
    time 0, `n` counts the values used, `n_missing` those without a time or a value.
    """

    subject: object
    slope: float | None
    intercept: float | None
    standard_error: float | None
    n: int
    n_missing: int
    note: str


def _say(n: int, still: bool) -> str:
    """Why the line of n values, all at one time if `still`, lacks a number."""
    if n < 2:
        return f"{'one value has' if n else 'no values have'} no slope"
    if still:
        return "all values are of one time: no slope"
    return "two values leave nothing to estimate the standard error" if n == 2 else ""


def estimate_slopes(time: ArrayLike, value: ArrayLike, subject: Iterable[object]) -> tuple[SubjectSlope, ...]:
    """Estimate the least-squares slope of value on time for each subject, in order of first appearance.

    `time` [months, say], `value` [points] and `subject` (any hashable label) have one length; rows with a
    missing time or value (NaN, None) are left out and counted. A slope needs two different times, its standard
    error three values. ValueError for unequal lengths, an infinite number or a missing subject. Source: Draper &
    Smith 1998, chapter 1: slope Sxy / Sxx, standard error sqrt(residual sum of squares / (n - 2) / Sxx).

    >>> first, second = estimate_slopes([0, 1, 2, 3, 0, 6], [40, 39, 39, 36, 30, None], ["P01"] * 4 + ["P02"] * 2)
    >>> print(f"{first.slope:.2f} {first.intercept:.2f} {first.standard_error:.4f}")
    -1.20 40.30 0.4243
    >>> second.slope, second.n, second.note
    (None, 1, 'one value has no slope')
    """
    times, values = np.asarray(time, dtype=np.float64), np.asarray(value, dtype=np.float64)
    labels = subject.tolist() if isinstance(subject, np.ndarray) else list(subject)
    if times.ndim != 1 or times.shape != values.shape or times.size != len(labels):
        raise ValueError(
            f"time, value and subject must have one length, not {times.shape}, {values.shape} and {len(labels)}"
        )
    if any(label is None or label == "" or label != label for label in labels):
        raise ValueError("a subject is missing")
    if np.isinf(times).any() or np.isinf(values).any():
        raise ValueError("a time or a value is infinite")
    places = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    codes = np.array([places[label] for label in labels], dtype=np.intp)

    known = ~(np.isnan(times) | np.isnan(values))
    rows = np.bincount(codes, minlength=len(places))
    codes, times, values = codes[known], times[known], values[known]
    n = np.bincount(codes, minlength=len(places))

    def add(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(codes, weights=numbers, minlength=len(places)).astype(np.float64)

    first = np.zeros(len(places))
    first[codes[::-1]] = times[::-1]
    still = add((times != first[codes]).astype(np.float64)) == 0  # exact: a computed spread is rarely 0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_time, mean_value = add(times) / n, add(values) / n
        off_time, off_value = times - mean_time[codes], values - mean_value[codes]
        spread = add(off_time**2)
        slopes = add(off_time * off_value) / spread
        residuals = add((off_value - slopes[codes] * off_time) ** 2)
        errors = np.sqrt(residuals / (n - 2) / spread)
        intercepts = mean_value - slopes * mean_time
    return tuple(
        SubjectSlope(
            subject=label,
            slope=None if still[place] else float(slopes[place]),
            intercept=None if still[place] else float(intercepts[place]),
            standard_error=None if still[place] or n[place] < 3 else float(errors[place]),
            n=int(n[place]),
            n_missing=int(rows[place] - n[place]),
            note=_say(int(n[place]), bool(still[place])),
        )
        for label, place in places.items()
    )
