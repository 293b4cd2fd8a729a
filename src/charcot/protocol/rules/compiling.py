"""The text of a rule made into a rule that can be evaluated, or into findings."""

from sqlglot import exp

from charcot.protocol.rules.comparing import partial
from charcot.protocol.rules.conditions import truth
from charcot.protocol.rules.draft import RuleDraft, Typed
from charcot.protocol.rules.parts import typed
from charcot.protocol.rules.reference import Expects, RuleError, Scope
from charcot.protocol.rules.steps import Rule, Steps
from charcot.protocol.rules.syntax import Notes, parse_sql


def parse_rule(text: str, scope: Scope, expects: Expects = "truth") -> Rule:
    """Reads, checks and compiles a rule; raises RuleError with all its findings."""
    notes = Notes(text)
    node = parse_sql(text, notes)
    draft = RuleDraft(scope, notes, typed)
    if node is not None:
        try:
            part = truth(node, draft) if expects == "truth" else _value(node, draft)
        except RecursionError:
            notes.add(
                "rule-too-long", 0, "the rule nests too deep", "split it, for instance into computed items"
            )
    if notes.findings or node is None:
        raise RuleError(text, tuple(notes.findings))
    steps = Steps(
        part.sql,
        part.kind,
        tuple(draft.columns.values()),
        tuple(draft.row_calls.values()),
        tuple(draft.calls.values()),
    )
    codes = part.codes or ((part.literal,) if part.literal is not None else ())
    return Rule(text, scope.form, expects, steps, dict(draft.references), codes)


def _value(node: exp.Expr, draft: RuleDraft) -> Typed:
    part = draft.typed(node)
    if part.kind == "partial":
        return partial(part, draft)
    if part.kind == "nothing":
        draft.notes.add("rule-null", node, "the rule yields nothing but NULL", "write what is to be computed")
    return part
