"""CASE and COALESCE in a rule: one kind for all results, and NULL treated before anything else."""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from charcot.protocol.rules.comparing import matched, partial
from charcot.protocol.rules.conditions import truth
from charcot.protocol.rules.draft import RuleDraft, Typed, day
from charcot.protocol.rules.functions import ROW_FUNCTIONS
from charcot.protocol.rules.kinds import Kind


def type_case(node: exp.Case, draft: RuleDraft) -> Typed:
    """CASE WHEN … THEN … ELSE … END."""
    if node.this is not None:
        name = node.this.sql()
        what = f"CASE {name} WHEN cannot say what happens where {name} is NULL"
        return draft.mistake(
            "rule-case-null", node, what, f"write CASE WHEN {name} IS NULL THEN … WHEN {name} = …"
        )
    branches = [branch for branch in node.args["ifs"] if isinstance(branch, exp.If)]
    found = len(draft.notes.findings)
    _check_nulls([branch.this for branch in branches], draft)
    conditions = [truth(branch.this, draft) for branch in branches]
    results = [draft.typed(branch.args["true"]) for branch in branches]
    default = node.args.get("default")
    if default is not None:
        results.append(draft.typed(default))
    if len(draft.notes.findings) > found or any(part.kind == "wrong" for part in (*conditions, *results)):
        return draft.wrong(node)
    results, kind = unify(results, node, draft)
    if kind == "wrong":
        return draft.wrong(node)
    pairs = zip(conditions, results, strict=False)
    whens = " ".join(f"WHEN {condition.sql} THEN {result.sql}" for condition, result in pairs)
    otherwise = f" ELSE {results[-1].sql}" if default is not None else ""
    level = max(part.level for part in (*conditions, *results))
    codes = tuple(dict.fromkeys(code for result in results for code in _answers(result)))
    return Typed(f"(CASE {whens}{otherwise} END)", kind, node, codes=codes, level=level)


def _answers(result: Typed) -> tuple[str, ...]:
    return (result.literal,) if result.literal is not None else result.codes


def unify(parts: list[Typed], node: exp.Expr, draft: RuleDraft) -> tuple[list[Typed], Kind]:
    """The parts brought to one kind (whole and decimal numbers to decimals, moments to days), and that kind."""
    moment = next((part for part in parts if part.kind in ("date", "datetime", "time")), None)
    if moment is not None:
        parts = [matched(part, moment, draft) if part.literal is not None else part for part in parts]
    if any(part.kind == "wrong" for part in parts):
        return parts, "wrong"
    if "date" in {part.kind for part in parts}:
        parts = [day(part, draft) for part in parts]
    kinds = {part.kind for part in parts} - {"nothing"}
    if kinds == {"whole", "number"}:
        parts = [
            replace(part, sql=f"CAST({part.sql} AS DOUBLE)") if part.kind == "whole" else part
            for part in parts
        ]
        kinds = {"number"}
    incomplete = next((part for part in parts if part.kind == "partial"), None)
    if incomplete is not None:
        return parts, partial(incomplete, draft).kind
    if not kinds:
        draft.notes.add("rule-null", node, "every result is NULL", "write a value for at least one")
        return parts, "wrong"
    if len(kinds) > 1:
        described = " and ".join(dict.fromkeys(part.described for part in parts))
        draft.notes.add(
            "rule-type", node, f"the results are of different kinds: {described}", "give all results one kind"
        )
        return parts, "wrong"
    return parts, kinds.pop()


def _check_nulls(conditions: list[exp.Expr], draft: RuleDraft) -> None:
    tested: set[str] = set()
    for condition in conditions:
        own = {_name(part) for part in _tested(condition)}
        alone = own if _only_null_tests(condition) else set()
        guarded = tested | own
        for leaf in _leaves(condition):
            name = _name(leaf)
            if name not in guarded:
                what = f"CASE does not say what happens where {name} is NULL (unknown)"
                instead = f"begin with CASE WHEN {name} IS NULL THEN NULL"
                draft.notes.add("rule-case-null", leaf, what, instead)
                guarded.add(name)
        tested |= alone


def _only_null_tests(condition: exp.Expr) -> bool:
    if isinstance(condition, exp.Paren):
        return _only_null_tests(condition.this)
    if isinstance(condition, exp.Or):
        return _only_null_tests(condition.left) and _only_null_tests(condition.right)
    return isinstance(condition, exp.Is)


def _tested(condition: exp.Expr) -> Iterator[exp.Expr]:
    """What a condition itself makes sure of: `x IS NULL` alone or in OR, `x IS NOT NULL` in AND."""
    if isinstance(condition, exp.Paren):
        yield from _tested(condition.this)
    elif isinstance(condition, exp.And):
        yield from _not_null(condition.left)
        yield from _not_null(condition.right)
    elif _only_null_tests(condition):
        yield from (test.this for test in condition.find_all(exp.Is))
    else:
        yield from _not_null(condition)


def _not_null(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.Paren):
        yield from _not_null(condition.this)
    elif isinstance(condition, exp.And):
        yield from _not_null(condition.left)
        yield from _not_null(condition.right)
    elif isinstance(condition, exp.Not) and isinstance(condition.this, exp.Is):
        yield condition.this.this


def _leaves(node: exp.Expr) -> Iterator[exp.Expr]:
    """The items and calls over rows whose NULL would go through to the condition."""
    if isinstance(node, exp.Column) or _is_call(node):
        yield node
    elif isinstance(node, exp.Coalesce) and isinstance(node.expressions[-1], exp.Literal | exp.Boolean):
        return
    else:
        for child in node.iter_expressions():
            yield from _leaves(child)


def _is_call(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.name).lower() in ("at", *ROW_FUNCTIONS)


def _name(node: exp.Expr) -> str:
    while isinstance(node, exp.Paren):
        node = node.this
    return node.sql()
