"""The joint model of PRO-ACT for many people at many times: computed once for each first score, then read between months."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.scales import compute_expected_course
from charcot.scales.natural_history import ALSFRS_R_SLOPE

Numbers = NDArray[np.float64]


class ProActCourses:
    """Courses of n people from their first ALSFRS-R [points] up to `last` months; read at n times, one of each person.

    Between whole months by cubic splines, of the cumulative hazard for survival; the error is below 1e-4.
    """

    def __init__(self, first_score: ArrayLike, last: float) -> None:
        self._first = np.asarray(first_score, dtype=np.float64)
        self._distinct, self._place = np.unique(self._first, return_inverse=True)
        self._grid = np.arange(0.0, np.ceil(last) + 2)
        course = compute_expected_course(self._grid, self._distinct)
        self._hazard = -np.log(course.survival)
        self._score, self._score_alive = course.score, course.score_alive

    def survival(self, months: ArrayLike) -> Numbers:
        """The chance of each to be alive then."""
        return np.asarray(np.exp(-np.maximum(0.0, self._read(self._hazard, months))))

    def line(self, months: ArrayLike) -> Numbers:
        """The first score and the mean slope of PRO-ACT, as if everything else were equal."""
        return np.asarray(self._first + ALSFRS_R_SLOPE * np.asarray(months, dtype=np.float64))

    def score(self, months: ArrayLike) -> Numbers:
        """The mean score, regressed to the mean, as if nobody died."""
        return self._read(self._score, months)

    def score_alive(self, months: ArrayLike) -> Numbers:
        """The mean score of those alive then."""
        return self._read(self._score_alive, months)

    def _read(self, table: Numbers, months: ArrayLike) -> Numbers:
        from scipy.interpolate import CubicSpline  # slow to import, so only here

        when = np.asarray(months, dtype=np.float64)
        found = np.full(when.shape, np.nan)
        for row in range(self._distinct.size):
            mine = (self._place == row) & ~np.isnan(when)
            if mine.any() and not np.isnan(table[row]).any():
                found[mine] = CubicSpline(self._grid, table[row])(when[mine])
        return found
