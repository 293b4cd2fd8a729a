"""Each kind of part a rule can have, typed and rewritten for polars; whatever is not here is refused."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlglot import exp

from charcot.protocol.rules.calls import BUILTINS, type_anonymous, type_builtin
from charcot.protocol.rules.cases import type_case
from charcot.protocol.rules.comparing import SIGNS, compare, partial
from charcot.protocol.rules.conditions import truth
from charcot.protocol.rules.draft import RuleDraft, Typed, quoted
from charcot.protocol.rules.kinds import Kind
from charcot.protocol.rules.names import type_name
from charcot.protocol.rules.syntax import refuse

_NUMBERS = ("whole", "number")


def typed(node: exp.Expr, draft: RuleDraft) -> Typed:
    """The kind of a part, and the SQL that polars evaluates for it."""
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(node, draft)
    refuse(node, draft.notes)
    return draft.wrong(node)


def _paren(node: exp.Paren, draft: RuleDraft) -> Typed:
    return typed(node.this, draft)


def _joined(node: exp.And | exp.Or, draft: RuleDraft) -> Typed:
    word = "AND" if isinstance(node, exp.And) else "OR"
    left, right = truth(node.left, draft), truth(node.right, draft)
    if "wrong" in (left.kind, right.kind):
        return draft.wrong(node)
    return Typed(f"({left.sql} {word} {right.sql})", "truth", node, level=max(left.level, right.level))


def _not(node: exp.Not, draft: RuleDraft) -> Typed:
    part = truth(node.this, draft)
    return part if part.kind == "wrong" else Typed(f"(NOT {part.sql})", "truth", node, level=part.level)


def _comparison(node: Any, draft: RuleDraft) -> Typed:
    return compare(typed(node.left, draft), SIGNS[type(node)], typed(node.right, draft), node, draft)


def _is(node: exp.Is, draft: RuleDraft) -> Typed:
    if not isinstance(node.expression, exp.Null):
        what = f"{node.sql()} is not something a rule can contain"
        return draft.mistake("rule-unsupported", node, what, "write the condition itself, or IS NULL")
    part = typed(node.this, draft)
    if part.kind in ("wrong", "nothing"):
        return draft.wrong(node) if part.kind == "wrong" else replace(part, sql="TRUE", kind="truth")
    return Typed(f"({part.sql} IS NULL)", "truth", node, level=part.level)


def _in(node: exp.In, draft: RuleDraft) -> Typed:
    if node.args.get("query") is not None or node.args.get("unnest") is not None:
        refuse(node.args.get("query") or node, draft.notes)
        return draft.wrong(node)
    left = typed(node.this, draft)
    if not node.expressions:
        return draft.mistake("rule-syntax", node, "IN is followed by an empty list", "write IN ('a', 'b')")
    answers = [compare(left, "=", typed(answer, draft), node, draft) for answer in node.expressions]
    return _chain(answers, "OR", node, draft)


def _between(node: exp.Between, draft: RuleDraft) -> Typed:
    left = typed(node.this, draft)
    low = compare(left, ">=", typed(node.args["low"], draft), node, draft)
    high = compare(left, "<=", typed(node.args["high"], draft), node, draft)
    return _chain([low, high], "AND", node, draft)


def _chain(parts: list[Typed], word: str, node: exp.Expr, draft: RuleDraft) -> Typed:
    if any(part.kind == "wrong" for part in parts):
        return draft.wrong(node)
    sql = "(" + f" {word} ".join(part.sql for part in parts) + ")"
    return Typed(sql, "truth", node, level=max(part.level for part in parts))


def _number(node: exp.Expr, draft: RuleDraft, sign: str) -> Typed:
    part = typed(node, draft)
    if part.kind in (*_NUMBERS, "wrong"):
        return part
    if part.kind == "partial":
        return partial(part, draft)
    if part.kind in ("date", "datetime"):
        instead = "use days_between or months_between"
    elif part.kind == "text" and part.literal is not None:
        instead = "write the number without quotes"
    else:
        instead = f"use {sign} with items that are numbers"
    return draft.mistake(
        "rule-type", node, f"{part.described} is not a number, so {sign} cannot use it", instead
    )


def _arithmetic(node: exp.Add | exp.Sub | exp.Mul | exp.Div, draft: RuleDraft) -> Typed:
    sign = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}[type(node)]
    left, right = _number(node.left, draft, sign), _number(node.right, draft, sign)
    if "wrong" in (left.kind, right.kind):
        return draft.wrong(node)
    if sign == "/" and not right.never_zero:
        name = right.node.sql()
        what = f"{name} may be zero, and nothing can be divided by zero"
        if right.literal is not None:
            return draft.mistake(
                "rule-division", node, f"nothing can be divided by {name}", "write another number"
            )
        instead = f"write NULLIF({name}, 0), or give the item a range that excludes 0"
        return draft.mistake("rule-division", node, what, instead)
    whole = left.kind == right.kind == "whole" and sign in "+-"
    kind: Kind = "whole" if whole else "number"
    first = left.sql if whole else f"CAST({left.sql} AS DOUBLE)"
    never_zero = sign == "*" and left.never_zero and right.never_zero
    sql = f"({first} {sign} {right.sql})"
    return Typed(sql, kind, node, never_zero=never_zero, level=max(left.level, right.level))


def _negative(node: exp.Neg, draft: RuleDraft) -> Typed:
    part = _number(node.this, draft, "-")
    literal = f"-{part.literal}" if part.literal is not None else None
    return (
        part
        if part.kind == "wrong"
        else replace(
            part, sql=f"(-{part.sql})", literal=literal, node=node, codes=(), counted=None, column=None
        )
    )


def _literal(node: exp.Literal, draft: RuleDraft) -> Typed:
    text = str(node.this)
    if node.is_string:
        return Typed(quoted(text), "text", node, literal=text)
    whole = text.isdigit() and len(text) <= 15
    sql = text if whole else f"CAST('{float(text)!r}' AS DOUBLE)"
    return Typed(sql, "whole" if whole else "number", node, literal=text, never_zero=Decimal(text) != 0)


def _boolean(node: exp.Boolean, draft: RuleDraft) -> Typed:
    return Typed("TRUE" if node.this else "FALSE", "truth", node)


def _null(node: exp.Null, draft: RuleDraft) -> Typed:
    return Typed("NULL", "nothing", node)


def _cast(node: exp.Cast, draft: RuleDraft) -> Typed:
    if isinstance(node.this, exp.Literal) and node.to.this in (exp.DType.DATE, exp.DType.TIMESTAMP):
        return _literal(node.this, draft)
    refuse(node, draft.notes)
    return draft.wrong(node)


_HANDLERS: dict[type[exp.Expr], Callable[[Any, RuleDraft], Typed]] = {
    exp.Paren: _paren,
    exp.And: _joined,
    exp.Or: _joined,
    exp.Not: _not,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Add: _arithmetic,
    exp.Sub: _arithmetic,
    exp.Mul: _arithmetic,
    exp.Div: _arithmetic,
    exp.Neg: _negative,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.Cast: _cast,
    exp.Column: type_name,
    exp.Case: type_case,
    exp.Anonymous: type_anonymous,
    **dict.fromkeys(BUILTINS, type_builtin),
    **dict.fromkeys(SIGNS, _comparison),
}
