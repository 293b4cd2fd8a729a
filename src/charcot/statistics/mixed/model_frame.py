"""The rows that a model uses: complete cases with outcome, design, subject, visit, group and weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.columns import Covariate, as_categories, column_of, take_column
from charcot.statistics.mixed.design import FixedEffects, evaluate, make_design, parse_formula
from charcot.statistics.mixed.structures.structure import Array


@dataclass(frozen=True)
class ModelFrame:
    """Complete rows (n), in the order of the data; `rows` are their numbers there.

    `subject`, `visit` and `group` are columns of codes; `times` (n x k coordinates) is there for spatial structures.
    `design` is None if the matrix was given as it is. `columns` are the covariates used.
    """

    outcome: str
    y: Array
    x: Array
    names: tuple[str, ...]
    design: FixedEffects | None
    columns: Mapping[str, Covariate]
    subject: Covariate
    visit: Covariate
    times: Array | None
    group: Covariate
    weights: Array
    rows: NDArray[np.intp]
    n_rows: int

    @property
    def n_subjects(self) -> int:
        """The number of subjects with at least one complete row."""
        assert self.subject.levels is not None
        return len(self.subject.levels)


def _named(data: Any, what: Any, n: int, role: str) -> Covariate:
    """A column by name, or an array given instead of a name."""
    column = take_column(data, what) if isinstance(what, str) else column_of(what)
    if column.values.size != n:
        raise CannotFit(f"{role} has {column.values.size} values for {n} rows of data")
    return column


def _length(data: Any) -> int:
    if isinstance(data, Mapping):
        return len(next(iter(data.values()), ()))
    return len(data)


def _say(labels: list[str]) -> str:
    shown = ", ".join(labels[:5])
    return shown + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")


def require_one_row_a_visit(subject: Covariate, visit: Covariate, visit_name: str) -> None:
    """CannotFit if a subject has two rows at one visit."""
    assert subject.levels is not None and visit.levels is not None
    known = (subject.values >= 0) & (visit.values >= 0)
    keys = subject.values[known] * len(visit.levels) + visit.values[known]
    found, counts = np.unique(keys, return_counts=True)
    if (counts > 1).any():
        pairs = [
            f"{subject.levels[key // len(visit.levels)]} at {visit.levels[key % len(visit.levels)]}"
            for key in found[counts > 1]
        ]
        raise CannotFit(
            f"{len(pairs)} of the subjects' visits have more than one row ({_say(pairs)}): keep one row for each "
            f"subject and {visit_name}"
        )


def require_full_rank(x: Array, names: tuple[str, ...]) -> None:
    """CannotFit naming each column that the columns before it already determine (tolerance 1e-7, as in R)."""
    lengths = np.sqrt((x**2).sum(axis=0))
    kept: list[int] = list(range(x.shape[1]))
    aliased: list[str] = []
    while kept:
        diagonal = np.abs(np.diag(np.linalg.qr(x[:, kept], mode="r")))
        short = np.flatnonzero(diagonal[: len(kept)] <= 1e-7 * lengths[kept][: diagonal.size])
        if short.size:
            aliased.append(names[kept.pop(int(short[0]))])
        elif diagonal.size < len(kept):
            aliased.append(names[kept.pop(diagonal.size)])
        else:
            break
    if aliased:
        raise CannotFit(
            f"the design is rank-deficient: the data cannot tell {_say([repr(name) for name in aliased])} from the "
            "terms before; leave the term out, or merge the levels that are never seen together"
        )


def _place(coordinates: list[Covariate], visit_name: str) -> tuple[Array, Covariate]:
    """Times (n x k) of coordinates, and the column of their combinations."""
    if any(column.levels is not None for column in coordinates):
        raise CannotFit(f"sp_exp needs the time of each visit as a number, but {visit_name!r} holds texts")
    times = np.column_stack([column.values for column in coordinates])
    if times.shape[1] == 1:
        return times, as_categories(coordinates[0])
    known = ~np.isnan(times).any(axis=1)
    places, codes = np.unique(times[known], axis=0, return_inverse=True)
    values = np.full(times.shape[0], -1)
    values[known] = codes.reshape(-1)
    return times, Covariate(values, tuple(", ".join(f"{number:g}" for number in place) for place in places))


def _finish(
    outcome: str,
    y: Array,
    matrix: Any,
    columns: Mapping[str, Covariate],
    roles: Mapping[str, Covariate],
    visits: list[Covariate],
    visit_name: str,
    spatial: bool,
) -> ModelFrame:
    """Leave out incomplete rows, check what is left, and make the design."""
    n = y.size
    subject, group, weights = (roles[role] for role in ("subject", "group", "weights"))
    subject, group = as_categories(subject), as_categories(group)
    times = None
    if spatial:
        times, visit = _place(visits, visit_name)
    else:
        visit = as_categories(visits[0])
        require_one_row_a_visit(subject, visit, visit_name)
    complete = ~(np.isnan(y) | subject.missing | visit.missing | group.missing | weights.missing)
    for column in columns.values():
        complete &= ~column.missing
    if isinstance(matrix, np.ndarray):
        complete &= ~np.isnan(matrix).any(axis=1)
    rows = np.flatnonzero(complete)
    if not rows.size:
        raise CannotFit("no row has the outcome, all covariates, a subject and a visit")
    taken = weights.values[rows]
    if not (np.isfinite(taken) & (taken > 0)).all():
        raise CannotFit("a weight is not a positive number: leave out rows that should not count")
    if np.isinf(y[rows]).any():
        raise CannotFit("a value of the outcome is infinite")
    if not spatial:
        assert visit.levels is not None
        seen = np.bincount(visit.values[rows], minlength=len(visit.levels))
        if empty := [visit.levels[place] for place in np.flatnonzero(seen == 0)]:
            raise CannotFit(
                f"no complete row at {visit_name} {_say([repr(level) for level in empty])}: leave the visit out of "
                "the data (and of its categories), or choose other covariates"
            )
    used = {name: column.take(rows).without_unused_levels() for name, column in columns.items()}
    if isinstance(matrix, np.ndarray):
        design, x = None, matrix[rows]
        names = tuple(f"x{number}" for number in range(1, x.shape[1] + 1))
    else:
        design = make_design(matrix, used.__getitem__)
        x, names = design.encode(used.__getitem__, rows.size)
    if np.isinf(x).any():
        raise CannotFit("a covariate is infinite")
    require_full_rank(x, names)
    if rows.size <= x.shape[1]:
        raise CannotFit(
            f"{rows.size} complete rows cannot estimate {x.shape[1]} coefficients and a covariance"
        )
    frame = ModelFrame(
        outcome=outcome,
        y=y[rows],
        x=x,
        names=names,
        design=design,
        columns=used,
        subject=subject.take(rows).without_unused_levels(),
        visit=visit.take(rows).without_unused_levels(),
        times=None if times is None else times[rows],
        group=group.take(rows).without_unused_levels(),
        weights=taken,
        rows=rows,
        n_rows=n,
    )
    _require_one_group_a_subject(frame)
    if spatial:
        require_one_row_a_visit(frame.subject, frame.visit, visit_name)
    return frame


def _require_one_group_a_subject(frame: ModelFrame) -> None:
    assert frame.group.levels is not None and frame.subject.levels is not None
    if len(frame.group.levels) == 1:
        return
    first = np.zeros(frame.n_subjects, dtype=np.intp)
    first[frame.subject.values[::-1]] = frame.group.values[::-1]
    torn = np.unique(frame.subject.values[first[frame.subject.values] != frame.group.values])
    if torn.size:
        labels = [frame.subject.levels[code] for code in torn]
        raise CannotFit(f"the group must be the same in all rows of a subject, but is not for {_say(labels)}")


def frame_from_formula(
    formula: str,
    data: Any,
    *,
    subject: Any,
    visit: Any,
    group: Any = None,
    weights: Any = None,
    spatial: bool = False,
) -> ModelFrame:
    """The frame of a formula and a polars or pandas frame (or a mapping of columns).

    `subject`, `visit`, `group` and `weights` are names of columns, or arrays with a value for each row; for spatial
    structures `visit` may be a tuple of names, coordinates of a place.
    """
    parsed = parse_formula(formula)
    n = _length(data)
    cache: dict[str, Covariate] = {}

    def get(name: str) -> Covariate:
        if name not in cache:
            cache[name] = take_column(data, name)
        return cache[name]

    if parsed.outcome in parsed.expressions:
        y = evaluate(parsed.outcome, parsed.names_in(parsed.outcome), get)[0][:, 0]
    else:
        column = get(parsed.outcome)
        if column.levels is not None:
            raise CannotFit(f"the outcome {parsed.outcome!r} holds texts, not numbers")
        y = column.values
    several = spatial and isinstance(visit, tuple)
    visits = [_named(data, name, n, "visit") for name in (visit if several else (visit,))]
    roles = {
        "subject": _named(data, subject, n, "subject"),
        "group": Covariate(np.zeros(n, dtype=np.intp), ("all",))
        if group is None
        else _named(data, group, n, "group"),
        "weights": Covariate(np.ones(n), None) if weights is None else _named(data, weights, n, "weights"),
    }
    columns = {name: get(name) for name in parsed.variables}
    visit_name = visit if isinstance(visit, str) else "visit"
    return _finish(parsed.outcome, y, parsed, columns, roles, visits, visit_name, spatial)


def frame_from_arrays(
    y: Any, x: Any, *, subject: Any, visit: Any, group: Any = None, weights: Any = None, spatial: bool = False
) -> ModelFrame:
    """The frame of an outcome (n) and a design matrix (n x p) as they are; NaN is missing."""
    outcome, matrix = np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64)
    if outcome.ndim != 1 or matrix.ndim != 2 or matrix.shape[0] != outcome.size:
        raise CannotFit(f"outcome and design must be n and n x p, not {outcome.shape} and {matrix.shape}")
    n = outcome.size
    for name, given in (("subject", subject), ("visit", visit), ("group", group), ("weights", weights)):
        if isinstance(given, str):
            raise CannotFit(
                f"{name}={given!r} names a column, but arrays were given: give an array of {n} values"
            )
    roles = {
        "subject": _named(None, subject, n, "subject"),
        "group": Covariate(np.zeros(n, dtype=np.intp), ("all",))
        if group is None
        else _named(None, group, n, "group"),
        "weights": Covariate(np.ones(n), None) if weights is None else _named(None, weights, n, "weights"),
    }
    return _finish("y", outcome, matrix, {}, roles, [_named(None, visit, n, "visit")], "visit", spatial)
