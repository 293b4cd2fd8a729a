"""A part of a rule that has to be a condition."""

from dataclasses import replace

from sqlglot import exp

from charcot.protocol.rules.comparing import partial
from charcot.protocol.rules.draft import RuleDraft, Typed


def truth(node: exp.Expr, draft: RuleDraft) -> Typed:
    """A part that has to be a condition."""
    part = draft.typed(node)
    if part.kind in ("truth", "wrong"):
        return part
    if part.kind == "nothing":
        return replace(part, sql="CAST(NULL AS BOOLEAN)", kind="truth")
    if part.kind == "partial":
        return partial(part, draft)
    name = part.node.sql()
    if part.codes and part.kind == "text":
        instead = f"write {name} = '{part.codes[0]}'"
    elif part.kind in ("whole", "number"):
        instead = f"compare it, for example {name} >= 1"
    else:
        instead = f"compare it, or write {name} IS NOT NULL"
    what = f"{part.described} is not a condition that is TRUE or FALSE"
    return draft.mistake("rule-not-a-condition", node, what, instead)
