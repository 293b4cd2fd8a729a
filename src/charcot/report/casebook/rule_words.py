"""Rules of a form in words: under which condition a question is asked, said with the questions' own labels."""

import polars as pl
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from charcot.datasets import Column
from charcot.datasets.dataset import make_dataset
from charcot.protocol import Form, Item, Protocol
from charcot.report.condition_words import describe_condition

MANY = 3
"""Alternatives that are said together."""


def describe_rule(rule: str, form: Form, protocol: Protocol) -> str:
    """The rule in words; the rule itself, on one line, where it holds something that there are no words for."""
    plain = " ".join(rule.split())
    try:
        tree = parse_one(plain)
    except SqlglotError:
        return plain
    columns: dict[str, Column] = {}
    for found in list(tree.find_all(exp.Column)):
        owner = protocol.forms_by_id.get(found.table) if found.table else form
        item = owner.item(found.name) if owner else None
        if owner is None or item is None or found.args.get("db"):
            return plain
        name = found.name if owner.form == form.form else f"{owner.form}__{item.id}"
        found.replace(exp.column(name))
        columns[name] = _column(name, item, owner, form, protocol)
    if not columns:
        return plain
    if said := _any_alike(tree, columns):
        return said
    asked = tree.sql()
    words = describe_condition(asked, make_dataset("rule", "", "", tuple(columns.values()), []))
    return plain if words == asked else words


def _any_alike(tree: exp.Expr, columns: dict[str, Column]) -> str:
    """The words where any of several questions has one and the same answer; empty for another rule."""
    parts = [part.unnest() for part in tree.unnest().flatten()] if isinstance(tree.unnest(), exp.Or) else []
    if len(parts) < MANY or not all(
        isinstance(part, exp.EQ) and isinstance(part.this, exp.Column) and part.expression.is_string
        for part in parts
    ):
        return ""
    answers = {part.expression.name for part in parts}
    if len(answers) > 1:
        return ""
    answer = answers.pop()
    asked = [columns[part.this.name] for part in parts]
    labels = ", ".join(f"“{column.label}”" for column in asked)
    return f"any of these is “{asked[0].codes.get(answer, answer)}”: {labels}"


def _column(name: str, item: Item, owner: Form, form: Form, protocol: Protocol) -> Column:
    codes = {code.code: code.label for code in protocol.codes_of(item)}
    label = item.label if owner.form == form.form else f"{item.label} ({owner.title})"
    return Column(name, label, pl.String, codes=codes)
