"""Conditions in words: what an SQL condition on a dataset asks, said with the labels of its columns."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from charcot.analysis.selection import conjuncts, parse_condition, split_condition
from charcot.datasets import Column, Dataset

_COMPARED: Mapping[type[exp.Expr], str] = {
    exp.EQ: "is",
    exp.NEQ: "is not",
    exp.LT: "is less than",
    exp.LTE: "is at most",
    exp.GT: "is more than",
    exp.GTE: "is at least",
}
Names = Mapping[str, Mapping[str, str]]
"""For a column whose dataset does not list its codes: what each of them is called."""


def describe_condition(where: str, dataset: Dataset, names: Names | None = None) -> str:
    """The condition in words; the SQL itself where it holds something that there are no words for.

    >>> from charcot.datasets.dataset import make_dataset
    >>> columns = (Column("day", "Day", int), Column("died", "Died", bool))
    >>> describe_condition("died AND (day IS NULL OR day <= 365)", make_dataset("d", "D", "row", columns, []))
    '“Died” is true, and “Day” is not known or at most 365'
    """
    parts = [tree for part in split_condition(where) if (tree := parse_condition(part)) is not None]
    if len(parts) < len(split_condition(where)):
        return where
    columns = {column.name: column for column in dataset.columns}
    try:
        return ", and ".join(_say(part, columns, names or {}) for part in parts)
    except KeyError:
        return where


def asked_value(where: str, column: str) -> str | None:
    """The text that the condition asks a column to be equal to; None where it does not."""
    for part in split_condition(where):
        tree = parse_condition(part)
        if isinstance(tree, exp.EQ) and isinstance(tree.this, exp.Column) and tree.this.name == column:
            return str(tree.expression.name)
    return None


def asks_for_a_value(where: str) -> bool:
    """Whether the condition is that a column has a value, whatever it is.

    >>> asks_for_a_value("weight IS NOT NULL"), asks_for_a_value("NOT (weight IS NULL)"), asks_for_a_value("weight > 3")
    (True, True, False)
    """
    tree = parse_condition(where)
    inner = tree.unnest().this if tree is not None and isinstance(tree.unnest(), exp.Not) else None
    asked = inner.unnest() if isinstance(inner, exp.Expr) else None
    return isinstance(asked, exp.Is) and isinstance(asked.expression, exp.Null)


def _say(node: exp.Expr, columns: Mapping[str, Column], names: Names) -> str:
    """The words of one part; KeyError where there are none."""
    node = node.unnest()
    if isinstance(node, exp.Or):
        return _either(node, columns, names)
    if isinstance(node, exp.And):
        return " and ".join(_say(part, columns, names) for part in conjuncts(node))
    subject, predicate = _sentence(node, columns, names)
    return f"{subject} {predicate}"


def _either(node: exp.Expr, columns: Mapping[str, Column], names: Names) -> str:
    """Alternatives; those about the same column name it once."""
    parts = [part.unnest() for part in node.flatten()]
    if any(isinstance(part, exp.And | exp.Or) for part in parts):
        return "either " + ", or ".join(_say(part, columns, names) for part in parts)
    words = ""
    last = ""
    for subject, predicate in (_sentence(part, columns, names) for part in parts):
        if not words:
            words = f"{subject} {predicate}"
        elif subject == last:
            words += f" or {predicate.removeprefix('is ')}"
        else:
            words += f", or {subject} {predicate}"
        last = subject
    return words


def _sentence(node: exp.Expr, columns: Mapping[str, Column], names: Names) -> tuple[str, str]:
    """Subject and predicate of a condition on one column; KeyError for any other."""
    negated = isinstance(node, exp.Not)
    node = node.this.unnest() if negated else node
    column = columns[node.name if isinstance(node, exp.Column) else _name(node)]
    say = _sayer(column, names)
    no = "not " if negated else ""
    match node:
        case exp.Column():
            predicate = f"is {'false' if negated else 'true'}"
        case exp.Is() if isinstance(node.expression, exp.Null):
            predicate = "is known" if negated else "is not known"
        case exp.In() if node.expressions:
            listed = ", ".join(say(item) for item in node.expressions)
            predicate = f"is {'none' if negated else 'one'} of {listed}"
        case exp.Between():
            predicate = f"is {no}from {say(node.args['low'])} to {say(node.args['high'])}"
        case _:
            predicate = f"{no}{_COMPARED[type(node)]} {say(node.expression)}"
    return f"“{column.label}”", predicate


def _name(node: exp.Expr) -> str:
    if not isinstance(node.this, exp.Column):
        raise KeyError(node.sql())
    return str(node.this.name)


def _sayer(column: Column, names: Names) -> Callable[[exp.Expr], str]:
    codes = {**names.get(column.name, {}), **column.codes}

    def say(node: exp.Expr) -> str:
        if isinstance(node, exp.Neg):
            return f"−{say(node.this)}"
        if not isinstance(node, exp.Literal):
            raise KeyError(node.sql())
        return f"“{codes.get(node.name, node.name)}”" if node.is_string else str(node.name)

    return say
