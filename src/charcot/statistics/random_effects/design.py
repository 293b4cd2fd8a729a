"""From a formula and a frame, or from arrays, to the matrices of a mixed model, with what is missing left out and counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.columns import Covariate, as_categories, column_of, take_column
from charcot.statistics.mixed.design import FixedEffects, evaluate, make_design, parse_formula
from charcot.statistics.mixed.model_frame import require_full_rank
from charcot.statistics.random_effects.compression import FloatArray

Getter = Callable[[str], Covariate]


@dataclass(frozen=True)
class Knot:
    """A bend of the line: the time column and where it lies; it offers the columns `before` and `after` to the formula.

    `before` is min(time - at, 0), `after` is max(time - at, 0): with both in a formula, each has its own slope.
    """

    time: str
    at: float

    @property
    def before(self) -> str:
        """The name of the time up to the knot, at most 0."""
        return f"{self.time}_before"

    @property
    def after(self) -> str:
        """The name of the time from the knot on, at least 0."""
        return f"{self.time}_after"


@dataclass(frozen=True, eq=False)
class RandomDesign:
    """Outcome `y` n, fixed columns `x` n x p, random columns `z` n x q, subject of each row (codes into `subjects`).

    `rows` are the places of the n rows among the `n_rows` given. `fixed` and `random` make the same columns of other
    rows; None where arrays were given.
    """

    y: FloatArray
    x: FloatArray
    z: FloatArray
    codes: NDArray[np.intp]
    subjects: tuple[str, ...]
    terms: tuple[str, ...]
    effects: tuple[str, ...]
    rows: NDArray[np.intp]
    n_rows: int
    fixed: FixedEffects | None
    random: FixedEffects | None
    knot: Knot | None


def make_getter(data: Any, knot: Knot | None) -> Getter:
    """Columns by name, among them those of the knot; CannotFit names the columns there are."""

    def get(name: str) -> Covariate:
        if knot is None or name not in (knot.before, knot.after):
            return take_column(data, name)
        time = take_column(data, knot.time)
        if time.levels is not None:
            raise CannotFit(f"the knot needs numbers, but {knot.time!r} holds texts")
        away = time.values - knot.at
        return Covariate(np.minimum(away, 0.0) if name == knot.before else np.maximum(away, 0.0), None)

    return get


def count_rows(data: Any) -> int:
    """The number of rows of a frame, or of a mapping of columns."""
    return len(next(iter(data.values()), ())) if isinstance(data, Mapping) else len(data)


def design_from_formula(
    formula: str, data: Any, subject: str, random: str, knot: Knot | None
) -> RandomDesign:
    """The design of a formula on a polars or pandas frame, or a mapping of columns; incomplete rows are left out."""
    if "|" in formula or "|" in random:
        raise CannotFit(
            f"{formula if '|' in formula else random!r} holds a bar: random effects have arguments of their own. "
            "Instead of `y ~ x + (x | id)` write the formula 'y ~ x' with random='1 + x' and subject='id'; instead "
            "of `||` add correlated=False"
        )
    parsed = parse_formula(formula)
    varying = parse_formula(f"{parsed.outcome} ~ {random}")
    get, n = make_getter(data, knot), count_rows(data)
    if parsed.outcome in parsed.expressions:
        y = evaluate(parsed.outcome, parsed.names_in(parsed.outcome), get)[0][:, 0]
    else:
        column = get(parsed.outcome)
        if column.levels is not None:
            raise CannotFit(f"the outcome {parsed.outcome!r} holds texts, not numbers")
        y = column.values
    columns = {name: get(name) for name in dict.fromkeys((*parsed.variables, *varying.variables))}
    who = as_categories(get(subject))
    known = ~(np.isnan(y) | who.missing)
    for column in columns.values():
        known &= ~column.missing
    rows = np.flatnonzero(known)
    if not rows.size:
        raise CannotFit("no row has the outcome, all covariates and a subject")
    used = {name: column.take(rows) for name, column in columns.items()}
    fixed, effects = make_design(parsed, used.__getitem__), make_design(varying, used.__getitem__)
    x, terms = fixed.encode(used.__getitem__, rows.size)
    z, named = effects.encode(used.__getitem__, rows.size)
    codes, subjects = _code(who.take(rows))
    return RandomDesign(y[rows], x, z, codes, subjects, terms, named, rows, n, fixed, effects, knot)


def design_from_arrays(y: Any, x: Any, subject: Any, z: Any) -> RandomDesign:
    """The design of arrays: `y` n, `x` n x p, `subject` n labels, `z` n x q; incomplete rows are left out."""
    outcome, fixed, effects = (np.asarray(part, dtype=np.float64) for part in (y, x, z))
    fixed, effects = (part[:, None] if part.ndim == 1 else part for part in (fixed, effects))
    who = as_categories(column_of(subject))
    if outcome.ndim != 1 or not outcome.size == fixed.shape[0] == effects.shape[0] == who.values.size:
        raise CannotFit(
            "outcome, fixed columns, random columns and subject must have one length, not "
            f"{outcome.shape}, {fixed.shape}, {effects.shape} and {who.values.size}"
        )
    known = ~(np.isnan(np.column_stack([outcome, fixed, effects])).any(axis=1) | who.missing)
    rows = np.flatnonzero(known)
    if not rows.size:
        raise CannotFit("no row has an outcome, all columns and a subject")
    codes, subjects = _code(who.take(rows))
    terms, named = (
        tuple(f"{letter}{place + 1}" for place in range(part.shape[1]))
        for letter, part in (("x", fixed), ("z", effects))
    )
    return RandomDesign(
        outcome[rows], fixed[rows], effects[rows], codes, subjects, terms, named, rows, outcome.size, None, None, None
    )  # fmt: skip


def _code(who: Covariate) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    found = who.without_unused_levels()
    assert found.levels is not None
    return found.values.astype(np.intp), found.levels


def require_fittable(design: RandomDesign) -> None:
    """Refuse a design that cannot be fitted, in words: infinite, rank-deficient, too few subjects or values."""
    n, p, q, m = design.y.size, design.x.shape[1], design.z.shape[1], len(design.subjects)
    if not all(np.isfinite(part).all() for part in (design.y, design.x, design.z)):
        raise CannotFit("a value is infinite: correct it, or leave its row out")
    if m <= q:
        raise CannotFit(
            f"{count(m, 'subject')} cannot tell how {count(q, 'random effect')} of subjects vary: at least {q + 1} are "
            "needed" + ("; with random='1' two are enough" if q > 1 else "")
        )
    if n <= p + 1:
        raise CannotFit(
            f"{count(n, 'value')} cannot carry {count(p, 'fixed effect')} and leave a residual: shorten the formula"
        )
    require_full_rank(design.x, design.terms)
    require_full_rank(design.z, tuple(f"{name} (random)" for name in design.effects))
    if n <= m * q:
        raise CannotFit(
            f"{n} values of {m} subjects cannot carry {count(q, 'random effect')} of each and a residual beside: "
            "they cannot be told apart"
            + ("; try random='1'" if q > 1 else ", with one value of each subject")
        )


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "subject"), count(2, "subject")
    ('1 subject', '2 subjects')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")
