"""Rules of the protocol: one SQL expression each, checked when read, three-valued when evaluated."""

from charcot.protocol.rules.compiling import parse_rule
from charcot.protocol.rules.evaluating import evaluate_rule, evaluate_rules
from charcot.protocol.rules.reference import Facts, Outcome, Reference, RuleError, Scope
from charcot.protocol.rules.steps import Rule

__all__ = [
    "Facts",
    "Outcome",
    "Reference",
    "Rule",
    "RuleError",
    "Scope",
    "evaluate_rule",
    "evaluate_rules",
    "parse_rule",
]
