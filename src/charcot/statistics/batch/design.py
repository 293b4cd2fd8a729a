"""One design for many data sets: its rows by subject and visit, in the user's terms and in orthonormal ones."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from charcot.statistics.batch.moments import DesignProducts, Floats, derive_products
from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.design import parse_formula
from charcot.statistics.mixed.model_frame import frame_from_formula


@dataclass(frozen=True, repr=False)
class BatchDesign:
    """The design `x` (subjects, visits, p) of data sets that differ in outcomes alone."""

    x: Floats
    terms: tuple[str, ...]
    subjects: tuple[str, ...]
    visits: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"BatchDesign({len(self.subjects)} subjects, {len(self.visits)} visits, {len(self.terms)} terms)"
        )

    @cached_property
    def triangle(self) -> Floats:
        """R of x = Q R (p, p), where the columns of Q have the mean square 1."""
        return np.asarray(np.linalg.qr(self.x.reshape(-1, len(self.terms)), mode="r") / np.sqrt(self._rows))

    @cached_property
    def products(self) -> DesignProducts:
        """Q by subject and visit, with its products."""
        flat = np.linalg.solve(self.triangle.T, self.x.reshape(-1, len(self.terms)).T).T
        return derive_products(np.ascontiguousarray(flat.reshape(self.x.shape)))

    @property
    def _rows(self) -> int:
        return len(self.subjects) * len(self.visits)


def batch_design(formula: str, data: Any, *, subject: str, visit: str) -> BatchDesign:
    """The design of a formula such as "~ baseline + arm * visit" on a row for each subject and visit.

    `data` is a polars or pandas frame or a mapping of columns; an outcome on the left of the formula is not looked
    at. Levels are sorted and the first is the reference, as in `mmrm`. CannotFit where a row or a value is missing,
    or where terms cannot be told apart.

    >>> data = {"person": list("AABBCC"), "month": ["m1", "m2"] * 3, "arm": ["a"] * 2 + ["b"] * 4}
    >>> batch_design("~ arm * month", data, subject="person", visit="month").terms
    ('(Intercept)', 'armb', 'monthm2', 'armb:monthm2')
    """
    right = formula.partition("~")[2] or formula
    needed = [*parse_formula(f"outcome ~ {right}").variables, subject, visit]
    columns = {name: data[name] for name in dict.fromkeys(needed)}
    rows = len(columns[subject])
    frame = frame_from_formula(
        f"outcome ~ {right}", {**columns, "outcome": np.zeros(rows)}, subject=subject, visit=visit
    )
    assert frame.subject.levels is not None and frame.visit.levels is not None
    subjects, visits = frame.subject.levels, frame.visit.levels
    if frame.y.size != len(subjects) * len(visits):
        raise CannotFit(
            f"the design has {frame.y.size} complete rows for {len(subjects)} subjects at {len(visits)} visits: give "
            "each subject a row at each visit; what a data set lacks is missing (NaN) in its outcomes"
        )
    x = np.empty((len(subjects), len(visits), frame.x.shape[1]))
    x[frame.subject.values, frame.visit.values] = frame.x
    return BatchDesign(x, frame.names, subjects, visits)


def design_of(given: Any) -> BatchDesign:
    """A design as it is, or one from an array (subjects, visits, p). CannotFit where it cannot be one."""
    if isinstance(given, BatchDesign):
        return given
    x = np.asarray(given, dtype=np.float64)
    if x.ndim != 3 or not np.isfinite(x).all():
        raise CannotFit("a design is an array (subjects, visits, coefficients) of known numbers")
    subjects, visits, width = x.shape
    if np.linalg.matrix_rank(x.reshape(-1, width)) < width:
        raise CannotFit("the design is rank-deficient: some column is a combination of the others")
    return BatchDesign(
        x,
        tuple(f"x{number}" for number in range(1, width + 1)),
        tuple(map(str, range(1, subjects + 1))),
        tuple(map(str, range(1, visits + 1))),
    )
