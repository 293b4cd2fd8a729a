"""A formula turned into a design matrix: treatment coding with the rules and the names of R."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.columns import Covariate, as_categories
from charcot.statistics.mixed.structures.structure import Array


@dataclass(frozen=True)
class ModelFormula:
    """An outcome and terms, each a tuple of factors (a column's name or an expression of columns)."""

    outcome: str
    intercept: bool
    terms: tuple[tuple[str, ...], ...]
    expressions: frozenset[str]

    @property
    def variables(self) -> tuple[str, ...]:
        """The columns that the right side needs, in order of appearance."""
        factors = dict.fromkeys(factor for term in self.terms for factor in term)
        return tuple(dict.fromkeys(name for factor in factors for name in self.names_in(factor)))

    def names_in(self, factor: str) -> tuple[str, ...]:
        """The columns that a factor needs."""
        if factor not in self.expressions:
            return (factor,)
        tree = ast.parse(factor, mode="eval")
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        owners = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names = [
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and id(node) not in called and id(node) not in owners
        ]
        return tuple(dict.fromkeys(names))


@lru_cache(maxsize=256)
def parse_formula(text: str) -> ModelFormula:
    """Parse a formula such as "FEV1 ~ RACE + ARMCD * AVISIT" with formulaic.

    >>> parse_formula("y ~ a * b").terms
    (('a',), ('b',), ('a', 'b'))
    """
    from formulaic import Formula  # type: ignore[import-untyped]  # formulaic ships no types

    try:
        parsed = Formula(text, _ordering="none")
    except Exception as error:
        raise CannotFit(f"the formula {text!r} cannot be parsed: {error}") from error
    if not (hasattr(parsed, "lhs") and hasattr(parsed, "rhs")) or len(list(parsed.lhs)) != 1:
        raise CannotFit(
            f"the formula {text!r} needs one outcome and its terms, as in 'change ~ baseline + arm * visit'"
        )
    outcome, right = next(iter(parsed.lhs)), list(parsed.rhs)
    factors = [factor for term in [outcome, *right] for factor in term.factors]
    for factor in factors:
        if "|" in factor.expr:
            raise CannotFit(
                f"{factor.expr!r} does not belong in the formula: name the structure with covariance=, and the "
                "columns with subject=, visit= and group="
            )
    terms = [
        tuple(factor.expr for factor in term.factors if factor.eval_method.value != "literal")
        for term in right
    ]
    places = {
        name: place for place, name in enumerate(dict.fromkeys(name for term in terms for name in term))
    }
    ordered = sorted((tuple(sorted(term, key=places.__getitem__)) for term in terms if term), key=len)
    return ModelFormula(
        outcome=str(outcome.factors[0].expr),
        intercept=any(not term for term in terms),
        terms=tuple(dict.fromkeys(ordered)),
        expressions=frozenset(factor.expr for factor in factors if factor.eval_method.value == "python"),
    )


Getter = Callable[[str], Covariate]


def _category_of(factor: str) -> str | None:
    """The column in C(column)."""
    inner = factor[2:-1].strip() if factor.startswith("C(") and factor.endswith(")") else ""
    return inner if inner.isidentifier() else None


def evaluate(
    expression: str, names: tuple[str, ...], get: Getter, spec: Any = None
) -> tuple[Array, list[str], Any]:
    """An expression of numeric columns as n x k numbers, their names, and what formulaic must remember."""
    import pandas as pd  # type: ignore[import-untyped]  # pandas ships no types
    from formulaic import model_matrix

    columns = {name: get(name) for name in names}
    for name, column in columns.items():
        if column.levels is not None:
            raise CannotFit(f"{expression!r} computes with {name!r}, which holds texts, not numbers")
    frame = pd.DataFrame({name: column.values for name, column in columns.items()})
    try:
        matrix = model_matrix(f"0 + {expression}", frame) if spec is None else spec.get_model_matrix(frame)
    except Exception as error:
        raise CannotFit(f"{expression!r} cannot be computed: {error}") from error
    return np.asarray(matrix, dtype=np.float64), [str(name) for name in matrix.columns], matrix.model_spec


@dataclass(frozen=True)
class Factor:
    """How a factor is coded: by its `levels`, or as numbers under `labels`; `spec` is formulaic's memory."""

    names: tuple[str, ...]
    levels: tuple[str, ...] | None
    labels: tuple[str, ...]
    spec: Any = None


@dataclass(frozen=True)
class FixedEffects:
    """A formula with the coding of its factors; makes the matrix for these and for other rows."""

    formula: ModelFormula
    factors: Mapping[str, Factor]

    def _full(self) -> set[tuple[int, str]]:
        """Terms and factors coded by every level: those whose margin is not in the model (as in R)."""
        present = {frozenset(term) for term in self.formula.terms}
        if self.formula.intercept:
            present.add(frozenset())
        found: set[tuple[int, str]] = set()
        for number, term in enumerate(self.formula.terms):
            for name in term:
                if self.factors[name].levels is None:
                    continue
                if frozenset(term) - {name} not in present:
                    found.add((number, name))
                    if len(term) == 1:
                        present.add(frozenset())  # one factor by every level stands for the intercept
        return found

    def encode(self, get: Getter, n: int) -> tuple[Array, tuple[str, ...]]:
        """The matrix (n x p) and its names; the first factor of an interaction varies fastest, as in R."""
        full = self._full()
        blocks: list[Array] = [np.ones((n, 1))] if self.formula.intercept else []
        names: list[str] = ["(Intercept)"] if self.formula.intercept else []
        coded: dict[tuple[str, bool], tuple[Array, list[str]]] = {}
        for number, term in enumerate(self.formula.terms):
            parts = []
            for name in term:
                key = (name, (number, name) in full)
                if key not in coded:
                    coded[key] = self._code(name, get, key[1])
                parts.append(coded[key])
            block, labels = parts[0]
            for other, other_labels in parts[1:]:
                block = (other[:, :, None] * block[:, None, :]).reshape(n, -1)
                labels = [f"{first}:{second}" for second, first in product(other_labels, labels)]
            blocks.append(block)
            names.extend(labels)
        if not blocks:
            raise CannotFit("the formula has no terms: leave the intercept in, or name a term")
        return np.concatenate(blocks, axis=1), tuple(names)

    def _code(self, name: str, get: Getter, full: bool) -> tuple[Array, list[str]]:
        factor = self.factors[name]
        if factor.levels is None:
            if factor.spec is not None:
                return evaluate(name, factor.names, get, factor.spec)[0], list(factor.labels)
            return get(factor.names[0]).values[:, None], list(factor.labels)
        column = match_levels(as_categories(get(factor.names[0])), factor.levels, factor.names[0])
        codes = np.arange(0 if full else 1, len(factor.levels))
        block = (column.values[:, None] == codes[None, :]).astype(np.float64)
        return block, [f"{name}{factor.levels[code]}" for code in codes]


def match_levels(column: Covariate, levels: tuple[str, ...], name: str) -> Covariate:
    """The codes of a column in other levels; CannotFit names a level that the model does not know."""
    if column.levels == levels:
        return column
    assert column.levels is not None
    places = {level: place for place, level in enumerate(levels)}
    used = {column.levels[code] for code in np.unique(column.values[column.values >= 0])}
    if unknown := sorted(used - places.keys()):
        raise CannotFit(f"{name!r} has levels that the model does not know: {', '.join(map(repr, unknown))}")
    turn = np.array([places.get(level, -1) for level in column.levels] + [-1])
    return Covariate(turn[column.values], levels)


def make_design(formula: ModelFormula, get: Getter) -> FixedEffects:
    """Decide the coding of each factor from the columns that `get` returns (complete rows only)."""
    factors: dict[str, Factor] = {}
    for name in dict.fromkeys(name for term in formula.terms for name in term):
        category = _category_of(name)
        if category is not None:
            levels = as_categories(get(category)).without_unused_levels().levels
            factors[name] = Factor((category,), levels, ())
        elif name in formula.expressions:
            _, labels, spec = evaluate(name, formula.names_in(name), get)
            factors[name] = Factor(formula.names_in(name), None, tuple(labels), spec)
        else:
            column = get(name).without_unused_levels()
            factors[name] = Factor((name,), column.levels, (name,))
        known = factors[name].levels
        if known is not None and len(known) < 2:
            raise CannotFit(
                f"{name!r} has only the level {', '.join(map(repr, known))} where the outcome is known: "
                "leave it out of the formula"
            )
    return replace(FixedEffects(formula, {}), factors=factors)
