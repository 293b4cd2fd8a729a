"""The study definition: parses the YAML of a protocol folder, checks it, and evaluates its rules."""

from charcot.protocol.checking import check_protocol
from charcot.protocol.compatibility import check_compatibility
from charcot.protocol.compiled import Study
from charcot.protocol.finding import Finding
from charcot.protocol.forms import Code, EditCheck, Form, Item, NormalRange
from charcot.protocol.reading import Reading, fingerprint, parse_protocol, require_study
from charcot.protocol.rules import (
    Facts,
    Outcome,
    Reference,
    Rule,
    RuleError,
    Scope,
    evaluate_rule,
    evaluate_rules,
    parse_rule,
)
from charcot.protocol.rules.book import RuleBook
from charcot.protocol.rules.computed import format_computed
from charcot.protocol.schema import protocol_json_schema
from charcot.protocol.study import Protocol
from charcot.protocol.verbs import NEEDS, VERBS, verbs_allowing
from charcot.protocol.watching import Boundary, ReportingClock, Staggering

__all__ = [
    "NEEDS",
    "VERBS",
    "Boundary",
    "Code",
    "EditCheck",
    "Facts",
    "Finding",
    "Form",
    "Item",
    "NormalRange",
    "Outcome",
    "Protocol",
    "Reading",
    "Reference",
    "ReportingClock",
    "Rule",
    "RuleBook",
    "RuleError",
    "Scope",
    "Staggering",
    "Study",
    "check_compatibility",
    "check_protocol",
    "evaluate_rule",
    "evaluate_rules",
    "fingerprint",
    "format_computed",
    "parse_protocol",
    "parse_rule",
    "protocol_json_schema",
    "require_study",
    "verbs_allowing",
]
